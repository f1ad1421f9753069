"""The offer of each peer and what is answered, line for line: tests/vectors/answers."""

from pathlib import Path

import pytest

from tests.jsep.golden import ANSWERS, OFFERS, OWN, answer
from tests.jsep.golden import offer as own_offer
from webrtc.errors import InvalidAccessError
from webrtc.jsep.agreed import agree
from webrtc.jsep.media import read_media
from webrtc.sdp import Direction, MediaDescription, SessionDescription

GOLDEN = sorted(ANSWERS.glob("*.sdp"))
REFUSED = "freeswitch-no-setup-offer"

each_offer = pytest.mark.parametrize(
    "path", [path for path in OFFERS if path.stem != REFUSED], ids=lambda path: path.stem
)


def offered(path: Path) -> SessionDescription:
    return SessionDescription.parse(path.read_text())


def test_every_offer_has_its_answer() -> None:
    answered = {path.stem.partition(".")[0] for path in GOLDEN}
    assert {path.stem for path in OFFERS} - answered == {REFUSED}
    assert answered <= {path.stem for path in OFFERS}


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_the_answer_to_an_offer(path: Path) -> None:
    """JSEP, SDP: each was read against RFC 9429 §5.3, and RFC 9143 §7.3, before it was stored."""
    name, _, direction = path.stem.partition(".")
    [offer] = [each for each in OFFERS if each.stem == name]
    found = str(answer(offered(offer), Direction(direction)))
    assert found.replace("\r\n", "\n") == path.read_text()


@pytest.mark.parametrize(
    ("name", "rids"), [("sendrecv", ()), ("recvonly", ()), ("sendonly-simulcast", ("q", "h", "f"))]
)
def test_an_offer_of_ours(name: str, rids: tuple[str, ...]) -> None:
    """JSEP, SDP: read against RFC 9429 §5.2.1 before it was stored."""
    found = str(own_offer(Direction(name.partition("-")[0]), rids))
    assert found.replace("\r\n", "\n") == (OWN / f"{name}.sdp").read_text()


def test_an_offer_without_a_role_for_dtls_is_refused() -> None:
    [path] = [each for each in OFFERS if each.stem == REFUSED]
    with pytest.raises(InvalidAccessError, match="media section 0 has no a=setup"):
        answer(offered(path), Direction.SENDRECV)


@each_offer
@pytest.mark.parametrize("direction", list(Direction))
def test_answers_of_peers_that_want_less_say_less(path: Path, direction: Direction) -> None:
    """What is sent is told of by who sends; nothing else depends on the direction."""
    offer = offered(path)
    full, less = answer(offer, Direction.SENDRECV), answer(offer, direction)
    for index, (one, other) in enumerate(zip(full.media, less.media, strict=True)):
        if not one.is_data and not one.rejected:
            wanted = direction.intersect(offer.direction(offer.media[index]).reversed())
            assert other.direction is wanted
            assert other.has("msid") is direction.sends
            assert other.has("ssrc") is wanted.sends
            assert (other.has("simulcast") and not wanted.receives) is False
        assert _without_track(one) == _without_track(other)


@each_offer
def test_media_can_go_both_ways_after_an_answer(path: Path) -> None:
    offer = offered(path)
    description = answer(offer, Direction.SENDRECV)
    for ours, theirs in zip(description.media, offer.media, strict=True):
        if ours.is_data or ours.rejected:
            continue
        agreed = agree(read_media(description, ours), read_media(offer, theirs))
        assert agreed.send_codec is not None
        assert agreed.direction is description.direction(ours)
        numbers = {codec.payload_type for codec in agreed.receive_codecs}
        assert numbers == {codec.payload_type for codec in agreed.send_codecs}
        assert numbers == {int(each) for each in ours.formats}


def _without_track(media: MediaDescription) -> set[str]:
    """The lines of a section that are not about what is sent, or how many encodings come."""
    names = {"msid", "ssrc", "ssrc-group", "rid", "simulcast", *Direction}
    return {str(each) for each in media.attributes if each.name not in names}
