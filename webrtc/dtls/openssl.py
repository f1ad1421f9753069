"""DTLS 1.2 with OpenSSL's handshake and everything else our own. RFC 6347.

OpenSSL decides what the handshake says and computes its keys. Fragments, flights, timers, alerts
and all protected records are ours: they follow the caller's clock, and cost about half.
"""

import logging
from collections import deque
from collections.abc import Sequence
from enum import IntEnum, auto
from random import Random
from typing import Final

from cryptography import x509

from webrtc.core import Timers
from webrtc.dtls import alerts, fingerprint
from webrtc.dtls.certificate import Certificate
from webrtc.dtls.connection import (
    Closed,
    Config,
    Connected,
    Counters,
    Event,
    Role,
    SrtpProfile,
    State,
)
from webrtc.dtls.fingerprint import Fingerprint
from webrtc.dtls.flight import Piece, RecordWriter, Repetitions, pack
from webrtc.dtls.fragments import Reassembler, decode
from webrtc.dtls.handshake import Handshake
from webrtc.dtls.keys import Secrets
from webrtc.dtls.record import (
    ALERT,
    APPLICATION_DATA,
    CHANGE_CIPHER_SPEC,
    EPOCH,
    HANDSHAKE,
    HEADER,
    MAX_PLAINTEXT,
    Protection,
    data_number,
    split,
)
from webrtc.errors import DecodeError, InvalidAccessError, InvalidStateError, ProtocolError
from webrtc.util import ReplayWindow

_CONNECTED: Final = State.CONNECTED
_REFUSAL_GRACE: Final = 1.0  # a forged alert must not win against a handshake that goes on
_THINKING: Final = 0.02  # what a peer may need to make its first flight
_FINISHED: Final = b"\x14"
_MAX_PROTECTED: Final = 4  # records of epoch 1 to hold until their turn: a flight has one

_log = logging.getLogger("webrtc.dtls")


class _Timer(IntEnum):
    RETRANSMISSION = auto()
    HANDSHAKE = auto()
    REFUSAL = auto()


