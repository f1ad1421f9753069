"""The interface that every sans-IO core shares: five verbs, bytes and floats."""

from collections.abc import Callable, Hashable, Sequence
from typing import Any, Generic, Literal, NamedTuple, Protocol, TypeVar, runtime_checkable

Address = tuple[str, int]
"""IP address as text (IPv6 link-local with its zone: `fe80::1%eth0`) and port."""

ReadT_contra = TypeVar("ReadT_contra", contravariant=True)
WriteT_co = TypeVar("WriteT_co", covariant=True)
EventT_co = TypeVar("EventT_co", covariant=True)
NameT = TypeVar("NameT", bound=Hashable)


class Path(NamedTuple):
    """Where a datagram came from or goes to. Interned: one object per (local, remote)."""

    local: Address
    remote: Address
    protocol: Literal["udp", "tcp"] = "udp"


class Transmit(NamedTuple):
    """A datagram the caller must send."""

    data: bytes
    path: Path
    ecn: int = 0
    dont_fragment: bool = False
    """Lose it rather than fragment it: the DF bit of IPv4, and no fragment header in IPv6."""


class Burst(NamedTuple):
    """Datagrams that leave together, in this order."""

    datagrams: Sequence[bytes]
    path: Path
    dont_fragment: bool = False
    """As in `Transmit`, for all of them."""
    more: bool = True
    """Something else may have to be sent: ask again."""


def transmits(burst: Burst) -> list[Transmit]:
    """The datagrams of a burst one by one."""
    datagrams, path, dont_fragment, _ = burst
    return [Transmit(data, path, 0, dont_fragment) for data in datagrams]


class Refused(NamedTuple):
    """What an endpoint was to send and could not."""

    transmits: Sequence[Transmit]
    too_large: Transmit | None = None
    """The smallest that must not be fragmented and is too large for the interface."""
    unreachable: Sequence[Transmit] = ()
    """Those of `transmits` for whose destination there is no way: they would be refused again."""


def smaller(one: Transmit, other: Transmit | None) -> Transmit:
    """The one with less data."""
    return one if other is None or len(one.data) < len(other.data) else other


@runtime_checkable
class SizeAware(Protocol):
    """A core that uses `Transmit.dont_fragment` and wants to know what did not fit."""

    def handle_too_large(self, transmit: Transmit, now: float) -> None:
        """The interface refused this datagram, and all others of its size, without sending it."""


@runtime_checkable
class WayAware(Protocol):
    """A core that has several ways and wants to know which of them do not exist."""

    def handle_unreachable(self, transmit: Transmit, now: float) -> None:
        """The system knows no way for this datagram and did not send it."""


@runtime_checkable
class BurstAware(Protocol):
    """A core that takes and gives several datagrams at once, for less than one by one.

    Nothing is lost on a caller who knows only the five verbs.
    """

    def handle_reads(self, datagrams: Sequence[bytes], path: Path, now: float) -> None:
        """As `handle_read` for each: datagrams that were waiting at the same time."""

    def poll_burst(self) -> Burst | None:
        """One or several datagrams to send. None says that `poll_write` is the one to ask."""


Observer = Callable[[str, dict[str, Any]], None]
"""Takes the name of something that happens in a core, and its facts: strings, numbers, None.

It is called on the packet's own way, so it must be quick and must not raise.
"""


class Core(Protocol[ReadT_contra, WriteT_co, EventT_co]):
    """A sans-IO protocol core. `now` is seconds on the caller's monotonic clock."""

    def handle_read(self, item: ReadT_contra, now: float) -> None:
        """Take one unit from the layer below. Never raises on what a peer may send."""

    def handle_timeout(self, now: float) -> None:
        """Act on every timer due at `now`. Harmless when none is due."""

    def poll_write(self) -> WriteT_co | None:
        """Next unit for the layer below, or None when drained."""

    def poll_event(self) -> EventT_co | None:
        """Next event for the layer above, or None when drained."""

    def poll_timeout(self) -> float | None:
        """When to call `handle_timeout` next, or None when nothing is pending."""


class Timers(Generic[NameT]):
    """The named deadlines of one core. Small by design: `due` and `next` walk all of them."""

    def __init__(self) -> None:
        self._deadlines: dict[NameT, float] = {}

    def set(self, name: NameT, deadline: float) -> None:
        """Arm `name`, replacing its deadline when it is armed."""
        self._deadlines[name] = deadline

    def stop(self, name: NameT) -> None:
        """Disarm `name`; harmless when it is not armed."""
        self._deadlines.pop(name, None)

    def clear(self) -> None:
        """Disarm every timer."""
        self._deadlines.clear()

    def get(self, name: NameT) -> float | None:
        """Deadline of `name`, or None when it is not armed."""
        return self._deadlines.get(name)

    def next(self) -> float | None:
        """Earliest deadline, or None when nothing is armed."""
        return min(self._deadlines.values()) if self._deadlines else None

    def due(self, now: float) -> list[NameT]:
        """Disarm and return every timer whose deadline is not after `now`, earliest first."""
        names = [name for name, deadline in self._deadlines.items() if deadline <= now]
        names.sort(key=self._deadlines.__getitem__)
        for name in names:
            del self._deadlines[name]
        return names


def earlier(one: float | None, other: float) -> float:
    """The smaller of a `poll_timeout` result and a deadline that there is."""
    return other if one is None or other < one else one


def earliest(*deadlines: float | None) -> float | None:
    """Smallest of several `poll_timeout` results."""
    soonest = None
    for deadline in deadlines:
        if deadline is not None and (soonest is None or deadline < soonest):
            soonest = deadline
    return soonest
