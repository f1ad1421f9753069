"""An interceptor of one's own: it loses packets, and the picture comes whole all the same.

    python examples/media/interceptors.py --port 8080 --loss 0.05

Then open http://localhost:8080. Expect a picture that comes back without a flaw, and in the
terminal how many packets were lost: they are asked for again, behind the interceptor. Needs the
extra `server`: pip install asyncio-webrtc[server]
"""

from random import Random

from page_server import application, options, serve
from reflect import accept

from webrtc.interceptor import Forward, Interceptor, Slot, StreamInfo
from webrtc.rtp import RtpPacket


class Loss(Interceptor):
    """Loses some of what is received, as if it had never come."""

    slot: int = Slot.SEND_TIME  # next to the wire: before anybody notes what has arrived

    def __init__(self, random: Random, share: float) -> None:
        self._random = random
        self._share = share

    def bind_inbound(self, stream: StreamInfo, onward: Forward) -> Forward:
        lost = 0

        def take(packet: RtpPacket, now: float) -> None:
            nonlocal lost
            if self._random.random() >= self._share:
                onward(packet, now)
                return
            lost += 1
            if lost % 10 == 0:
                print(f"{stream.kind}: {lost} packets lost")

        return take


if __name__ == "__main__":
    parser = options()
    parser.add_argument("--loss", type=float, default=0.05, help="share of packets, 0 to 1")
    arguments = parser.parse_args()
    settings = {"interceptors": [lambda random: Loss(random, arguments.loss)]}
    serve(application(accept, settings, title="Interceptors", send="video,audio"), arguments)
