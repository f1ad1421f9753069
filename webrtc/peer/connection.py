"""The sans-IO peer connection: negotiation and one transport, behind the five verbs.

webrtc-pc §4.4 for what the commands mean, RFC 9429 for the descriptions.
"""

from collections import deque
from dataclasses import replace
from typing import NamedTuple

from webrtc import ice
from webrtc.core import Path, Transmit
from webrtc.datachannel import Channel, DataChannels
from webrtc.datachannel.table import Received
from webrtc.dtls import Certificate
from webrtc.errors import (
    InvalidAccessError,
    InvalidStateError,
    OperationError,
    ProtocolError,
)
from webrtc.ice import Role
from webrtc.ice.credentials import Credentials
from webrtc.peer.channel_init import RTCDataChannelInit
from webrtc.peer.configuration import RTCConfiguration, SettingEngine
from webrtc.peer.descriptions import RTCIceCandidate, RTCSdpType, RTCSessionDescription
from webrtc.peer.events import (
    AddressesBound,
    DtlsStateChanged,
    Event,
    GatherWanted,
    IceCandidateFound,
    IceGatheringStateChanged,
    NegotiationNeeded,
    RTCIceConnectionState,
    RTCIceGatheringState,
    RTCPeerConnectionState,
    RTCSignalingState,
    SctpStateChanged,
    SelectedPairChanged,
    SignalingStateChanged,
)
from webrtc.peer.negotiation import Applied, Negotiation, Side
from webrtc.peer.remote import (
    RemoteData,
    answers_as_client,
    data_section,
    section_of,
    shares_transport,
)
from webrtc.peer.sections import LocalData, with_candidate
from webrtc.peer.states import States
from webrtc.peer.transport import Transport, child
from webrtc.sdp import Fingerprint, Setup, format_candidate

_LONG_LIFETIME = 2.0**32  # until 2106; WebRTC does not look at the validity: RFC 8827 §6.5
_DEFAULT_INIT = RTCDataChannelInit()


class DataMessage(NamedTuple):
    """A message to send with `handle_write`."""

    channel: Channel
    data: bytes | str


