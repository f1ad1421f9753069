"""Events of the core, in order, to the objects of the application."""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any

from webrtc.aio.channels import ChannelEvent, Channels
from webrtc.aio.conduit import Conduit
from webrtc.aio.data_channel import RTCDataChannel
from webrtc.aio.loop.operations import Operations
from webrtc.aio.loop.tasks import Tasks
from webrtc.aio.loop.waiters import Waiters
from webrtc.aio.net.driver import Driver
from webrtc.aio.outcome import Outcome
from webrtc.aio.rtp.transceivers import Transceivers
from webrtc.aio.transports import Transports
from webrtc.datachannel import (
    Announced,
    BufferedAmountLow,
    ChannelClosed,
    ChannelClosing,
    ChannelOpened,
)
from webrtc.errors import ConnectionFailed
from webrtc.jsep import RTCSignalingState
from webrtc.peer import PeerConnection
from webrtc.peer.events import (
    ConnectionStateChanged,
    DtlsStateChanged,
    Event,
    GatherWanted,
    IceCandidateFound,
    IceConnectionStateChanged,
    IceGatheringStateChanged,
    IceTransportStateChanged,
    NegotiationNeeded,
    RTCIceConnectionState,
    RTCIceGatheringState,
    RTCPeerConnectionState,
    SctpStateChanged,
    SelectedPairChanged,
    SignalingStateChanged,
)
from webrtc.peer.track_events import (
    BitrateWanted,
    CodecRefused,
    KeyFrameWanted,
    MediaEvent,
    StreamTrackAdded,
    StreamTrackRemoved,
    TrackEnded,
    TrackFired,
    TrackMuted,
)


