"""Serves the page of the examples beside it, and gives each visitor a peer connection."""

import argparse
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode

from aiohttp import web

from webrtc import RTCPeerConnection
from webrtc.signaling import Answerer

PAGE = Path(__file__).with_name("page.html")

Accept = Callable[[RTCPeerConnection, web.Request], None]


def application(accept: Accept, **query: str) -> web.Application:
    """Serve the page; `query` tells it what to send and to receive, as its script says."""
    answerer = Answerer(accept)

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


def serve(accept: Accept, **query: str) -> None:
    """Run until Ctrl-C. The command line has `--host` and `--port`."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="localhost")
    parser.add_argument("--port", type=int, default=8080)
    chosen = parser.parse_args()
    web.run_app(application(accept, **query), host=chosen.host, port=chosen.port)
