"""Show a browser one of the three sizes that it sends, each for a while, without decoding any.

    python examples/media/simulcast.py --port 8080 --every 5

Then open http://localhost:8080. Expect a picture that comes back now small, now large, and never
stops in between. Needs the extra `server`: pip install asyncio-webrtc[server]
"""

import asyncio
import itertools

from aiohttp import web
from page_server import application, options, serve

from webrtc import Forwarder, RTCPeerConnection, RTCTrackEvent


def main() -> None:
    parser = options()
    parser.add_argument("--every", type=float, default=5.0, metavar="SECONDS")
    arguments = parser.parse_args()
    rids = ["q", "h", "f"]

    def accept(pc: RTCPeerConnection, _: web.Request) -> None:
        @pc.on("track")
        async def show(event: RTCTrackEvent) -> None:
            event.transceiver.direction = "sendrecv"
            track = await Forwarder(event.receiver).track()
            await event.transceiver.sender.replace_track(track)
            for rid in itertools.cycle(rids):
                track.switch(rid)
                await asyncio.sleep(arguments.every)

    app = application(accept, title="Simulcast", send="video", codec="VP8", rids=",".join(rids))
    serve(app, arguments)


if __name__ == "__main__":
    main()
