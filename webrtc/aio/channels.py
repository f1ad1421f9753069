"""The data channels of one connection: which object stands for which channel of the core."""

from collections.abc import Callable, Iterator

from webrtc.aio.data_channel import RTCDataChannel
from webrtc.aio.loop.tasks import Tasks
from webrtc.aio.net.driver import Driver
from webrtc.datachannel import Announced, Channel, ChannelClosed, ChannelClosing, ChannelOpened
from webrtc.peer import PeerConnection


class Channels:
    """Makes the objects, and passes on to them what the core has for its channels."""

    def __init__(self, core: PeerConnection, driver: Driver, tasks: Tasks) -> None:
        self._core = core
        self._driver = driver
        self._tasks = tasks
        self._by_core: dict[Channel, RTCDataChannel] = {}
        self._sending: set[RTCDataChannel] = set()

    def __iter__(self) -> Iterator[RTCDataChannel]:
        return iter(self._by_core.values())

    def get(self, channel: Channel) -> RTCDataChannel | None:
        """The object of a channel that is not closed."""
        return self._by_core.get(channel)

    def wrap(self, channel: Channel) -> RTCDataChannel:
        """The object of a channel, made if need be."""
        found = self._by_core.get(channel)
        if found is None:
            found = RTCDataChannel(channel, self._core, self._driver, self._sending, self._tasks)
            self._by_core[channel] = found
        return found

    def collect(self, dispatch: Callable[[RTCDataChannel], object]) -> None:
        """Take what has arrived; `dispatch` gets each channel whose handlers are to be called."""
        core = self._core
        while (received := core.poll_data()) is not None:
            wrapper = self._by_core.get(received.channel) or self.wrap(received.channel)
            if wrapper.take(received.data, received.size):
                dispatch(wrapper)
        self.wake_senders()

    def wake_senders(self) -> None:
        """Let go on who waits for room, where there is some."""
        if self._sending:
            # In place: the channels put themselves into this very set.
            self._sending -= {each for each in self._sending if not each.wake_senders()}

    def handle(
        self,
        event: Announced | ChannelOpened | ChannelClosing | ChannelClosed,
        announce: Callable[[RTCDataChannel], object],
    ) -> None:
        """Let the object follow its channel; `announce` takes one that the peer has opened."""
        channel = self.wrap(event.channel)
        match event:
            case Announced():
                channel.set_announced()
                announce(channel)
            case ChannelOpened():
                channel.set_open()
            case ChannelClosing():
                channel.set_closing()
            case ChannelClosed(core_channel, reason):
                del self._by_core[core_channel]
                self._sending.discard(channel)
                channel.set_closed(reason)

    def close(self) -> None:
        """Every channel is closed, which no event tells."""
        for channel in self:
            channel.abandon()
        self._by_core.clear()
