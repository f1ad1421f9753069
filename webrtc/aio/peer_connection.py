"""RTCPeerConnection on asyncio. webrtc-pc §4.4."""

import asyncio
import itertools
import logging
import random
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from types import TracebackType
from typing import Any, ClassVar, Self, Unpack

from webrtc.aio import environment
from webrtc.aio.channels import Channels
from webrtc.aio.data_channel import RTCDataChannel
from webrtc.aio.diagnosis import describe_failure
from webrtc.aio.inspection import Inspectable
from webrtc.aio.loop.emitter import EventHandler
from webrtc.aio.loop.operations import Operations
from webrtc.aio.loop.tasks import Tasks
from webrtc.aio.loop.waiters import Waiters
from webrtc.aio.net.driver import Driver
from webrtc.aio.net.gathering import Gatherer
from webrtc.aio.net.network import SystemNetwork
from webrtc.aio.net.seam import Network
from webrtc.aio.options import ConfigurationOptions, DataChannelOptions, to_configuration
from webrtc.aio.transports import RTCIceTransport, RTCSctpTransport, Transports
from webrtc.datachannel import (
    Announced,
    BufferedAmountLow,
    ChannelClosed,
    ChannelClosing,
    ChannelOpened,
)
from webrtc.dtls import Certificate, KeyType
from webrtc.dtls.certificate import LIFETIME
from webrtc.errors import ConnectionFailed, NotSupportedError
from webrtc.jsep import RTCSignalingState
from webrtc.jsep.descriptions import Json
from webrtc.peer import (
    PeerConnection,
    RTCConfiguration,
    RTCDataChannelInit,
    RTCIceCandidate,
    RTCSessionDescription,
    SettingEngine,
)
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

_log = logging.getLogger("webrtc.peer")
_numbers = itertools.count(1)
_ROLLBACK = RTCSessionDescription("rollback")
_DEFAULT_SETTINGS = SettingEngine()


