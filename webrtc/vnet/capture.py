"""Captures of what leaves and reaches the hosts of a virtual network."""

from collections import deque
from collections.abc import Callable
from os import PathLike
from types import TracebackType
from typing import NamedTuple, Self

from webrtc.util import pcapng
from webrtc.vnet.engine import Action
from webrtc.vnet.packet import Packet

MAX_KEPT = 100_000
"""Most recent packets that are kept for a file written only on failure."""

_DIRECTION = {"send": pcapng.Direction.OUTBOUND, "deliver": pcapng.Direction.INBOUND}


class _Record(NamedTuple):
    time: float
    direction: pcapng.Direction
    packet: Packet
    place: str


class Capture:
    """Writes what leaves and reaches every interface; a context manager.

    Each interface of a host is one of the file, so a packet that arrives is in it twice: as sent,
    and as received, with the addresses a NAT gave it. Time 0.0 is 1970-01-01. With `on_failure`
    the file is written only when the `with` block raises.
    """

    def __init__(
        self,
        path: str | PathLike[str],
        stop: Callable[["Capture"], None],
        *,
        on_failure: bool = False,
    ) -> None:
        self._path = path
        self._stop = stop
        self._on_failure = on_failure
        self._closed = False
        self._kept: deque[_Record] = deque(maxlen=MAX_KEPT)
        self._file = None if on_failure else _Writer(path)

    def __call__(self, time: float, action: Action, packet: Packet, place: str) -> None:
        """Take one report of the network."""
        direction = _DIRECTION.get(action)
        if direction is None:
            return
        record = _Record(time, direction, packet, place)
        if self._file is not None:
            self._file.write(record)
        else:
            self._kept.append(record._replace(packet=packet.copy()))

    def close(self, *, failed: bool = False) -> None:
        """Stop; `failed` writes what an `on_failure` capture has kept. Harmless when closed."""
        if self._closed:
            return
        self._closed = True
        self._stop(self)
        if failed and self._on_failure and self._file is None:
            self._file = _Writer(self._path)
            for record in self._kept:
                self._file.write(record)
        self._kept.clear()
        if self._file is not None:
            self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close(failed=error is not None)


class _Writer:
    def __init__(self, path: str | PathLike[str]) -> None:
        self._file = open(path, "wb")  # noqa: SIM115  # closed by `close`
        self._blocks = pcapng.Writer(self._file.write)

    def write(self, record: _Record) -> None:
        packet = record.packet
        comment = f"#{packet.id} {packet.tag}".rstrip()
        datagram = _datagram(packet)
        self._blocks.write(record.time, record.direction, datagram, record.place, comment)

    def close(self) -> None:
        self._file.close()


def ip_packet(packet: Packet) -> bytes:
    """The IPv4 or IPv6 packet that `packet` would be on a wire."""
    return pcapng.ip_packet(_datagram(packet))


def _datagram(packet: Packet) -> pcapng.Datagram:
    fields = packet.data, packet.source, packet.destination, packet.ecn, packet.id
    return pcapng.Datagram(*fields, packet.dont_fragment)
