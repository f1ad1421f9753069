"""Show plain RTP that comes to a UDP port of this machine in any number of browsers.

    python examples/media/rtp_to_webrtc.py --port 8080 --rtp 5004

Then, in another terminal,

    ffmpeg -re -f lavfi -i testsrc=size=640x480:rate=30 -c:v libvpx -deadline realtime -g 30 \
-f rtp "rtp://127.0.0.1:5004?pkt_size=1100"

and open http://localhost:8080. Expect FFmpeg's test picture, from its next key frame on. Needs the
extra `server`: pip install asyncio-webrtc[server]
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

from aiohttp import web
from page_server import application, options, serve

from webrtc import RTCPeerConnection, RtpPacket, RtpTrack
from webrtc.errors import DecodeError

TRACK = web.AppKey("track", RtpTrack)


class Receiver(asyncio.DatagramProtocol):
    """Takes the datagrams, of which some may be RTCP: its second byte is no payload type."""

    def __init__(self, track: RtpTrack) -> None:
        self._track = track

    def datagram_received(self, data: bytes, _: object) -> None:
        with suppress(DecodeError):
            packet = RtpPacket.decode(data)
            if packet.payload_type == arguments.payload_type:
                self._track.send(packet)


async def receive(app: web.Application) -> AsyncIterator[None]:
    track = app[TRACK] = RtpTrack("video", "VP8")
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(
        lambda: Receiver(track), local_addr=("127.0.0.1", arguments.rtp)
    )
    yield
    transport.close()


def accept(pc: RTCPeerConnection, request: web.Request) -> None:
    pc.add_track(request.app[TRACK])


if __name__ == "__main__":
    parser = options()
    parser.add_argument("--rtp", type=int, default=5004, help="UDP port on 127.0.0.1")
    parser.add_argument("--payload-type", type=int, default=96)
    arguments = parser.parse_args()
    app = application(accept, title="RTP to WebRTC", receive="video")
    app.cleanup_ctx.append(receive)
    serve(app, arguments)
