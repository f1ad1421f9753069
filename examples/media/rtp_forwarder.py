"""Forward a browser's video as plain RTP to a UDP port of this machine.

    python examples/media/rtp_forwarder.py --port 8080 --to 5004

Then open http://localhost:8080, and in another terminal one of

    ffplay -protocol_whitelist file,udp,rtp -i examples/media/forwarded.sdp
    gst-launch-1.0 udpsrc port=5004 caps="application/x-rtp,media=video,clock-rate=90000,\
encoding-name=VP8,payload=96" ! rtpjitterbuffer ! rtpvp8depay ! vp8dec ! autovideosink

Expect the picture of the page, within 2 seconds: so often a key frame is asked for, since nobody
on that port can ask. Needs the extra `server`: pip install asyncio-webrtc[server]
"""

import asyncio

from aiohttp import web
from page_server import application, options, serve

from webrtc import RTCPeerConnection, RTCTrackEvent, RtpPacket

PAYLOAD_TYPE = 96
KEY_FRAME_EVERY = 2.0


def accept(pc: RTCPeerConnection, _: web.Request) -> None:
    @pc.on("track")
    async def forward(event: RTCTrackEvent) -> None:
        loop = asyncio.get_running_loop()
        there = ("127.0.0.1", arguments.to)
        transport, _ = await loop.create_datagram_endpoint(
            asyncio.DatagramProtocol, remote_addr=there
        )
        asked = loop.time()
        try:
            async for packet in event.receiver.rtp():
                # Header extensions have meanings that only the two of us have agreed on.
                plain = RtpPacket(
                    PAYLOAD_TYPE,
                    packet.sequence_number,
                    packet.timestamp,
                    packet.ssrc,
                    packet.payload,
                    marker=packet.marker,
                )
                transport.sendto(plain.encode())
                if loop.time() > asked + KEY_FRAME_EVERY:
                    asked = loop.time()
                    event.receiver.request_keyframe()
        finally:
            transport.close()


if __name__ == "__main__":
    parser = options()
    parser.add_argument("--to", type=int, default=5004, help="UDP port on 127.0.0.1")
    arguments = parser.parse_args()
    serve(application(accept, title="RTP forwarder", send="video", codec="VP8"), arguments)
