"""What channels may have waiting to be sent, all together."""

import pytest

from tests.datachannel.pair import Pair
from webrtc.datachannel import Parameters
from webrtc.errors import OperationError
from webrtc.sctp import Config


def test_a_sender_that_never_waits_is_stopped_at_the_buffer_limit() -> None:
    """DC-06 of the catalogue: OperationError, and the connection goes on."""
    config = Config(max_send_buffer=200_000)
    pair = Pair(config=config)
    channel = pair.client.channels.open(Parameters(), pair.now)
    sent = 0
    while sent < 1000:
        try:
            pair.client.channels.send(channel, bytes(10_000), pair.now)
        except OperationError:
            break
        sent += 1
    assert 10 <= sent <= 20
    pair.run(5.0)
    assert len(pair.server.messages) == sent
    pair.client.channels.send(channel, b"again", pair.now)
    pair.run()
    assert pair.server.messages[-1] == b"again"


def test_channel_that_is_allowed_to_goes_beyond_the_buffer_that_all_share() -> None:
    pair = Pair(config=Config(max_send_buffer=20_000))
    assert pair.client.channels.send_room == 20_000
    one, other = (pair.client.channels.open(Parameters(), pair.now) for _ in range(2))
    pair.client.channels.send(one, bytes(15_000), pair.now)
    with pytest.raises(OperationError):
        pair.client.channels.send(other, bytes(15_000), pair.now)
    pair.client.channels.allow_excess(other)
    pair.client.channels.send(other, bytes(15_000), pair.now)
    assert pair.client.channels.send_room < 0
    pair.run(5.0)
    assert sorted(map(len, pair.server.messages)) == [15_000, 15_000]
    assert pair.client.channels.send_room == 20_000
