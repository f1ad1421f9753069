"""Which pages may call a server: the Origin and the Host that their browser sends. RFC 6454."""

import asyncio
import logging
import socket
from collections.abc import Collection
from functools import lru_cache
from ipaddress import ip_address
from urllib.parse import urlsplit

from aiohttp import web

from webrtc.signaling.refusal import refusal

ANY_HOST = "*"
"""In `hosts`: whatever stands before the server lets its own names through only."""

_DEFAULT_PORTS = {"http": ":80", "https": ":443"}
_log = logging.getLogger("webrtc.signaling")


class Sites:
    """Checks requests that carry Origin; clients that are no browsers send none.

    Browsers let any page call any address, and say in Origin which page it is. When the page has
    made its own name lead here (DNS rebinding), Host has that name too. So Host must be a name that
    this server has, whatever the port; what proxies say (X-Forwarded-*) is never read.
    """

    def __init__(self, origins: Collection[str], hosts: Collection[str]) -> None:
        """`origins` are pages that may call besides those of this server, `hosts` are its names.

        Names of this machine and of `origins`, and addresses, need not be among them.
        """
        names = (hosts,) if isinstance(hosts, str) else hosts
        self._any_host = ANY_HOST in names
        self._origins = {each.lower().rstrip("/") for each in origins}
        self._hosts = {_name(each) for each in names}
        self._hosts |= {_name(each.partition("://")[2]) for each in self._origins}
        self._warned: set[str] = set()

    async def check(self, request: web.Request) -> None:
        """Raise HTTPForbidden for a page that may not call."""
        origin = request.headers.get("Origin")
        if origin is None:
            return
        host = request.host if "Host" in request.headers else ""
        if not await self._is_own(_name(host)):
            self._warn("host", _name(host) or host)
            raise refusal(web.HTTPForbidden, "this server is not known by that name")
        if origin.lower() not in self._origins and not _is_page_of(host, origin):
            self._warn("origin", origin)
            raise refusal(web.HTTPForbidden, "this page may not connect here")

    async def _is_own(self, name: str) -> bool:
        if self._any_host or name in self._hosts:
            return True
        if name == "localhost" or name.endswith(".localhost"):
            return True
        if _is_address(name):  # was looked up in no DNS
            return True
        machine = socket.gethostname().lower()
        if name in {machine, f"{machine.partition('.')[0]}.local"}:
            return name != ""
        return name != "" and name == await asyncio.to_thread(_full_name, machine)

    def _warn(self, kind: str, value: str) -> None:
        """Say what to add, once of each kind: who is refused again and again fills no log."""
        if kind not in self._warned:
            self._warned.add(kind)
            shown = repr(value[:200])  # it may have anything in it
            text = (
                "a page was refused for its %s %s: if it is yours, add %ss=[%s] (or --allow-%s %s)"
            )
            _log.warning(text, kind, shown, kind, shown, kind, shown)


def _name(host: str) -> str:
    """Host name without port, brackets and the final dot; empty if there is none."""
    try:
        return (urlsplit(f"//{host}").hostname or "").removesuffix(".")
    except ValueError:
        return ""


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _is_page_of(host: str, origin: str) -> bool:
    scheme, _, place = origin.lower().partition("://")
    port = _DEFAULT_PORTS.get(scheme, "")
    return place != "" and place.removesuffix(port) == host.lower().removesuffix(port)


@lru_cache(maxsize=8)
def _full_name(machine: str) -> str:
    """What DNS calls this machine, which may take seconds to hear."""
    return socket.getfqdn(machine).lower().removesuffix(".")
