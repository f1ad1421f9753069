"""Sockets whose calls fail with every error that the system may return."""

import errno
import os
import socket
from collections.abc import Callable, Sequence
from typing import Any

from webrtc.aio.net.udp import UdpEndpoint

ERRORS = [
    errno.ENETUNREACH,
    errno.EHOSTUNREACH,
    errno.EPERM,
    errno.ENOBUFS,
    errno.EAGAIN,
    errno.EMSGSIZE,
    errno.ECONNREFUSED,
    errno.EINVAL,
    errno.EACCES,
    errno.EADDRNOTAVAIL,
    errno.ENODEV,
    errno.EIO,
    errno.EOPNOTSUPP,
]


class FaultySocket:
    """A socket whose calls fail when `fault` says so; it records how often each is made."""

    def __init__(self, real: socket.socket, fault: Callable[[str], int | None]) -> None:
        self._real = real
        self._fault = fault
        self.calls: list[tuple[str, int]] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def fileno(self) -> int:
        return self._real.fileno()

    def sendto(self, data: bytes, address: Any) -> int:
        self._check("sendto", 1)
        return self._real.sendto(data, address)

    def sendmsg(self, parts: Sequence[bytes], *rest: Any) -> int:
        self._check("sendmsg", len(parts))
        return self._real.sendmsg(parts, *rest)

    def recvfrom(self, size: int) -> tuple[bytes, Any]:
        self._check("recvfrom", 1)
        return self._real.recvfrom(size)

    def recvmsg(self, *sizes: int) -> Any:
        self._check("recvmsg", 1)
        return self._real.recvmsg(*sizes)

    def _check(self, call: str, count: int) -> None:
        self.calls.append((call, count))
        number = self._fault(call)
        if number is not None:
            raise OSError(number, os.strerror(number))


def disturb(endpoint: UdpEndpoint, fault: Callable[[str], int | None]) -> FaultySocket:
    """Let calls of `endpoint` fail; before it is started."""
    faulty = FaultySocket(endpoint._socket, fault)
    endpoint._socket = faulty  # type: ignore[assignment] # stands for one
    return faulty


def never(call: str) -> None:
    """No call fails."""
