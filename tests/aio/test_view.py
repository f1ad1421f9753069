"""What a connection shows, from its beginning to its end. webrtc-pc §4.4.2."""

from typing import Any

import pytest

from tests.aio.connections import STATES, hosts, states
from tests.support import connected
from webrtc import RTCPeerConnection

DESCRIPTIONS = (
    "local_description",
    "current_local_description",
    "pending_local_description",
    "remote_description",
    "current_remote_description",
    "pending_remote_description",
)


async def test_a_new_connection_shows_nothing() -> None:
    async with RTCPeerConnection() as pc:
        assert states(pc) == ("stable", "new", "new", "new")
        assert [getattr(pc, name) for name in DESCRIPTIONS] == [None] * 6
        assert (pc.sctp, pc.can_trickle_ice_candidates) == (None, None)


async def test_a_description_is_pending_until_it_is_answered() -> None:
    async with RTCPeerConnection() as left, RTCPeerConnection() as right:
        left.create_data_channel("")
        await left.set_local_description()
        assert left.local_description == left.pending_local_description
        assert left.current_local_description is None
        assert left.pending_local_description is not None
        await right.set_remote_description(left.pending_local_description)
        assert right.remote_description == right.pending_remote_description
        assert right.can_trickle_ice_candidates is True
        assert right.pending_local_description is None
        await right.set_local_description()
        assert right.pending_remote_description is right.pending_local_description is None
        assert right.current_remote_description == right.remote_description
        assert right.current_local_description == right.local_description


async def test_states_and_transport_follow_the_connection() -> None:
    left, right = hosts()
    async with connected(left, right) as pair:
        assert states(pair.left) == ("stable", "complete", "completed", "connected")
        assert pair.left.sctp is not None
        assert str(pair.left.sctp.state) == "connected"
    assert states(pair.left) == ("closed", "complete", "closed", "closed")


@pytest.mark.parametrize("name", [*STATES, *DESCRIPTIONS, "sctp", "can_trickle_ice_candidates"])
async def test_nothing_of_it_can_be_set(name: str) -> None:
    async with RTCPeerConnection() as pc:
        shown: Any = pc
        with pytest.raises(AttributeError):
            setattr(shown, name, None)
