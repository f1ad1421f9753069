"""One bundle group's transport: ICE, DTLS over it, and what both carry. RFC 8842, RFC 5764.

The life of a datagram is `Transport.handle_read` and `Transport.poll_write`.
"""

from collections import deque
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from random import Random, SystemRandom
from typing import Final

from webrtc import dtls, ice
from webrtc.core import Burst, Observer, Path, Transmit
from webrtc.dtls import Certificate, Fingerprint, OpenSSLConnection
from webrtc.errors import ProtocolError
from webrtc.peer.demux import Kind, classify
from webrtc.peer.records import Records
from webrtc.peer.watch import Watch
from webrtc.settings import DTLS_OVERHEAD, SettingEngine
from webrtc.srtp import (
    CryptexPolicy,
    InboundContext,
    OutboundContext,
    ProtectionProfile,
    SessionKeys,
)
from webrtc.streams import RtpSession

_DTLS: Final = Kind.DTLS
_STUN: Final = Kind.STUN
_SRTP: Final = Kind.SRTP
_HELD_DATAGRAMS: Final = 8
_HELD_BYTES: Final = 12 * 1024
_NONE_DROPPED: Final = dict.fromkeys(Kind, 0)


@dataclass(frozen=True, slots=True)
class DtlsMoved:
    """DTLS has another state; `error` says why it failed."""

    state: dtls.State
    error: Exception | None = None


Event = (
    ice.CandidateFound
    | ice.GatheringStateChanged
    | ice.StateChanged
    | ice.SelectedPairChanged
    | DtlsMoved
)


def child(random: Random) -> Random:
    """A generator of its own for one layer, so that layers do not shift each other's draws."""
    if isinstance(random, SystemRandom):
        return random
    return Random(random.getrandbits(64))  # noqa: S311 - simulations only: the seed is the point


