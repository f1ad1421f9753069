"""The data channels of one connection: which object stands for which channel of the core."""

from collections.abc import Callable, Iterator

from webrtc.aio.conduit import Conduit
from webrtc.aio.data_channel import RTCDataChannel
from webrtc.aio.leftovers import Leftovers
from webrtc.aio.loop.tasks import Tasks
from webrtc.aio.net.driver import Driver
from webrtc.aio.outcome import Outcome
from webrtc.aio.room import Room
from webrtc.datachannel import (
    Announced,
    BufferedAmountLow,
    Channel,
    ChannelClosed,
    ChannelClosing,
    ChannelOpened,
)
from webrtc.errors import ConnectionFailed
from webrtc.peer import PeerConnection

ChannelEvent = Announced | ChannelOpened | ChannelClosing | ChannelClosed | BufferedAmountLow


class Channels:
    """Makes the objects, and passes on to them what the core has for its channels."""

    def __init__(
        self, core: PeerConnection, driver: Driver, tasks: Tasks, outcome: Outcome
    ) -> None:
        self._core = core
        self._driver = driver
        self._tasks = tasks
        self._outcome = outcome
        self._conduits: dict[Channel, Conduit] = {}
        self._objects: dict[Conduit, RTCDataChannel] = {}
        self._sending: set[Conduit] = set()
        self._leftovers = Leftovers(core.settings.max_unread_closed)
        self._room = Room(core)

    def __iter__(self) -> Iterator[Conduit]:
        return iter(self._objects)

    def wrap(self, channel: Channel) -> RTCDataChannel:
        """The object of a channel, made if need be."""
        return self._objects[self._conduit(channel)]

    def collect(self, dispatch: Callable[[Conduit], object]) -> None:
        """Take what has arrived; `dispatch` gets each channel whose handlers are to be called."""
        while (received := self._core.poll_data()) is not None:
            conduit = self._conduit(received.channel)
            if conduit.take(received.data, received.size):
                dispatch(conduit)

    def hand_over(self) -> None:
        """Give what has arrived to its handlers now, in the order of its arrival."""
        arrived, conduits = self._core.channels.received, self._conduits
        while arrived:  # an exception that ends the loop leaves the rest where it is
            channel, message, size = arrived.popleft()
            conduit = conduits.get(channel) or self._make(channel)
            conduit.hand_over(message, size)

    def wake_senders(self) -> None:
        """Let go on who waits for room, where there is some."""
        if self._sending:
            # In place: the channels put themselves into this very set.
            self._sending -= {each for each in self._sending if not each.wake_senders()}
        if self._room.full:
            self._room.wake()

    def handle(self, event: ChannelEvent, announce: Callable[[RTCDataChannel], object]) -> None:
        """Let the object follow its channel; `announce` takes one that the peer has opened."""
        match event:
            case Announced(channel):
                found = self.wrap(channel)
                self._conduits[channel].handle_announced()
                announce(found)
            case ChannelOpened(channel):
                self._conduit(channel).handle_opened()
            case ChannelClosing(channel):
                self._conduit(channel).handle_closing()
            case ChannelClosed(channel, reason):
                conduit = self._conduit(channel)
                del self._conduits[channel], self._objects[conduit]
                self._sending.discard(conduit)
                unread, dropped = conduit.unread, self._leftovers.dropped
                outcome = self._outcome
                conduit.handle_closed(outcome.explain(reason), cut=outcome.ended)
                if conduit.inbox:
                    self._leftovers.add(conduit, unread)
                    self._core.channels.discarded += self._leftovers.dropped - dropped
            case BufferedAmountLow(channel):
                if (sender := self._conduits.get(channel)) is not None:
                    sender.handle_low()

    def close(self, reason: ConnectionFailed | None) -> None:
        """Every channel ends with the connection, which no event tells unless it was lost."""
        for conduit, found in list(self._objects.items()):
            if reason is None:
                conduit.abandon()
            else:
                conduit.handle_closed(reason)
            found.remove_all_listeners()  # handlers often refer to their object
        self._conduits.clear()
        self._objects.clear()

    def _conduit(self, channel: Channel) -> Conduit:
        return self._conduits.get(channel) or self._make(channel)

    def _make(self, channel: Channel) -> Conduit:
        conduit = self._conduits[channel] = Conduit(
            channel, self._core, self._driver, self._sending, self._room
        )
        conduit.outage = self._outcome.obstacle
        self._objects[conduit] = RTCDataChannel(conduit, self._tasks)
        return conduit
