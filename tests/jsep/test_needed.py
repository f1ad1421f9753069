"""Whether an offer has to be made for a transceiver."""

from dataclasses import replace

import pytest

from tests.jsep.terms import wishes
from webrtc.jsep.media import MediaTerms
from webrtc.jsep.needed import needs_offer
from webrtc.jsep.numbers import Numbers
from webrtc.jsep.wishes import answered_terms, offered_terms
from webrtc.sdp import Direction
from webrtc.sdp.sources import Msid

S, R = Direction.SENDONLY, Direction.RECVONLY
BOTH, NONE = Direction.SENDRECV, Direction.INACTIVE


def terms(direction: Direction, *streams: str) -> MediaTerms:
    return MediaTerms("audio", direction, (), msids=tuple(map(Msid, streams)))


@pytest.mark.parametrize("mine", list(Direction))
@pytest.mark.parametrize("other", list(Direction))
def test_nothing_is_needed_right_after_an_exchange(mine: Direction, other: Direction) -> None:
    """Trap 12: whatever both wanted, on either side; else negotiation would never end."""
    one, two = wishes("audio", mine), wishes("audio", other)
    offer = offered_terms(one, Numbers())
    answer = answered_terms(two, offer)
    assert answer is not None
    assert not needs_offer(mine, one.stream_ids, offer, answer, offered=True)
    assert not needs_offer(other, two.stream_ids, answer, offer, offered=False)


@pytest.mark.parametrize(
    ("streams", "told", "needed"),
    [
        (["a", "b"], ["b", "a"], False),
        (["a"], ["b"], True),
        (["a"], ["a", "b"], True),
        ([], ["-"], False),
        ([], ["a"], True),
        (["a"], ["-"], True),
        ([], [], True),
    ],
)
def test_streams_are_compared_as_sets(streams: list[str], told: list[str], needed: bool) -> None:
    ours, theirs = terms(BOTH, *told), terms(BOTH)
    assert needs_offer(BOTH, streams, ours, theirs, offered=True) is needed
    assert not needs_offer(R, streams, replace(ours, direction=R), theirs, offered=True)


@pytest.mark.parametrize(
    ("direction", "ours", "theirs", "needed"),
    [(BOTH, BOTH, R, False), (S, BOTH, R, False), (R, BOTH, R, True), (NONE, BOTH, BOTH, True)],
)
def test_an_offer_of_ours_is_compared_with_either_side(
    direction: Direction, ours: Direction, theirs: Direction, needed: bool
) -> None:
    told = terms(ours, "a")
    assert needs_offer(direction, ["a"], told, terms(theirs), offered=True) is needed


@pytest.mark.parametrize(
    ("direction", "ours", "theirs", "needed"),
    [(BOTH, R, S, False), (R, R, S, False), (NONE, R, S, True), (BOTH, R, BOTH, True)],
)
def test_an_answer_of_ours_is_compared_with_what_was_offered(
    direction: Direction, ours: Direction, theirs: Direction, needed: bool
) -> None:
    told = terms(ours, "a")
    assert needs_offer(direction, ["a"], told, terms(theirs), offered=False) is needed
