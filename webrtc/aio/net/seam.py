"""The seam between the shell and a network: the operating system's, or a simulated one."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol, runtime_checkable

from webrtc.core import Address, Burst, Path, Refused, Transmit


class InterfaceAddress(NamedTuple):
    """One IP address of a network interface."""

    name: str
    host: str
    """IPv4 or IPv6 address; a link-local IPv6 address has its zone."""
    prefix: int | None = None
    """Bits of it that its neighbours have too, or None when that is not known."""


class Receiver(Protocol):
    """What an endpoint feeds."""

    def receive(self, data: bytes, path: Path) -> None:
        """Take one datagram."""

    def receive_burst(self, datagrams: Sequence[bytes], path: Path) -> None:
        """Take several that came over the same path and were waiting at the same time."""
        for data in datagrams:
            self.receive(data, path)

    def flush(self) -> None:
        """Called once when all that was waiting has been handed over."""


class Endpoint(Protocol):
    """A bound UDP socket, or what stands for one."""

    local: Address

    def start(self, receiver: Receiver) -> None:
        """Begin to read."""

    def send(self, transmits: Sequence[Transmit]) -> Refused | None:
        """Send now; what cannot be sent is dropped, as a full queue would, and returned."""

    def send_burst(self, burst: Burst) -> Refused | None:
        """As `send`."""

    def close(self) -> None:
        """Stop reading and release the port. Harmless when closed."""


@runtime_checkable
class NetworkStack(Protocol):
    """Where endpoints come from."""

    def interfaces(self) -> Sequence[InterfaceAddress]:
        """Addresses of this machine, loopback ones among them."""

    def bind(self, address: Address) -> Endpoint:
        """Open an endpoint; port 0 is any free one. Raises OSError."""

    async def resolve(self, host: str) -> Sequence[str]:
        """IP addresses of a host name. Raises OSError."""
