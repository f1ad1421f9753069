"""Send a browser's audio and video back to it, without decoding either.

    python examples/media/reflect.py --port 8080

Then open http://localhost:8080. Expect the moving picture to come back beside the one that is
sent, and "connected" below. Needs the extra `server`: pip install asyncio-webrtc[server]
"""

from aiohttp import web
from page_server import application, options, serve

from webrtc import EncodedTrack, RTCPeerConnection, RTCTrackEvent


def accept(pc: RTCPeerConnection, _: web.Request) -> None:
    @pc.on("track")
    async def reflect(event: RTCTrackEvent) -> None:
        event.transceiver.direction = "sendrecv"
        mirror = None
        async for frame in event.receiver.encoded_frames():
            if mirror is None:
                mirror = EncodedTrack(event.track.kind, frame.codec)
                mirror.on("keyframerequest", lambda _: event.receiver.request_keyframe())
                await event.transceiver.sender.replace_track(mirror)
            mirror.send(frame)


if __name__ == "__main__":
    serve(application(accept, title="Reflect", send="video,audio"), options().parse_args())
