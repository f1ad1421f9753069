"""The answering process: a web server that takes offers and sends every message back.

    python examples/offer_answer/answer.py --port 8080

Then run offer.py in another terminal. Expect one line for each peer that connects. Ctrl-C stops.
Needs the extra `server`: pip install asyncio-webrtc[server]
"""

import argparse

from aiohttp import web

from webrtc import RTCDataChannel, RTCPeerConnection
from webrtc.signaling import Answerer


def accept(pc: RTCPeerConnection, request: web.Request) -> None:
    """Prepare the connection to a new peer; the offer is applied after this returns."""

    @pc.on("connectionstatechange")
    def changed() -> None:
        print(f"{request.remote}: {pc.connection_state}", flush=True)

    @pc.on("datachannel")
    async def echo(channel: RTCDataChannel) -> None:
        async for message in channel:
            await channel.send(message)


def application() -> web.Application:
    answerer = Answerer(accept)

    async def shut_down(_: web.Application) -> None:
        await answerer.close()

    app = web.Application()
    app.router.add_get("/signal", answerer.handle)
    app.on_shutdown.append(shut_down)
    return app


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--host", default="localhost")
    parser.add_argument("--port", type=int, default=8080)
    chosen = parser.parse_args()
    web.run_app(application(), host=chosen.host, port=chosen.port)
