"""Which section a line is for."""

from dataclasses import dataclass

from webrtc.jsep.matching import match
from webrtc.sdp import MediaDescription


@dataclass(frozen=True)
class Wanted:
    name: str
    kind: str = "application"


ONE, TWO = Wanted("one"), Wanted("two")


def data(*, port: int = 9, protocol: str = "UDP/DTLS/SCTP") -> MediaDescription:
    return MediaDescription("application", port, protocol, ["webrtc-datachannel"])


AUDIO = MediaDescription("audio", 9, "UDP/TLS/RTP/SAVPF", ["0"])


def test_the_first_line_of_a_kind_takes_the_first_section_of_it() -> None:
    assert match([AUDIO, data(), data()], (), [ONE]) == (None, ONE, None)
    assert match([data(), data()], (), [ONE, TWO]) == (ONE, TWO)


def test_a_line_goes_on_as_what_it_was() -> None:
    assert match([data(), data()], (None, ONE), [ONE]) == (None, ONE)


def test_a_section_whose_line_is_rejected_takes_another() -> None:
    """RFC 8841 §10: port 0 ends the one, which does not hinder the other."""
    assert match([data(port=0), data()], (ONE,), [ONE]) == (None, ONE)
    assert match([data(port=0)], (ONE,), [ONE]) == (None,)


def test_port_zero_with_bundle_only_is_not_a_rejection() -> None:
    """RFC 9143 §6."""
    assert match([data(port=0).add("bundle-only")], (), [ONE]) == (ONE,)


def test_other_kinds_and_protocols_are_for_nobody() -> None:
    lines = [AUDIO, data(protocol="UDP/BFCP"), data(protocol="DTLS/SCTP")]
    assert match(lines, (), [ONE]) == (None, None, ONE)
