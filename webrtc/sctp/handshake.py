"""What goes into INIT and INIT ACK, and what a returning cookie means. RFC 9260 §5."""

from enum import Enum, IntEnum, auto
from random import Random

from webrtc.errors import DecodeError
from webrtc.sctp.causes import Cause, CauseCode, Violation
from webrtc.sctp.chunks import ChunkType, Init
from webrtc.sctp.config import Config
from webrtc.sctp.cookie import Cookie, CookieJar, Peering
from webrtc.sctp.parameters import Parameter, ParameterType, find, unrecognized

MIN_RECEIVE_WINDOW = 1500
"""The smallest that an INIT may announce. RFC 9260 §3.3.2."""
MAX_REPORTED_PARAMETERS = 4
MAX_REPORTED_SIZE = 64
"""Bytes of a parameter that is reported as it came, of a longer one only the type is."""

_EXTENSIONS = bytes((ChunkType.RE_CONFIG, ChunkType.PAD, ChunkType.FORWARD_TSN))
_INTERLEAVING = bytes((ChunkType.I_DATA, ChunkType.I_FORWARD_TSN))
_OVER_DTLS = Parameter(ParameterType.ZERO_CHECKSUM, b"\0\0\0\1")  # RFC 9653 §4, §8.2


class Capability(IntEnum):
    """Extensions that both sides have: one bit each."""

    FORWARD_TSN = 1
    """Partial reliability; with `INTERLEAVING` by I-FORWARD-TSN."""
    RE_CONFIG = 2
    PAD = 4
    """Takes padded packets of any size: among known peers only ours says so."""
    INTERLEAVING = 8
    ZERO_CHECKSUM = 16
    """The peer takes packets without CRC32c, and we may send them."""


class Action(Enum):
    """What to do with a COOKIE ECHO. RFC 9260 §5.2.4 table 12."""

    ESTABLISH = auto()
    CONFIRM = auto()
    RESTART = auto()
    DISCARD = auto()


