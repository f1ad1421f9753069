"""The seam between the shell and a network: the operating system's, or a simulated one."""

import asyncio
import socket
from collections.abc import Sequence
from typing import NamedTuple, Protocol

import ifaddr

from webrtc.aio.udp import UdpEndpoint
from webrtc.core import Address, Path, Transmit


class Interface(NamedTuple):
    """One IP address of a network interface."""

    name: str
    host: str
    """IPv4 or IPv6 address; a link-local IPv6 address has its zone."""


class Receiver(Protocol):
    """What an endpoint feeds."""

    def receive(self, data: bytes, path: Path) -> None:
        """Take one datagram."""

    def flush(self) -> None:
        """Called once after a burst of `receive`."""


class Endpoint(Protocol):
    """A bound UDP socket, or what stands for one."""

    local: Address

    def start(self, receiver: Receiver) -> None:
        """Begin to read."""

    def send(self, transmits: Sequence[Transmit]) -> None:
        """Send now; what cannot be sent is dropped, as a full queue would."""

    def close(self) -> None:
        """Stop reading and release the port. Harmless when closed."""


class Network(Protocol):
    """Where endpoints come from."""

    def interfaces(self) -> Sequence[Interface]:
        """Addresses of this machine, loopback ones among them."""

    def bind(self, address: Address) -> Endpoint:
        """Open an endpoint; port 0 is any free one. Raises OSError."""

    async def resolve(self, host: str) -> Sequence[str]:
        """IP addresses of a host name. Raises OSError."""


class SystemNetwork:
    """The operating system's network."""

    def interfaces(self) -> Sequence[Interface]:
        """Addresses of this machine, loopback ones among them."""
        found = []
        for adapter in ifaddr.get_adapters():
            for ip in adapter.ips:
                if isinstance(ip.ip, str):
                    found.append(Interface(adapter.name, ip.ip))
                    continue
                host, _, scope = ip.ip
                found.append(Interface(adapter.name, f"{host}%{adapter.name}" if scope else host))
        return found

    def bind(self, address: Address) -> Endpoint:
        """Open a UDP socket; port 0 is any free one. Raises OSError."""
        return UdpEndpoint(address)

    async def resolve(self, host: str) -> Sequence[str]:
        """IP addresses of a host name. Raises OSError."""
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(host, None, type=socket.SOCK_DGRAM)
        return list(dict.fromkeys(str(address[0]) for *_, address in found))