class OpenSSLConnection:
    """One DTLS association. See `webrtc.dtls.connection.Connection`.

    `remote_fingerprints` is None while signalling has not brought them; an empty list lets nobody
    in. `random` spreads the retransmissions of two ends that started together.
    """

    def __init__(
        self,
        certificate: Certificate,
        role: Role,
        remote_fingerprints: Sequence[Fingerprint] | None,
        config: Config,
        random: Random,
    ) -> None:
        self.state = State.NEW
        self.role = role
        self.counters = Counters()
        self.peer_certificates: tuple[x509.Certificate, ...] = ()
        self.srtp_profile: SrtpProfile | None = None
        self._certificate = certificate
        self._config = config
        self._random = random
        self._fingerprints = None if remote_fingerprints is None else tuple(remote_fingerprints)
        self._started = False
        self._expected = True  # the peer may answer: its time limit has begun
        self._handshake: Handshake | None = None
        self._reassembler = Reassembler(config.max_message, config.max_buffered)
        self._held: deque[bytes] = deque(maxlen=config.max_held)
        self._protected: deque[bytes] = deque(maxlen=_MAX_PROTECTED)
        self._early: deque[bytes] = deque()
        self._refusal: ProtocolError | None = None
        self._flight: list[Piece] = []
        self._flight_sent = 0.0
        self._repetitions = Repetitions()
        self._timeout = config.retransmission_timeout
        self._timers: Timers[_Timer] = Timers()
        self._secrets: Secrets | None = None
        self._writer = RecordWriter()
        self._reader: Protection | None = None
        self._window = ReplayWindow(config.replay_window)
        self._data: deque[bytes] = deque()
        self.writes: deque[bytes] = deque()
        """What `poll_write` gives."""
        self._events: deque[Event] = deque()

    @property
    def cipher(self) -> str | None:
        return None if self._secrets is None else self._secrets.suite.name

    @property
    def version(self) -> str | None:
        return None if self._secrets is None else "DTLS 1.2"

    @property
    def max_data(self) -> int:
        protection = self._writer.protection
        return 0 if protection is None else self._config.mtu - protection.overhead

    def start(self, now: float, *, expected: bool = True) -> None:
        """Begin, or begin to listen, once the remote fingerprints are known.

        When the peer is not `expected` yet, the time limit begins with `expect` or its first
        datagram.
        """
        if self._started or self.state is not State.NEW:
            raise InvalidStateError(f"DTLS was started before and is {self.state}")
        self._started = True
        self._expected = expected
        self._begin(now)

    def expect(self, now: float) -> None:
        """Let the time limit of the handshake begin at `now`; harmless when it has begun."""
        if not self._expected:
            self._expected = True
            if self.state is State.CONNECTING:
                self._timers.set(_Timer.HANDSHAKE, now + self._config.handshake_timeout)

    def hasten(self, round_trip: float, now: float) -> None:
        """Repeat the first flight as soon as its answer is overdue, sooner than it would be."""
        due = self._timers.get(_Timer.RETRANSMISSION)
        if due is not None and not self._reassembler.taken:
            overdue = max(now, self._flight_sent + round_trip + _THINKING)
            self._timers.set(_Timer.RETRANSMISSION, min(due, overdue))

    def set_remote_fingerprints(self, fingerprints: Sequence[Fingerprint], now: float) -> None:
        """Say whom to let in, when the constructor could not."""
        if self._fingerprints is not None:
            raise InvalidStateError("the remote fingerprints are known: make a new connection")
        self._fingerprints = tuple(fingerprints)
        self._begin(now)

    def close(self, now: float) -> None:  # noqa: ARG002 - a core is told the time
        """End it, with a close_notify if anything was sent. Harmless when it has ended."""
        if self._flight:
            self.writes.append(self._writer.alert(alerts.WARNING, alerts.CLOSE_NOTIFY))
        if self.state is not State.FAILED:
            self._end(State.CLOSED)

    def send(self, data: bytes) -> None:
        """Seal one record; it is ready in `poll_write`."""
        if self.state is not _CONNECTED or self._writer.protection is None:
            raise InvalidStateError(f"DTLS is {self.state}: nothing can be sent")
        if len(data) > MAX_PLAINTEXT:
            raise InvalidAccessError(f"record of {len(data)} bytes, {MAX_PLAINTEXT} are possible")
        number = self._writer.number
        if number >= 2 * EPOCH:
            raise InvalidStateError("all record numbers are used up: make a new connection")
        self._writer.number = number + 1
        self.writes.append(self._writer.protection.seal(APPLICATION_DATA, number, data))

    def seal(self, packets: Sequence[bytes]) -> Sequence[bytes]:
        """One record for each packet, for the caller to send. As `send` otherwise."""
        writer = self._writer
        if self.state is not _CONNECTED or writer.protection is None:
            raise InvalidStateError(f"DTLS is {self.state}: nothing can be sent")
        number = writer.number
        writer.number = number + len(packets)
        if writer.number > 2 * EPOCH:
            raise InvalidStateError("all record numbers are used up: make a new connection")
        if len(packets) == 1:
            return (writer.protection.seal(APPLICATION_DATA, number, packets[0]),)
        return writer.protection.seal_all(number, packets)

    def export_keying_material(
        self, label: bytes, length: int, context: bytes | None = None
    ) -> bytes:
        """Keying material that both ends know and nobody else. RFC 5705 §4.

        Raises InvalidStateError unless connected, InvalidAccessError for a label of TLS itself.
        """
        if self.state is not State.CONNECTED or self._secrets is None:
            raise InvalidStateError(f"DTLS is {self.state}: there is no key to export from")
        return self._secrets.export(label, length, context)

    def handle_read(self, datagram: bytes, now: float) -> None:
        """Take a datagram of the peer."""
        if self.state is _CONNECTED:
            self._read_connected(datagram, now)
        elif self._handshake is not None:
            self._read_connecting(self._handshake, datagram, now)
        elif self.state is State.NEW:
            self._held.append(datagram)

    def open(self, datagram: bytes) -> bytes | None:
        """The content of a datagram that is a record of data and nothing else.

        Empty when it was dropped. None says that `handle_read` is to take it.
        """
        number = data_number(datagram)
        if not number or self.state is not _CONNECTED:
            return None
        plaintext = self._authenticate(APPLICATION_DATA, number, datagram)
        return b"" if plaintext is None else plaintext

    def handle_reads(self, datagrams: Sequence[bytes], now: float) -> None:
        """Take datagrams that came together: those that are one record of data with less ado."""
        records: list[tuple[int, bytes]] = []
        for datagram in datagrams:
            number = data_number(datagram)
            if number and self.state is _CONNECTED:
                records.append((number, datagram))
                continue
            self._open(records)
            records = []
            self.handle_read(datagram, now)
        self._open(records)

    def handle_timeout(self, now: float) -> None:
        for timer in self._timers.due(now):
            if self.state is not State.CONNECTING:  # the timer before has ended it
                return
            match timer:
                case _Timer.RETRANSMISSION:
                    self.counters.timeouts += 1
                    longest = self._config.max_retransmission_timeout
                    self._timeout = min(self._timeout * 2, longest)
                    self._retransmit(now)
                case _Timer.REFUSAL:
                    self._end_by_peer(self._refusal)
                case _Timer.HANDSHAKE:
                    seconds = self._config.handshake_timeout
                    self._fail(
                        ProtocolError(
                            f"no DTLS handshake in {seconds:g} s: {self._reassembler.taken} "
                            "messages of the peer were complete",
                            alerts.HANDSHAKE_FAILURE,
                        )
                    )

    def poll_data(self) -> bytes | None:
        """Next application record of the peer."""
        return self._data.popleft() if self._data else None

    def take_data(self) -> Sequence[bytes]:
        """All application records of the peer that `poll_data` would give."""
        if not self._data:
            return ()
        data = list(self._data)
        self._data.clear()
        return data

    def poll_write(self) -> bytes | None:
        return self.writes.popleft() if self.writes else None

    def poll_event(self) -> Event | None:
        return self._events.popleft() if self._events else None

    def poll_timeout(self) -> float | None:
        return self._timers.next()

    def _begin(self, now: float) -> None:
        if not self._started or self._fingerprints is None or self.state is not State.NEW:
            return
        self.state = State.CONNECTING
        verify = fingerprint.verifier(self._fingerprints, self._config.verify_peer_certificate)
        try:
            handshake = Handshake(self._certificate, self.role, self._config, verify)
        except ProtocolError as error:
            self._fail(error)
            return
        self._handshake = handshake
        if self._expected:
            self._timers.set(_Timer.HANDSHAKE, now + self._config.handshake_timeout)
        if self.role is Role.CLIENT:
            self._advance(handshake, now)
        while self._held:
            self.handle_read(self._held.popleft(), now)

    def _read_connecting(self, handshake: Handshake, datagram: bytes, now: float) -> None:
        self.expect(now)
        repeats, rest = False, len(datagram)
        for type_, number, record in split(datagram):
            rest -= len(record)
            try:
                repeats |= self._take(type_, number, record, now)
            except DecodeError as error:
                self.counters.malformed += 1
                _log.debug("dropped a record: %s", error)
        self.counters.malformed += rest > 0
        if self.state is not State.CONNECTING:
            return
        try:
            fed = self._feed(handshake)
            if fed:
                self._advance(handshake, now)
        except ProtocolError as error:
            self._fail(error)
            return
        if fed:
            self._refusal = None
            self._timers.stop(_Timer.REFUSAL)
        elif repeats and self._repetitions.allows(now):
            self._retransmit(now)  # our flight was lost

    def _take(self, type_: int, number: int, record: bytes, now: float) -> bool:
        """Sort in a record of the handshake; True when it repeats a message taken before."""
        repeats = False
        if type_ == APPLICATION_DATA:
            self._hold_data(number, record)
            repeats = number >= EPOCH  # the peer is through: its last flight was lost
        elif number >= EPOCH and type_ == HANDSHAKE:
            self._protected.append(record)
        elif number >= EPOCH and self._reader is not None:
            self._take_protected(type_, number, record, now)
        elif type_ == HANDSHAKE:
            for fragment in decode(record[HEADER.size :]):
                repeats |= not self._reassembler.add(fragment)
        elif type_ == ALERT and number < EPOCH:
            self._take_plaintext_alert(record[HEADER.size :], now)
        elif type_ != CHANGE_CIPHER_SPEC:
            self.counters.unexpected += 1
        return repeats

    def _hold_data(self, number: int, record: bytes) -> None:
        """Keep what has overtaken the peer's Finished, unread. RFC 6347 §4.1."""
        if number >> 48 == 1 and len(self._early) < self._config.max_held:
            self._early.append(record)
        else:
            self.counters.early_data += 1

    def _take_plaintext_alert(self, payload: bytes, now: float) -> None:
        ends, error = alerts.ending(payload)
        self.counters.plaintext_alerts += 1
        if ends and self._timers.get(_Timer.REFUSAL) is None:
            self._refusal = error
            self._timers.set(_Timer.REFUSAL, now + _REFUSAL_GRACE)

    def _feed(self, handshake: Handshake) -> bool:
        """Hand over what is whole and in order; False when there is nothing."""
        fed = False
        while (message := self._reassembler.pop()) is not None:
            handshake.feed(message)
            fed = True
        while self._protected and handshake.awaits_finished:
            handshake.feed_protected(self._protected.popleft())
            fed = True
        return fed

    def _advance(self, handshake: Handshake, now: float) -> None:
        flight = handshake.advance()
        if self._reader is None and handshake.protections is not None:
            self._writer.protection, self._reader = handshake.protections
            self._secrets = handshake.secrets
            if self._secrets is not None and self._config.keylog is not None:
                self._config.keylog(self._secrets.key_log_line())
        if handshake.done:
            self.state = State.CONNECTED
            self.peer_certificates = handshake.peer_certificates
            self.srtp_profile = handshake.srtp_profile
            self._handshake = None
            self._protected.clear()
            self._timers.clear()
            self._events.append(Connected())
            self._take_early(now)
        if flight:
            self._flight = flight
            self._timeout = self._config.retransmission_timeout
            self._transmit(now)

    def _take_early(self, now: float) -> None:
        while self._early:
            record = self._early.popleft()
            type_, _, number, _ = HEADER.unpack_from(record)
            self._take_protected(type_, number, record, now)

    def _retransmit(self, now: float) -> None:
        self.counters.retransmissions += 1
        if self.state is State.CONNECTING:
            self.writes.clear()  # nobody took it: without a path it must not pile up
        self._transmit(now)

    def _transmit(self, now: float) -> None:
        self.writes.extend(pack(self._flight, self._writer, self._config.mtu))
        self._flight_sent = now
        if self.state is State.CONNECTING:
            spread = 1 - self._random.random() / 8
            self._timers.set(_Timer.RETRANSMISSION, now + self._timeout * spread)

    def _read_connected(self, datagram: bytes, now: float) -> None:
        rest = len(datagram)
        for type_, number, record in split(datagram):
            rest -= len(record)
            self._take_protected(type_, number, record, now)
        self.counters.malformed += rest > 0

    def _open(self, records: Sequence[tuple[int, bytes]]) -> None:
        """Take records of data of epoch 1, each with its number."""
        reader = self._reader
        if reader is None or not records:
            return
        take, append = self._window.take, self._data.append
        for (number, _), plaintext in zip(records, reader.open_all(records), strict=True):
            if plaintext is None:
                self.counters.unauthenticated += 1
            elif take(number):
                append(plaintext)
            else:
                self.counters.replayed += 1

    def _take_protected(self, type_: int, number: int, record: bytes, now: float) -> None:
        if number >> 48 != 1:
            self._count_foreign(type_, number)
            return
        plaintext = self._authenticate(type_, number, record)
        if plaintext is None:
            return
        if type_ == APPLICATION_DATA:
            self._data.append(plaintext)
        elif type_ == ALERT:
            self._take_alert(plaintext)
        elif type_ == HANDSHAKE and self.role is Role.SERVER and plaintext[:1] == _FINISHED:
            if self._repetitions.allows(now):
                self._retransmit(now)  # the client repeats itself because it lacks our Finished
        else:
            self.counters.unexpected += 1

    def _authenticate(self, type_: int, number: int, record: bytes) -> bytes | None:
        """The content of a record of epoch 1 that is new; others are counted."""
        reader = self._reader
        if reader is None:
            self.counters.unexpected += 1
            return None
        if not self._window.check(number):
            self.counters.replayed += 1
            return None
        plaintext = reader.open(type_, number, record)
        if plaintext is None:
            self.counters.unauthenticated += 1
        else:
            self._window.accept(number)
        return plaintext

    def _count_foreign(self, type_: int, number: int) -> None:
        if number < EPOCH and type_ == APPLICATION_DATA:
            self.counters.early_data += 1
        elif number < EPOCH and type_ == ALERT:
            self.counters.plaintext_alerts += 1
        else:
            self.counters.unexpected += 1

    def _take_alert(self, payload: bytes) -> None:
        try:
            ends, error = alerts.ending(payload)
        except DecodeError:
            self.counters.malformed += 1
            return
        if ends:
            self._end_by_peer(error)

    def _end_by_peer(self, error: ProtocolError | None) -> None:
        if error is None:
            self.writes.append(self._writer.alert(alerts.WARNING, alerts.CLOSE_NOTIFY))
        self._end(State.CLOSED if error is None else State.FAILED)
        self._events.append(Closed(error))

    def _fail(self, error: ProtocolError) -> None:
        code = alerts.DECODE_ERROR if error.code is None else error.code
        self.writes.append(self._writer.alert(alerts.FATAL, code))
        self._end(State.FAILED)
        self._events.append(Closed(error))

    def _end(self, state: State) -> None:
        """Forget every key and everything that could still be sent again."""
        self.state = state
        self._timers.clear()
        self._handshake = self._secrets = self._reader = self._writer.protection = None
        self._flight = []
        self._held.clear()
        self._protected.clear()
        self._early.clear()