class Transport:
    """Carries records and packets. It knows neither descriptions nor who uses it."""

    def __init__(self, certificate: Certificate, settings: SettingEngine, random: Random) -> None:
        self.ice = ice.Agent(settings.ice, child(random))
        self.dtls: OpenSSLConnection | None = None
        self.dtls_state = dtls.State.NEW
        self.dropped: dict[Kind, int] = _NONE_DROPPED.copy()
        """Datagrams that were not processed, by what they looked like."""
        self.certificate = certificate
        self.events: deque[Event] = deque()
        """What has happened; `poll_event` takes it."""
        self._settings = settings
        self._random = child(random)
        self._records: Records | None = None
        self._open: Records | None = None  # `_records` while DTLS is connected
        self.rtp: RtpSession | None = None
        """The streams of audio and video, if there are to be any."""
        self.rtp_events: Collection[object] = ()
        """What `rtp` has to tell."""
        self.rtp_media: Collection[object] = ()
        """What `rtp` has received."""
        self._open_rtp: RtpSession | None = None  # `rtp` while there are keys
        self._cryptex = CryptexPolicy.DISABLE
        self._held: list[tuple[bytes, Path]] = []
        self._closed = False
        self._watch: Watch | None = None
        self._nominated: ice.CandidatePair | None = None  # since DTLS has begun
        self._outlived = -1  # newest ICE generation whose pairs lead to a peer that was replaced

    @property
    def role(self) -> dtls.Role | None:
        """Ours in DTLS, once both descriptions are known."""
        return self.dtls.role if self.dtls is not None else None

    def observe(self, observer: Observer | None) -> None:
        """Tell `observer` what happens below from here on; None tells nobody."""
        self._watch = Watch(observer) if observer is not None else None

    def start(self, *, client: bool, fingerprints: Sequence[Fingerprint], now: float) -> None:
        """Both descriptions are known: secure the path as soon as there is one."""
        if self.dtls is None:
            role = dtls.Role.CLIENT if client else dtls.Role.SERVER
            self.dtls = OpenSSLConnection(
                self.certificate, role, fingerprints, self._settings.dtls, self._random
            )
        self._advance(now)

    def attach(self, records: Records | None, now: float) -> None:
        """Let `records` use DTLS, from here on or as soon as it is connected."""
        if records is self._records:
            return
        self._records = records
        if self.dtls_state is dtls.State.CONNECTED:
            self._open = records
            if records is not None:
                records.handle_connected(now)

    def attach_rtp(self, session: RtpSession, cryptex: CryptexPolicy) -> None:
        """Let `session` use the path, from here on or as soon as DTLS gives keys."""
        if session is not self.rtp:
            self._cryptex = cryptex
            self.rtp, self.rtp_events, self.rtp_media = session, session.events, session.media
            if self.dtls_state is dtls.State.CONNECTED:
                self._secure(session)

    def replace(self, reason: ProtocolError) -> None:
        """Another takes the peer's place: end DTLS, so that `start` begins it anew.

        The handshake waits for a path of the new ICE generation.
        """
        pair = self.ice.selected_pair
        self._outlived = pair.generation if pair is not None else self._outlived
        self._held.clear()
        self.dtls = self._open = self._open_rtp = None
        self._set_dtls_state(dtls.State.NEW)
        if self._records is not None:
            self._records.handle_replaced(reason)

    def handle_read(self, data: bytes, path: Path, now: float) -> None:
        """Take one datagram to the layer that its first byte names."""
        records, connection = self._open, self.dtls
        if records is not None and connection is not None and self.ice.allows(path):
            record = connection.open(data) if self._watch is None else None
            if record is not None:
                self.ice.handle_data(path, len(data), now)
                if record:
                    records.handle_read(record, now)
                return
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
            self._handle_media(kind, data, path, now)
        if self._watch is not None:
            self._watch.look(self.ice)

    def handle_reads(self, datagrams: Sequence[bytes], path: Path, now: float) -> None:
        """Take datagrams that came together. What they acknowledge is acted on once."""
        connection = self.dtls
        if self._open is None or connection is None or not self.ice.allows(path):
            self._read_apart(datagrams, path, now)
            return
        records = [data for data in datagrams if classify(data) is _DTLS]
        if len(records) < len(datagrams):
            others = (
                [data for data in datagrams if classify(data) is not _DTLS]
                if records
                else datagrams
            )
            self._read_apart(others, path, now)
            if not records:
                return
        if self._watch is not None:
            for data in records:
                self._watch.dtls("received", data)
        self.ice.handle_data(path, sum(map(len, records)), now, len(records))
        connection.handle_reads(records, now)
        self._read_events(connection, now)
        if self._watch is not None:
            self._watch.look(self.ice)

    def _handle_media(self, kind: Kind, data: bytes, path: Path, now: float) -> None:
        """Take RTP and RTCP, where there are streams; anything else is dropped."""
        session = self._open_rtp
        if session is None or kind is Kind.UNKNOWN or not self.ice.allows(path):
            self.dropped[kind] += 1
            return
        self.ice.handle_data(path, len(data), now)
        if kind is _SRTP:
            session.handle_rtp(data, now)
        else:
            session.handle_rtcp(data, now)

    def _read_apart(self, datagrams: Sequence[bytes], path: Path, now: float) -> None:
        """Take checks together, since one may make the answer to another needless, then others."""
        checks: list[bytes] = []
        others: list[bytes] = []
        for data in datagrams:
            (checks if classify(data) is _STUN else others).append(data)
        if checks:
            self.ice.handle_reads(checks, path, now)
            self._advance(now)
        for data in others:
            self.handle_read(data, path, now)
        if self._watch is not None:
            self._watch.look(self.ice)

    def handle_timeout(self, now: float) -> None:
        """Act on every timer that is due."""
        self.ice.handle_timeout(now)
        if self.dtls is not None:
            self.dtls.handle_timeout(now)
        if self._open is not None and self.ice.selected_path is not None:
            self._open.handle_timeout(now)
        if self._open_rtp is not None:
            self._open_rtp.handle_timeout(now)
        self._advance(now)
        if self.dtls is not None:
            self._read_events(self.dtls, now)
        if self._watch is not None:
            self._watch.look(self.ice)

    def poll_write(self) -> Transmit | None:
        """Next datagram, or None. Connectivity checks go before data."""
        if self.ice.writes:
            return self.ice.poll_write()
        connection, path = self.dtls, self.ice.selected_path
        if connection is None or path is None:
            return None
        dont_fragment = False
        if not connection.writes:
            if self._open_rtp is not None:
                media = self._open_rtp.poll_write()
                if media is not None:
                    self.ice.handle_sent(len(media))
                    return Transmit(media, path)
            records = self._open
            if records is None or (packet := records.poll_write()) is None:
                return None
            connection.send(packet)
            dont_fragment = records.dont_fragment
        data = connection.poll_write()
        if data is None:
            return None
        if self._watch is not None:
            self._watch.dtls("sent", data)
        self.ice.handle_sent(len(data))
        return Transmit(data, path, 0, dont_fragment)

    def poll_burst(self) -> Burst | None:
        """What leaves together, or None when there is nothing or something goes first.

        RTCP and media go before records.
        """
        connection, path = self.dtls, self.ice.selected_path
        if connection is None or path is None or self.ice.writes or connection.writes:
            return None
        if self._open_rtp is not None and (media := self._open_rtp.poll_burst()):
            self.ice.handle_sent(sum(map(len, media)), len(media))
            return Burst(media, path, more=True)
        records = self._open
        if records is None:
            return None
        packets = records.poll_burst()
        if not packets:
            return None
        sealed = connection.seal(packets)
        self.ice.handle_sent(sum(map(len, sealed)), len(sealed))
        if self._watch is not None:
            for data in sealed:
                self._watch.dtls("sent", data)
        return Burst(sealed, path, records.dont_fragment, records.more)

    def handle_too_large(self, transmit: Transmit, now: float) -> None:
        """An interface refused to send a datagram that must not be fragmented."""
        if self._open is not None and transmit.path == self.ice.selected_path:
            self._open.handle_too_large(len(transmit.data) - DTLS_OVERHEAD, now)

    def handle_unreachable(self, transmit: Transmit, now: float) -> None:
        """The system knows no way for this datagram."""
        if classify(transmit.data) is _STUN:
            self.ice.handle_unreachable(transmit.path, now)
            self._advance(now)

    def handle_discarded(self, transmit: Transmit) -> None:
        """The system refused to send a datagram of `poll_write`."""
        if classify(transmit.data) is Kind.DTLS:
            self.ice.handle_discarded(transmit.path, len(transmit.data))

    def poll_event(self) -> Event | None:
        """Next event, or None."""
        if self._watch is not None:
            self._watch.look(self.ice)
        # What a command made the agent say waits there: nothing has arrived to pass it on.
        return self.events.popleft() if self.events else self.ice.poll_event()

    def poll_timeout(self) -> float | None:
        """When to call `handle_timeout` next. Who uses DTLS rests while there is no path."""
        soonest, deadline = self.ice.poll_timeout(), None
        if self._open is None:
            if self.dtls is not None:
                deadline = self.dtls.poll_timeout()
        elif self.ice.selected_path is not None:
            deadline = self._open.poll_timeout()
        if deadline is not None and (soonest is None or deadline < soonest):
            soonest = deadline
        if self._open_rtp is not None:
            deadline = self._open_rtp.poll_timeout()
            if deadline is not None and (soonest is None or deadline < soonest):
                soonest = deadline
        return soonest

    def close(self, now: float) -> None:
        """Tell the peer and stop. What `poll_write` still gives is the farewell."""
        self._closed = True
        self._held.clear()
        if self.dtls is None:
            return
        if self._open is not None:
            self._open.close(now)
            self._send_rest(self.dtls, self._open)
            self._open = None
        self.dtls.close(now)

    def stop(self, now: float) -> None:
        """After the farewell was sent: no more checks, no timer."""
        self.ice.close(now)
        self.dtls = self._open_rtp = None

    def _advance(self, now: float) -> None:
        """Pass on what changed below, and start what it makes possible."""
        while (event := self.ice.poll_event()) is not None:
            self.events.append(event)
            if isinstance(event, ice.SelectedPairChanged) and self._records is not None:
                self._records.handle_path_change()
        connection = self.dtls
        if connection is None or self._closed:
            return
        pair = self.ice.selected_pair
        if self.dtls_state is dtls.State.NEW:
            if pair is None or pair.generation <= self._outlived:
                return
            self._set_dtls_state(dtls.State.CONNECTING)
            self._nominated = pair if pair.nominated else None
            connection.start(now, expected=self.ice.contacted)
            if self.ice.remote_lite:  # it never checks: nothing tells whether it has heard of us
                limit = self._settings.dtls.handshake_timeout
                connection.expect(now + max(0.0, self._settings.ice.failed_timeout - limit))
            self._read_events(connection, now)
        elif self.dtls_state is dtls.State.CONNECTING:
            self._press(connection, pair, now)
        if self._held:
            self._release(connection, now)

    def _press(
        self, connection: OpenSSLConnection, pair: ice.CandidatePair | None, now: float
    ) -> None:
        """Time the handshake by what is known of the peer, and repeat what it may have dropped."""
        if self.ice.contacted or self.ice.state is ice.State.FAILED:
            connection.expect(now)
        if pair is not None and pair.nominated and pair is not self._nominated:
            self._nominated = pair
            # Some peers drop what comes before their own ICE is connected (webrtc-rs).
            connection.hasten(pair.current_round_trip_time or 0.0, now)

    def _read_events(self, connection: OpenSSLConnection, now: float) -> None:
        """Take what DTLS has: records before the event that follows them."""
        self._read_records(connection, now)
        while (event := connection.poll_event()) is not None:
            self._handle_dtls(event, now)
            self._read_records(connection, now)

    def _read_records(self, connection: OpenSSLConnection, now: float) -> None:
        """Take DTLS records to who uses them."""
        records = self._open
        if records is None:
            if self.dtls_state is dtls.State.CONNECTING:
                return  # it has overtaken the end of the handshake, which is told next
            while connection.poll_data() is not None:
                self.dropped[Kind.DTLS] += 1
            return
        if packets := connection.take_data():
            records.handle_reads(packets, now)

    def _handle_dtls(self, event: dtls.Event, now: float) -> None:
        if isinstance(event, dtls.Connected):
            self._set_dtls_state(dtls.State.CONNECTED)
            self._open = self._records
            if self._open is not None:
                self._open.handle_connected(now)
            if self.rtp is not None:
                self._secure(self.rtp)
            return
        state = dtls.State.FAILED if event.reason else dtls.State.CLOSED
        self._set_dtls_state(state, event.reason)
        self._open = None
        if self._records is not None:
            self._records.handle_closed(event.reason)

    def _secure(self, session: RtpSession) -> None:
        """Give it the keys of the handshake; a peer that has agreed on no profile gets none."""
        connection = self.dtls
        if connection is None or connection.srtp_profile is None:
            return
        profile = ProtectionProfile.of(connection.srtp_profile)
        if profile is not None:
            client = connection.role is dtls.Role.CLIENT
            keys = SessionKeys.export(profile, connection, client=client)
            window, cryptex = self._settings.srtp_replay_window, self._cryptex
            inbound = InboundContext(profile, keys.remote, window=window, cryptex=cryptex)
            session.secure(inbound, OutboundContext(profile, keys.local, cryptex=cryptex))
            self._open_rtp = session

    def _send_rest(self, connection: OpenSSLConnection, records: Records) -> None:
        """Seal what is said at the end."""
        while (packet := records.poll_write()) is not None:
            connection.send(packet)

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

    def _set_dtls_state(self, state: dtls.State, error: ProtocolError | None = None) -> None:
        if state is not self.dtls_state:
            self.dtls_state = state
            self.events.append(DtlsMoved(state, error))
