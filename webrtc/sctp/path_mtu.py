"""Which packet size the path carries, found without ICMP. RFC 8899 §5, §6.2, RFC 4820.

A probe is a HEARTBEAT that a PAD chunk fills up. Nobody misses one that is lost: it carries no data
and tells nothing about congestion. Confirming a size afterwards is left to the data sent at it.
Pion drops packets with a chunk that it does not know, and PAD is one: peers that do not list it are
asked in turns with a HEARTBEAT that is itself as large, which they send back.
"""

from enum import Enum, auto
from random import Random

from webrtc.sctp.chunks import ChunkType
from webrtc.sctp.config import Config
from webrtc.sctp.packet import CHUNK_HEADER, HEADER_SIZE, encode_chunk
from webrtc.sctp.parameters import Parameter, ParameterType, decode_parameters, find

MAX_PROBES = 3
"""Probes of one size until it is taken for too large. RFC 8899 §5.1.2."""
PROBE_TIMER = 1.0
"""Wait for an answer at least; three round trips where that is more. RFC 8899 §5.1.1."""
PMTU_RAISE_TIMER = 600.0
"""Pause until a path is asked for more than it gave. RFC 8899 §5.1.1."""
RETRY = 15.0
"""Pause after a path carried no probe at all, though the peer has answered some before."""
MAX_BLACK_HOLES = 3
"""Sizes proven and then lost between two raises; after that BASE_PLPMTU has to do. RFC 8899 §5.2
asks for something against oscillation."""
MAX_UNPADDED = 1432
"""Ceiling for peers that do not list PAD: the SCTP packet of a 1500-byte IPv4 packet. Some cannot
read a longer DTLS record (libwebrtc: 2048), and aiortc loses step when it gets one above 1500."""

STEPS = (8912, 1432, 1412)
"""Sizes tried from the top: links of 9000 bytes, and of 1500 with IPv4 and IPv6."""
GRANULARITY = 16
"""Between the lowest step and the base the search halves until it is this close."""

_NEVER = 1 << 16
_NONCE = 16


class DiscoveryState(Enum):
    """As RFC 8899 §5.2 names them; DISABLED is also what waits for a reason to begin."""

    DISABLED = auto()
    BASE = auto()
    SEARCHING = auto()
    SEARCH_COMPLETE = auto()
    ERROR = auto()


_CONFIRMED = frozenset({DiscoveryState.SEARCHING, DiscoveryState.SEARCH_COMPLETE})


