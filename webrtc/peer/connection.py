"""The sans-IO peer connection: negotiation and one transport, behind the five verbs.

webrtc-pc §4.4 for what the commands mean, RFC 9429 for the descriptions.
"""

from collections import deque
from typing import Final, NamedTuple

from webrtc import ice
from webrtc.core import Observer, Path, Transmit
from webrtc.datachannel import Channel, DataChannels
from webrtc.datachannel.table import Received
from webrtc.errors import InvalidAccessError, InvalidStateError, ProtocolError
from webrtc.peer.channel_init import RTCDataChannelInit
from webrtc.peer.configuration import RTCConfiguration, SettingEngine
from webrtc.peer.descriptions import RTCIceCandidate, RTCSessionDescription
from webrtc.peer.events import (
    AddressesBound,
    DtlsStateChanged,
    Event,
    GatherWanted,
    IceCandidateFound,
    IceGatheringStateChanged,
    NegotiationNeeded,
    RTCDtlsTransportState,
    RTCIceConnectionState,
    RTCIceGatheringState,
    RTCPeerConnectionState,
    RTCSctpTransportState,
    RTCSignalingState,
    SctpStateChanged,
    SelectedPairChanged,
    SignalingStateChanged,
)
from webrtc.peer.negotiation import Applied, Negotiation, Side, data_of
from webrtc.peer.remote import RemoteData
from webrtc.peer.report import RTCStatsReport
from webrtc.peer.sections import LocalData
from webrtc.peer.session import Session
from webrtc.peer.states import States
from webrtc.peer.stats import Statistics
from webrtc.peer.telling import tell_candidate, tell_description, tell_event
from webrtc.peer.transport import Transport, child
from webrtc.peer.trickle import Trickle

