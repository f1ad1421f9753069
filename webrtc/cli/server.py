"""The demo's web server: the page, its signalling, one line in the terminal for each peer."""

import inspect
import secrets
import time
from importlib.resources import files
from typing import Unpack

from aiohttp import web
from rich.console import Console

from webrtc import RTCPeerConnection
from webrtc.cli import bot
from webrtc.cli.paths import kind_of_path
from webrtc.signaling import Answerer, Rules

_TYPES = {"html": "text/html", "css": "text/css", "js": "text/javascript"}
_HEADERS = {
    "Cache-Control": "no-cache",
    "Content-Security-Policy": "default-src 'self'; connect-src 'self' ws: wss:; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_BROWSERS = (
    ("Firefox/", "Firefox"),
    ("Edg/", "Edge"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)


class Peer:
    """One page, as the terminal knows it."""

    def __init__(self, console: Console, pc: RTCPeerConnection, agent: str) -> None:
        self._console = console
        self._pc = pc
        self._browser = next((name for mark, name in _BROWSERS if mark in agent), "unknown browser")
        self._name = secrets.token_hex(2)
        self._started = time.perf_counter()
        self._joined = False
        pc.on("connectionstatechange", self._changed)

    def left(self) -> None:
        """Say so when the session is over."""
        if self._joined:
            self._say(f"left after {time.perf_counter() - self._started:.0f} s")
        else:
            self._say(f"left ({self._browser})  without a connection")

    def _changed(self) -> None:
        state = self._pc.connection_state
        if state == "connected" and not self._joined:
            self._joined = True
            spent = (time.perf_counter() - self._started) * 1000
            path = kind_of_path(self._pc)
            self._say(f"joined ({self._browser})  connected in {spent:.0f} ms  {path}")
        elif state in {"connected", "disconnected", "failed"}:
            self._say(state)

    def _say(self, text: str) -> None:
        clock = time.strftime("%H:%M:%S")
        self._console.print(f"[dim]{clock}[/]  peer [cyan]{self._name}[/] {text}")


class Demo:
    """The application behind the page."""

    def __init__(self, console: Console, **rules: Unpack[Rules]) -> None:
        self._console = console
        self._answerer = Answerer(self._accept, **rules)
        self._peers: dict[int, Peer] = {}
        self._assets = {
            file.name: file.read_bytes() for file in (files("webrtc.cli") / "page").iterdir()
        }

    def application(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/", self._index)
        app.router.add_get("/signal", self._signal)
        app.router.add_get("/source", self._source)
        app.router.add_get("/{name}", self._asset)
        app.on_shutdown.append(self._shut_down)
        return app

    async def _index(self, _: web.Request) -> web.Response:
        return self._file("index.html")

    async def _asset(self, request: web.Request) -> web.Response:
        return self._file(request.match_info["name"])

    async def _source(self, _: web.Request) -> web.Response:
        return web.Response(text=inspect.getsource(bot), headers=_HEADERS)

    async def _signal(self, request: web.Request) -> web.StreamResponse:
        try:
            return await self._answerer.handle(request)
        finally:
            if (peer := self._peers.pop(id(request), None)) is not None:
                peer.left()

    def _accept(self, pc: RTCPeerConnection, request: web.Request) -> None:
        self._peers[id(request)] = Peer(self._console, pc, request.headers.get("User-Agent", ""))
        bot.serve(pc)

    def _file(self, name: str) -> web.Response:
        body = self._assets.get(name)
        if body is None:
            raise web.HTTPNotFound
        kind = _TYPES[name.rsplit(".", 1)[1]]
        return web.Response(body=body, content_type=kind, charset="utf-8", headers=_HEADERS)

    async def _shut_down(self, _: web.Application) -> None:
        await self._answerer.close()
