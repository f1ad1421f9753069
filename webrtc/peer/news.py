"""What has happened, in order: to transports, streams, sections and channels."""

from collections import deque

from webrtc import ice
from webrtc.datachannel import DataChannels
from webrtc.peer.data import DataSection
from webrtc.peer.events import Event, SelectedPairChanged
from webrtc.peer.gathering import Gathering
from webrtc.peer.media import Media
from webrtc.peer.need import Need
from webrtc.peer.states import States
from webrtc.peer.transport import DtlsMoved, Transport
from webrtc.peer.transport import Event as TransportEvent
from webrtc.peer.transports import Transports


class News:
    """Collects what the parts of a connection tell, and puts it in the words of webrtc-pc."""

    def __init__(
        self,
        transports: Transports,
        gathering: Gathering,
        media: Media,
        data: DataSection,
        channels: DataChannels,
        need: Need,
    ) -> None:
        self.events: deque[Event] = deque()
        """What is to be told before what channels tell."""
        self.states = States()
        self._transports = transports
        self._gathering = gathering
        self._media = media
        self._data = data
        self._channels = channels
        self._need = need
        self._closed = False

    def poll_event(self) -> Event | None:
        """The oldest, or None. Whether an offer is needed is told last of all."""
        if self.events:
            return self.events.popleft()
        if self._closed:
            return None
        event: Event | None = self._channels.poll_event()
        if event is None and self._need.unchecked:
            event = self._need.poll_event()
        return event

    def collect(self) -> None:
        """Take what transports, streams and channels have to tell."""
        if (transport := self._transports.one) is not None:
            while (event := transport.poll_event()) is not None:
                if not self._closed:  # until `stop` packets still come, but nobody hears of them
                    self._take(transport, event)
        if not self._closed:
            if transport is not None and transport.rtp is not None:
                self.events += self._media.handle_events(transport.rtp)
            self.events += self._data.events
        self._data.events.clear()

    def follow_transports(self) -> None:
        """When there is none any more, the states are those of a connection without transports."""
        if self._transports.one is None:
            self.events += self._gathering.reset()
            self.events += self.states.update([], [])

    def close(self) -> None:
        """Nothing is told any more."""
        self._closed = True
        self.states.close()
        self.events.clear()

    def _take(self, transport: Transport, event: TransportEvent) -> None:
        match event:
            case ice.CandidateFound(candidate):
                self.events += self._gathering.found(transport, candidate)
            case ice.GatheringStateChanged(state):
                self.events += self._gathering.moved(transport, state)
            case ice.SelectedPairChanged(pair):
                self.events.append(SelectedPairChanged(transport, pair))
            case ice.StateChanged() | DtlsMoved():
                self.events += self.states.follow(transport, event)
