"""A web page and a Python program that talk over a data channel.

    python examples/browser.py --port 8080

Then open http://localhost:8080 and type. Expect each line in the terminal, and on the page its
reply. Needs the extra `server`: pip install asyncio-webrtc[server]
"""

import argparse

from aiohttp import web

from webrtc import RTCDataChannel, RTCPeerConnection
from webrtc.signaling import Answerer

PAGE = """<!doctype html>
<title>Data channel</title>
<input id="text" placeholder="type and press Enter" disabled>
<pre id="log"></pre>
<script>
const text = document.getElementById("text");
const log = line => document.getElementById("log").append(line + "\\n");
const pc = new RTCPeerConnection();
const channel = pc.createDataChannel("chat");
const socket = new WebSocket(location.origin.replace("http", "ws") + "/signal");
const send = message => socket.send(JSON.stringify(message));

socket.onopen = async () => {
  await pc.setLocalDescription();
  send(pc.localDescription);
};
socket.onmessage = async ({ data }) => {
  const message = JSON.parse(data);
  if (message.type === "answer") await pc.setRemoteDescription(message);
  else if (message.type === "candidate") await pc.addIceCandidate(message.candidate ?? undefined);
  else log(message.error);
};
pc.onicecandidate = ({ candidate }) => send({ type: "candidate", candidate });
pc.onconnectionstatechange = () => log(pc.connectionState);
channel.onopen = () => { text.disabled = false; text.focus(); };
channel.onmessage = ({ data }) => log(data);
text.onchange = () => { channel.send(text.value); text.value = ""; };
</script>
"""


def accept(pc: RTCPeerConnection, _: web.Request) -> None:
    @pc.on("datachannel")
    async def talk(channel: RTCDataChannel) -> None:
        async for message in channel:
            print(message, flush=True)
            await channel.send(f"you said: {message!s}")


async def page(_: web.Request) -> web.Response:
    return web.Response(text=PAGE, content_type="text/html")


def application() -> web.Application:
    answerer = Answerer(accept)

    async def shut_down(_: web.Application) -> None:
        await answerer.close()

    app = web.Application()
    app.router.add_get("/", page)
    app.router.add_get("/signal", answerer.handle)
    app.on_shutdown.append(shut_down)
    return app


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--host", default="localhost")
    parser.add_argument("--port", type=int, default=8080)
    chosen = parser.parse_args()
    web.run_app(application(), host=chosen.host, port=chosen.port)
