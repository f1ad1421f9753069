"""Media over several exchanges, as two connections would have them."""

from dataclasses import replace

import pytest

from tests.jsep.exchange import Side, exchange
from tests.jsep.terms import KINDS
from webrtc.jsep.bundle import Policy
from webrtc.sdp import Direction, SessionDescription

each_policy = pytest.mark.parametrize("policy", ["balanced", "max-compat", "max-bundle"])


def mids(description: SessionDescription) -> list[str | None]:
    return [media.mid for media in description.media]


def meanings(description: SessionDescription) -> set[tuple[object, ...]]:
    """What each number stands for."""
    found: set[tuple[object, ...]] = set()
    for media in description.media:
        found |= {(codec.payload_type, codec.identity) for codec in media.codecs}
        found |= {("id", each.id, each.uri) for each in media.extmaps}
    return found


@each_policy
def test_all_sections_use_one_transport_after_the_first_answer(policy: Policy) -> None:
    """Traps 23 and 24: what bundling leaves over is nobody's."""
    a, b = Side("a", policy), Side("b", policy)
    for kind in (*KINDS, KINDS[0]):
        a.add(kind)
    offer, answer = exchange(a, b)
    assert set(a.transports.values()) == {"a0"}
    assert set(b.transports.values()) == {"b0"}
    assert [group.mids for group in answer.groups("BUNDLE")] == [("0", "1", "2")]
    assert not any(media.bundle_only for media in answer.media)
    assert {media.ice_ufrag for media in answer.media} == {"b0__"}
    assert (
        len({media.ice_ufrag for media in offer.media} - {None})
        == {
            "balanced": 2,
            "max-compat": 3,
            "max-bundle": 1,
        }[policy]
    )


@each_policy
def test_a_later_section_rides_along(policy: Policy) -> None:
    """RFC 9429 §5.2.2: no bundle-only, no other transport, from either side."""
    a, b = Side("a", policy), Side("b", policy)
    a.add("audio")
    exchange(a, b)
    b.add("video")
    offer, answer = exchange(b, a)
    assert [media.bundle_only for media in offer.media] == [False, False]
    assert {media.ice_ufrag for media in offer.media} == {"b0__"}
    assert {media.ice_ufrag for media in answer.media} == {"a0__"}
    assert mids(answer) == ["0", "1"]


def test_numbers_mean_the_same_over_the_session() -> None:
    """Traps 5 and 6: whoever offers, and for new sections too."""
    a, b = Side("a"), Side("b")
    a.add("audio")
    first = meanings(exchange(a, b)[0])
    for side, other in ((b, a), (a, b), (b, a)):
        side.add("video")
        offer, answer = exchange(side, other)
        assert first <= meanings(offer)
        assert meanings(answer) <= meanings(offer)
        numbers = [each[0] for each in meanings(offer) if each[0] != "id"]
        assert len(numbers) == len(set(numbers))
        first = meanings(offer)


def test_a_rejected_place_is_used_again_under_a_new_mid() -> None:
    """Traps 18, 25 and 26."""
    a, b = Side("a"), Side("b")
    audio, _ = a.add("audio"), a.add("video")
    exchange(a, b)
    audio.stopped = True
    offer, answer = exchange(a, b)
    for description in (offer, answer):
        assert [media.rejected for media in description.media] == [True, False]
        assert mids(description) == ["0", "1"]
        assert [group.mids for group in description.groups("BUNDLE")] == [("1",)]
    b.add("video")
    offer, answer = exchange(b, a)
    assert mids(offer) == mids(answer) == ["2", "1"]
    assert [media.kind for media in answer.media] == ["video", "video"]
    assert [group.mids for group in answer.groups("BUNDLE")] == [("1", "2")]


def test_the_next_section_keeps_the_transport_of_a_tag_that_is_stopped() -> None:
    """RFC 9143 §7.5.3, trap 21."""
    a, b = Side("a"), Side("b")
    audio, _ = a.add("audio"), a.add("video")
    exchange(a, b)
    audio.stopped = True
    offer, answer = exchange(a, b)
    assert offer.media[1].ice_ufrag == "a0__"
    assert answer.media[1].ice_ufrag == "b0__"


def test_an_answer_has_the_lines_of_the_offer_and_no_more() -> None:
    """Trap 19: what is new on this side waits for its own offer."""
    a, b = Side("a"), Side("b")
    a.add("video")
    waiting = [b.add("audio"), b.add("video"), b.add("video")]
    offer, answer = exchange(a, b)
    assert len(answer.media) == len(offer.media) == 1
    assert b.places == [waiting[1]]
    offer, _ = exchange(b, a)
    assert [media.kind for media in offer.media] == ["video", "audio", "video"]


def test_a_line_that_nobody_wants_is_rejected_and_hinders_no_other() -> None:
    """Traps 14 and 15."""
    a, b = Side("a"), Side("b")
    unknown, _ = a.add("audio"), a.add("video")
    unknown.wishes = replace(
        unknown.wishes, codecs=(replace(unknown.wishes.codecs[0], name="x-mine"),)
    )
    _, answer = exchange(a, b)
    assert [media.rejected for media in answer.media] == [True, False]
    assert [group.mids for group in answer.groups("BUNDLE")] == [("1",)]
    assert a.transports == {1: "a1"}
    assert b.transports == {1: "b1"}


def test_a_tag_that_nobody_wants_is_idle_where_the_bundle_needs_it() -> None:
    """RFC 9143 §7.3.1: bundle-only sections have no transport but that of the tag."""
    a, b = Side("a", "max-bundle"), Side("b")
    unknown, _ = a.add("audio"), a.add("video")
    codec = replace(unknown.wishes.codecs[0], name="x-mine")
    unknown.wishes = replace(unknown.wishes, codecs=(codec,))
    _, answer = exchange(a, b)
    assert [media.direction for media in answer.media] == [Direction.INACTIVE, Direction.RECVONLY]
    assert [group.mids for group in answer.groups("BUNDLE")] == [("0", "1")]
    assert unknown.agreed is not None
    assert unknown.agreed.direction is Direction.INACTIVE


@pytest.mark.parametrize("mine", list(Direction))
@pytest.mark.parametrize("other", list(Direction))
def test_both_sides_agree_on_the_direction(mine: Direction, other: Direction) -> None:
    """Traps 8 and 9; and who wants to send has told its stream: trap 12."""
    a, b = Side("a"), Side("b")
    one, two = a.add("video", mine), b.add("video", other)
    descriptions = exchange(a, b)
    matched = two in b.places
    assert matched is mine.receives
    answering = b.places[0]
    assert one.agreed is not None
    assert answering is not None
    assert answering.agreed is not None
    wanted = other if matched else Direction.RECVONLY
    assert one.agreed.direction is mine.intersect(wanted.reversed())
    assert answering.agreed.direction is one.agreed.direction.reversed()
    for description, direction in zip(descriptions, (mine, wanted), strict=True):
        assert description.media[0].has("msid") is direction.sends
