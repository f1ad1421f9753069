"""UDP sockets that read and write in bursts, coalesced by the kernel: UDP_SEGMENT and UDP_GRO."""

import asyncio
import errno
import socket
import struct
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from webrtc.core import Address, Burst, Path, Refused, Transmit, smaller, transmits

if TYPE_CHECKING:
    from webrtc.aio.net.seam import Receiver

BURST: Final = 64
"""Datagrams read before others get their turn on the loop."""
MAX_LONE_READS: Final = 15
"""Wake-ups in a row in which only one datagram is read."""
RECEIVE_SIZE: Final = 65535  # a smaller buffer would lose the rest of a coalesced read
_BUFFER_SIZE: Final = 4 * 1024 * 1024  # asked for; the system may give less
_COALESCING: Final = sys.platform == "linux"  # others may take the options for something else
_UDP_SEGMENT, _UDP_GRO = 103, 104
_SEGMENT: Final = struct.Struct("=H")
_GRO_SIZE: Final = struct.Struct("=i")
_MAX_SEGMENTS: Final = 64  # the kernel's limit before 6.x; newer ones take 128
_MAX_COALESCED: Final = 65000
_GRO_AFTER: Final = 8  # datagrams in one burst: with less nothing would be coalesced
_PATHS: Final = 256
_UNSUPPORTED: Final = {errno.EIO, errno.EINVAL, errno.EOPNOTSUPP, errno.ENOPROTOOPT}
_UNREACHABLE: Final = {
    errno.ENETUNREACH,
    errno.EHOSTUNREACH,
    errno.EADDRNOTAVAIL,
    errno.ENETDOWN,
    10051,  # Windows has numbers of its own
    10065,
}
_TOO_LARGE: Final = {errno.EMSGSIZE, 10040}  # Windows has a number of its own

_V4, _V6 = socket.IPPROTO_IP, 41  # Windows before 3.12 has no IPPROTO_IPV6 to name
_FRAGMENTATION: dict[tuple[str, int], tuple[int, int, int, int]] = {
    # Level, option, value that allows it, value that forbids it. Linux: IP_MTU_DISCOVER with
    # IP_PMTUDISC_DONT and IP_PMTUDISC_PROBE, which does not believe ICMP; others: IP_DONTFRAG.
    ("linux", socket.AF_INET): (_V4, 10, 0, 3),
    ("linux", socket.AF_INET6): (_V6, 23, 0, 3),
    ("darwin", socket.AF_INET): (_V4, 28, 0, 1),
    ("darwin", socket.AF_INET6): (_V6, 62, 0, 1),
    ("win32", socket.AF_INET): (_V4, 14, 0, 1),
    ("win32", socket.AF_INET6): (_V6, 14, 0, 1),
}


