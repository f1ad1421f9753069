"""One page sends, any number of others watch: its packets are copied to them, not decoded.

    python examples/media/broadcast.py --port 8080

Then open http://localhost:8080, and on it "Open a page that watches", as often as you like.
Expect every such page to show the picture at once: whoever joins gets a key frame. Needs the extra
`server`: pip install asyncio-webrtc[server]
"""

from functools import cache

from aiohttp import web
from page_server import application, options, serve

from webrtc import RTCPeerConnection, RTCTrackEvent, RtpTrack


@cache
def picture() -> RtpTrack:
    return RtpTrack("video", "VP8")


@cache
def sound() -> RtpTrack:
    return RtpTrack("audio", "opus")


async def publish(event: RTCTrackEvent) -> None:
    """Give what the sending page sends to all who watch."""
    track = picture() if event.track.kind == "video" else sound()
    track.onkeyframerequest = lambda _: event.receiver.request_keyframe()
    async for packet in event.receiver.rtp():
        track.send(packet)


def accept(pc: RTCPeerConnection, request: web.Request) -> None:
    if "send" in request.query:
        pc.on("track", publish)
        return
    pc.add_track(picture())
    pc.add_track(sound())

    @pc.on("connectionstatechange")
    def joined() -> None:
        if pc.connection_state == "connected":
            picture().emit("keyframerequest", None)


if __name__ == "__main__":
    kinds = "video,audio"
    app = application(accept, title="Broadcast", send=kinds, watch=kinds, codec="VP8")
    serve(app, options().parse_args())
