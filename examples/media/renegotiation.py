"""Pictures come and go at a button, while the connection stays and the sound goes on.

    python examples/media/renegotiation.py --port 8080

Then open http://localhost:8080 and press the button. Expect a picture and what comes back of it,
and after another press neither; the terminal tells both. Needs the extra `server`:
pip install asyncio-webrtc[server]
"""

import reflect
from aiohttp import web
from page_server import application, options, serve

from webrtc import RTCPeerConnection, RTCTrackEvent


def accept(pc: RTCPeerConnection, request: web.Request) -> None:
    reflect.accept(pc, request)

    @pc.on("track")
    def tell(event: RTCTrackEvent) -> None:
        name = f"{event.track.kind} of section {event.transceiver.mid}"
        print(f"{name} comes")
        event.track.on("ended", lambda: print(f"{name} has ended"))


if __name__ == "__main__":
    app = application(accept, title="Renegotiation", send="audio", button="yes")
    serve(app, options().parse_args())
