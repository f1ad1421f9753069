"""One bundle group's transport: ICE, DTLS over it, SCTP over that. RFC 8842, RFC 8261.

The life of a datagram is `Transport.handle_read` and `Transport.poll_write`.
"""

from collections import deque
from dataclasses import replace
from functools import lru_cache
from random import Random, SystemRandom
from typing import Final

from webrtc import dtls, ice, sctp
from webrtc.core import Observer, Path, Transmit
from webrtc.datachannel import DataChannels
from webrtc.dtls import Certificate, OpenSSLConnection
from webrtc.errors import ProtocolError
from webrtc.peer.configuration import DTLS_OVERHEAD, SettingEngine
from webrtc.peer.demux import Kind, classify
from webrtc.peer.events import (
    DtlsStateChanged,
    RTCDtlsTransportState,
    RTCSctpTransportState,
    SctpStateChanged,
)
from webrtc.peer.remote import RemoteData
from webrtc.peer.watch import Watch

_DTLS: Final = Kind.DTLS
_STUN: Final = Kind.STUN
_HELD_DATAGRAMS: Final = 8
_HELD_BYTES: Final = 12 * 1024
_NONE_DROPPED: Final = dict.fromkeys(Kind, 0)

Event = (
    ice.CandidateFound
    | ice.GatheringStateChanged
    | ice.StateChanged
    | ice.SelectedPairChanged
    | DtlsStateChanged
    | SctpStateChanged
)


def child(random: Random) -> Random:
    """A generator of its own for one layer, so that layers do not shift each other's draws."""
    if isinstance(random, SystemRandom):
        return random
    return Random(random.getrandbits(64))  # noqa: S311 - simulations only: the seed is the point


@lru_cache(maxsize=16)
def _for_port(config: sctp.Config, port: int) -> sctp.Config:
    """Settings of an association with that port of the peer; most have the same.

    `DataChannels` minds the peer's largest message, since a later answer may change it.
    """
    return replace(config, remote_port=port, max_outbound_message_size=0)


