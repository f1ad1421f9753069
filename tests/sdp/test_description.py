"""Whole descriptions: structure, levels, errors."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sdp.reading import AUDIO, DATA, HEAD, read_everything
from webrtc.errors import SdpError
from webrtc.sdp import (
    Direction,
    Fingerprint,
    Group,
    MediaDescription,
    SessionDescription,
    Setup,
)
from webrtc.sdp.attributes import ExtMap
from webrtc.sdp.fields import Bandwidth, Origin, RepeatTime, TimeDescription, TimeZone
from webrtc.sdp.grammar import Attribute, Limits, Line

SHA_256 = Fingerprint("sha-256", ":".join(["0A"] * 32))
SHA_1 = Fingerprint("sha-1", ":".join(["0B"] * 20))


def line_number(text: str, limits: Limits | None = None) -> int | None:
    """Line that the error for `text` names."""
    with pytest.raises(SdpError) as caught:
        SessionDescription.parse(text, limits or Limits())
    return caught.value.sdp_line_number


def test_data_only_offer_as_it_is_built() -> None:
    """SDP-10, SDP-11, SDP-12, SDP-16."""
    data = MediaDescription.data(max_message_size=262144)
    data.add("mid", "0").add("fingerprint", SHA_256).add("setup", Setup.ACTPASS)
    description = SessionDescription.jsep(Origin(42, 2))
    description.add("group", Group("BUNDLE", ("0",))).add("ice-options", "trickle ice2")
    description.media.append(data)
    text = str(description)
    assert text == (
        "v=0\r\no=- 42 2 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n"
        "a=group:BUNDLE 0\r\na=ice-options:trickle ice2\r\n"
        "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 0.0.0.0\r\n"
        "a=sctp-port:5000\r\na=max-message-size:262144\r\na=mid:0\r\n"
        f"a=fingerprint:{SHA_256}\r\na=setup:actpass\r\n"
    )
    again = SessionDescription.parse(text)
    assert str(again) == text
    assert again.origin == Origin(42, 2)
    assert again.media_of("0") is again.media[0]
    assert again.media_of("1") is None
    assert repr(again) == "<SessionDescription '- 42 2 IN IP4 0.0.0.0', 1 media>"


def test_every_session_field() -> None:
    """SDP-05, SDP-06, SDP-07, SDP-08, SDP-09, SDP-40."""
    text = (
        "v=0\r\no=jdoe 3724394400 3724394405 IN IP4 198.51.100.1\r\ns=Call to John Smith\r\n"
        "i=SDP Offer #1\r\nu=http://www.jdoe.example.com/home.html\r\n"
        "e=Jane Doe <jane@jdoe.example.com>\r\np=+1 617 555-6011\r\nc=IN IP4 198.51.100.1\r\n"
        "b=CT:128\r\nt=3724394400 3724398000\r\nr=7d 1h 0 25h\r\nz=3730928400 -1h\r\nk=prompt\r\n"
        "a=recvonly\r\nm=audio 49170 RTP/AVP 0\r\n"
    )
    description = SessionDescription.parse(text)
    assert str(description) == text
    assert description.origin.username == "jdoe"
    assert description.session_name == "Call to John Smith"
    assert description.information == "SDP Offer #1"
    assert description.uri == "http://www.jdoe.example.com/home.html"
    assert description.emails == ["Jane Doe <jane@jdoe.example.com>"]
    assert description.phones == ["+1 617 555-6011"]
    assert description.connection_information == ("IN", "IP4", "198.51.100.1")
    assert description.bandwidths == [Bandwidth("CT", 128)]
    assert description.times == [TimeDescription(3724394400, 3724398000)]
    assert description.repeat_times == [RepeatTime(604800, 3600, (0, 90000))]
    assert description.time_zones == [TimeZone(3730928400, -3600)]
    assert description.encryption_key == "prompt"
    assert description.attributes == [Attribute("recvonly")]
    assert description.direction(description.media[0]) is Direction.RECVONLY


def test_media_level_wins_over_session_level() -> None:
    """S-05, SDP-31, SDP-33."""
    session = (
        f"a=ice-ufrag:sess\r\na=ice-pwd:{'s' * 22}\r\na=ice-options:ice2\r\na=setup:passive\r\n"
        f"a=fingerprint:{SHA_256}\r\na=sendonly\r\na=tls-id:s\r\na=extmap:1 urn:s\r\na=ice-lite\r\n"
    )
    own = (
        f"a=ice-ufrag:medi\r\na=ice-pwd:{'m' * 22}\r\na=ice-options:trickle\r\na=setup:active\r\n"
        f"a=fingerprint:{SHA_1}\r\na=inactive\r\na=tls-id:m\r\na=extmap:2 urn:m\r\n"
        "a=end-of-candidates\r\n"
    )
    description = SessionDescription.parse(HEAD + session + AUDIO + DATA + own)
    audio, data = description.media
    assert description.ice_lite
    assert description.ice_ufrag(audio) == "sess"
    assert description.ice_ufrag(data) == "medi"
    assert description.ice_pwd(audio) == "s" * 22
    assert description.ice_pwd(data) == "m" * 22
    assert description.ice_options(audio) == ("ice2",)
    assert description.ice_options(data) == ("trickle",)
    assert description.setup(audio) is Setup.PASSIVE
    assert description.setup(data) is Setup.ACTIVE
    assert description.fingerprints(audio) == [SHA_256]
    assert description.fingerprints(data) == [SHA_1]
    assert description.direction(audio) is Direction.SENDONLY
    assert description.direction(data) is Direction.INACTIVE
    assert (description.tls_id(audio), description.tls_id(data)) == ("s", "m")
    assert description.extmaps(data) == [ExtMap(2, "urn:m"), ExtMap(1, "urn:s")]
    assert not description.end_of_candidates(audio)
    assert description.end_of_candidates(data)


def test_what_no_level_gives() -> None:
    """S-05: absence is a value that negotiation has to judge."""
    description = SessionDescription.parse(HEAD + AUDIO)
    (audio,) = description.media
    assert audio.mid is None
    assert description.ice_ufrag(audio) is None
    assert description.ice_pwd(audio) is None
    assert description.setup(audio) is None
    assert description.fingerprints(audio) == []
    assert description.direction(audio) is Direction.SENDRECV
    assert description.groups() == []
    assert not audio.rtcp_mux


def test_groups_by_semantics() -> None:
    """SDP-28, SDP-37."""
    lines = "a=group:LS a v\r\na=group:BUNDLE a\r\na=group:BUNDLE v\r\na=group:BUNDLE\r\n"
    description = SessionDescription.parse(HEAD + lines)
    bundles = [Group("BUNDLE", ("a",)), Group("BUNDLE", ("v",)), Group("BUNDLE", ())]
    assert description.groups("BUNDLE") == bundles
    assert description.groups() == [Group("LS", ("a", "v")), *bundles]


def test_unknown_attributes_and_odd_order_survive() -> None:
    """SDP-01: peers put b= behind a=, and attributes we never heard of anywhere."""
    text = HEAD + "a=x-new:1  2 \r\nb=AS:1\r\n" + AUDIO + "a=mid:0\r\na=\u00e9\r\nb=AS:2\r\na=x\r\n"
    description = SessionDescription.parse(text)
    assert str(description) == text
    assert description.get("x-new") == "1  2"
    assert description.media[0].bandwidths == [Bandwidth("AS", 2)]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", 1),
        ("v=1\r\n", 1),
        ("v=0", 2),
        ("v=0\r\ns=-\r\n", 2),
        ("v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\nt=0 0\r\n", 3),
        ("v=0\r\no=- x 1 IN IP4 0.0.0.0\r\ns=-\r\n", 2),
        ("\r\n" + HEAD, 1),
        (HEAD + "v=0\r\n", 5),
        (HEAD + "\r\n" + AUDIO, 5),
        (HEAD + "x=1\r\n", 5),
        (HEAD + "a\r\n", 5),
        (HEAD + "c=IN IP4\r\n", 5),
        (HEAD + "t=0\r\n", 5),
        (HEAD + "m=audio\r\n", 5),
        (HEAD + AUDIO + "t=0 0\r\n", 6),
        (HEAD + AUDIO + "s=-\r\n", 6),
        (HEAD + AUDIO + "a=mid\r\n", 6),
        (HEAD + AUDIO + "a=mid:0\r\na=mid:(\r\n", 7),
        (HEAD + AUDIO + "a=setup:up\r\n", 6),
        (HEAD + AUDIO + "a=ice-ufrag:abc\r\n", 6),
        (HEAD + AUDIO + "a=ice-pwd:abc\r\n", 6),
        (HEAD + AUDIO + "a=fingerprint:sha-256 00\r\n", 6),
        (HEAD + DATA + "a=sctp-port:0\r\n", 6),
        (HEAD + DATA + "a=sctp-port:65536\r\n", 6),
        (HEAD + DATA + "a=sctp-port:5000 5001\r\n", 6),
        (HEAD + DATA + "a=max-message-size:-1\r\n", 6),
        (HEAD + DATA + "a=sctp-init:*\r\n", 6),
        (HEAD + DATA + "a=max-message-size:18446744073709551616\r\n", 6),
        (HEAD + "a=group:BUNDLE 0 (\r\n", 5),
    ],
)
def test_error_names_the_line(text: str, line: int) -> None:
    """SDP-42, S-06, S-10."""
    assert line_number(text) == line


@pytest.mark.parametrize("line", ["a=mid:", "a=setup:", "c=", "a=group:", "a=fingerprint:", "y"])
def test_messages_are_bounded_and_escaped(line: str) -> None:
    """X-10."""
    with pytest.raises(SdpError) as caught:
        SessionDescription.parse(f"{HEAD}{line}\x1b[31m{'x' * 50_000}\r\n")
    message = str(caught.value)
    assert len(message) < 200
    assert message.isprintable()


def test_representations_are_bounded_and_escaped() -> None:
    """X-10."""
    name = f"x\x1b[31m{'y' * 50_000}"
    text = HEAD.replace("o=-", f"o={name}") + AUDIO.replace("111", name)
    description = SessionDescription.parse(text)
    for representation in (repr(description), repr(description.media[0])):
        assert len(representation) < 200
        assert representation.isprintable()


def test_repeat_time_needs_a_time() -> None:
    """SDP-42."""
    assert line_number(HEAD.replace("t=0 0\r\n", "r=7d 1h 0\r\n")) == 4


def test_origin_without_line() -> None:
    with pytest.raises(SdpError):
        _ = SessionDescription([Line("s", "-")]).origin


def test_limits() -> None:
    """S-02: each limit is an argument, and hitting it is an error with its line."""
    media = HEAD + AUDIO * 3
    assert len(SessionDescription.parse(media, Limits(media=3)).media) == 3
    assert line_number(media, Limits(media=2)) == 7
    assert line_number(HEAD + AUDIO.replace("111", "1 2 3"), Limits(formats=2)) == 5
    repeated = HEAD + AUDIO + "a=ssrc:1 cname:a\r\n" * 3
    assert len(SessionDescription.parse(repeated, Limits(repeats=3)).media) == 1
    assert line_number(repeated, Limits(repeats=2)) == 8


words = st.text(st.characters(min_codepoint=32, exclude_categories=["Cs"]), max_size=12)
attributes = st.builds(
    Attribute,
    st.from_regex(r"x-[a-z]{1,4}", fullmatch=True),
    st.one_of(st.none(), words),
)
media_descriptions = st.builds(
    MediaDescription,
    st.sampled_from(["audio", "video", "application"]),
    st.integers(0, 65535),
    st.sampled_from(["UDP/TLS/RTP/SAVPF", "UDP/DTLS/SCTP"]),
    st.lists(st.integers(0, 127).map(str), max_size=4),
    st.lists(st.one_of(attributes, st.builds(Line, st.just("i"), words)), max_size=5),
    port_count=st.integers(1, 3),
)


@given(
    st.lists(attributes, max_size=5),
    st.lists(media_descriptions, max_size=4),
    st.integers(0, 2**63 - 1),
    st.sampled_from(["\n", "\r\n"]),
)
def test_round_trip(
    lines: list[Attribute], media: list[MediaDescription], session_id: int, line_end: str
) -> None:
    """SDP-01, SDP-16, X-06."""
    description = SessionDescription.jsep(Origin(session_id, 1), media)
    for line in lines:
        description.append(line)
    text = str(description)
    again = SessionDescription.parse(text.replace("\r\n", line_end))
    assert str(again) == text
    assert again.lines == description.lines
    assert [one.lines for one in again.media] == [one.lines for one in media]
    assert read_everything(again)