class PeerConnection:
    """A whole peer, told the time and fed with datagrams.

    Drive it as docs/driving-the-core.md shows: answer `GatherWanted` with the addresses you have
    bound, send what `poll_write` gives, call `handle_timeout` when `poll_timeout` says so.
    """

    def __init__(
        self,
        configuration: RTCConfiguration | None = None,
        settings: SettingEngine | None = None,
        unix_time: float | None = None,
    ) -> None:
        self.configuration = configuration or RTCConfiguration()
        self.configuration.validate()
        self.settings = settings or SettingEngine()
        self.ice_gathering_state = RTCIceGatheringState.NEW
        self.transport: Transport | None = None
        self.channels = DataChannels(self.settings.max_channels)
        random = child(self.settings.random)
        self._random = random
        self._certificate = next(iter(self.configuration.certificates), None)
        self.negotiation = Negotiation(random.getrandbits(62))
        self.remote: RemoteData | None = None
        """What the peer said about its end of the data transport."""
        self._client: bool | None = None
        self._states = States()
        self._events: deque[Event] = deque()
        self._unix_time = unix_time
        self._wants_data = False
        self._negotiation_needed = False
        self._restart_wanted = False
        self._new_credentials: Credentials | None = None
        self._closed = False

    # Descriptions

    @property
    def signaling_state(self) -> RTCSignalingState:
        return RTCSignalingState.CLOSED if self._closed else self.negotiation.state

    @property
    def ice_connection_state(self) -> RTCIceConnectionState:
        return self._states.ice

    @property
    def connection_state(self) -> RTCPeerConnectionState:
        return self._states.connection

    @property
    def local_description(self) -> RTCSessionDescription | None:
        return self.negotiation.local_description

    @property
    def remote_description(self) -> RTCSessionDescription | None:
        return self.negotiation.remote_description

    def create_offer(self, *, ice_restart: bool = False) -> RTCSessionDescription:
        """Describe what is wanted. Raises InvalidStateError when closed or an offer is due back."""
        self._check_open("create_offer")
        if (ice_restart or self._restart_wanted) and self.remote is not None:
            self._new_credentials = Credentials.generate(self._random)
        data = None
        if self._wants_data or self._has_data_section:
            data = self._local_data(Setup.ACTPASS)
        return self.negotiation.create_offer(data)

    def create_answer(self) -> RTCSessionDescription:
        """Describe what is accepted. Raises InvalidStateError without an offer of the peer."""
        self._check_open("create_answer")
        data = None
        if self.remote is not None:
            data = self._local_data(Setup.ACTIVE if self._answers_as_client else Setup.PASSIVE)
        return self.negotiation.create_answer(data)

    def set_local_description(
        self, description: RTCSessionDescription | None = None, now: float = 0.0
    ) -> None:
        """Set a description of ours; without one, the offer or answer that is due is made.

        Raises InvalidStateError, InvalidModificationError; then nothing has changed.
        """
        self._check_open("set_local_description")
        description = self._implicit(description)
        if description.type == "rollback":
            self._roll_back("local")
            return
        applied = self.negotiation.prepare_local(description)
        self._set("local", applied)
        transport = self.transport
        if transport is None:
            return
        if applied.type == "offer":
            self._apply_offer_credentials(transport, now)
        elif self.remote is not None:
            self._connect(transport, self.remote, client=self._answers_as_client, now=now)
        if transport.ice.gathering_state is RTCIceGatheringState.NEW:
            self._events.append(GatherWanted(self.configuration.stun_servers))
        self._pump()

    def set_remote_description(self, description: RTCSessionDescription, now: float) -> None:
        """Set a description of the peer.

        Raises SdpError, InvalidStateError, InvalidAccessError; then nothing has changed.
        """
        self._check_open("set_remote_description")
        if description.type == "rollback":
            self._roll_back("remote")
            return
        applied, remote = self.negotiation.prepare_remote(description)
        if remote is not None and applied.type != "offer":
            self._check_generation(remote)
        self._set("remote", applied)
        if remote is None:
            self._drop_transport(applied, now)
            return
        transport = self._ensure_transport()
        self._apply_remote(transport, remote, offer=applied.type == "offer", now=now)
        if applied.type != "offer":
            self._connect(transport, remote, client=remote.setup is Setup.PASSIVE, now=now)
        self._pump()

    def add_ice_candidate(self, candidate: RTCIceCandidate | None, now: float) -> None:
        """Add a trickled candidate of the peer; None says that there are no more.

        Raises InvalidStateError before the remote description, OperationError for a candidate
        that is malformed or belongs to no section of it.
        """
        self._check_open("add_ice_candidate")
        remote = self.negotiation.remote
        if remote is None:
            raise InvalidStateError("add_ice_candidate() before set_remote_description()")
        if candidate is None:
            self._end_of_candidates(now)
            return
        index = section_of(candidate, remote.parsed)
        media = remote.parsed.media[index]
        ufrag = candidate.username_fragment
        if ufrag is not None and ufrag != remote.parsed.ice_ufrag(media):
            raise OperationError(f"candidate of another ICE generation: ufrag {ufrag!r:.80}")
        if not candidate.candidate:
            media.replace("end-of-candidates")
            self._end_of_candidates(now)
            return
        parsed = candidate.parsed
        media.add_candidate(parsed)
        data, transport = self.remote, self.transport
        if data is None or transport is None or parsed.component != 1:
            return
        if shares_transport(remote.parsed, index, data.index):
            transport.ice.add_remote_candidate(parsed, now)
            self._pump()

    def restart_ice(self) -> None:
        """Ask for new ICE credentials in the next offer. webrtc-pc §4.4.2."""
        if self._closed or self.remote is None:
            return
        self._restart_wanted = True
        self._update_negotiation_needed()

    def set_configuration(self, configuration: RTCConfiguration) -> None:
        """Change the ICE servers or policy; they count from the next gathering.

        Raises InvalidStateError when closed, InvalidModificationError for what cannot change.
        """
        self._check_open("set_configuration")
        configuration.validate(self.configuration)
        self.configuration = replace(configuration, certificates=self.configuration.certificates)

    # Data channels

    def create_data_channel(
        self, label: str, now: float, init: RTCDataChannelInit = _DEFAULT_INIT
    ) -> Channel:
        """Open a data channel as soon as there is a connection. webrtc-pc §6.1.1.

        Raises InvalidStateError when closed, TypeError for arguments that are wrong or exclude
        each other, OperationError when the id is in use or none is left.
        """
        self._check_open("create_data_channel")
        parameters = init.parameters(label)
        channel = self.channels.open(parameters, now, init.id if init.negotiated else None)
        self._wants_data = True
        self._update_negotiation_needed()
        return channel

    def send(self, channel: Channel, data: bytes | str, now: float) -> None:
        """Queue a message.

        Raises InvalidStateError unless the channel is open, TypeError when the message is larger
        than `max_message_size`, OperationError when the send buffer is full.
        """
        size = len(data) if isinstance(data, bytes) else len(data.encode())
        if size > self.max_message_size:
            raise TypeError(f"message of {size} bytes, the peer takes {self.max_message_size}")
        self.channels.send(channel, data, now)

    @property
    def max_message_size(self) -> int:
        """Largest message in bytes: what the peer takes and our send buffer holds."""
        remote = self.remote.max_message_size if self.remote is not None else 65536
        own = self.settings.sctp.max_send_buffer
        return own if remote is None else min(remote, own)

    # The five verbs

    def handle_read(self, data: bytes, path: Path, now: float) -> None:
        """Take one datagram. Never raises on what a peer may send."""
        transport = self.transport
        if transport is not None:
            transport.handle_read(data, path, now)
            if transport.changed:
                self._pump()

    def handle_timeout(self, now: float) -> None:
        """Act on every timer that is due."""
        if self.transport is not None:
            self.transport.handle_timeout(now)
            self._pump()

    def handle_write(self, message: DataMessage, now: float) -> None:
        """As `send`."""
        self.send(message.channel, message.data, now)

    def handle_event(self, event: AddressesBound, now: float) -> None:
        """Tell which addresses are bound: the answer to `GatherWanted`, or later news."""
        if self.transport is not None and not self._closed:
            agent = self.transport.ice
            agent.gather(event.hosts, event.stun_servers, now, more=event.more)
            self._pump()

    def poll_write(self) -> Transmit | None:
        """Next datagram to send, or None."""
        return self.transport.poll_write() if self.transport is not None else None

    def poll_event(self) -> Event | None:
        """Next event, or None."""
        if self._events:
            return self._events.popleft()
        return self.channels.poll_event()

    def poll_data(self) -> Received | None:
        """Next message, or None. Call `consume` with its size once the application has it."""
        return self.channels.poll_data()

    def poll_timeout(self) -> float | None:
        """When to call `handle_timeout` next, or None."""
        return self.transport.poll_timeout() if self.transport is not None else None

    def close(self, now: float) -> None:
        """End at once: `poll_write` still gives what tells the peer, nothing else happens.

        No event follows, as in browsers. Harmless when closed.
        """
        if self._closed:
            return
        self._closed = True
        self._states.close()
        if self.transport is not None:
            self.transport.close(now)
        self.channels.handle_closed(None)
        self._events.clear()

    def stop(self, now: float) -> None:
        """After the farewell has been sent: no timer is left."""
        if self.transport is not None:
            self.transport.stop(now)

    # What the descriptions do

    @property
    def _answers_as_client(self) -> bool:
        if self._client is not None or self.remote is None:
            return bool(self._client)
        return answers_as_client(self.remote.setup, self.settings.dtls_role)

    @property
    def _has_data_section(self) -> bool:
        local = self.negotiation.local
        return local is not None and data_section(local.parsed) is not None

    def _implicit(self, description: RTCSessionDescription | None) -> RTCSessionDescription:
        if description is not None and (description.sdp or description.type == "rollback"):
            return description
        state = self.negotiation.state
        wanted: RTCSdpType = "offer" if "remote" not in state else "answer"
        if description is not None:
            wanted = description.type
        if wanted == "offer":
            return self.create_offer()
        return RTCSessionDescription(wanted, self.create_answer().sdp)

    def _local_data(self, setup: Setup) -> LocalData:
        transport = self._ensure_transport()
        agent = transport.ice
        fresh = self._new_credentials
        return LocalData(
            ufrag=fresh.ufrag if fresh else agent.local_ufrag,
            pwd=fresh.pwd if fresh else agent.local_pwd,
            lite=self.settings.ice.lite,
            fingerprints=tuple(
                Fingerprint(each.algorithm, each.value)
                for each in transport.certificate.fingerprints
            ),
            setup=setup,
            sctp_port=self.settings.sctp.local_port,
            max_message_size=self.settings.sctp.max_message_size,
            candidates=() if fresh else tuple(agent.local_candidates),
            end_of_candidates=not fresh and agent.gathering_state is RTCIceGatheringState.COMPLETE,
        )

    def _set(self, side: Side, applied: Applied) -> None:
        before = self.negotiation.state
        self.negotiation.apply(side, applied)
        if self.negotiation.state is not before:
            self._events.append(SignalingStateChanged(self.negotiation.state))
        if self.negotiation.state is RTCSignalingState.STABLE:
            self._settle()

    def _roll_back(self, side: Side) -> None:
        self.negotiation.check_rollback(side)
        self.negotiation.rollback()
        self._events.append(SignalingStateChanged(RTCSignalingState.STABLE))
        self._settle()

    def _settle(self) -> None:
        """Stable again: see whether everything asked for is negotiated."""
        self._negotiation_needed = False
        self._update_negotiation_needed()

    def _update_negotiation_needed(self) -> None:
        """webrtc-pc §4.7.3."""
        if self._closed or self.negotiation.state is not RTCSignalingState.STABLE:
            return
        current = self.negotiation.current_local
        negotiated = current is not None and data_section(current.parsed) is not None
        needed = self._restart_wanted or (self._wants_data and not negotiated)
        if needed and not self._negotiation_needed:
            self._events.append(NegotiationNeeded())
        self._negotiation_needed = needed

    def _ensure_transport(self) -> Transport:
        if self.transport is None:
            if self._certificate is None:
                self._certificate = self._generate_certificate()
            config = self.settings.ice
            if self.configuration.ice_transport_policy == "relay":
                relay = frozenset({ice.CandidateType.RELAYED})
                config = replace(config, candidate_types=relay)
            self.transport = Transport(
                self._certificate, self.settings, config, self.channels, self._random
            )
        return self.transport

    def _generate_certificate(self) -> Certificate:
        if self._unix_time is None:
            return Certificate.generate(self._random, 0.0, lifetime=_LONG_LIFETIME)
        return Certificate.generate(self._random, self._unix_time)

    def _apply_offer_credentials(self, transport: Transport, now: float) -> None:
        fresh, self._new_credentials = self._new_credentials, None
        if self.remote is None:
            lite = self.settings.ice.lite
            transport.ice.set_role(Role.CONTROLLED if lite else Role.CONTROLLING)
        if fresh is not None:
            self._restart_wanted = False
            transport.ice.restart(now, fresh.ufrag, fresh.pwd)

    def _apply_remote(
        self, transport: Transport, remote: RemoteData, *, offer: bool, now: float
    ) -> None:
        before, self.remote = self.remote, remote
        agent = transport.ice
        if before is None:
            agent.remote_lite = remote.lite
            if offer:
                lite_peer = remote.lite and not self.settings.ice.lite
                agent.set_role(Role.CONTROLLING if lite_peer else Role.CONTROLLED)
        elif offer and (remote.ufrag, remote.pwd) != (before.ufrag, before.pwd):
            agent.restart(now)
        if agent.remote_credentials is None:
            agent.set_remote_credentials(remote.ufrag, remote.pwd, now)
        for candidate in remote.candidates:
            agent.add_remote_candidate(candidate, now)
        if remote.end_of_candidates:
            agent.end_of_candidates(now)

    def _check_generation(self, answer: RemoteData) -> None:
        known = self.transport.ice.remote_credentials if self.transport is not None else None
        if known is not None and (known.ufrag, known.pwd) != (answer.ufrag, answer.pwd):
            raise InvalidAccessError("the answer changes ICE credentials that were not restarted")

    def _connect(
        self, transport: Transport, remote: RemoteData, *, client: bool, now: float
    ) -> None:
        if self._client is None:
            self._client = client
        transport.start(client=self._client, remote=remote, now=now)

    def _drop_transport(self, applied: Applied, now: float) -> None:
        """The peer has refused data channels."""
        if applied.type == "answer" and self.transport is not None and self.remote is None:
            self.transport.stop(now)
            self.transport = None
            self._wants_data = False
            self.channels.handle_closed(ProtocolError("the peer refused data channels"))

    def _end_of_candidates(self, now: float) -> None:
        if self.transport is not None:
            self.transport.ice.end_of_candidates(now)
            self._pump()

    def _check_open(self, call: str) -> None:
        if self._closed:
            raise InvalidStateError(f"{call}() on a closed peer connection")

    # What the transport says

    def _pump(self) -> None:
        transport = self.transport
        if transport is None:
            return
        while (event := transport.poll_event()) is not None:
            match event:
                case ice.CandidateFound(candidate):
                    self._candidate_found(candidate)
                case ice.GatheringStateChanged(state):
                    self._gathering_changed(state)
                case ice.SelectedPairChanged(pair):
                    self._events.append(SelectedPairChanged(pair))
                case ice.StateChanged():
                    self._events += self._states.update([event.state], [transport.dtls_state])
                case DtlsStateChanged():
                    self._events.append(event)
                    self._events += self._states.update([transport.ice.state], [event.state])
                case SctpStateChanged():
                    self._events.append(event)

    def _candidate_found(self, candidate: ice.Candidate) -> None:
        local = self.negotiation.local
        found = data_section(local.parsed) if local is not None else None
        if local is None or found is None:
            return
        index, media = found
        local.parsed.media[index] = with_candidate(media, candidate)
        line = RTCIceCandidate(format_candidate(candidate), media.mid, index, media.ice_ufrag)
        self._events.append(IceCandidateFound(line))

    def _gathering_changed(self, state: RTCIceGatheringState) -> None:
        self.ice_gathering_state = state
        self._events.append(IceGatheringStateChanged(state))
        if state is not RTCIceGatheringState.COMPLETE:
            return
        local = self.negotiation.local
        found = data_section(local.parsed) if local is not None else None
        if found is not None:
            found[1].replace("end-of-candidates")
        self._events.append(IceCandidateFound(None))
