"""The association's states: coming up, restarting, shutting down. RFC 9260 §4, §5, §9."""

from webrtc.errors import DecodeError, ProtocolError
from webrtc.sctp.causes import Cause, CauseCode, Violation, describe
from webrtc.sctp.chunks import (
    COOKIE_ACK,
    SHUTDOWN_ACK,
    TAG_REFLECTED,
    Abort,
    ChunkType,
    Init,
    encode_error,
    encode_shutdown,
    encode_shutdown_complete,
)
from webrtc.sctp.config import Config
from webrtc.sctp.cookie import Cookie, Peering
from webrtc.sctp.handshake import MAX_REPORTED_PARAMETERS, Action, Capability, Handshake
from webrtc.sctp.packet import encode_chunk
from webrtc.sctp.parameters import encode_parameters, unrecognized
from webrtc.sctp.state import Outbox, RateLimit, State

MAX_INIT_ACKS = 100
"""INITs answered in one second."""
MAX_STRAYS = 10
"""What comes too late, or twice, at the end of an association: answers in one second."""

_OPEN = frozenset(
    {State.ESTABLISHED, State.SHUTDOWN_PENDING, State.SHUTDOWN_SENT, State.SHUTDOWN_RECEIVED}
)


class Lifecycle:
    """State, handshake and shutdown with their timers T1 and T2. Knows nothing of data."""

    def __init__(self, config: Config, handshake: Handshake, outbox: Outbox) -> None:
        self._config = config
        self._outbox = outbox
        self.handshake = handshake
        self.state = State.CLOSED
        self.peering: Peering | None = None
        """What was agreed with the peer, from its INIT ACK or COOKIE ECHO on."""
        self.generation = 0
        """Counts establishments; more than one means that the peer restarted."""
        self.reason: ProtocolError | None = None
        self.deadline: float | None = None
        """T1-init, T1-cookie or T2-shutdown."""
        self._signalled = False  # the peer's INIT came with its description, not in a packet
        self._errors = 0
        self._repeat = b""
        self._init_acks = RateLimit(MAX_INIT_ACKS)
        self._strays = RateLimit(MAX_STRAYS)

    @property
    def open(self) -> bool:
        """Data may be received."""
        return self.state in _OPEN

    def connect(self, now: float) -> None:
        """Send an INIT, unless the peer's handshake was faster."""
        if self.state is State.CLOSED:
            self.state = State.COOKIE_WAIT
            self._repeat = self.handshake.init()
            self._errors = 0
            self._outbox.send_alone(self._repeat, 0)
            self._start(now)

    def establish(self, init: Init) -> None:
        """Signalling has carried the INITs of both sides: nothing else is needed."""
        if self.state is State.CLOSED:
            self._adopt(self.handshake.agree(init))
            self._signalled = True

    def end(self, reason: ProtocolError | None) -> None:
        """Nothing more will happen."""
        if self.state is not State.ENDED:
            self.state = State.ENDED
            self.reason = reason
            self.deadline = None

    def abort(self, cause: Cause, reason: ProtocolError | None) -> None:
        """End at once and tell the peer, if it is known."""
        if self.peering is not None and self.state is not State.ENDED:
            self._outbox.send_alone(Abort((cause,)).encode())
        self.end(reason)

    def handle_timeout(self, now: float) -> None:
        """T1 or T2 expired: repeat, or give up."""
        if self.deadline is None or now < self.deadline:
            return
        self._errors += 1
        config = self._config
        handshaking = self.state in (State.COOKIE_WAIT, State.COOKIE_ECHOED)
        limit = (
            config.max_init_retransmissions if handshaking else config.max_shutdown_retransmissions
        )
        if self._errors > limit:
            message = f"no answer to {self._errors} packets in state {self.state.name}"
            cause = Cause(CauseCode.PROTOCOL_VIOLATION, message.encode())
            self.abort(cause, ProtocolError(message))
            return
        if self.state is State.COOKIE_WAIT:
            # Old peers drop an INIT with a parameter that they do not know (pion, 2026).
            self._repeat = self.handshake.init(zero_checksum=False)
        self._outbox.send_alone(self._repeat, 0 if self.state is State.COOKIE_WAIT else None)
        self._start(now)

    def handle_init(self, value: bytes, now: float) -> None:
        """INIT in any state. RFC 9260 §5.2.1, §5.2.2."""
        init = Init.decode(value)
        if self.state is State.SHUTDOWN_ACK_SENT:
            self._repeat_shutdown_ack(now)
            return
        if self.state is State.ENDED or not self._init_acks.allows(now):
            return
        current = self.peering if self.open else None
        if self._signalled and self._knows(init):
            current = None  # signalling lost our INIT: as when both are under way, §5.2.1
        try:
            answer = self.handshake.answer(init, current, now)
        except Violation as refusal:
            self._outbox.send_alone(Abort((refusal.cause,)).encode(), init.tag)
            raise DecodeError(f"INIT refused: {refusal}") from refusal
        self._outbox.send_alone(answer, init.tag)

    def handle_init_ack(self, value: bytes, now: float) -> None:
        """RFC 9260 §5.1 C."""
        if self.state is not State.COOKIE_WAIT:
            raise DecodeError(f"INIT ACK in state {self.state.name}")
        init_ack = Init.decode(value)
        try:
            cookie, self.peering = self.handshake.accept(init_ack)
        except Violation as refusal:
            self._outbox.send_alone(Abort((refusal.cause,)).encode(), init_ack.tag)
            self.end(refusal)
            return
        self._outbox.set_tag(init_ack.tag)
        self.state = State.COOKIE_ECHOED
        self._errors = 0
        self._repeat = encode_chunk(ChunkType.COOKIE_ECHO, 0, cookie)
        self._outbox.send_alone(self._repeat)
        self._start(now)
        reports = unrecognized(init_ack.parameters, MAX_REPORTED_PARAMETERS)
        if reports:
            whole = encode_parameters(parameter._replace(value=b"") for parameter in reports)
            self._outbox.send_alone(
                encode_error((Cause(CauseCode.UNRECOGNIZED_PARAMETERS, whole),))
            )

    def handle_cookie_echo(self, value: bytes, tag: int, now: float) -> None:
        """A cookie came back in a packet with that tag. RFC 9260 §5.1.5, §5.2.4."""
        cookie = self.handshake.open(value)
        if self.state is State.ENDED or tag != cookie.peering.local_tag:
            raise DecodeError("COOKIE ECHO with a tag that is not its own, or too late")
        established = self.state not in (State.CLOSED, State.COOKIE_WAIT, State.COOKIE_ECHOED)
        action = self.handshake.judge(cookie, self.peering, established=established)
        if action is Action.DISCARD:
            raise DecodeError("COOKIE ECHO of another association")
        if action is not Action.CONFIRM and cookie.expires_at < now:
            self._report_stale(cookie, now)
        elif action is Action.CONFIRM:
            self._outbox.answer(COOKIE_ACK)
        elif self.state is State.SHUTDOWN_ACK_SENT:
            self._refuse_restart(cookie, now)
        else:
            self._adopt(cookie.peering)
            self._outbox.answer(COOKIE_ACK)

    def handle_cookie_ack(self) -> None:
        """RFC 9260 §5.1 E."""
        if self.state is State.COOKIE_ECHOED and self.peering is not None:
            self._adopt(self.peering)

    def handle_error(self, causes: tuple[Cause, ...], now: float) -> None:
        """ERROR: only a stale cookie has consequences. RFC 9260 §5.2.6."""
        stale = any(code == CauseCode.STALE_COOKIE for code, _ in causes)
        if stale and self.state is State.COOKIE_ECHOED:
            self.state, self.peering = State.CLOSED, None
            self.connect(now)

    def handle_abort(self, abort: Abort) -> None:
        """The peer ended the association: by its user's will or for an error."""
        if [cause.type for cause in abort.causes] == [CauseCode.USER_INITIATED_ABORT]:
            self.end(None)
        else:
            code = abort.causes[0].type if abort.causes else None
            self.end(ProtocolError(f"the peer aborted: {describe(abort.causes)}", code))

    def shutdown(self) -> None:
        """Begin a graceful end; what was queued is delivered first."""
        if self.state is State.ESTABLISHED:
            self.state = State.SHUTDOWN_PENDING
        elif self.state in (State.CLOSED, State.COOKIE_WAIT, State.COOKIE_ECHOED):
            self.abort(Cause(CauseCode.USER_INITIATED_ABORT, b""), None)

    def drained(self, cumulative: int, now: float) -> None:
        """All data is acknowledged: the next step of a shutdown may be taken."""
        if self.state is State.SHUTDOWN_PENDING:
            self.state = State.SHUTDOWN_SENT
            self._send_shutdown(cumulative, now)
        elif self.state is State.SHUTDOWN_RECEIVED:
            self.state = State.SHUTDOWN_ACK_SENT
            self._send_shutdown_ack(now)

    def update_shutdown(self, cumulative: int) -> None:
        """Data came while our SHUTDOWN is out: repeat it with the new TSN. RFC 9260 §9.2."""
        if self.state is State.SHUTDOWN_SENT:
            self._repeat = encode_shutdown(cumulative)
            self._outbox.answer(self._repeat)

    def handle_shutdown(self, now: float) -> None:
        """The peer wants to end."""
        if self.state in (State.ESTABLISHED, State.SHUTDOWN_PENDING):
            self.state = State.SHUTDOWN_RECEIVED
            self.deadline = None
        elif self.state is State.SHUTDOWN_SENT:
            self.state = State.SHUTDOWN_ACK_SENT
            self._send_shutdown_ack(now)
        elif self.state is State.SHUTDOWN_ACK_SENT:
            self._repeat_shutdown_ack(now)

    def handle_shutdown_ack(self) -> bool:
        """RFC 9260 §9.2; False when no SHUTDOWN was under way."""
        if self.state not in (State.SHUTDOWN_SENT, State.SHUTDOWN_ACK_SENT):
            return False
        self._outbox.send_alone(encode_shutdown_complete())
        self.end(None)
        return True

    def handle_stray_shutdown_ack(self, tag: int, now: float) -> None:
        """The peer missed the last step: answer under its own tag. RFC 9260 §8.4 5), §8.5.1 E."""
        if self._strays.allows(now):
            self._outbox.send_alone(encode_shutdown_complete(tag_reflected=True), tag)

    def handle_shutdown_complete(self) -> None:
        """The last step."""
        if self.state is State.SHUTDOWN_ACK_SENT:
            self.end(None)

    def is_reflected(self, kind: int, flags: int, tag: int) -> bool:
        """Whether a packet with the peer's own tag is to be taken. RFC 9260 §8.5.1 B, C."""
        reflects = kind in (ChunkType.ABORT, ChunkType.SHUTDOWN_COMPLETE)
        peering = self.peering
        return (
            reflects
            and bool(flags & TAG_REFLECTED)
            and peering is not None
            and tag == peering.peer_tag
        )

    def _knows(self, init: Init) -> bool:
        peering = self.peering
        told = init.tag, init.initial_tsn
        return peering is not None and told == (peering.peer_tag, peering.peer_tsn)

    def _adopt(self, peering: Peering) -> None:
        self._signalled = False
        self.peering = peering
        self.state = State.ESTABLISHED
        self.generation += 1
        self.deadline = None
        self._errors = 0
        zero_checksum = bool(peering.capabilities & Capability.ZERO_CHECKSUM)
        self._outbox.set_tag(peering.peer_tag, zero_checksum=zero_checksum)

    def _report_stale(self, cookie: Cookie, now: float) -> None:
        if not self._strays.allows(now):
            return
        staleness = min(int((now - cookie.expires_at) * 1e6), 0xFFFF_FFFF)
        cause = Cause(CauseCode.STALE_COOKIE, staleness.to_bytes(4, "big"))
        self._outbox.send_alone(encode_error((cause,)), cookie.peering.peer_tag)

    def _refuse_restart(self, cookie: Cookie, now: float) -> None:
        """RFC 9260 §5.2.4 A: a new association must wait for the end of the old one."""
        if not self._strays.allows(now):
            return
        error = encode_error((Cause(CauseCode.COOKIE_WHILE_SHUTTING_DOWN, b""),))
        self._outbox.send_alone(SHUTDOWN_ACK)
        self._outbox.send_alone(error, cookie.peering.peer_tag)

    def _send_shutdown(self, cumulative: int, now: float) -> None:
        self._repeat = encode_shutdown(cumulative)
        self._outbox.send_alone(self._repeat)
        self._errors = 0
        self._start(now)

    def _repeat_shutdown_ack(self, now: float) -> None:
        if self._strays.allows(now):
            self._outbox.send_alone(SHUTDOWN_ACK)

    def _send_shutdown_ack(self, now: float) -> None:
        self._repeat = SHUTDOWN_ACK
        self._outbox.send_alone(SHUTDOWN_ACK)
        self._errors = 0
        self._start(now)

    def _start(self, now: float) -> None:
        config = self._config
        maximum = min(config.handshake_rto_max, config.rto_max)
        self.deadline = now + min(config.rto_initial * 2 ** min(self._errors, 16), maximum)


def report_of_chunk(kind: int, flags: int, value: bytes) -> bytes:
    """The ERROR for an unknown chunk that asks for one, cut to what one needs to see."""
    chunk = encode_chunk(kind, flags, value[:64])
    return encode_error((Cause(CauseCode.UNRECOGNIZED_CHUNK, chunk),))
