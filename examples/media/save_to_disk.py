"""Record what a browser sends, as it is encoded: both tracks on one clock, in a file that plays.

    python examples/media/save_to_disk.py --port 8080 --codec VP8 --file call.webm

Then open http://localhost:8080, and close the page. Expect "recorded call.webm", which a browser
plays. VP8, VP9 and AV1 make WebM; for `--codec H264` say `--file call.mkv`. Each page after the
first has a file of its own: call-2.webm, and so on. Needs the extra `server`:
pip install asyncio-webrtc[server]
"""

import itertools
from pathlib import Path

from aiohttp import web
from page_server import application, options, serve

from webrtc import Recorder, RTCPeerConnection, RTCTrackEvent


def main() -> None:
    parser = options()
    parser.add_argument("--codec", default="VP8")
    parser.add_argument("--file", type=Path, default=Path("call.webm"))
    arguments = parser.parse_args()
    numbers = itertools.count(1)

    def accept(pc: RTCPeerConnection, _: web.Request) -> None:
        number = next(numbers)
        name = arguments.file
        recorder = Recorder(name if number == 1 else name.with_stem(f"{name.stem}-{number}"))

        @pc.on("track")
        def record(event: RTCTrackEvent) -> None:
            recorder.add(event.receiver)
            event.track.on("ended", save)

        async def save() -> None:
            await recorder.close()
            if recorder.paths:
                print("recorded", *recorder.paths, flush=True)

    app = application(accept, title="Save to disk", send="video,audio", codec=arguments.codec)
    serve(app, arguments)


if __name__ == "__main__":
    main()