class Dispatch:
    """Drives the core, and lets the objects follow it: each sees the state that its event tells.

    What the core has is taken at once and handed over in the loop's next turn, so that the
    application never runs on the stack of a packet; messages are the exception, at the end of a
    burst. `act` is called when gathering or an offer is wanted.
    """

    def __init__(
        self,
        core: PeerConnection,
        outcome: Outcome,
        tasks: Tasks,
        emit: Callable[..., object],
        act: Callable[[Event], None],
    ) -> None:
        self.driver = Driver(core, self._collect)
        self.channels = Channels(core, self.driver, tasks, outcome)
        self.transports = Transports(core, tasks)
        self.transceivers: Transceivers | None = None
        self.outcome = outcome
        self.waiters = Waiters()
        """Woken whenever something has happened."""
        self.signaling_state = RTCSignalingState.STABLE
        self.ice_gathering_state = RTCIceGatheringState.NEW
        self.ice_connection_state = RTCIceConnectionState.NEW
        self.connection_state = RTCPeerConnectionState.NEW
        self._core = core
        self._emit = emit
        self._act = act
        self._loop = asyncio.get_running_loop()
        self._pending: deque[Event | Conduit] = deque()

    @property
    def closed(self) -> bool:
        """Whether the application has closed the connection."""
        return self.connection_state is RTCPeerConnectionState.CLOSED

    async def wait(self) -> None:
        """Wait for any event. Raises ConnectionFailed when closed."""
        if self.closed:
            raise ConnectionFailed("the peer connection was closed")
        await self.waiters.wait()

    async def settle(self) -> None:
        """Let the events of a description reach their handlers before its call returns."""
        self.driver.flush_now()
        await asyncio.sleep(0)
        while self.signaling_state is not self._core.signaling_state:
            await self.wait()
        if self.transceivers is not None and self.transceivers.fired:
            # In browsers, too, async handlers of `track` get to their first await before.
            self.transceivers.fired = False
            await asyncio.sleep(0)

    def media(self, operations: Operations) -> Transceivers:
        """Make what stands for transceivers."""
        core, transport = self._core, self.transports.of
        self.transceivers = Transceivers(core, self.driver, operations, transport, self._emit)
        return self.transceivers

    def close(self) -> None:
        """Everything is closed, which no event tells unless the connection had failed before."""
        self.outcome.close()
        self.signaling_state = RTCSignalingState.CLOSED
        self.ice_connection_state = RTCIceConnectionState.CLOSED
        self.connection_state = RTCPeerConnectionState.CLOSED
        now = self._loop.time()
        self._core.close(now)
        self.driver.flush_now()
        self._core.stop(now)
        self.driver.close()
        self.transports.close()
        self.channels.close(self.outcome.reason)
        if self.transceivers is not None:
            self.transceivers.close()
        self._pending.clear()
        self._emit = self._act = _nothing  # the object has us: without the cycle memory is free
        self.waiters.wake()

    def _collect(self, *, reading: bool) -> bool:
        """Take what the core has; whether the application gets some in the loop's next turn.

        Messages it gets at once when a burst was read and no event has to come before them.
        """
        core, pending = self._core, self._pending
        scheduled = bool(pending)
        if core.eventful:
            while (event := core.poll_event()) is not None:
                pending.append(event)
        if core.media_waiting and self.transceivers is not None:
            self.transceivers.collect()
        if core.channels.received:
            if reading and not pending:
                self.channels.hand_over()
            else:
                self.channels.collect(pending.append)
        self.channels.wake_senders()
        if pending and not scheduled:
            self._loop.call_soon(self.run)
        return bool(pending)

    def run(self) -> None:
        """Hand over what was taken."""
        self.driver.cork()
        try:
            self._run_pending()
            self.waiters.wake()
        except BaseException:
            self._loop.call_soon(self.run)
            raise
        finally:
            self.driver.uncork()

    def _run_pending(self) -> None:
        pending, closed = self._pending, RTCPeerConnectionState.CLOSED
        while pending and self.connection_state is not closed:
            item = pending.popleft()
            if isinstance(item, Conduit):
                item.dispatch()
                continue
            self._handle(item)
            if isinstance(item, Announced):
                # The task of an async handler begins before `open` and the messages behind it.
                pending.appendleft(ChannelOpened(item.channel))
                self._loop.call_soon(self.run)
                return

    def _handle(self, event: Event) -> None:
        _HANDLERS[type(event)](self, event)

    def follow_channel(self, event: ChannelEvent) -> None:
        self.channels.handle(event, self._announce)

    def follow_signaling(self, event: SignalingStateChanged) -> None:
        self.signaling_state = event.state
        self.outcome.follow_signaling(event.state)
        self._emit("signalingstatechange")

    def follow_gathering(self, event: IceGatheringStateChanged) -> None:
        self.ice_gathering_state = event.state
        self.transports.follow_gathering(event.state)
        self._emit("icegatheringstatechange")

    def follow_ice(self, event: IceConnectionStateChanged) -> None:
        self.ice_connection_state = event.state
        self._emit("iceconnectionstatechange")

    def follow_connection(self, event: ConnectionStateChanged) -> None:
        self.connection_state = event.state
        self.outcome.follow(event.state)
        for channel in self.channels:
            channel.handle_outage(self.outcome.failure)
        self._emit("connectionstatechange")

    def follow_transport(self, event: DtlsStateChanged | SctpStateChanged) -> None:
        """Neither the end of refused channels nor of a peer that was replaced ends it all."""
        core = self._core
        if isinstance(event, SctpStateChanged):
            counts = event.state is core.data.state
        else:
            counts = event.state is event.transport.dtls_state
            counts = counts and event.transport is core.transports.one
        if counts:
            self.outcome.follow_transport(event)
        self.transports.handle(event)

    def follow_media(self, event: MediaEvent) -> None:
        if self.transceivers is not None:
            self.transceivers.handle(event)

    def follow_path(self, event: IceTransportStateChanged | SelectedPairChanged) -> None:
        self.transports.handle(event)

    def tell_candidate(self, event: IceCandidateFound) -> None:
        self._emit("icecandidate", event.candidate)

    def act_on(self, event: GatherWanted | NegotiationNeeded) -> None:
        self._act(event)

    def _announce(self, channel: RTCDataChannel) -> None:
        self._emit("datachannel", channel)


def _nothing(*_: object) -> None:
    """Takes what is left when the connection is closed."""


# A `match` would ask for each class in turn, several times for every event of a set-up.
_HANDLERS: dict[type, Callable[[Dispatch, Any], None]] = {
    Announced: Dispatch.follow_channel,
    BitrateWanted: Dispatch.follow_media,
    BufferedAmountLow: Dispatch.follow_channel,
    CodecRefused: Dispatch.follow_media,
    ChannelClosed: Dispatch.follow_channel,
    ChannelClosing: Dispatch.follow_channel,
    ChannelOpened: Dispatch.follow_channel,
    ConnectionStateChanged: Dispatch.follow_connection,
    DtlsStateChanged: Dispatch.follow_transport,
    GatherWanted: Dispatch.act_on,
    IceCandidateFound: Dispatch.tell_candidate,
    IceConnectionStateChanged: Dispatch.follow_ice,
    IceGatheringStateChanged: Dispatch.follow_gathering,
    IceTransportStateChanged: Dispatch.follow_path,
    KeyFrameWanted: Dispatch.follow_media,
    NegotiationNeeded: Dispatch.act_on,
    SctpStateChanged: Dispatch.follow_transport,
    SelectedPairChanged: Dispatch.follow_path,
    SignalingStateChanged: Dispatch.follow_signaling,
    StreamTrackAdded: Dispatch.follow_media,
    StreamTrackRemoved: Dispatch.follow_media,
    TrackEnded: Dispatch.follow_media,
    TrackFired: Dispatch.follow_media,
    TrackMuted: Dispatch.follow_media,
}