class RTCPeerConnection(Inspectable):
    """A connection to one peer. Create it on a running loop; `async with` closes it.

    Configure it with an `RTCConfiguration` or its members as keywords. `settings` are those a
    browser does not have; `network` replaces the operating system's, for simulations.

    Events: `negotiationneeded`, `icecandidate` (the candidate, None after the last),
    `signalingstatechange`, `icegatheringstatechange`, `iceconnectionstatechange`,
    `connectionstatechange`, `datachannel` (the channel).
    """

    onnegotiationneeded = EventHandler("negotiationneeded")
    onicecandidate = EventHandler("icecandidate")
    onsignalingstatechange = EventHandler("signalingstatechange")
    onicegatheringstatechange = EventHandler("icegatheringstatechange")
    oniceconnectionstatechange = EventHandler("iceconnectionstatechange")
    onconnectionstatechange = EventHandler("connectionstatechange")
    ondatachannel = EventHandler("datachannel")

    def __init__(
        self,
        configuration: RTCConfiguration | None = None,
        *,
        settings: SettingEngine | None = None,
        network: Network | None = None,
        **options: Unpack[ConfigurationOptions],
    ) -> None:
        configuration = to_configuration(configuration, options)
        environment.configure_logging()
        settings = environment.with_key_log(settings or _DEFAULT_SETTINGS)
        tasks = Tasks()
        super().__init__(tasks)
        self._name = f"pc={next(_numbers):x}"
        network = environment.captured(network or SystemNetwork(), self._name)
        self._core = PeerConnection(configuration, settings, time.time())
        self._driver = Driver(self._core, self._collect)
        self._gatherer = Gatherer(self._core, self._driver, network, settings)
        self._operations = Operations(self._on_operations_empty)
        self._negotiation_deferred = False
        self._pending: deque[Event | RTCDataChannel] = deque()
        self._channels = Channels(self._core, self._driver, tasks)
        self._waiters = Waiters()
        self._transports = Transports(self._core, tasks)
        self._signaling_state = RTCSignalingState.STABLE
        self._ice_gathering_state = RTCIceGatheringState.NEW
        self._ice_connection_state = RTCIceConnectionState.NEW
        self._connection_state = RTCPeerConnectionState.NEW
        self._started = self._loop.time()
        self._begin_inspection(self._core, self._name, settings)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    def __repr__(self) -> str:
        return f"<RTCPeerConnection {self._name} {self._connection_state}>"

    @staticmethod
    async def generate_certificate(
        algorithm: KeyType = KeyType.ECDSA, *, lifetime: float = LIFETIME
    ) -> Certificate:
        """A certificate for several connections, valid for `lifetime` seconds.

        Raises NotSupportedError for an unknown kind of key.
        """
        if algorithm not in list(KeyType):
            raise NotSupportedError(f"key of kind {algorithm!r:.80}")
        return await asyncio.to_thread(
            Certificate.generate,
            random.SystemRandom(),
            time.time(),
            key_type=KeyType(algorithm),
            lifetime=lifetime,
        )

    # States

    @property
    def connection_state(self) -> RTCPeerConnectionState:
        return self._connection_state

    @property
    def ice_connection_state(self) -> RTCIceConnectionState:
        return self._ice_connection_state

    @property
    def ice_gathering_state(self) -> RTCIceGatheringState:
        return self._ice_gathering_state

    @property
    def signaling_state(self) -> RTCSignalingState:
        return self._signaling_state

    @property
    def can_trickle_ice_candidates(self) -> bool | None:
        """Whether the peer takes trickled candidates; None before its description."""
        return self._core.negotiation.can_trickle_ice_candidates

    @property
    def local_description(self) -> RTCSessionDescription | None:
        """The pending description, else the current one, with the candidates found so far."""
        return self._core.negotiation.local_description

    @property
    def current_local_description(self) -> RTCSessionDescription | None:
        return self._core.negotiation.current_local_description

    @property
    def pending_local_description(self) -> RTCSessionDescription | None:
        return self._core.negotiation.pending_local_description

    @property
    def remote_description(self) -> RTCSessionDescription | None:
        return self._core.negotiation.remote_description

    @property
    def current_remote_description(self) -> RTCSessionDescription | None:
        return self._core.negotiation.current_remote_description

    @property
    def pending_remote_description(self) -> RTCSessionDescription | None:
        return self._core.negotiation.pending_remote_description

    @property
    def sctp(self) -> RTCSctpTransport | None:
        """The transport of the data channels; None until an answer has accepted them."""
        return self._transports.sctp if self._core.data.negotiated else None

    # Negotiation

    async def create_offer(self, *, ice_restart: bool = False) -> RTCSessionDescription:
        """Describe what is wanted. Raises InvalidStateError when closed or an offer is due back."""
        async with self._operations.chain("create_offer"):
            return self._core.create_offer(ice_restart=ice_restart)

    async def create_answer(self) -> RTCSessionDescription:
        """Describe what is accepted. Raises InvalidStateError without an offer of the peer."""
        async with self._operations.chain("create_answer"):
            return self._core.create_answer()

    async def set_local_description(
        self, description: RTCSessionDescription | Json | None = None
    ) -> None:
        """Set what was created; without SDP the offer or answer that is due is made.

        Returns at once: candidates follow by `icecandidate`.
        Raises InvalidStateError, InvalidModificationError for a description that was changed.
        """
        if isinstance(description, Mapping):
            implicit = description.get("type") is None
            description = None if implicit else RTCSessionDescription.from_json(description)
        async with self._operations.chain("set_local_description"):
            self._core.set_local_description(description, self._loop.time())
            await self._settle()

    async def set_remote_description(self, description: RTCSessionDescription | Json) -> None:
        """Set the peer's description. Its offer takes back one of ours that is not answered.

        Raises SdpError, InvalidStateError, InvalidAccessError; then nothing else has changed.
        """
        if isinstance(description, Mapping):
            description = RTCSessionDescription.from_json(description)
        async with self._operations.chain("set_remote_description"):
            if self._core.in_glare(description):
                self._core.set_local_description(_ROLLBACK, self._loop.time())
                await self._settle()
            self._core.set_remote_description(description, self._loop.time())
            await self._settle()

    async def add_ice_candidate(self, candidate: RTCIceCandidate | Json | None = None) -> None:
        """Add a candidate of the peer; None or an empty one says that there are no more.

        Raises InvalidStateError before the remote description, OperationError for a candidate
        that is malformed or does not belong to it.
        """
        if isinstance(candidate, Mapping):
            is_end = not candidate.get("candidate") and candidate.get("sdpMid") is None
            is_end = is_end and candidate.get("sdpMLineIndex") is None
            candidate = None if is_end else RTCIceCandidate.from_json(candidate)
        async with self._operations.chain("add_ice_candidate"):
            self._core.add_ice_candidate(candidate, self._loop.time())
            self._driver.flush_soon()

    def restart_ice(self) -> None:
        """Ask for a fresh path; `negotiationneeded` follows."""
        self._core.restart_ice()
        self._driver.flush_soon()

    def get_configuration(self) -> RTCConfiguration:
        """What the connection is configured with now."""
        return self._core.configuration

    def set_configuration(
        self, configuration: RTCConfiguration | None = None, **options: Unpack[ConfigurationOptions]
    ) -> None:
        """Change ICE servers or policy, from the next gathering on; what is left out is reset.

        Raises InvalidStateError when closed, InvalidModificationError for any other change.
        """
        self._core.set_configuration(to_configuration(configuration, options))

    async def gathered(self) -> None:
        """Wait until all local candidates are in `local_description`, for peers without trickle.

        Raises ConnectionFailed when the connection is closed first.
        """
        while self._ice_gathering_state is not RTCIceGatheringState.COMPLETE:
            await self._wait()

    async def wait_connected(self, timeout: float | None = None) -> None:  # noqa: ASYNC109
        """Wait until the connection is up, `timeout` seconds at most.

        Raises ConnectionFailed, with what was tried and what to do, when it fails or takes longer.
        """
        try:
            async with asyncio.timeout(timeout):
                while self._connection_state is not RTCPeerConnectionState.CONNECTED:
                    if self._connection_state is RTCPeerConnectionState.FAILED:
                        raise self._failure()
                    await self._wait()
        except TimeoutError:
            raise self._failure() from None

    # Data channels

    def create_data_channel(
        self, label: str, **options: Unpack[DataChannelOptions]
    ) -> RTCDataChannel:
        """Open a channel now or as soon as there is a connection. `options`: RTCDataChannelInit.

        Raises InvalidStateError when closed, TypeError for arguments that are wrong or exclude
        each other, OperationError when the id is in use or none is left.
        """
        init = RTCDataChannelInit(**options)
        channel = self._core.create_data_channel(label, self._loop.time(), init)
        self._driver.flush_soon()
        return self._channels.wrap(channel)

    async def close(self) -> None:
        """End the connection and wait until nothing of it is left. Harmless when closed."""
        if not self._ended.is_set():
            self._end()
        await self._tasks.close()

    # From the core to the application

    def _collect(self, *, reading: bool) -> bool:
        """Take what the core has; whether the application gets some in the loop's next turn.

        Messages it gets at once when a burst was read and no event has to come before them.
        """
        core, pending = self._core, self._pending
        if core.quiet:
            self._channels.wake_senders()
            return bool(pending)
        scheduled = bool(pending)
        while (event := core.poll_event()) is not None:
            pending.append(event)
        if reading and not pending:
            ready: deque[RTCDataChannel] = deque()
            self._channels.collect(ready.append)
            try:
                while ready:
                    ready[0].dispatch()
                    ready.popleft()
            finally:  # an exception that ends the loop: what is left is for whoever runs it again
                pending += ready
        else:
            self._channels.collect(pending.append)
        if pending and not scheduled:
            self._loop.call_soon(self._dispatch)
        return bool(pending)

    def _dispatch(self) -> None:
        self._driver.cork()
        try:
            self._dispatch_pending()
            self._waiters.wake()
        except BaseException:
            self._loop.call_soon(self._dispatch)
            raise
        finally:
            self._driver.uncork()

    def _dispatch_pending(self) -> None:
        pending = self._pending
        while pending and not self._ended.is_set():
            item = pending.popleft()
            if isinstance(item, RTCDataChannel):
                item.dispatch()
                continue
            self._handle(item)
            if isinstance(item, Announced):
                # The task of an async handler begins before `open` and the messages behind it.
                pending.appendleft(ChannelOpened(item.channel))
                self._loop.call_soon(self._dispatch)
                return

    def _handle(self, event: Event) -> None:
        self._HANDLERS[type(event)](self, event)

    def _on_ice_candidate(self, event: IceCandidateFound) -> None:
        self.emit("icecandidate", event.candidate)

    def _on_gather_wanted(self, event: GatherWanted) -> None:
        self._loop.call_soon(self._gather, event.stun_servers)

    def _gather(self, servers: Sequence[tuple[str, int]]) -> None:
        if self._ended.is_set():
            return
        names = self._gatherer.gather(servers)
        if names:
            self._tasks.start(self._gatherer.look_up(names))

    def _on_transport(
        self,
        event: IceTransportStateChanged | DtlsStateChanged | SctpStateChanged | SelectedPairChanged,
    ) -> None:
        self._transports.handle(event)

    def _on_channel(
        self, event: Announced | ChannelOpened | ChannelClosing | ChannelClosed
    ) -> None:
        self._channels.handle(event, partial(self.emit, "datachannel"))

    def _on_buffered_amount_low(self, event: BufferedAmountLow) -> None:
        if (wrapper := self._channels.get(event.channel)) is not None:
            wrapper.set_low()

    def _on_signaling_state(self, event: SignalingStateChanged) -> None:
        self._signaling_state = event.state
        self.emit("signalingstatechange")

    def _on_ice_gathering_state(self, event: IceGatheringStateChanged) -> None:
        self._ice_gathering_state = event.state
        self._ice.set_gathering_state(event.state)
        self.emit("icegatheringstatechange")

    def _on_ice_connection_state(self, event: IceConnectionStateChanged) -> None:
        self._ice_connection_state = event.state
        self.emit("iceconnectionstatechange")

    def _on_connection_state(self, event: ConnectionStateChanged) -> None:
        self._connection_state = event.state
        _log.info("%s %s", self._name, event.state)
        failed = event.state is RTCPeerConnectionState.FAILED
        for channel in self._channels:
            channel.set_outage(self._failure() if failed else None)
        self.emit("connectionstatechange")

    @property
    def _ice(self) -> RTCIceTransport:
        return self._transports.ice

    def _renegotiate(self, _: NegotiationNeeded | None = None) -> None:
        """Tell that an offer is needed, unless an operation is under way that may change it."""
        if self._operations.busy:
            self._negotiation_deferred = True
        elif self._core.negotiation_needed:
            self.emit("negotiationneeded")

    def _on_operations_empty(self) -> None:
        if self._negotiation_deferred:
            self._negotiation_deferred = False
            self._loop.call_soon(self._renegotiate)

    async def _settle(self) -> None:
        """Let the events of a description reach their handlers before the call returns."""
        self._driver.flush_now()
        await asyncio.sleep(0)
        while self._signaling_state is not self._core.signaling_state:
            await self._wait()

    async def _wait(self) -> None:
        """Wait for any event. Raises ConnectionFailed when closed."""
        if self._ended.is_set():
            raise ConnectionFailed("the peer connection was closed")
        await self._waiters.wait()

    def _end(self) -> None:
        self._ended.set()
        now = self._loop.time()
        self._operations.close()
        self._core.close(now)
        self._driver.flush_now()
        self._core.stop(now)
        self._driver.close()
        self._signaling_state = RTCSignalingState.CLOSED
        self._ice_connection_state = RTCIceConnectionState.CLOSED
        self._connection_state = RTCPeerConnectionState.CLOSED
        self._transports.close()
        self._end_inspection()
        _log.info("%s closed", self._name)
        self._channels.close()
        self._pending.clear()
        self.remove_all_listeners()  # no event follows, and handlers often refer to their object
        self._waiters.wake()

    def _failure(self) -> ConnectionFailed:
        elapsed = self._loop.time() - self._started
        return ConnectionFailed(describe_failure(self._core, self._transports.dtls_error, elapsed))

    _HANDLERS: ClassVar[dict[type, Callable[["RTCPeerConnection", Any], None]]] = {
        SignalingStateChanged: _on_signaling_state,
        IceGatheringStateChanged: _on_ice_gathering_state,
        IceConnectionStateChanged: _on_ice_connection_state,
        ConnectionStateChanged: _on_connection_state,
        IceTransportStateChanged: _on_transport,
        DtlsStateChanged: _on_transport,
        SctpStateChanged: _on_transport,
        SelectedPairChanged: _on_transport,
        NegotiationNeeded: _renegotiate,
        IceCandidateFound: _on_ice_candidate,
        GatherWanted: _on_gather_wanted,
        Announced: _on_channel,
        ChannelOpened: _on_channel,
        ChannelClosing: _on_channel,
        ChannelClosed: _on_channel,
        BufferedAmountLow: _on_buffered_amount_low,
    }
