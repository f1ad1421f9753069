"""What a remote description is checked for before anything is changed."""

import pytest

from webrtc.errors import InvalidAccessError, SdpError
from webrtc.ice.credentials import Credentials
from webrtc.jsep.remote import RemoteLine, answers_as_client, read_line
from webrtc.sdp import Direction, SessionDescription, Setup

HEAD = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"
PRINT = "a=fingerprint:sha-256 " + ":".join(["AB"] * 32)
TRANSPORT = "a=ice-ufrag:abcd\r\na=ice-pwd:" + "p" * 22 + f"\r\n{PRINT}\r\na=setup:actpass\r\n"
DATA = "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 0.0.0.0\r\n"
SECTION = DATA + "a=mid:0\r\n" + TRANSPORT
AUDIO = "m=audio 9 UDP/TLS/RTP/SAVPF 0\r\nc=IN IP4 0.0.0.0\r\na=rtcp-mux\r\n"


def parsed(*parts: str) -> SessionDescription:
    return SessionDescription.parse(HEAD + "".join(parts))


def read(*parts: str, answer: bool = False) -> RemoteLine:
    return read_line(parsed(*parts), 0, answer=answer)


def test_what_is_read() -> None:
    line = read(SECTION, "a=sctp-port:5001\r\na=max-message-size:1000\r\n")
    remote = line.transport
    assert remote.credentials == Credentials("abcd", "p" * 22)
    assert remote.setup is Setup.ACTPASS
    assert [str(each) for each in remote.fingerprints] == [PRINT.removeprefix("a=fingerprint:")]
    assert line.data.sctp_port == 5001
    assert line.data.max_message_size == 1000
    assert not remote.lite
    assert remote.candidates == []


def test_credentials_of_cameras_are_taken() -> None:
    """They use more than the ice-chars that RFC 8839 §5.4 allows; white space around is none."""
    lines = SECTION.replace("abcd", "a=b-c_d ").replace("p" * 22, "=-_" * 8 + "\t")
    remote = read(lines.replace("setup:actpass", "setup:ActPass  ")).transport
    assert remote.credentials == Credentials("a=b-c_d", "=-_" * 8)
    assert remote.setup is Setup.ACTPASS


def test_session_level_counts_where_the_section_is_silent() -> None:
    """S-05: and the section wins where it is not."""
    line = read("a=ice-lite\r\n", TRANSPORT, DATA + "a=setup:passive\r\n", answer=True)
    remote = line.transport
    assert remote.credentials.ufrag == "abcd"
    assert remote.setup is Setup.PASSIVE
    assert remote.lite


def test_the_first_of_two_lines_counts() -> None:
    """S-05."""
    line = read(SECTION, "a=ice-ufrag:second\r\na=setup:active\r\n")
    assert line.transport.credentials.ufrag == "abcd"


@pytest.mark.parametrize("name", ["ice-ufrag", "ice-pwd", "fingerprint", "setup"])
def test_what_is_missing_is_named(name: str) -> None:
    """S-05: InvalidAccessError."""
    lines = [line for line in SECTION.split("\r\n") if not line.startswith(f"a={name}")]
    with pytest.raises(InvalidAccessError, match=f"section 0 has no a={name}"):
        read("\r\n".join(lines))


def test_without_setup_there_is_no_role() -> None:
    with pytest.raises(InvalidAccessError, match="holdconn"):
        read(SECTION.replace("actpass", "holdconn"))
    with pytest.raises(InvalidAccessError, match="actpass"):
        read(SECTION, answer=True)


@pytest.mark.parametrize(
    "bad",
    ["a=ice-ufrag:" + "u" * 257, "a=ice-pwd:" + "p" * 300, "a=fingerprint:sha-256 AB:CD"],
    ids=["ufrag", "password", "fingerprint"],
)
def test_credentials_and_fingerprints_that_cannot_be(bad: str) -> None:
    """S-05: an error of the description, SdpError or InvalidAccessError."""
    name = bad.partition(":")[0]
    lines = [bad if line.startswith(name) else line for line in SECTION.split("\r\n")]
    with pytest.raises((InvalidAccessError, SdpError)):
        read("\r\n".join(lines))


