"""The sans-IO peer connection: commands, getters and the five verbs.

webrtc-pc §4.4 for what the commands mean.
"""

from collections.abc import Sequence
from typing import Final

from webrtc.core import Burst, Observer, Path, Transmit
from webrtc.datachannel import Channel, DataChannels
from webrtc.datachannel.events import Received
from webrtc.errors import InvalidStateError
from webrtc.jsep import (
    Negotiation,
    RTCIceCandidate,
    RTCSessionDescription,
    RTCSignalingState,
    Trickle,
)
from webrtc.jsep.negotiation import Side
from webrtc.peer.channel_init import RTCDataChannelInit
from webrtc.peer.configuration import RTCConfiguration
from webrtc.peer.data import DataMessage, DataSection
from webrtc.peer.events import (
    AddressesBound,
    DtlsStateChanged,
    Event,
    RTCDtlsTransportState,
    RTCIceConnectionState,
    RTCIceGatheringState,
    RTCPeerConnectionState,
    SignalingStateChanged,
)
from webrtc.peer.exchange import Exchange
from webrtc.peer.gathering import Gathering
from webrtc.peer.lines import Lines
from webrtc.peer.media import Heard, Media
from webrtc.peer.need import Need
from webrtc.peer.news import News
from webrtc.peer.report import RTCStatsReport
from webrtc.peer.stats import Statistics
from webrtc.peer.telling import tell_candidate, tell_description, tell_event
from webrtc.peer.track_events import told
from webrtc.peer.transport import Transport, child
from webrtc.peer.transports import Transports
from webrtc.settings import SettingEngine