class PathMtu:
    """The one owner of the packet size: how large a packet may be, and what is known to arrive.

    Sizes are those of whole SCTP packets. The search begins when a packet that is nearly full was
    sent, so that connections which stay idle or say little are never probed.
    """

    def __init__(self, config: Config, random: Random) -> None:
        self._wanted = config.path_mtu_discovery
        self._active = False
        self._random = random
        self._min = config.min_plpmtu & ~3
        self._base = config.base_plpmtu & ~3
        self._max = self._ceiling = config.max_plpmtu & ~3
        self.state = DiscoveryState.DISABLED
        self.size = self._base
        """PLPMTU: largest packet to send."""
        self.room = self.size - HEADER_SIZE
        """Bytes of chunks in such a packet."""
        self.confirmed = 0
        """Largest packet known to arrive whole; what is larger may be fragmented on its way."""
        self.trigger = _NEVER
        """A sent packet of this size is to be reported with `on_full_packet`."""
        self.due = False
        """A probe wants to leave."""
        self.deadline: float | None = None
        self._probed = 0
        self._count = 0
        self._nonce = b""
        self._too_large = 0
        self._previous = 0
        self._black_holes = 0
        self._answers = False
        self._waits = False
        """A timeout is unanswered: the one packet in flight is data."""
        self._pads: bool | None = None
        """The peer answers probes with PAD, or only those without; None is to be found out."""

    def establish(self, *, padding: bool) -> None:
        """The association is up; `padding` tells whether the peer lists PAD."""
        self._ceiling = self._max if padding else min(self._max, max(MAX_UNPADDED, self._base))
        self._answers, self._active = False, self._wanted
        self._pads = padding or None
        self.reset()

    def reset(self) -> None:
        """Nothing is known about the path, which may be another one."""
        self.state = DiscoveryState.DISABLED
        self._waits = False
        self._previous = self._black_holes = 0
        self._forget_failures()
        self._settle(None)
        self._resize(self._base, confirmed=0)
        self.trigger = self._full() if self._active else _NEVER

    def stop(self) -> None:
        """The association is about to end: no more probes."""
        self._active = False
        self._settle(None)
        self.state, self.trigger = DiscoveryState.DISABLED, _NEVER

    def on_full_packet(self, now: float) -> None:
        """A packet of `trigger` bytes or more was sent: larger ones would be of use."""
        self.trigger = _NEVER
        if self.state is DiscoveryState.DISABLED:
            self._begin()
        else:
            self._search(now)

    def on_black_hole(self, size: int) -> None:
        """A chunk of `size` bytes was lost again and again. RFC 8899 §4.3.

        One that was cut when packets were larger tells nothing about those of today.
        """
        if size <= self.room:
            self._doubt(size)

    def on_timeout(self, lost: int) -> None:
        """The retransmission timer expired over `lost` bytes of chunks that packets still fit.

        Until `on_answer` no probe leaves, for one packet may be in flight: RFC 9260 §7.2.3. A probe
        ahead of it could take the last room in a queue, and the data would be lost each time.
        """
        if self.state is DiscoveryState.BASE and self._waits and lost + HEADER_SIZE > self._min:
            self._count += 1  # what was sent again stands for the probe that waits for it
            if self._count >= MAX_PROBES and self._min < self._base:
                self._fall()
        self._waits, self.due = True, False
        self._doubt(lost)

    def on_answer(self) -> None:
        """Data that was sent after a timeout has arrived."""
        if self._waits:
            self._waits = False
            self._ask()

    def on_refused(self, size: int, now: float) -> None:
        """The interface does not take packets of `size` bytes: no need to wait for the timer."""
        if self.confirmed >= size:
            self._too_large = min(self._too_large, size)
            self._begin()
        elif self._nonce and self._probed >= size:
            self._too_large = min(self._too_large, size)
            self._fail(now)

    def take_probe(self, now: float, srtt: float | None) -> tuple[bytes, ...]:
        """The chunks of the probe that is due."""
        self.due = False
        self._count += 1
        self.deadline = now + max(PROBE_TIMER, 3 * (srtt or 0.0))
        heartbeat = _heartbeat(self._nonce)
        size = self._probed - HEADER_SIZE - len(heartbeat)
        pads = self._pads
        if pads is None:
            pads = self._count % 2 == 1
        if not pads:
            return (_heartbeat(self._nonce + bytes(size)),)
        padding = bytes(size - CHUNK_HEADER.size)
        return heartbeat, CHUNK_HEADER.pack(ChunkType.PAD, 0, size) + padding

    def handle_ack(self, value: bytes, now: float) -> bool:
        """Take a HEARTBEAT ACK; False when it answers no probe of ours.

        The answer to an earlier probe of the same size counts too.
        """
        info = find(decode_parameters(value, 1), ParameterType.HEARTBEAT_INFO)
        if not self._nonce or info is None or info[:_NONCE] != self._nonce:
            return False
        self._answers = True
        if self._pads is None:
            self._pads = len(info) == _NONCE
        self._resize(self._probed, confirmed=self._probed)
        self._search(now)
        return True

    def handle_timeout(self, now: float) -> None:
        """No answer to a probe, or time to ask again."""
        if self.deadline is None or now < self.deadline:
            return
        self.deadline = None
        if not self._nonce:
            self._black_holes = 0
            self._forget_failures()
            self.trigger = self._full()
        elif self._count < MAX_PROBES:
            self._ask()
        else:
            self._fail(now)

    def _doubt(self, lost: int) -> None:
        """Ask anew what the path carries, since `lost` bytes did not arrive."""
        if self.state not in _CONFIRMED or lost + HEADER_SIZE <= self._min:
            return
        self._previous = self.size
        if self.size > self._base:
            self._black_holes += 1
            enough = self._black_holes >= MAX_BLACK_HOLES
            self._too_large = (self._base if enough else self.size) + 4
        if self.size < self._base:
            self._fall()
        else:
            self._begin()

    def _begin(self) -> None:
        """Find out whether even packets of the base size arrive. RFC 8899 §5.2 BASE."""
        self.state = DiscoveryState.BASE
        self._resize(self._base, confirmed=0)
        self._probe(self._base)

    def _fall(self) -> None:
        """They do not. RFC 8899 §5.2 ERROR."""
        self.state = DiscoveryState.ERROR
        self._resize(self._min, confirmed=0)
        self._probe(self._min)

    def _search(self, now: float) -> None:
        size = self._next_size()
        if size:
            self.state = DiscoveryState.SEARCHING
            self._probe(size)
        else:
            self.state = DiscoveryState.SEARCH_COMPLETE
            self._settle(now + PMTU_RAISE_TIMER if self.size < self._ceiling else None)

    def _next_size(self) -> int:
        """What to probe next, 0 when the search is over. RFC 8899 §5.3."""
        low, high = self.size, self._too_large
        for size in (self._base, self._previous, self._ceiling, *STEPS):
            if low < size < high:
                return size
        if high <= STEPS[-1] and high - low > GRANULARITY:
            return (low + high) // 2 & ~3
        return 0

    def _fail(self, now: float) -> None:
        """The size that was probed does not arrive, or not to a peer that answers."""
        if self.state is DiscoveryState.SEARCHING:
            self._too_large = min(self._too_large, self._probed)
            self._search(now)
        elif self.state is DiscoveryState.BASE and self._min < self._base:
            self._fall()
        else:
            self.state = DiscoveryState.DISABLED
            self._resize(self._base, confirmed=0)
            self._settle(now + (RETRY if self._answers else PMTU_RAISE_TIMER))

    def _probe(self, size: int) -> None:
        self.trigger = _NEVER
        self._probed, self._count = size, 0
        self._nonce = self._random.randbytes(_NONCE)
        self.deadline = None
        self._ask()

    def _ask(self) -> None:
        """Let the probe leave, unless it has left or has to wait."""
        self.due = bool(self._nonce) and self.deadline is None and not self._waits

    def _settle(self, deadline: float | None) -> None:
        """No probe is out or due."""
        self._nonce = b""
        self.due, self.deadline = False, deadline

    def _resize(self, size: int, *, confirmed: int) -> None:
        self.size, self.room, self.confirmed = size, size - HEADER_SIZE, confirmed

    def _full(self) -> int:
        """Messages in packets above this would be better off in larger ones."""
        return self.size * 3 // 4

    def _forget_failures(self) -> None:
        self._too_large = self._ceiling + 4


def _heartbeat(info: bytes) -> bytes:
    parameter = Parameter(ParameterType.HEARTBEAT_INFO, info)
    return encode_chunk(ChunkType.HEARTBEAT, 0, parameter.encode())
