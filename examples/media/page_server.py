"""Serves the page of the examples beside it, and gives each visitor a peer connection."""

import argparse
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from webrtc import RTCPeerConnection
from webrtc.signaling import SETTINGS, Answerer

PAGE = Path(__file__).with_name("page.html")

Accept = Callable[[RTCPeerConnection, web.Request], None]


def options() -> argparse.ArgumentParser:
    """The command line that every example has; one may add to it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="localhost")
    parser.add_argument("--port", type=int, default=8080)
    return parser


def application(
    accept: Accept, settings: dict[str, Any] | None = None, **query: str
) -> web.Application:
    """Serve the page; `query` tells it what to send and to receive, as its script says.

    `settings`: what the connections have other than `webrtc.signaling.SETTINGS`.
    """
    chosen = replace(SETTINGS, **(settings or {}))
    answerer = Answerer(accept, create=lambda: RTCPeerConnection(settings=chosen))

    async def page(request: web.Request) -> web.StreamResponse:
        if not request.query:
            raise web.HTTPFound(f"/?{urlencode(query)}")
        return web.FileResponse(PAGE)

    async def shut_down(_: web.Application) -> None:
        await answerer.close()

    app = web.Application()
    app.router.add_get("/", page)
    app.router.add_get("/signal", answerer.handle)
    app.on_shutdown.append(shut_down)
    return app


def serve(app: web.Application, arguments: argparse.Namespace) -> None:
    """Run until Ctrl-C."""
    web.run_app(app, host=arguments.host, port=arguments.port)
