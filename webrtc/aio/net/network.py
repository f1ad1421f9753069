"""The operating system's network."""

import asyncio
import os
import socket
import time
from collections.abc import Sequence
from typing import ClassVar

import ifaddr

from webrtc.aio.net.seam import Endpoint, InterfaceAddress
from webrtc.aio.net.udp import AwaitingUdpEndpoint, UdpEndpoint
from webrtc.core import Address

LISTING_LIFETIME = 0.5
"""Seconds: asking the system costs as much as a tenth of a connection's set-up, but an ICE restart
because of a new address has to see it: nobody begins one sooner."""


class SystemNetwork:
    """The operating system's network."""

    _listed: ClassVar[tuple[float, Sequence[InterfaceAddress]]] = (float("-inf"), ())

    def interfaces(self) -> Sequence[InterfaceAddress]:
        """Addresses of this machine, loopback ones among them; a list is good for a moment."""
        now = time.monotonic()
        if now > SystemNetwork._listed[0] + LISTING_LIFETIME:
            SystemNetwork._listed = (now, self._list())
        return SystemNetwork._listed[1]

    def _list(self) -> Sequence[InterfaceAddress]:
        found = []
        for adapter in ifaddr.get_adapters():
            for ip in adapter.ips:
                if isinstance(ip.ip, str):
                    host = ip.ip
                else:
                    host, _, scope = ip.ip
                    zone = scope if os.name == "nt" else adapter.name  # names there are no zones
                    host = f"{host}%{zone}" if scope else host
                found.append(InterfaceAddress(adapter.name, host, ip.network_prefix))
        return found

    def bind(self, address: Address) -> Endpoint:
        """Open a UDP socket for the running loop; port 0 is any free one. Raises OSError."""
        # Windows' default loop inherits the method of the abstract one, which raises.
        add_reader = type(asyncio.get_running_loop()).add_reader
        if add_reader is asyncio.AbstractEventLoop.add_reader:
            return AwaitingUdpEndpoint(address)
        return UdpEndpoint(address)

    async def resolve(self, host: str) -> Sequence[str]:
        """IP addresses of a host name. Raises OSError."""
        loop = asyncio.get_running_loop()
        try:
            found = await loop.getaddrinfo(host, None, type=socket.SOCK_DGRAM)
        except UnicodeError as error:  # a label that is empty or too long
            raise OSError(f"host name {host!r:.80}: {error}") from None
        return list(dict.fromkeys(str(address[0]) for *_, address in found))