class Transport:
    """Composes the cores below data channels. It knows no SDP; `PeerConnection` tells it all."""

    def __init__(
        self,
        certificate: Certificate,
        settings: SettingEngine,
        channels: DataChannels,
        random: Random,
    ) -> None:
        self.ice = ice.Agent(settings.ice, child(random))
        self.dtls: OpenSSLConnection | None = None
        self.sctp: sctp.Association | None = None
        self.dtls_state = RTCDtlsTransportState.NEW
        self.sctp_state = RTCSctpTransportState.CONNECTING
        self.dropped: dict[Kind, int] = _NONE_DROPPED.copy()
        """Datagrams that were not processed, by what they looked like."""
        self.certificate = certificate
        self.handshake = sctp.Handshake(settings.sctp, child(random))
        """Of the SCTP association that there is, or will be: descriptions may tell its INIT."""
        self.remote_init: sctp.Init | None = None
        """The peer's INIT, if descriptions have brought both. draft-hancke-tsvwg-snap."""
        self._settings = settings
        self._channels = channels
        self._random = child(random)
        self._held: list[tuple[bytes, Path]] = []
        self._events: deque[Event] = deque()
        self._notices: deque[sctp.Event] = deque()
        self._association: sctp.Association | None = None  # `sctp` while DTLS is connected
        self._connected_at: float | None = None  # by DTLS, while SCTP has not begun
        self._sent = False  # a packet, since buffers were last looked at
        self._closed = False
        self._watch: Watch | None = None
        self._outlived = -1  # newest ICE generation whose pairs lead to a peer that was replaced

    def observe(self, observer: Observer | None) -> None:
        """Tell `observer` what happens below from here on; None tells nobody."""
        self._watch = Watch(observer) if observer is not None else None

    def start(
        self, *, client: bool, remote: RemoteData, remote_init: sctp.Init | None, now: float
    ) -> None:
        """Both descriptions are known: secure the path as soon as there is one."""
        if self.dtls is None:
            self.remote_init = remote_init
            role = dtls.Role.CLIENT if client else dtls.Role.SERVER
            self.dtls = OpenSSLConnection(
                self.certificate, role, remote.fingerprints, self._settings.dtls, self._random
            )
            config = _for_port(self._settings.sctp, remote.sctp_port)
            self.sctp = sctp.Association(
                config, child(self._random), self.handshake, self.ice.local_ufrag
            )
            self._channels.attach(self.sctp, client=client)
        self._advance(now)

    def replace(self, handshake: sctp.Handshake) -> None:
        """Another takes the peer's place: end DTLS and SCTP, so that `start` begins them anew.

        The handshake waits for a path of the new ICE generation.
        """
        pair = self.ice.selected_pair
        self._outlived = pair.generation if pair is not None else self._outlived
        self._held.clear()
        self._notices.clear()
        self.handshake = handshake
        self.dtls = self.sctp = None
        self._sctp_closed(ProtocolError("the peer handed over to another"))
        self._set_sctp_state(RTCSctpTransportState.CONNECTING)
        self._set_dtls_state(RTCDtlsTransportState.NEW)

    def handle_read(self, data: bytes, path: Path, now: float) -> None:
        """Take one datagram to the layer that its first byte names."""
        kind = classify(data)
        if kind is _DTLS:
            if self._watch is not None:
                self._watch.dtls("received", data)
            if self.ice.allows(path) and self.dtls is not None:
                self.ice.handle_data(path, len(data), now)
                self.dtls.handle_read(data, now)
                self._read_events(self.dtls, now)
            else:
                self._hold(data, path)
        elif kind is _STUN:
            self.ice.handle_read(data, path, now)
            self._advance(now)
        else:
            self.dropped[kind] += 1
        if self._watch is not None:
            self._watch.look(self)

    def handle_timeout(self, now: float) -> None:
        """Act on every timer that is due."""
        self.ice.handle_timeout(now)
        if self.dtls is not None:
            self.dtls.handle_timeout(now)
        if self._association is not None and self.ice.selected_path is not None:
            self._association.handle_timeout(now)
        self._advance(now)
        if self.dtls is not None:
            self._read_events(self.dtls, now)
        if self._watch is not None:
            self._watch.look(self)

    def poll_write(self) -> Transmit | None:
        """Next datagram, or None. Connectivity checks go before data."""
        transmit = self.ice.poll_write()
        if transmit is not None:
            return transmit
        connection, path = self.dtls, self.ice.selected_path
        if connection is None or path is None:
            return None
        data = connection.poll_write()
        dont_fragment = False
        if data is None:
            if self._association is None:
                return None
            if self._connected_at is not None:
                # Not before the burst is read: the server's INIT comes with its Finished.
                self._begin_sctp(self._association, self._connected_at)
            packet = self._association.poll_write()
            if packet is None:
                if self._sent:
                    self._notice_sent(self._association)
                return None
            self._sent = True
            connection.send(packet)
            data = connection.poll_write()
            if data is None:
                return None
            dont_fragment = self._association.dont_fragment
        if self._watch is not None:
            self._watch.dtls("sent", data)
        self.ice.handle_sent(len(data))
        return Transmit(data, path, 0, dont_fragment)

    def handle_too_large(self, transmit: Transmit, now: float) -> None:
        """An interface refused to send a datagram that must not be fragmented."""
        if self._association is not None and transmit.path == self.ice.selected_path:
            self._association.handle_too_large(len(transmit.data) - DTLS_OVERHEAD, now)

    def handle_discarded(self, transmit: Transmit) -> None:
        """The system refused to send a datagram of `poll_write`."""
        if classify(transmit.data) is Kind.DTLS:
            self.ice.handle_discarded(transmit.path, len(transmit.data))

    @property
    def changed(self) -> bool:
        """Whether there is an event."""
        return bool(self._events)

    def poll_event(self) -> Event | None:
        """Next event, or None."""
        if self._watch is not None:
            self._watch.look(self)
        # What a command made the agent say waits there: nothing has arrived to pass it on.
        return self._events.popleft() if self._events else self.ice.poll_event()

    def poll_timeout(self) -> float | None:
        """When to call `handle_timeout` next. SCTP rests while there is no path."""
        soonest = self.ice.poll_timeout()
        if self.dtls is not None:
            deadline = self.dtls.poll_timeout()
            if deadline is not None and (soonest is None or deadline < soonest):
                soonest = deadline
        if self._association is not None and self.ice.selected_path is not None:
            deadline = self._association.poll_timeout()
            if deadline is not None and (soonest is None or deadline < soonest):
                soonest = deadline
        return soonest

    def close(self, now: float) -> None:
        """Tell the peer and stop. What `poll_write` still gives is the farewell."""
        self._closed = True
        self._held.clear()
        association, self._association = self._association, None
        if self.dtls is None:
            return
        if association is not None:
            association.abort(now)
            self._send_rest(self.dtls, association)
        self.dtls.close(now)

    def stop(self, now: float) -> None:
        """After the farewell was sent: no more checks, no timer."""
        self.ice.close(now)
        self.dtls = None

    def _advance(self, now: float) -> None:
        """Pass on what changed below, and start what it makes possible."""
        while (event := self.ice.poll_event()) is not None:
            self._events.append(event)
            if isinstance(event, ice.SelectedPairChanged) and self.sctp is not None:
                self.sctp.handle_path_change()
        connection = self.dtls
        if connection is None or self._closed:
            return
        pair = self.ice.selected_pair
        fresh = pair is not None and pair.generation > self._outlived
        if self.dtls_state is RTCDtlsTransportState.NEW and fresh:
            self._set_dtls_state(RTCDtlsTransportState.CONNECTING)
            connection.start(now)
            self._read_events(connection, now)
        if self._held:
            self._release(connection, now)

    def _read_events(self, connection: OpenSSLConnection, now: float) -> None:
        """Take what DTLS has: records before the event that follows them."""
        self._read_records(connection, now)
        while (event := connection.poll_event()) is not None:
            self._handle_dtls(event, now)
            self._read_records(connection, now)

    def _read_records(self, connection: OpenSSLConnection, now: float) -> None:
        """Take DTLS records to SCTP, and its messages to the channels."""
        association = self._association
        if association is None:
            if self.dtls_state is RTCDtlsTransportState.CONNECTING:
                return  # it has overtaken the end of the handshake, which is told next
            while connection.poll_data() is not None:
                self.dropped[Kind.DTLS] += 1
            return
        while (packet := connection.poll_data()) is not None:
            association.handle_read(packet, now)
        channels = self._channels
        while (message := association.poll_data()) is not None:
            channels.handle_message(message, now)
        while self._notices:
            self._handle_sctp(self._notices.popleft(), now)
        while (event := association.poll_event()) is not None:
            self._handle_sctp(event, now)

    def _begin_sctp(self, association: sctp.Association, now: float) -> None:
        association.connect(now)
        self._connected_at = None
        if self._watch is not None:
            self._watch.look(self)

    def _notice_sent(self, association: sctp.Association) -> None:
        """Sending empties buffers; whatever else has happened waits until the time is told."""
        self._sent = False
        while (event := association.poll_event()) is not None:
            if isinstance(event, sctp.BufferedAmountLow):
                self._channels.handle_buffered_amount_low(event.stream_id)
            else:
                self._notices.append(event)

    def _handle_dtls(self, event: dtls.Event, now: float) -> None:
        if isinstance(event, dtls.Connected):
            self._set_dtls_state(RTCDtlsTransportState.CONNECTED)
            self._attach_sctp(now)
            return
        state = RTCDtlsTransportState.FAILED if event.reason else RTCDtlsTransportState.CLOSED
        self._set_dtls_state(state, event.reason)
        self._sctp_closed(event.reason)

    def _attach_sctp(self, now: float) -> None:
        """SCTP may use DTLS; without the peer's INIT a handshake comes first."""
        self._association = self.sctp
        if self.sctp is not None and self.remote_init is not None:
            self.sctp.establish(self.remote_init, now)
        else:
            self._connected_at = now

    def _handle_sctp(self, event: sctp.Event, now: float) -> None:
        match event:
            case sctp.Connected(inbound, outbound):
                self._set_sctp_state(RTCSctpTransportState.CONNECTED)
                self._channels.handle_connected(min(inbound, outbound), now)
            case sctp.StreamsReset(ids):
                self._channels.handle_streams_reset(ids, now)
            case sctp.StreamResetDone(ids) | sctp.StreamResetFailed(ids):
                self._channels.handle_reset_done(ids, now)
            case sctp.BufferedAmountLow(stream_id):
                self._channels.handle_buffered_amount_low(stream_id)
            case sctp.Restarted():
                self._channels.handle_restarted()
            case sctp.Closed(reason):
                if self.dtls is not None and self._association is not None:
                    self._send_rest(self.dtls, self._association)
                self._sctp_closed(reason)

    def _send_rest(self, connection: OpenSSLConnection, association: sctp.Association) -> None:
        """Seal what an association says at its end: why it aborts."""
        while (packet := association.poll_write()) is not None:
            connection.send(packet)

    def _sctp_closed(self, reason: ProtocolError | None) -> None:
        self._association = None
        self._set_sctp_state(RTCSctpTransportState.CLOSED, reason)
        self._channels.handle_closed(reason)

    def _hold(self, data: bytes, path: Path) -> None:
        """Keep a flight that overtook our own check; it is read only if that check succeeds.

        It may even overtake the answer, whose author checks and begins at once.
        """
        held = sum(len(datagram) for datagram, _ in self._held)
        full = len(self._held) == _HELD_DATAGRAMS or held + len(data) > _HELD_BYTES
        if full or self._closed or not self.ice.expects(path):
            self.dropped[Kind.DTLS] += 1
            return
        self._held.append((data, path))

    def _release(self, connection: OpenSSLConnection, now: float) -> None:
        waiting, self._held = self._held, []
        for data, path in waiting:
            if self.ice.allows(path):
                connection.handle_read(data, now)
                self._read_events(connection, now)
            else:
                self._held.append((data, path))

    def _set_dtls_state(
        self, state: RTCDtlsTransportState, error: ProtocolError | None = None
    ) -> None:
        if state is not self.dtls_state:
            self.dtls_state = state
            self._events.append(DtlsStateChanged(state, error))

    def _set_sctp_state(
        self, state: RTCSctpTransportState, error: ProtocolError | None = None
    ) -> None:
        if state is not self.sctp_state:
            self.sctp_state = state
            self._events.append(SctpStateChanged(state, error))