_DEFAULT_INIT: Final = RTCDataChannelInit()
_DEFAULT_SETTINGS: Final = SettingEngine()


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
        """`unix_time` dates the certificate. Raises InvalidAccessError for an expired one."""
        self.configuration = configuration or RTCConfiguration()
        self.configuration.validate()
        certificate = next(iter(self.configuration.certificates), None)
        for each in self.configuration.certificates:
            if unix_time is not None and each.expires <= unix_time:
                raise InvalidAccessError(f"certificate {each.fingerprint()} has expired")
        self.settings = settings or _DEFAULT_SETTINGS
        random = child(self.settings.random)
        self.channels = DataChannels(self.settings.max_channels, self.settings.max_label_bytes)
        self.negotiation = Negotiation(random.getrandbits(62))
        self.ice_gathering_state = RTCIceGatheringState.NEW
        self._session = Session(certificate, self.settings, self.channels, random, unix_time)
        self._trickle = Trickle(self.negotiation)
        self._states = States()
        self._events: deque[Event] = deque()
        self._wants_data = False
        self._negotiation_needed = False
        self._negotiation_unchecked = False
        self._closed = False
        self._statistics = Statistics(self.channels)
        self._observer: Observer | None = None

    # What is

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

    @property
    def transport(self) -> Transport | None:
        """The transport of the data channels, once there is a description of ours with them."""
        return self._session.transport

    @property
    def remote(self) -> RemoteData | None:
        """The peer's end of the transport, once an answer was set."""
        return self._session.remote

    @property
    def sctp_negotiated(self) -> bool:
        """Whether an answer has begun an SCTP association: W3C `sctp` is not null."""
        return self._session.remote is not None

    @property
    def max_message_size(self) -> int:
        """Largest message in bytes: what the peer takes and our send buffer holds."""
        return self.channels.max_message_size

    def stats(self, now: float, epoch: float = 0.0) -> RTCStatsReport:
        """Everything that is counted; `epoch` is the Unix time at which the clock showed 0. §8."""
        described = self.negotiation.local is not None
        return self._statistics.report(self.transport, now, epoch, described=described)

    def observe(self, observer: Observer | None) -> None:
        """Tell `observer` all that happens from here on: every event, and more. None ends it."""
        self._observer = observer
        self._session.observe(observer)

    # Descriptions

    def create_offer(self, *, ice_restart: bool = False) -> RTCSessionDescription:
        """Describe what is wanted. Raises InvalidStateError when closed or an offer is due back."""
        self._check_open("create_offer")
        self.negotiation.check_create("offer")
        section = data_of(self.negotiation.local)
        data: LocalData | None = None
        if self._wants_data or section is not None:
            data = self._session.describe_offer(section, restart=ice_restart)
        return self.negotiation.create_offer(data)

    def create_answer(self) -> RTCSessionDescription:
        """Describe what is accepted. Raises InvalidStateError without an offer of the peer."""
        self._check_open("create_answer")
        self.negotiation.check_create("answer")
        data: LocalData | None = None
        if (offered := self.negotiation.offered) is not None:
            data = self._session.describe_answer(offered, data_of(self.negotiation.local))
        return self.negotiation.create_answer(data)

    def set_local_description(
        self, description: RTCSessionDescription | None = None, now: float = 0.0
    ) -> None:
        """Set a description of ours; without SDP, the offer or answer that is due is made.

        Raises InvalidStateError, InvalidModificationError; then nothing has changed.
        """
        self._check_open("set_local_description")
        if description is not None and description.type == "rollback":
            self._roll_back("local", now)
            return
        if description is None or not description.sdp:
            description = self._implied(description)
        applied = self.negotiation.prepare_local(description)
        section, current = data_of(applied), data_of(self.negotiation.current_local)
        offered = self.negotiation.offered
        self._apply("local", applied)
        if section is not None and applied.type == "offer":
            self._session.set_offer(section, current, now)
        elif section is not None and offered is not None:
            self._session.set_answer(section, current, offered, now)
        self._conclude(applied, now)
        self._gather()
        self._pump()

    def set_remote_description(self, description: RTCSessionDescription, now: float) -> None:
        """Set a description of the peer. Its offer takes back one of ours first.

        Raises SdpError, InvalidStateError, InvalidAccessError; then nothing else has changed.
        """
        self._check_open("set_remote_description")
        if description.type == "rollback":
            self._roll_back("remote", now)
            return
        if self.in_glare(description):
            self._roll_back("local", now)
        applied, remote = self.negotiation.prepare_remote(description)
        section = data_of(self.negotiation.pending_local)
        if remote is not None:
            self._session.check(remote, section, data_of(self.negotiation.current_local))
        self._apply("remote", applied, remote)
        if remote is not None and section is not None:
            self._session.set_remote_answer(section, remote, now)
        self._conclude(applied, now)
        self._pump()

    def in_glare(self, description: RTCSessionDescription) -> bool:
        """Whether setting this of the peer has to take back something first. webrtc-pc §4.4.1.6."""
        return description.type == "offer" and not self.negotiation.allows("remote", "offer")

    def add_ice_candidate(self, candidate: RTCIceCandidate | None, now: float) -> None:
        """Add a trickled candidate of the peer; None says that there are no more.

        Raises InvalidStateError before the remote description, OperationError for a candidate
        that is malformed or belongs to no section of it.
        """
        self._check_open("add_ice_candidate")
        for parsed, ufrag in self._trickle.add_remote(candidate):
            self._session.add_candidate(parsed, ufrag, now)
        if self._observer is not None:
            tell_candidate("remote-candidate", candidate, self._observer)
        self._pump()

    def restart_ice(self) -> None:
        """Ask for new ICE credentials in the next offer. webrtc-pc §4.4.2."""
        if self._closed:
            return
        described = (self.negotiation.current_local, self.negotiation.pending_local)
        sections = [data_of(applied) for applied in described]
        self._session.restart([section for section in sections if section is not None])
        self.negotiation.outdate()
        self._negotiation_unchecked = True

    def set_configuration(self, configuration: RTCConfiguration) -> None:
        """Change the ICE servers or policy; they count from the next gathering.

        Raises InvalidStateError when closed, InvalidModificationError for what cannot change.
        """
        self._check_open("set_configuration")
        configuration.validate(self.configuration)
        self.configuration = configuration

    @property
    def negotiation_needed(self) -> bool:
        """Whether an offer has to be made, as `NegotiationNeeded` said."""
        return self._negotiation_needed and self._lacks_negotiation

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
        if not self._wants_data:
            self._wants_data = True
            self.negotiation.outdate()
            self._negotiation_unchecked = True
        return channel

    def send(self, channel: Channel, data: bytes | str, now: float) -> None:
        """Queue a message.

        Raises InvalidStateError unless the channel is open, TypeError when the message is larger
        than `max_message_size`, OperationError when the send buffer is full.
        """
        self.channels.send(channel, data, now)

    # The five verbs

    def handle_read(self, data: bytes, path: Path, now: float) -> None:
        """Take one datagram. Never raises on what a peer may send."""
        transport = self._session.transport
        if transport is not None:
            transport.handle_read(data, path, now)
            if transport.changed:
                self._pump()

    def handle_timeout(self, now: float) -> None:
        """Act on every timer that is due."""
        transport = self._session.transport
        if transport is not None:
            transport.handle_timeout(now)
            self._pump()

    def handle_too_large(self, transmit: Transmit, now: float) -> None:
        """An interface refused to send a datagram that must not be fragmented: EMSGSIZE."""
        transport = self._session.transport
        if transport is not None:
            transport.handle_too_large(transmit, now)

    def handle_write(self, message: DataMessage, now: float) -> None:
        """As `send`."""
        self.send(message.channel, message.data, now)

    def handle_event(self, event: AddressesBound, now: float) -> None:
        """Tell which addresses are bound: the answer to `GatherWanted`, or later news."""
        transport = self._session.transport
        if transport is None or self._closed:
            return
        self._statistics.note_servers(event)
        if self.configuration.ice_transport_policy == "relay":
            transport.ice.gather((), (), now, more=event.more)
        else:
            transport.ice.gather(event.hosts, event.stun_servers, now, more=event.more)
        self._pump()

    def poll_write(self) -> Transmit | None:
        """Next datagram to send, or None."""
        transport = self._session.transport
        return transport.poll_write() if transport is not None else None

    def handle_discarded(self, transmit: Transmit) -> None:
        """Tell that the system refused to send this: `stats` counts it."""
        if self.transport is not None:
            self.transport.handle_discarded(transmit)

    @property
    def quiet(self) -> bool:
        """Whether there is neither an event nor data."""
        return not (self._events or self._negotiation_unchecked or self.channels.busy)

    def poll_event(self) -> Event | None:
        """Next event, or None."""
        event: Event | None
        if self._events:
            event = self._events.popleft()
        elif self._closed:
            return None
        else:
            event = self.channels.poll_event() or self._check_negotiation()
        if event is not None and self._observer is not None:
            tell_event(event, self._observer)
        return event

    def poll_data(self) -> Received | None:
        """Next message, or None. Call `consume` with its size once the application has it."""
        return self.channels.poll_data()

    def poll_timeout(self) -> float | None:
        """When to call `handle_timeout` next, or None."""
        transport = self._session.transport
        return transport.poll_timeout() if transport is not None else None

    def close(self, now: float) -> None:
        """End at once: `poll_write` still gives what tells the peer, nothing else happens.

        No event follows, as in browsers. Harmless when closed.
        """
        if self._closed:
            return
        described = self.negotiation.local is not None
        self._statistics.close(self.transport, described=described)
        self._closed = True
        self._states.close()
        self.channels.handle_closed(None)
        if self.transport is not None:
            self.transport.close(now)
        self._events.clear()

    def stop(self, now: float) -> None:
        """After the farewell has been sent: no timer is left."""
        if self.transport is not None:
            self.transport.stop(now)

    # What the descriptions do

    def _implied(self, description: RTCSessionDescription | None) -> RTCSessionDescription:
        implied = self.negotiation.implied(description.type if description is not None else None)
        if implied.sdp:
            return implied
        created = self.create_offer() if implied.type == "offer" else self.create_answer()
        return RTCSessionDescription(implied.type, created.sdp)

    def _apply(self, side: Side, applied: Applied, remote: RemoteData | None = None) -> None:
        before = self.negotiation.state
        self.negotiation.apply(side, applied, remote)
        if self._observer is not None:
            tell_description(side, applied.description, self._observer)
        self._signal(before)

    def _roll_back(self, side: Side, now: float) -> None:
        before = self.negotiation.state
        self.negotiation.roll_back(side)
        if before is RTCSignalingState.HAVE_LOCAL_OFFER:
            self._session.roll_back(now)
            self._follow_transport()
        self._signal(before)

    def _signal(self, before: RTCSignalingState) -> None:
        state = self.negotiation.state
        if state is not before:
            self._events.append(SignalingStateChanged(state))
        if state is RTCSignalingState.STABLE:
            self._negotiation_needed = False
            self._negotiation_unchecked = True

    def _conclude(self, applied: Applied, now: float) -> None:
        """After an answer: whether there is a section for data decides about the transport."""
        if applied.type != "answer":
            return
        section = data_of(self.negotiation.current_local)
        self._session.handle_negotiated(section)
        both = section is not None and data_of(self.negotiation.current_remote) is not None
        if not both and (self.remote is not None or section is not None):
            self._wants_data = False
            if self.sctp_negotiated:
                self._events.append(DtlsStateChanged(RTCDtlsTransportState.CLOSED))
                self._events.append(SctpStateChanged(RTCSctpTransportState.CLOSED))
            self._session.end(ProtocolError("data channels were refused"), now)
            self._follow_transport()

    def _gather(self) -> None:
        transport = self._session.transport
        if transport is None or data_of(self.negotiation.local) is None:
            return
        if transport.ice.gathering_state is not RTCIceGatheringState.NEW:
            return
        hidden = self.configuration.ice_transport_policy == "relay"
        self._events.append(GatherWanted(() if hidden else self.configuration.stun_servers))

    @property
    def _lacks_negotiation(self) -> bool:
        """webrtc-pc §4.7.3, "check if negotiation is needed"."""
        if self._closed or self.negotiation.state is not RTCSignalingState.STABLE:
            return False
        lacks_section = self._wants_data and data_of(self.negotiation.current_local) is None
        return lacks_section or self._session.restart_wanted

    def _check_negotiation(self) -> NegotiationNeeded | None:
        """webrtc-pc §4.7.3: so late that a command given meanwhile has made it needless."""
        if not self._negotiation_unchecked:
            return None
        self._negotiation_unchecked = False
        if self.negotiation.state is not RTCSignalingState.STABLE:
            return None
        before, self._negotiation_needed = self._negotiation_needed, self._lacks_negotiation
        return NegotiationNeeded() if self._negotiation_needed and not before else None

    def _check_open(self, call: str) -> None:
        if self._closed:
            raise InvalidStateError(f"{call}() on a closed peer connection")

    # What the transport says

    def _pump(self) -> None:
        transport = self._session.transport
        if transport is None:
            return
        while (event := transport.poll_event()) is not None:
            if self._closed:
                continue  # until `stop` packets still come, but nobody hears of them
            match event:
                case ice.CandidateFound(candidate):
                    self._events += self._trickle.add_local(candidate, transport.ice.local_ufrag)
                case ice.GatheringStateChanged(state):
                    self._gathering_changed(state, transport.ice.local_ufrag)
                case ice.SelectedPairChanged(pair):
                    self._events.append(SelectedPairChanged(pair))
                case ice.StateChanged():
                    self._events += self._states.update([event.state], [transport.dtls_state])
                case DtlsStateChanged():
                    self._events.append(event)
                    self._events += self._states.update([transport.ice.state], [event.state])
                case SctpStateChanged():
                    self._events.append(event)

    def _gathering_changed(self, state: RTCIceGatheringState, ufrag: str) -> None:
        complete = state is RTCIceGatheringState.COMPLETE
        if complete:
            self._events += self._trickle.end_local(ufrag)
        self.ice_gathering_state = state
        self._events.append(IceGatheringStateChanged(state))
        if complete:
            self._events.append(IceCandidateFound(None))

    def _follow_transport(self) -> None:
        """When there is none any more, the states are those of a connection without transports."""
        if self._session.transport is not None:
            return
        if self.ice_gathering_state is not RTCIceGatheringState.NEW:
            self.ice_gathering_state = RTCIceGatheringState.NEW
            self._events.append(IceGatheringStateChanged(RTCIceGatheringState.NEW))
        self._events += self._states.update([], [])