class UdpEndpoint:
    """One bound, unconnected socket feeding one receiver."""

    def __init__(self, address: Address) -> None:
        host, _, zone = address[0].partition("%")
        self._family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._zone = zone
        self.dropped = 0
        """Datagrams that the system refused to send."""
        self._socket = socket.socket(self._family, socket.SOCK_DGRAM)
        try:
            self._prepare(host, address[1])
        except OSError:
            self._socket.close()
            raise
        self.local: Address = (address[0], self._socket.getsockname()[1])
        self._refused: list[Transmit] = []
        self._too_large: Transmit | None = None
        self._unreachable: list[Transmit] = []
        self._paths: dict[object, Path] = {}
        self._destinations: dict[Address, tuple[str | int, ...]] = {}
        self._segmentation = _COALESCING
        self._coalescing = False
        self._lone = 0
        self._lone_reads = 0
        """Of the next wake-ups, for how many one datagram is taken to be all."""
        self._dont_fragment: bool | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._receiver: Receiver | None = None

    def start(self, receiver: "Receiver") -> None:
        """Begin to read."""
        self._receiver = receiver
        self._loop = asyncio.get_running_loop()
        # By number: asyncio puts the text of a socket, two system calls, into an error it drops.
        self._loop.add_reader(self._socket.fileno(), self._on_readable)

    def send(self, transmits: Sequence[Transmit]) -> Refused | None:
        """Send now or drop; returns what the system refused."""
        for data, path, _, dont_fragment in transmits:
            self._send_one(data, path, dont_fragment=dont_fragment)
        return self._take_refused() if self._refused else None

    def send_burst(self, burst: Burst) -> Refused | None:
        """Send now or drop. Runs of equal size become one system call.

        Returns what the system refused.
        """
        datagrams, path, dont_fragment, _ = burst
        start, count = 0, len(datagrams)
        if count == 1:
            self._send_one(datagrams[0], path, dont_fragment=dont_fragment)
            return self._take_refused() if self._refused else None
        while start < count:
            end = _run_end(datagrams, start) if self._segmentation else start + 1
            run = datagrams if end - start == count else datagrams[start:end]
            if end - start == 1 or not self._send_run(run, path, dont_fragment=dont_fragment):
                for data in run:
                    self._send_one(data, path, dont_fragment=dont_fragment)
            start = end
        return self._take_refused() if self._refused else None

    def _take_refused(self) -> Refused:
        if self._too_large is not None:
            self._segmentation = _COALESCING  # some kernels say EINVAL for a too large segment
        refused = Refused(self._refused, self._too_large, tuple(self._unreachable))
        self._refused, self._too_large, self._unreachable = [], None, []
        self.dropped += len(refused.transmits)
        return refused

    def close(self) -> None:
        """Stop reading and release the port. Harmless when closed."""
        if self._socket.fileno() < 0:
            return
        if self._loop is not None and not self._loop.is_closed():
            remove: Callable[[int], object] = self._loop.remove_reader  # uvloop's gives None
            remove(self._socket.fileno())
        self._receiver = None
        self._socket.close()

    def _prepare(self, host: str, port: int) -> None:
        sock = self._socket
        sock.settimeout(0)
        if self._family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
            try:
                sock.setsockopt(socket.SOL_SOCKET, option, _BUFFER_SIZE)
            except OSError:
                pass  # some systems refuse what others cut
        sock.bind(self._system_address((host, port)))

    def _system_address(self, address: Address) -> tuple[str | int, ...]:
        host, _, zone = address[0].partition("%")
        if self._family == socket.AF_INET:
            return host, address[1]
        zone = zone or (self._zone if host.startswith("fe80:") else "")
        index = int(zone) if zone.isdecimal() else socket.if_nametoindex(zone) if zone else 0
        return host, address[1], 0, index

    def _destination(self, remote: Address) -> tuple[str | int, ...]:
        found = self._destinations.get(remote)
        if found is None:
            if len(self._destinations) >= _PATHS:
                self._destinations.clear()
            found = self._destinations[remote] = self._system_address(remote)
        return found

    def _path(self, sender: tuple[str | int, ...]) -> Path:
        path = self._paths.get(sender)
        if path is None:
            if len(self._paths) >= _PATHS:
                self._paths.clear()
            host = str(sender[0])
            if len(sender) == 4 and sender[3] and "%" not in host:
                host = f"{host}%{self._zone or sender[3]}"
            path = self._paths[sender] = Path(self.local, (host, int(sender[1])))
        return path

    def _send_one(self, data: bytes, path: Path, *, dont_fragment: bool) -> None:
        if dont_fragment is not self._dont_fragment:
            self._set_fragmentation(forbidden=dont_fragment)
        try:
            self._socket.sendto(data, self._destination(path.remote))
        except OSError as error:
            transmit = Transmit(data, path, 0, dont_fragment)
            self._refused.append(transmit)
            if error.errno in _TOO_LARGE and dont_fragment:
                self._too_large = smaller(transmit, self._too_large)
            elif error.errno in _UNREACHABLE:
                self._unreachable.append(transmit)

    def _set_fragmentation(self, *, forbidden: bool) -> None:
        """Applies to all that is sent from here on; system calls, so it is left as it is."""
        option = _FRAGMENTATION.get((sys.platform, self._family))
        if option is not None:
            with suppress(OSError):
                self._socket.setsockopt(option[0], option[1], option[3 if forbidden else 2])
        self._dont_fragment = forbidden

    def _send_run(self, run: Sequence[bytes], path: Path, *, dont_fragment: bool) -> bool:
        """Send with UDP_SEGMENT. False when each datagram has to go by itself."""
        if dont_fragment is not self._dont_fragment:
            self._set_fragmentation(forbidden=dont_fragment)
        size = _SEGMENT.pack(len(run[0]))
        control = [(socket.IPPROTO_UDP, _UDP_SEGMENT, size)]
        try:
            self._socket.sendmsg(run, control, 0, self._destination(path.remote))
        except BlockingIOError:
            self._refused += transmits(Burst(run, path, dont_fragment))
        except OSError as error:
            if error.errno in _UNSUPPORTED:
                self._segmentation = False
            return False
        return True

    def _on_readable(self) -> None:
        receiver = self._receiver
        if receiver is None:
            return
        try:
            if self._coalescing:
                self._read_coalesced(receiver)
            else:
                self._read_singly(receiver, self._socket.recvfrom)
        finally:  # an exception is a bug above; what was read before it is answered all the same
            receiver.flush()

    def _read_singly(
        self, receiver: "Receiver", recvfrom: Callable[[int], tuple[bytes, tuple[str | int, ...]]]
    ) -> None:
        if self._lone_reads:  # asking for more costs an exception; the loop asks for nothing
            self._lone_reads -= 1
            self._read_lone(receiver, recvfrom)
            return
        count = 0
        burst: list[bytes] = []
        origin: tuple[str | int, ...] = ()
        while count < BURST:
            try:
                data, sender = recvfrom(RECEIVE_SIZE)
            except BlockingIOError:
                # Where datagrams come one by one it is found out ever more seldom.
                self._lone = min(2 * self._lone + 1, MAX_LONE_READS) if count == 1 else 0
                self._lone_reads = self._lone
                break
            except OSError:  # an ICMP error for an earlier send; the next read may succeed
                count += 1
                continue
            count += 1
            if sender != origin:
                if burst:
                    self._hand_over(receiver, burst, origin)
                    burst = []
                origin = sender
            burst.append(data)
        if burst:
            self._hand_over(receiver, burst, origin)
        if count >= _GRO_AFTER and _COALESCING:
            self._start_coalescing()

    def _read_lone(
        self, receiver: "Receiver", recvfrom: Callable[[int], tuple[bytes, tuple[str | int, ...]]]
    ) -> None:
        try:
            data, sender = recvfrom(RECEIVE_SIZE)
        except BlockingIOError:
            self._lone = self._lone_reads = 0
        except OSError:  # an ICMP error for an earlier send
            pass
        else:
            receiver.receive(data, self._path(sender))

    def _hand_over(
        self, receiver: "Receiver", burst: list[bytes], sender: tuple[str | int, ...]
    ) -> None:
        if self._socket.fileno() < 0:
            return  # closed by what was handed over before
        path = self._path(sender)
        if len(burst) == 1:
            receiver.receive(burst[0], path)
        else:
            receiver.receive_burst(burst, path)

    def _start_coalescing(self) -> None:
        try:
            self._socket.setsockopt(socket.IPPROTO_UDP, _UDP_GRO, 1)
        except OSError:
            return
        self._coalescing = True

    def _read_coalesced(self, receiver: "Receiver") -> None:
        count = 0
        burst: list[bytes] = []
        origin: tuple[str | int, ...] = ()
        while count < BURST:
            try:
                data, control, _, sender = self._socket.recvmsg(RECEIVE_SIZE, 64)
            except BlockingIOError:
                break
            except OSError:
                count += 1
                continue
            if sender != origin:
                if burst:
                    self._hand_over(receiver, burst, origin)
                    burst = []
                origin = sender
            size = _GRO_SIZE.unpack_from(control[0][2])[0] if control else len(data)
            if len(data) <= size:
                count += 1
                burst.append(data)
                continue
            for start in range(0, len(data), size):
                count += 1
                burst.append(data[start : start + size])
        if burst:
            self._hand_over(receiver, burst, origin)


