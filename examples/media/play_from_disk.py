"""Send files to a browser, as they are encoded: a picture, or sound, or both on one clock.

    python examples/media/play_from_disk.py --port 8080 picture.ivf sound.ogg

Then open http://localhost:8080. Expect the page to play them, again and again. Pictures are IVF
(VP8, VP9, AV1), .h264 or .h265, sound is Ogg with Opus or WAV; ffmpeg makes them:

    ffmpeg -i film.mp4 -an -c:v libvpx -g 60 picture.ivf -vn -c:a libopus sound.ogg

Needs the extra `server`: pip install asyncio-webrtc[server]
"""

from aiohttp import web
from page_server import application, options, serve

from webrtc import Player, RTCPeerConnection


def main() -> None:
    parser = options()
    parser.add_argument("files", nargs="+")
    arguments = parser.parse_args()

    def accept(pc: RTCPeerConnection, _: web.Request) -> None:
        player = Player(*arguments.files, loop=True)
        for track in player.tracks:
            pc.add_track(track)

        @pc.on("connectionstatechange")
        async def play() -> None:
            if pc.connection_state == "connected":
                async with player:  # up to the end of the connection
                    player.start()
                    await player.ended()

    serve(application(accept, title="Play from disk", receive="video,audio"), arguments)


if __name__ == "__main__":
    main()
