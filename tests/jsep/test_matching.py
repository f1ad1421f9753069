"""Which section a line is for."""

from dataclasses import dataclass

import pytest

from webrtc.jsep.matching import match, unmatched
from webrtc.sdp import MediaDescription, SessionDescription

FINGERPRINT = "sha-256 " + ":".join(["AB"] * 32)


@dataclass(frozen=True)
class Wanted:
    name: str
    kind: str = "application"
    takes_lines: bool = True


ONE, TWO = Wanted("one"), Wanted("two")
MIC, SECOND_MIC = Wanted("mic", "audio"), Wanted("second", "audio")
FIXED = Wanted("add_transceiver", "audio", takes_lines=False)
CAMERA = Wanted("camera", "video")


def data(*, port: int = 9, protocol: str = "UDP/DTLS/SCTP") -> MediaDescription:
    return MediaDescription("application", port, protocol, ["webrtc-datachannel"])


def audio(
    direction: str = "sendrecv", *, kind: str = "audio", port: int = 9, protocol: str = ""
) -> MediaDescription:
    media = MediaDescription(kind, port, protocol or "UDP/TLS/RTP/SAVPF", ["0"])
    return media.add(direction).add("fingerprint", FINGERPRINT)


def offer(*media: MediaDescription) -> SessionDescription:
    return SessionDescription([], media)


def test_the_first_line_of_a_kind_takes_the_first_section_of_it() -> None:
    assert match(offer(audio(), data(), data()), (), [ONE]) == (None, ONE, None)
    assert match(offer(data(), data()), (), [ONE, TWO]) == (ONE, TWO)


def test_a_line_goes_on_as_what_it_was() -> None:
    assert match(offer(data(), data()), (None, ONE), [ONE]) == (None, ONE)
    lines = offer(audio("inactive"), audio())
    assert match(lines, (FIXED, MIC), [MIC, FIXED]) == (FIXED, MIC)


def test_a_section_whose_line_is_rejected_takes_another() -> None:
    """RFC 8841 §10: port 0 ends the one, which does not hinder the other."""
    assert match(offer(data(port=0), data()), (ONE,), [ONE]) == (None, ONE)
    assert match(offer(data(port=0)), (ONE,), [ONE]) == (None,)


def test_a_section_of_media_whose_line_is_rejected_takes_no_other() -> None:
    """RFC 9429 §5.10: it ends with its line, and a rollback finds it where it was."""
    lines = offer(audio(port=0), audio())
    assert match(lines, (MIC,), [MIC]) == (None, None)
    assert match(lines, (MIC,), [MIC, SECOND_MIC]) == (None, SECOND_MIC)


def test_a_place_that_is_used_again_is_for_whom_its_kind_is() -> None:
    """Trap 26: the old transceiver has lost it."""
    assert match(offer(audio()), (CAMERA,), [CAMERA, MIC]) == (MIC,)


def test_port_zero_with_bundle_only_is_not_a_rejection() -> None:
    """Trap 17: RFC 9143 §6."""
    assert match(offer(data(port=0).add("bundle-only")), (), [ONE]) == (ONE,)
    only = audio(port=0).add("bundle-only")
    assert match(offer(only), (), [MIC]) == (MIC,)
    assert unmatched(offer(only), (None,)) == [0]


def test_other_kinds_and_protocols_are_for_nobody() -> None:
    lines = offer(audio(), data(protocol="UDP/BFCP"), data(protocol="DTLS/SCTP"))
    assert match(lines, (), [ONE]) == (None, None, ONE)
    unknown = offer(audio(kind="text"), audio(port=0), audio(protocol="RTP/QUIC"))
    assert unmatched(unknown, (None, None, None)) == []


def test_lines_of_media_take_transceivers_of_add_track_in_order() -> None:
    """RFC 9429 §5.10."""
    lines = offer(audio(), audio(kind="video"), audio(), audio())
    places = match(lines, (), [MIC, SECOND_MIC, CAMERA])
    assert places == (MIC, CAMERA, SECOND_MIC, None)
    assert unmatched(lines, places) == [3]


def test_a_transceiver_of_add_transceiver_is_for_no_line_of_the_peer() -> None:
    """Trap 11."""
    places = match(offer(audio()), (), [FIXED, MIC])
    assert places == (MIC,)
    assert match(offer(audio()), (), [FIXED]) == (None,)


@pytest.mark.parametrize(
    ("direction", "matched"),
    [("sendrecv", True), ("recvonly", True), ("sendonly", False), ("inactive", False)],
)
def test_only_who_wants_to_receive_gets_our_track(direction: str, matched: bool) -> None:
    lines = offer(audio(direction))
    places = match(lines, (), [MIC])
    assert places == ((MIC,) if matched else (None,))
    assert unmatched(lines, places) == ([] if matched else [0])


def test_the_direction_of_the_session_counts() -> None:
    silent = MediaDescription("audio", 9, "UDP/TLS/RTP/SAVPF", ["0"]).add(
        "fingerprint", FINGERPRINT
    )
    assert match(offer(silent), (), [MIC]) == (MIC,)
    assert match(offer(silent).add("sendonly"), (), [MIC]) == (None,)


@pytest.mark.parametrize("protocol", ["RTP/AVP", "RTP/SAVP", "UDP/TLS/RTP/SAVPF"])
def test_a_fingerprint_makes_any_profile_secure(protocol: str) -> None:
    """RFC 9429 §5.1.2: keys in a=crypto do not."""
    secure = offer(audio(protocol=protocol))
    assert unmatched(secure, (None,)) == [0]
    media = audio(protocol=protocol).remove("fingerprint").add("crypto", "1 AES inline:key")
    assert unmatched(offer(media), (None,)) == []
    assert match(offer(media), (), [MIC]) == (None,)
    assert unmatched(offer(media).add("fingerprint", FINGERPRINT), (None,)) == [0]


def test_the_fingerprint_of_the_bundle_counts() -> None:
    """RFC 9143 §7.2: lines of the transport may be in the tagged section alone."""
    tagged = data().add("mid", "a").add("fingerprint", FINGERPRINT)
    bundled = audio().remove("fingerprint").add("mid", "b")
    lines = offer(tagged, bundled).add("group", "BUNDLE a b")
    assert unmatched(lines, (None, None)) == [1]
