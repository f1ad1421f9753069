"""A browser sends two pictures and gets one back: now this, now that, without a negotiation.

    python examples/media/swap_tracks.py --port 8080 --every 5

Then open http://localhost:8080. Expect the third picture to change between the first two. Needs
the extra `server`: pip install asyncio-webrtc[server]
"""

import asyncio
from itertools import cycle

from aiohttp import web
from page_server import application, options, serve

from webrtc import RTCPeerConnection, RTCTrackEvent, RtpTrack


def accept(pc: RTCPeerConnection, _: web.Request) -> None:
    mirrors: list[RtpTrack] = []

    @pc.on("track")
    async def follow(event: RTCTrackEvent) -> None:
        mirror = RtpTrack("video", "VP8")
        mirror.onkeyframerequest = lambda _: event.receiver.request_keyframe()
        if not mirrors:
            event.transceiver.direction = "sendrecv"  # the one picture that goes back
        mirrors.append(mirror)
        async for packet in event.receiver.rtp():
            mirror.send(packet)

    @pc.on("connectionstatechange")
    async def swap() -> None:
        if pc.connection_state != "connected":
            return
        sender = pc.get_senders()[0]
        for number, mirror in cycle(enumerate(mirrors, 1)):  # until the connection is closed
            await sender.replace_track(mirror)
            mirror.emit("keyframerequest", None)
            print(f"picture {number}")
            await asyncio.sleep(arguments.every)


if __name__ == "__main__":
    parser = options()
    parser.add_argument("--every", type=float, default=5.0, help="seconds from swap to swap")
    arguments = parser.parse_args()
    app = application(accept, title="Swap tracks", send="video,video", codec="VP8")
    serve(app, arguments)