_DEFAULT_INIT: Final = RTCDataChannelInit()
_DEFAULT_SETTINGS: Final = SettingEngine()


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
        name: str = "",
        epoch: float = 0.0,
    ) -> None:
        """`unix_time` dates the certificate, and log lines of SCTP have `name`.

        `epoch` is the Unix time at which the clock of `now` showed 0: reports of RTP tell it.

        Raises InvalidAccessError for an expired certificate.
        """
        self.configuration = configuration or RTCConfiguration()
        self.configuration.validate()
        self.settings = settings or _DEFAULT_SETTINGS
        random, certificates = child(self.settings.random), self.configuration.certificates
        self.negotiation = Negotiation(random.getrandbits(62))
        self.transports = Transports(certificates, self.settings, random, unix_time)
        self.channels = DataChannels(self.settings.max_channels, self.settings.max_label_bytes)
        self.data = DataSection(self.channels, self.settings, random, name)
        numbers = self.negotiation.numbers
        encryption = self.configuration.rtp_header_encryption_policy
        self.media = Media(self.settings, random, numbers, epoch, self._want_offer, encryption)
        self._lines = Lines(self.media, self.data)
        default_stream = self.media.default_stream
        self._exchange = Exchange(self.negotiation, self._lines, self.transports, default_stream)
        self._trickle = Trickle(self.negotiation)
        self._gathering = Gathering(self._trickle)
        self._need = Need(self.negotiation, self._lines, self.transports)
        self._statistics = Statistics(self.data, self.media)
        self._news = News(
            self.transports, self._gathering, self.media, self.data, self.channels, self._need
        )
        self._closed = False
        self._observer: Observer | None = None
        self._news.events += self._gathering.begin_ahead(self.transports, self.configuration)

    # What is

    @property
    def signaling_state(self) -> RTCSignalingState:
        return RTCSignalingState.CLOSED if self._closed else self.negotiation.state

    @property
    def closed(self) -> bool:
        return self._closed

    @property
    def ice_connection_state(self) -> RTCIceConnectionState:
        return self._news.states.ice

    @property
    def ice_gathering_state(self) -> RTCIceGatheringState:
        return self._gathering.state

    @property
    def connection_state(self) -> RTCPeerConnectionState:
        return self._news.states.connection

    @property
    def local_description(self) -> RTCSessionDescription | None:
        return self.negotiation.local_description

    @property
    def remote_description(self) -> RTCSessionDescription | None:
        return self.negotiation.remote_description

    def stats(self, now: float, epoch: float = 0.0) -> RTCStatsReport:
        """Everything that is counted; `epoch` is the Unix time at which the clock showed 0. §8."""
        transport, described = self.transports.one, self.negotiation.local is not None
        return self._statistics.report(transport, now, epoch, described=described)

    def observe(self, observer: Observer | None) -> None:
        """Tell `observer` all that happens from here on: every event, and more. None ends it."""
        self._observer = observer
        self.transports.observe(observer)
        self.data.observe(observer)

    # Descriptions

    def create_offer(self, *, ice_restart: bool = False) -> RTCSessionDescription:
        """Describe what is wanted. Raises InvalidStateError when closed or an offer is due back."""
        self._check_open("create_offer")
        return self._exchange.create_offer(restart=ice_restart)

    def create_answer(self) -> RTCSessionDescription:
        """Describe what is accepted. Raises InvalidStateError without an offer of the peer."""
        self._check_open("create_answer")
        return self._exchange.create_answer()

    def set_local_description(self, description: RTCSessionDescription | None, now: float) -> None:
        """Set a description of ours; without SDP, the offer or answer that is due is made.

        Raises InvalidStateError, InvalidModificationError; then nothing has changed.
        """
        self._check_open("set_local_description")
        if description is not None and description.type == "rollback":
            self._roll_back("local", now)
            return
        before = self.negotiation.state
        ended = self._exchange.set_local(description, now)
        self._handle_set("local", before, ended)
        if (transport := self.transports.one) is not None and self._lines.placed:
            self._news.events += self._gathering.begin(transport, self.configuration)
        self._news.collect()

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
        before = self.negotiation.state
        ended = self._exchange.set_remote(description, now)
        self._handle_set("remote", before, ended)
        self._news.collect()

    def in_glare(self, description: RTCSessionDescription) -> bool:
        """Whether setting this of the peer has to take back something first. webrtc-pc §4.4.1.6."""
        return description.type == "offer" and not self.negotiation.allows("remote", "offer")

    def add_ice_candidate(self, candidate: RTCIceCandidate | None, now: float) -> None:
        """Add a trickled candidate of the peer; None says that there are no more.

        Raises InvalidStateError before the remote description, OperationError for a candidate
        that is malformed or belongs to no section of it.
        """
        self._check_open("add_ice_candidate")
        for trickled in self._trickle.add_remote(candidate):
            self.transports.add_candidate(trickled, now)
        if self._observer is not None:
            tell_candidate("remote-candidate", candidate, self._observer)
        self._news.collect()

    def restart_ice(self) -> None:
        """Ask for new ICE credentials in the next offer. webrtc-pc §4.4.2."""
        if not self._closed:
            self._exchange.restart_ice()
            self._need.check()

    def set_configuration(self, configuration: RTCConfiguration, now: float) -> None:
        """Change the ICE servers or policy; they count from the next gathering.

        Raises InvalidStateError when closed, InvalidModificationError for what cannot change.
        """
        self._check_open("set_configuration")
        configuration.validate(self.configuration, described=self.negotiation.local is not None)
        self.configuration = configuration
        self._news.events += self._gathering.reconsider(self.transports, configuration, now)

    @property
    def negotiation_needed(self) -> bool:
        """Whether an offer has to be made, as `NegotiationNeeded` said."""
        return self._need.told and not self._closed

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
        if not self.data.wanted:
            self.data.wanted = True
            self._want_offer()
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
        if (transport := self.transports.one) is not None:
            transport.handle_read(data, path, now)
            if transport.events or self.data.events or transport.rtp_events:
                self._news.collect()

    def handle_reads(self, datagrams: Sequence[bytes], path: Path, now: float) -> None:
        """As `handle_read` for each. See `webrtc.core.BurstAware`."""
        if (transport := self.transports.one) is not None:
            transport.handle_reads(datagrams, path, now)
            if transport.events or self.data.events or transport.rtp_events:
                self._news.collect()

    def handle_timeout(self, now: float) -> None:
        """Act on every timer that is due."""
        if (transport := self.transports.one) is not None:
            transport.handle_timeout(now)
            self._news.collect()

    def handle_too_large(self, transmit: Transmit, now: float) -> None:
        """An interface refused to send a datagram that must not be fragmented: EMSGSIZE."""
        if (transport := self.transports.one) is not None:
            transport.handle_too_large(transmit, now)

    def handle_unreachable(self, transmit: Transmit, now: float) -> None:
        """Tell that the system knows no way for this: another pair is tried at once."""
        if (transport := self.transports.one) is not None:
            transport.handle_unreachable(transmit, now)
            self._news.collect()

    def handle_write(self, message: DataMessage, now: float) -> None:
        """As `send`."""
        self.send(message.channel, message.data, now)

    def handle_event(self, event: AddressesBound, now: float) -> None:
        """Tell which addresses are bound: the answer to `GatherWanted`, or later news."""
        transport = event.transport or self.transports.one
        if transport is None or self._closed:
            return
        self._statistics.note_servers(event)
        self._gathering.bind(transport, event, self.configuration, now)
        self._news.collect()

    def poll_write(self) -> Transmit | None:
        """Next datagram to send, or None."""
        return None if (transport := self.transports.one) is None else transport.poll_write()

    def poll_burst(self) -> Burst | None:
        """Datagrams to send, or None: ask `poll_write`. See `webrtc.core.BurstAware`."""
        return None if (transport := self.transports.one) is None else transport.poll_burst()

    def handle_discarded(self, transmit: Transmit) -> None:
        """Tell that the system refused to send this: `stats` counts it."""
        if (transport := self.transports.one) is not None:
            transport.handle_discarded(transmit)

    @property
    def media_waiting(self) -> bool:
        """Whether `poll_media` has something."""
        transport = self.transports.one
        return transport is not None and bool(transport.rtp_media)

    @property
    def eventful(self) -> bool:
        """Whether `poll_event` may have one."""
        return bool(self._news.events or self.channels.events or self._need.unchecked)

    def poll_event(self) -> Event | None:
        """Next event, or None."""
        event = self._news.poll_event()
        if event is not None and self._observer is not None:
            tell_event(event, self._observer)
        return event

    def poll_data(self) -> Received | None:
        """Next message, or None. Call `consume` with its size once the application has it."""
        return self.channels.poll_data()

    def poll_media(self) -> Heard | None:
        """Next frame or packet of a remote track, or None."""
        transport = self.transports.one
        session = transport.rtp if transport is not None else None
        return None if session is None else self.media.poll(session)

    def poll_timeout(self) -> float | None:
        """When to call `handle_timeout` next, or None."""
        return None if (transport := self.transports.one) is None else transport.poll_timeout()

    def close(self, now: float) -> None:
        """End at once: `poll_write` still gives what tells the peer, nothing else happens.

        No event follows, as in browsers. Harmless when closed.
        """
        if self._closed:
            return
        transport = self.transports.one
        described = self.negotiation.local is not None
        self._statistics.close(transport, now, described=described)
        self._closed = True
        self.media.close(now)
        self.channels.handle_closed(None)
        if transport is not None:
            transport.close(now)
        self._news.close()

    def stop(self, now: float) -> None:
        """After the farewell has been sent: no timer is left."""
        if (transport := self.transports.one) is not None:
            transport.stop(now)

    # What the descriptions do

    def _handle_set(self, side: Side, before: RTCSignalingState, ended: list[Transport]) -> None:
        """A description was set; `ended` are the transports that it has left without a line."""
        if self._observer is not None:
            description = self.local_description if side == "local" else self.remote_description
            if description is not None:
                tell_description(side, description, self._observer)
        self._signal(before)
        self._news.events += told(self._exchange.changes)
        self._news.events += self.media.news()
        self._news.events += [
            DtlsStateChanged(each, RTCDtlsTransportState.CLOSED) for each in ended
        ]
        self._news.follow_transports()

    def _roll_back(self, side: Side, now: float) -> None:
        before = self.negotiation.state
        self._exchange.roll_back(side, now)
        self._news.follow_transports()
        self._signal(before)
        self._news.events += told(self._exchange.changes)

    def _signal(self, before: RTCSignalingState) -> None:
        if (state := self.negotiation.state) is not before:
            self._news.events.append(SignalingStateChanged(state))
        if state is RTCSignalingState.STABLE:
            self._need.handle_stable()

    def _want_offer(self) -> None:
        self.negotiation.outdate()
        self._need.check()

    def _check_open(self, call: str) -> None:
        if self._closed:
            raise InvalidStateError(f"{call}() on a closed peer connection")
