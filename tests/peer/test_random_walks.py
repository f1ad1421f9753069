"""Two peers that do what they like, in any order, and agree after each exchange. Row X-01."""

from random import Random

import pytest

from tests.peer.hands import Hand, Hands
from webrtc.peer import RTCSessionDescription
from webrtc.peer.transceiver import DIRECTIONS, Transceiver

ROLLBACK = RTCSessionDescription("rollback")


def act(hand: Hand, random: Random) -> None:
    """One thing that an application may do at any time."""
    media = hand.core.media
    kind = random.choice(("audio", "video"))
    if len(media.transceivers) < 2 or random.random() < 0.2:
        if random.random() < 0.5:
            media.add_track("audio" if kind == "audio" else "video", object(), ["a"], None)
        else:
            media.add_transceiver(kind, None, None, random.choice(DIRECTIONS), ["b"], ())
        return
    chosen = random.choice(media.transceivers)
    match random.randrange(4):
        case 0:
            media.remove_track(chosen)
        case 1 if not chosen.stopping:
            media.set_direction(chosen, random.choice(DIRECTIONS))
        case 2 if random.random() < 0.5:
            media.stop(chosen, hand.now)
        case _:
            media.replace_track(chosen, object(), None, hand.now)


def exchange(offerer: Hand, answerer: Hand, random: Random) -> None:
    """An offer that is answered, taken back, or meets another one."""
    way = random.randrange(3)
    offer = offerer.offer(ice_restart=random.random() < 0.2)
    if way == 0:
        answerer.offer()
    act(answerer, random)
    answerer.accept(offer)
    act(random.choice((offerer, answerer)), random)
    if way == 1:
        answerer.accept(ROLLBACK)
        offerer.core.set_local_description(ROLLBACK, offerer.now)
        return
    answer = answerer.core.create_answer()
    answerer.core.set_local_description(answer, answerer.now)
    act(random.choice((offerer, answerer)), random)
    offerer.accept(answer)


def placed(hand: Hand) -> dict[str, Transceiver]:
    return {each.mid: each for each in hand.core.media.transceivers if each.mid is not None}


def direction(transceiver: Transceiver, *, mirrored: bool = False) -> str | None:
    agreed = transceiver.current_direction
    if agreed is None:
        return transceiver.shown_current_direction
    return (agreed.reversed() if mirrored else agreed).value


@pytest.mark.parametrize("seed", range(8))
def test_both_sides_agree_whatever_they_do(seed: int) -> None:
    random = Random(seed)
    hands = Hands(seed=seed)
    both = (hands.left, hands.right)
    for hand in both:
        act(hand, random)
    for _ in range(20):
        offerer, answerer = both if random.random() < 0.5 else both[::-1]
        exchange(offerer, answerer, random)
        hands.network.flush()
        left, right = map(placed, both)
        assert left.keys() == right.keys()
        assert [each.kind for each in left.values()] == [right[mid].kind for mid in left]
        for mid, transceiver in left.items():
            assert direction(transceiver) == direction(right[mid], mirrored=True)
