"""Two blocking connections in one process, over real sockets."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.support import PATIENCE
from webrtc import SettingEngine
from webrtc.blocking import DataChannel, PeerConnection

LOOPBACK = SettingEngine(bind_addresses=("127.0.0.1",))
LIMIT = PATIENCE


@dataclass
class Pair:
    """Both ends of one connection, and of a channel that the left one has opened."""

    left: PeerConnection
    right: PeerConnection
    channel: DataChannel
    remote: DataChannel


def negotiate(offerer: PeerConnection, answerer: PeerConnection) -> None:
    """One offer and its answer, with all candidates in them."""
    offerer.set_local_description()
    offerer.gathered(LIMIT)
    assert offerer.local_description is not None
    answerer.set_remote_description(offerer.local_description.to_json())
    answerer.set_local_description()
    answerer.gathered(LIMIT)
    assert answerer.local_description is not None
    offerer.set_remote_description(answerer.local_description)


@contextmanager
def connected(settings: SettingEngine = LOOPBACK) -> Iterator[Pair]:
    with PeerConnection(settings=settings) as left, PeerConnection(settings=settings) as right:
        channel = left.create_data_channel("data")
        negotiate(left, right)
        left.wait_connected(LIMIT)
        channel.opened(LIMIT)
        yield Pair(left, right, channel, right.accept_data_channel(LIMIT))
