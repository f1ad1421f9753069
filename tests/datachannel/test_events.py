"""What data channels tell."""

from typing import get_args

from tests.datachannel.pair import opened_pair
from webrtc.datachannel.events import ChannelClosed, Event, Received
from webrtc.sctp import MESSAGE_OVERHEAD


def test_events_are_of_the_types_that_are_named() -> None:
    pair, client, server = opened_pair()
    client.channels.close(client.opened[0], pair.now)
    pair.run()
    for end in (client, server):
        assert isinstance(end.events[-1], ChannelClosed)
        assert all(isinstance(event, get_args(Event)) for event in end.events)


def test_a_message_tells_what_it_takes_of_the_window() -> None:
    """DC-05: an empty one, too, since keeping it costs as much as any."""
    pair, client, server = opened_pair()
    channel, size = client.opened[0], 1 + MESSAGE_OVERHEAD
    server.reads = False
    for data in ("", b"", b"x"):
        client.channels.send(channel, data, pair.now)
    pair.run()
    assert server.messages == ["", b"", b"x"]
    assert server.unread == 3 * size
    assert Received(channel, b"x", size).size == size