class Handshake:
    """Our side of the four-way handshake: tag, first TSN and cookies, nothing of the peer's."""

    def __init__(self, config: Config, random: Random) -> None:
        self._config = config
        self._random = random
        self._jar = CookieJar(random, config.cookie_lifetime)
        extensions = _EXTENSIONS + (_INTERLEAVING if config.interleaving else b"")
        self._offer = (
            Parameter(ParameterType.FORWARD_TSN_SUPPORTED, b""),
            Parameter(ParameterType.SUPPORTED_EXTENSIONS, extensions),
        )
        self._told: dict[bool, bytes] = {}
        self.tag = self._draw_tag()
        self.initial_tsn = random.getrandbits(32)
        self.takes_zero = False
        """The peer was told that it may leave the checksum out. RFC 9653 §5.3."""

    def init(self, *, zero_checksum: bool = True) -> bytes:
        """The INIT chunk, without `zero_checksum` even if that is configured."""
        told = self._told.get(zero_checksum)
        if told is None:  # it is asked for again and again, to be compared with
            offer = self._announce(zero_checksum=zero_checksum)
            told = self._init(self.tag, self.initial_tsn, offer).encode()
            self._told[zero_checksum] = told
        return told

    def agree(self, init: Init) -> Peering:
        """What follows from our INIT and a good one of the peer, without any cookie."""
        return self._agree(init, self.tag, self.initial_tsn)

    def answer(self, init: Init, current: Peering | None, now: float) -> bytes:
        """The INIT ACK chunk; `current` is the association that exists. RFC 9260 §5.2.1, §5.2.2.

        Raises Violation for an INIT that must be refused.
        """
        _check(init)
        tag, tsn, ties = self.tag, self.initial_tsn, (0, 0)
        if current is not None:
            tag, tsn = self._draw_tag(), self._random.getrandbits(32)
            ties = current.local_tag, current.peer_tag
        cookie = self._jar.bake(self._agree(init, tag, tsn), ties, now)
        reports = tuple(
            Parameter(ParameterType.UNRECOGNIZED, _cut(parameter).encode())
            for parameter in unrecognized(init.parameters, MAX_REPORTED_PARAMETERS)
        )
        state_cookie = Parameter(ParameterType.STATE_COOKIE, cookie)
        # Who drops an INIT with a parameter that it does not know would drop an INIT ACK with it.
        known = find(init.parameters, ParameterType.ZERO_CHECKSUM) is not None
        parameters = (state_cookie, *self._announce(zero_checksum=known), *reports)
        return self._init(tag, tsn, parameters).encode(ChunkType.INIT_ACK)

    def accept(self, init_ack: Init) -> tuple[bytes, Peering]:
        """The cookie to echo and what was agreed. Raises Violation for an INIT ACK to refuse."""
        _check(init_ack)
        cookie = find(init_ack.parameters, ParameterType.STATE_COOKIE)
        if cookie is None:
            missing = b"\0\0\0\1" + int(ParameterType.STATE_COOKIE).to_bytes(2, "big")
            raise Violation(
                "INIT ACK without state cookie",
                Cause(CauseCode.MISSING_MANDATORY_PARAMETER, missing),
            )
        return cookie, self.agree(init_ack)

    def open(self, cookie: bytes) -> Cookie:
        """Content of a cookie of ours; AuthenticationError for any other."""
        return self._jar.open(cookie)

    def judge(self, cookie: Cookie, current: Peering | None, *, established: bool) -> Action:
        """The row of the table: our tag, the peer's tag and the tie tags."""
        found = cookie.peering
        if current is None:
            return Action.ESTABLISH if found.local_tag == self.tag else Action.DISCARD
        same_local = found.local_tag == current.local_tag
        same_peer = found.peer_tag == current.peer_tag
        ties = cookie.tie_local_tag, cookie.tie_peer_tag
        if same_local and same_peer:
            return Action.CONFIRM if established else Action.ESTABLISH
        if same_local:
            return Action.RESTART if established else Action.ESTABLISH
        if not same_peer and ties == (current.local_tag, current.peer_tag):
            return Action.RESTART
        return Action.DISCARD

    def _announce(self, *, zero_checksum: bool) -> tuple[Parameter, ...]:
        if not (zero_checksum and self._config.zero_checksum):
            return self._offer
        self.takes_zero = True
        return (*self._offer, _OVER_DTLS)

    def _init(self, tag: int, tsn: int, parameters: tuple[Parameter, ...]) -> Init:
        config = self._config
        return Init(
            tag,
            config.announced_window,
            config.outbound_streams,
            config.inbound_streams,
            tsn,
            parameters,
        )

    def _agree(self, peer: Init, tag: int, tsn: int) -> Peering:
        capabilities = _capabilities(peer.parameters, interleaving=self._config.interleaving)
        if self._config.zero_checksum and _OVER_DTLS in peer.parameters:
            capabilities |= Capability.ZERO_CHECKSUM
        return Peering(
            local_tag=tag,
            peer_tag=peer.tag,
            local_tsn=tsn,
            peer_tsn=peer.initial_tsn,
            peer_window=peer.receive_window,
            outbound_streams=min(self._config.outbound_streams, peer.inbound_streams),
            inbound_streams=min(self._config.inbound_streams, peer.outbound_streams),
            capabilities=capabilities,
        )

    def _draw_tag(self) -> int:
        return self._random.randrange(1, 1 << 32)


def read_init(chunk: bytes) -> Init:
    """The INIT chunk that signalling brought. Raises ProtocolError for one to refuse."""
    init = Init.decode_chunk(chunk)
    _check(init)
    return init


def _cut(parameter: Parameter) -> Parameter:
    """An INIT may be as long as a record of DTLS, and the INIT ACK has to go into one, too."""
    return parameter if len(parameter.value) <= MAX_REPORTED_SIZE else parameter._replace(value=b"")


def _check(init: Init) -> None:
    """RFC 9260 §3.3.2, §3.3.3."""
    if not init.tag:
        raise DecodeError("initiate tag 0")
    if not init.outbound_streams or not init.inbound_streams:
        message = f"{init.outbound_streams} outbound and {init.inbound_streams} inbound streams"
    elif init.receive_window < MIN_RECEIVE_WINDOW:
        message = f"receive window of {init.receive_window} bytes"
    else:
        return
    raise Violation(message, Cause(CauseCode.INVALID_MANDATORY_PARAMETER, b""))


def _capabilities(parameters: tuple[Parameter, ...], *, interleaving: bool) -> int:
    """What we and the peer of these parameters have in common. RFC 8260 §2.2.1, §2.3.1."""
    extensions = find(parameters, ParameterType.SUPPORTED_EXTENSIONS) or b""
    found = 0
    if interleaving and ChunkType.I_DATA in extensions:
        found |= Capability.INTERLEAVING
        partial = ChunkType.I_FORWARD_TSN in extensions
    else:
        partial = (
            ChunkType.FORWARD_TSN in extensions
            or find(parameters, ParameterType.FORWARD_TSN_SUPPORTED) is not None
        )
    if partial:
        found |= Capability.FORWARD_TSN
    if ChunkType.RE_CONFIG in extensions:
        found |= Capability.RE_CONFIG
    if ChunkType.PAD in extensions:
        found |= Capability.PAD
    return found
