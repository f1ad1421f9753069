"""A connection's path in words."""

import pytest

from webrtc import RTCPeerConnection
from webrtc.cli.pair import connected_pair
from webrtc.cli.paths import describe_path, kind_of_path


@pytest.mark.realtime
async def test_path_of_a_connection_names_both_ends() -> None:
    async with connected_pair() as pair:
        assert kind_of_path(pair.offerer) in {"host/udp", "prflx/udp"}
        assert " udp " in describe_path(pair.offerer)
        assert " → " in describe_path(pair.offerer)


async def test_connection_that_never_began_has_none() -> None:
    async with RTCPeerConnection() as pc:
        assert kind_of_path(pc) == describe_path(pc) == "no path"
