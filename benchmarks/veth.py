"""Two network namespaces with a link between them, as two machines on an Ethernet."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

MTU = 1500
ADDRESSES = ("10.255.77.1/24", "10.255.77.2/24")

Inside = tuple[str, ...]
"""The command that runs a program in a namespace, the program left out."""


def missing() -> str | None:
    """What keeps `cable` from working; None when nothing does."""
    if os.geteuid() != 0:
        return "network namespaces need root"
    return None if shutil.which("ip") else "there is no ip: install iproute2"


@contextmanager
def cable() -> Iterator[tuple[Inside, Inside]]:
    """Make both namespaces and the link; they are gone afterwards.

    Neither has another interface, not even loopback: every peer finds the same one address. Raises
    subprocess.CalledProcessError.
    """
    names = tuple(f"bench-{os.getpid()}-{end}" for end in "ab")
    made: list[str] = []
    try:
        for name in names:
            _ip("netns", "add", name)
            made.append(name)
        ends = [f"eth0 mtu {MTU} netns {name}".split() for name in names]
        _ip("link", "add", *ends[0], "type", "veth", "peer", "name", *ends[1])
        for name, address in zip(names, ADDRESSES, strict=True):
            # Without a link-local IPv6 address, which some peers use and others leave out.
            _ip("-n", name, "link", "set", "eth0", "addrgenmode", "none")
            _ip("-n", name, "address", "add", address, "dev", "eth0")
            _ip("-n", name, "link", "set", "eth0", "up")
        yield _inside(names[0]), _inside(names[1])
    finally:
        for name in made:
            _ip("netns", "delete", name)


def _inside(name: str) -> Inside:
    return ("ip", "netns", "exec", name)


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True)
