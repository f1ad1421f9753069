"""RTCPeerConnection on asyncio. webrtc-pc §4.4."""

import asyncio
import itertools
import logging
import time
from collections.abc import AsyncIterator, Mapping
from types import TracebackType
from typing import Self, Unpack

from webrtc.aio import environment
from webrtc.aio.certificates import generate_certificate
from webrtc.aio.data_channel import RTCDataChannel
from webrtc.aio.dispatch import Dispatch
from webrtc.aio.gathering import Gathering
from webrtc.aio.inspection import EventLog, Inspection
from webrtc.aio.loop.emitter import EventHandler
from webrtc.aio.loop.operations import Operations
from webrtc.aio.loop.tasks import Tasks
from webrtc.aio.net.binder import Binder
from webrtc.aio.net.budget import with_budget
from webrtc.aio.net.network import SystemNetwork
from webrtc.aio.net.seam import NetworkStack
from webrtc.aio.options import (
    ConfigurationOptions,
    DataChannelOptions,
    check_seams,
    to_candidate,
    to_configuration,
    to_description,
)
from webrtc.aio.outcome import Outcome
from webrtc.aio.rtp.calls import Calls
from webrtc.aio.tracks import MediaStreamTrack
from webrtc.errors import ConnectionFailed, InvalidAccessError
from webrtc.jsep import ReadDescription
from webrtc.jsep.descriptions import Json
from webrtc.peer import (
    PeerConnection,
    RTCConfiguration,
    RTCDataChannelInit,
    RTCIceCandidate,
    RTCSessionDescription,
    RTCStatsReport,
    SettingEngine,
)
from webrtc.peer.events import (
    Event,
    GatherWanted,
    NegotiationNeeded,
    RTCIceGatheringState,
    RTCPeerConnectionState,
)
from webrtc.peer.parameters import RTCRtpTransceiverDirection
from webrtc.peer.transceiver import DIRECTIONS
from webrtc.util.webidl import instance, one_of

LONG_DESCRIPTION = 2**16
"""Characters above which a description is parsed in a thread: the loop goes on meanwhile."""

_log = logging.getLogger("webrtc.peer")
_numbers = itertools.count(1)
_ROLLBACK = RTCSessionDescription("rollback")
_DEFAULT_SETTINGS = SettingEngine()


