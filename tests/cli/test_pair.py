"""Two connected peers and what is measured on them."""

import pytest

from webrtc.cli.pair import STAGES, connected_pair, round_trips, transfer

pytestmark = pytest.mark.realtime


async def test_pair_connects_and_every_stage_has_its_time() -> None:
    async with connected_pair() as pair:
        durations = pair.milestones.durations()
        assert list(durations) == list(STAGES)
        assert all(spent >= 0 for spent in durations.values())
        assert pair.milestones.total >= durations["message"]
        assert all(each.type == "host" for each in pair.candidates)
        assert pair.candidates
        assert pair.near.ready_state == pair.far.ready_state == "open"
    assert pair.offerer.connection_state == "closed"


@pytest.mark.parametrize(("size", "message_size"), [(1, 16), (100_001, 16384), (1_000_000, 65536)])
async def test_transfer_arrives_whole(size: int, message_size: int) -> None:
    arrived: list[int] = []
    async with connected_pair() as pair:
        done = await transfer(pair, size, message_size, arrived.append)
    assert done.intact
    assert sum(arrived) == done.size == size
    assert done.megabytes_per_second > 0
    assert done.seconds > 0


async def test_change_on_the_way_is_noticed() -> None:
    async with connected_pair() as pair:
        pair.near.send(b"not part of it")
        done = await transfer(pair, 1000, 100)
    assert not done.intact


async def test_round_trips_are_timed_one_by_one() -> None:
    async with connected_pair() as pair:
        trips = await round_trips(pair, 5, 100)
    assert len(trips) == 5
    assert all(trip > 0 for trip in trips)