class AwaitingUdpEndpoint(UdpEndpoint):
    """The same for loops without `add_reader`, such as Windows' proactor: a task reads."""

    def start(self, receiver: "Receiver") -> None:
        """Begin to read."""
        self._receiver = receiver
        self._loop = asyncio.get_running_loop()
        self._reading = self._loop.create_task(self._read())
        # Closed any earlier, the loop would still watch a number that another file may get.
        self._reading.add_done_callback(lambda _: self._socket.close())

    def close(self) -> None:
        """Stop reading; the port is free two turns of the loop later. Harmless when closed."""
        if self._receiver is None:
            self._socket.close()
        else:
            self._receiver = None
            self._reading.cancel()

    async def _read(self) -> None:
        loop = asyncio.get_running_loop()
        while self._receiver is not None:
            with suppress(OSError):
                data, sender = await loop.sock_recvfrom(self._socket, RECEIVE_SIZE)
                loop.call_soon(self._take, data, sender)  # where an exception ends nothing
            await asyncio.sleep(0)

    def _take(self, data: bytes, sender: tuple[str | int, ...]) -> None:
        if self._receiver is not None:
            try:
                self._receiver.receive(data, self._path(sender))
            finally:
                self._on_readable()

    def _start_coalescing(self) -> None:
        """`sock_recvfrom` cannot tell the parts of a coalesced read."""


def _run_end(datagrams: Sequence[bytes], start: int) -> int:
    """End of the run that one UDP_SEGMENT call can carry: equal sizes, the last may be shorter."""
    size = len(datagrams[start])
    end = start + 1
    limit = min(len(datagrams), start + min(_MAX_SEGMENTS, max(1, _MAX_COALESCED // max(1, size))))
    while end < limit:
        length = len(datagrams[end])
        if not 0 < length <= size:
            break
        end += 1
        if length < size:
            break
    return end
