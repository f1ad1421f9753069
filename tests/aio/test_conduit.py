"""What runs between a data channel of the core and its object."""

import pytest

from webrtc.aio.conduit import Conduit
from webrtc.aio.net.driver import Driver
from webrtc.aio.room import Room
from webrtc.errors import ConnectionFailed, ProtocolError
from webrtc.peer import PeerConnection


class Listener:
    """Hears what is fired, in place of the object."""

    def __init__(self, *events: str) -> None:
        core = PeerConnection()
        driver = Driver(core, lambda *, reading: False)
        self.heard: list[tuple[object, ...]] = []
        self.conduit = Conduit(core.create_data_channel("x", 0.0), core, driver, set(), Room(core))
        self.conduit.attach(lambda *event: self.heard.append(event), dict.fromkeys(events))


async def test_messages_wait_until_open_was_fired() -> None:
    listener = Listener("message")
    conduit = listener.conduit
    conduit.handle_announced()
    assert conduit.take("early", 5)
    conduit.dispatch()
    assert listener.heard == []
    conduit.handle_opened()
    assert listener.heard == [("open",), ("message", "early")]


async def test_only_the_first_of_waiting_messages_asks_for_a_call() -> None:
    conduit = Listener("message").conduit
    conduit.handle_opened()
    assert [conduit.take("x", 1) for _ in range(3)] == [True, False, False]


async def test_nobody_is_called_for_messages_without_a_handler() -> None:
    listener = Listener()
    listener.conduit.handle_opened()
    assert not listener.conduit.take("kept", 4)
    listener.conduit.dispatch()
    assert listener.conduit.pop() == "kept"


async def test_the_end_fires_once_and_error_before_close() -> None:
    listener = Listener("error")
    reason = ProtocolError("why")
    listener.conduit.handle_closed(reason)
    listener.conduit.handle_closed(None)
    assert listener.heard == [("error", reason), ("close",)]
    with pytest.raises(ConnectionFailed, match="data channel 'x': why"):
        listener.conduit.check_alive()


async def test_an_orderly_end_is_no_error() -> None:
    listener = Listener("error")
    listener.conduit.handle_closed(None)
    assert listener.heard == [("close",)]


async def test_a_detached_channel_fires_nothing() -> None:
    listener = Listener("message", "error")
    conduit = listener.conduit
    conduit.handle_opened()
    listener.heard.clear()
    conduit.detached = True
    assert not conduit.take("for the stream", 14)
    conduit.handle_closing()
    conduit.handle_closed(ProtocolError("why"))
    assert listener.heard == []


async def test_an_outage_ends_with_the_ice_restart() -> None:
    conduit = Listener().conduit
    conduit.handle_opened()
    conduit.handle_outage(ConnectionFailed("lost"))
    with pytest.raises(ConnectionFailed, match="lost"):
        conduit.check_alive()
    conduit.handle_outage(None)
    conduit.check_alive()
    assert conduit.state == "open"