class RTCPeerConnection(Calls):
    """A connection to one peer. Create it on a running loop; `async with` closes it.

    Configure it with an `RTCConfiguration` or its members as keywords. `settings` are those a
    browser does not have; `network` replaces the operating system's, for simulations.

    Events: `negotiationneeded`, `icecandidate` (the candidate, None after the last),
    `signalingstatechange`, `icegatheringstatechange`, `iceconnectionstatechange`,
    `connectionstatechange`, `datachannel` (the channel), `track` (an RTCTrackEvent).
    """

    onnegotiationneeded = EventHandler("negotiationneeded")
    onicecandidate = EventHandler("icecandidate")
    onsignalingstatechange = EventHandler("signalingstatechange")
    onicegatheringstatechange = EventHandler("icegatheringstatechange")
    oniceconnectionstatechange = EventHandler("iceconnectionstatechange")
    onconnectionstatechange = EventHandler("connectionstatechange")
    ondatachannel = EventHandler("datachannel")
    ontrack = EventHandler("track")

    def __init__(
        self,
        configuration: RTCConfiguration | None = None,
        *,
        settings: SettingEngine | None = None,
        network: NetworkStack | None = None,
        **options: Unpack[ConfigurationOptions],
    ) -> None:
        configuration = to_configuration(configuration, options)
        check_seams(settings, network)
        tasks = Tasks()
        super().__init__(tasks)
        environment.configure_logging()
        settings = with_budget(environment.with_key_log(settings or _DEFAULT_SETTINGS))
        self._name = f"pc={next(_numbers):x}"
        network = environment.captured(network or SystemNetwork(), self._name)
        unix = time.time()
        epoch = unix - self._loop.time()
        self._core = PeerConnection(configuration, settings, unix, self._name, epoch)
        outcome = Outcome(self._core, self._name, settings, self._end)
        tasks.over = lambda: outcome.over
        self._dispatch = Dispatch(self._core, outcome, tasks, self.emit, self._act)
        self._driver = self._dispatch.driver
        binder = Binder(self._core, self._driver, network, settings)
        at_once = settings.candidates_at_once
        self._gathering = Gathering(self._core, binder, self._dispatch, tasks, at_once=at_once)
        self._operations = Operations(self._on_operations_empty)
        self._transceivers = self._dispatch.media(self._operations)
        self._negotiation_deferred = False
        self._inspection = Inspection(self._core, self._name, settings)
        if configuration.ice_candidate_pool_size:
            self._driver.flush_soon()

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
        return f"<RTCPeerConnection {self._name} {self.connection_state}>"

    generate_certificate = staticmethod(generate_certificate)

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

        Returns at once: candidates follow by `icecandidate`, those of this host in the loop's next
        turn. With `SettingEngine.candidates_at_once` the description has these already.
        Raises InvalidStateError, InvalidModificationError for a description that was changed.
        """
        if isinstance(description, Mapping) and description.get("type") is None:
            description = None
        if description is not None:
            description = to_description(description)
        async with self._operations.chain("set_local_description"):
            self._core.set_local_description(description, self._loop.time())
            await self._dispatch.settle()

    async def set_remote_description(self, description: RTCSessionDescription | Json) -> None:
        """Set the peer's description. Its offer takes back one of ours that is not answered.

        Raises SdpError, InvalidStateError, InvalidAccessError; then nothing else has changed.
        """
        description = to_description(description)
        async with self._operations.chain("set_remote_description"):
            if len(description.sdp) > LONG_DESCRIPTION:
                description = await asyncio.to_thread(ReadDescription.read, description)
            if self._core.in_glare(description):
                self._core.set_local_description(_ROLLBACK, self._loop.time())
                await self._dispatch.settle()
            self._core.set_remote_description(description, self._loop.time())
            await self._dispatch.settle()

    async def add_ice_candidate(self, candidate: RTCIceCandidate | Json | None = None) -> None:
        """Add a candidate of the peer; None or an empty one says that there are no more.

        Raises InvalidStateError before the remote description, OperationError for a candidate
        that is malformed or does not belong to it.
        """
        candidate = to_candidate(candidate)
        async with self._operations.chain("add_ice_candidate"):
            self._core.add_ice_candidate(candidate, self._loop.time())
            self._driver.flush_soon()

    async def accept(
        self,
        offer: RTCSessionDescription | Json,
        *,
        audio: RTCRtpTransceiverDirection | None = None,
        video: RTCRtpTransceiverDirection | None = None,
    ) -> RTCSessionDescription:
        """Set the peer's offer and the answer to it, which is given.

        `audio` and `video` are the directions of all that the offer has of these; None leaves them
        to the tracks that were added. What the peer does not offer is not done.
        Raises what the two calls do, TypeError for what is no direction.
        """
        offer = to_description(offer)
        one_of("type of the description", offer.type, ("offer",))
        directions = {"audio": audio, "video": video}
        for name, direction in directions.items():
            if direction is not None:
                one_of(name, direction, DIRECTIONS)
        await self.set_remote_description(offer)
        for transceiver in self._transceivers.live:
            direction = directions[transceiver.kind]
            offered = transceiver.mid is not None and transceiver.direction != "stopped"
            if direction is not None and offered:
                transceiver.direction = direction
        answer = await self.create_answer()
        await self.set_local_description(answer)
        return self.local_description or answer  # with the candidates that are there already

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
        self._core.set_configuration(to_configuration(configuration, options), self._loop.time())
        self._driver.flush_soon()

    async def gathered(self) -> None:
        """Wait until all local candidates are in `local_description`, for peers without trickle.

        Raises ConnectionFailed when the connection is closed first.
        """
        while self.ice_gathering_state is not RTCIceGatheringState.COMPLETE:
            await self._dispatch.wait()

    async def wait_connected(self, timeout: float | None = None) -> None:  # noqa: ASYNC109
        """Wait until the connection is up, `timeout` seconds at most.

        Raises ConnectionFailed, with what was tried and what to do, when it fails or takes longer.
        """
        try:
            async with asyncio.timeout(timeout):
                while self.connection_state is not RTCPeerConnectionState.CONNECTED:
                    if self.connection_state is RTCPeerConnectionState.FAILED:
                        raise self._dispatch.outcome.describe() from self.failure
                    await self._dispatch.wait()
        except TimeoutError:
            raise self._dispatch.outcome.describe() from None

    @property
    def failure(self) -> ConnectionFailed | None:
        """Why the connection has failed: what all who waited were told. None while it works.

        An ICE restart may bring it back; once it has ended this stays.
        """
        return self._dispatch.outcome.failure

    async def closed(self) -> ConnectionFailed | None:
        """Wait until the connection has ended, and give the reason: the place to clean up.

        That is when either side closes it, when DTLS or SCTP fail, and
        `SettingEngine.give_up_after` seconds after it was lost. None for an orderly end.
        """
        outcome = self._dispatch.outcome
        while not outcome.ended:
            await self._dispatch.waiters.wait()
        return outcome.reason

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
        return self._dispatch.channels.wrap(channel)

    async def close(self) -> None:
        """End the connection and wait until nothing of it is left. Harmless when closed.

        A connection that has failed is given up: its channels fire `error` and `close`.
        """
        self._end()
        if self.failure is not None:
            await asyncio.sleep(0)  # async handlers of what was fired begin
        await self._tasks.close()

    # Statistics and logs

    async def get_stats(self, selector: MediaStreamTrack | None = None) -> RTCStatsReport:
        """What is counted, as of now; once closed, as it was at the end. webrtc-pc §8.

        Raises InvalidAccessError for a track, since there is no sender or receiver of one.
        """
        if selector is not None:
            instance("selector", selector, MediaStreamTrack)
            raise InvalidAccessError("no sender or receiver has this track")
        return self._inspection.report()

    def stats(self, every: float = 1.0) -> AsyncIterator[RTCStatsReport]:
        """A report at once and then `every` seconds, until the connection is closed.

        The times do not drift; those that pass while a report is being used are left out.
        Raises InvalidAccessError unless `every` is above 0.
        """
        return self._inspection.reports(every)

    def add_event_log(self, log: EventLog) -> None:
        """Log what happens from here on, as `SettingEngine.event_log` does from the beginning."""
        self._inspection.add_log(log)

    def remove_event_log(self, log: EventLog) -> None:
        """End that. Harmless when it has ended."""
        self._inspection.remove_log(log)

    def _end(self) -> None:
        if self._dispatch.closed:
            return
        self._operations.close()
        self._dispatch.close()
        self._inspection.close()
        self.remove_all_listeners()  # handlers often refer to their object
        _log.info("%s closed", self._name)

    # What the core wants of the connection

    def _act(self, event: Event) -> None:
        match event:
            case GatherWanted(_, servers):
                self._gathering.begin(servers)
            case NegotiationNeeded():
                self._renegotiate()

    def _renegotiate(self) -> None:
        """Tell that an offer is needed, unless an operation is under way that may change it."""
        if self._operations.busy:
            self._negotiation_deferred = True
        elif self._core.negotiation_needed:
            self.emit("negotiationneeded")

    def _on_operations_empty(self) -> None:
        if self._negotiation_deferred:
            self._negotiation_deferred = False
            self._loop.call_soon(self._renegotiate)