@pytest.mark.parametrize(
    ("line", "size"),
    [
        ("", 65536),
        ("a=max-message-size:0\r\n", None),
        ("a=max-message-size:1073741823\r\n", 1073741823),
    ],
)
def test_max_message_size(line: str, size: int | None) -> None:
    """S-10: absent means 64 KiB, 0 no limit."""
    assert read(SECTION, line).data.max_message_size == size


@pytest.mark.parametrize(
    "line",
    ["max-message-size:-1", "max-message-size:x", "sctp-port:0", "sctp-port:65536", "sctp-port:x"],
)
def test_sizes_and_ports_that_cannot_be(line: str) -> None:
    """S-10."""
    with pytest.raises(SdpError):
        parsed(SECTION, f"a={line}\r\n")


def test_the_form_before_rfc_8841() -> None:
    """S-10, SDP-03."""
    old = "m=application 9 DTLS/SCTP 5002\r\nc=IN IP4 0.0.0.0\r\n"
    ports = "a=sctpmap:5002 webrtc-datachannel 1024\r\n"
    assert read(old, ports, TRANSPORT).data.sctp_port == 5002


def test_candidates_of_bundled_sections_with_the_same_credentials() -> None:
    """RFC 9143 §9: a bundle has one transport, and trickled ones appear at once."""
    line = "a=candidate:1 {} udp {} 192.0.2.{} 9 typ host\r\n"
    audio = AUDIO + "a=mid:a\r\n" + TRANSPORT + line.format(1, 10, 1) + line.format(2, 9, 2)
    video = AUDIO + "a=mid:v\r\n" + TRANSPORT.replace("abcd", "efgh") + line.format(1, 8, 3)
    description = parsed("a=group:BUNDLE a v 0\r\n", audio, video, SECTION, line.format(1, 7, 4))
    remote = read_line(description, 2, answer=False).transport
    assert [each.address[0] for each in remote.candidates] == ["192.0.2.1", "192.0.2.4"]
    description.media[2].add("candidate", "1 1 udp 6 192.0.2.5 9 typ host")
    assert len(remote.candidates) == 3
    assert not remote.end_of_candidates
    description.media[2].replace("end-of-candidates")
    assert remote.end_of_candidates


def test_identity() -> None:
    """S-14: another certificate, or another tls-id, is another association."""
    one = read(SECTION).transport
    assert one.same_identity(read(SECTION.replace("abcd", "efgh")).transport)
    assert not one.same_identity(read(SECTION.replace("AB:AB", "AB:CD")).transport)
    both = read(SECTION, PRINT.replace("AB:AB", "AB:CD") + "\r\n").transport
    assert one.same_identity(both)
    first = read(SECTION, "a=tls-id:1\r\n").transport
    second = read(SECTION, "a=tls-id:2\r\n").transport
    assert not first.same_identity(second)
    assert first.same_identity(one)


@pytest.mark.parametrize(
    ("setup", "preference", "client"),
    [
        (Setup.ACTPASS, "auto", True),
        (Setup.ACTPASS, "client", True),
        (Setup.ACTPASS, "server", False),
        (Setup.ACTIVE, "client", False),
        (Setup.PASSIVE, "server", True),
    ],
)
def test_dtls_role_of_an_answer(setup: Setup, preference: str, client: bool) -> None:
    """SDP-38: RFC 8842 §5.3."""
    assert answers_as_client(setup, preference) is client


def test_a_line_of_media() -> None:
    line = read(AUDIO + TRANSPORT, "a=recvonly\r\na=rtpmap:0 PCMU/8000\r\n")
    assert line.media.direction is Direction.RECVONLY
    assert [codec.name for codec in line.media.codecs] == ["PCMU"]
    with pytest.raises(TypeError, match="section 0 is not for data channels"):
        _ = line.data
    with pytest.raises(TypeError, match="section 0 is for data channels"):
        _ = read(SECTION).media
