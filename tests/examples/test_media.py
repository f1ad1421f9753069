"""The pages of examples/media in Chromium, each with its Python side in a process of its own.

There is no PyAV in those processes.
"""

import asyncio
import shutil
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from io import BytesIO
from pathlib import Path

import pytest

from tests.examples.processes import ROOT, free_port, serving
from tests.interop.test_demo_page import Tab, tab
from tests.media.ffmpeg import opened, pictures
from tests.support import PATIENCE
from tests.video import frames, packets
from webrtc.media import IvfWriter, OggWriter, Track
from webrtc.rtp import EncodedFrame, RtpPacket, SampleBuilder
from webrtc.rtp.payload import DEFAULT_FORMATS

MEDIA = ROOT / "examples" / "media"

SHOWN = """[...document.querySelectorAll("video")].map(
    (each) => each.getVideoPlaybackQuality().totalVideoFrames)"""
WIDTH = "document.querySelector('video')?.videoWidth"
HUE = """(() => {
    const canvas = new OffscreenCanvas(1, 1), context = canvas.getContext("2d");
    context.drawImage(document.querySelector("video"), 0, 0, 1, 1, 0, 0, 1, 1);
    const [red, green, blue] = context.getImageData(0, 0, 1, 1).data;
    return red > Math.max(green, blue) ? "first" : green > Math.min(red, blue) ? "second" : "none";
})()"""
COUNTED = """pc.getStats().then((stats) => [...stats.values()].find(
    ({ type, kind }) => type === "%s" && kind === "video").%s)"""
CLICK = """new Promise((resolve) => {
    const timer = setInterval(() => {
        if (button.disabled) return;
        clearInterval(timer);
        button.click();
        resolve();
    }, 20);
})"""

pytestmark = [
    pytest.mark.interop,
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("chromium") is None, reason="Chromium is not installed"),
]


def files() -> dict[str, bytes]:
    """A film without end: whole pictures, and sound."""
    picture, sound = BytesIO(), BytesIO()
    video, audio = IvfWriter(picture), OggWriter(sound, [Track("opus", 48_000, 2)])
    for number, frame in enumerate(pictures("VP8")):
        video.write(frame, number / 30)
    for number, data in enumerate(frames("opus")):
        audio.write(EncodedFrame(data, "opus", 0, keyframe=True), number / 50)
    video.close()
    audio.close()
    return {"picture.ivf": picture.getvalue(), "sound.ogg": sound.getvalue()}


@asynccontextmanager
async def page_of(name: str, folder: Path, *arguments: str) -> AsyncIterator[Tab]:
    """The page of an example; it must end without an error."""
    hidden = folder.with_name(f"{folder.name}-hidden")
    hidden.mkdir()
    (hidden / "av.py").write_text('raise ModuleNotFoundError("there is no av", name="av")\n')
    with serving(MEDIA / name, *arguments, path=hidden) as address:
        async with tab(folder, f"http://{address}/") as page:
            await until(page, "typeof pc", lambda kind: kind == "object")
            yield page
            assert page.errors == []


async def until(page: Tab, expression: str, true: Callable[..., bool]) -> None:
    """Wait for what the page shows. Fails with what it shows instead."""
    value = None
    try:
        async with asyncio.timeout(PATIENCE):
            while not true(value := await page.evaluate(expression)):
                await page.evaluate("new Promise((resolve) => setTimeout(resolve, 100))")
    except TimeoutError:
        text = await page.evaluate("document.body.innerText")
        pytest.fail(f"{value} after {PATIENCE} s; the page says {text}")


def moving(*least: int) -> Callable[[list[int]], bool]:
    """Whether as many videos as there are numbers have shown so many frames each."""
    return lambda shown: (
        len(shown) == len(least)
        and all(frames >= each for frames, each in zip(shown, least, strict=True))
    )


async def test_reflect_sends_picture_and_sound_back(tmp_path: Path) -> None:
    async with page_of("reflect.py", tmp_path) as page:
        await until(page, SHOWN, moving(30))
        assert await page.evaluate("document.querySelectorAll('audio').length") == 1
        assert "connected" in await page.evaluate("document.body.innerText")


async def test_broadcast_shows_the_picture_to_whoever_joins(tmp_path: Path) -> None:
    async with page_of("broadcast.py", tmp_path / "sender") as sender:
        await until(sender, "pc.connectionState", lambda state: state == "connected")
        link = await sender.evaluate("document.querySelector('a:not([hidden])').href")
        for name in ("early", "late"):
            async with tab(tmp_path / name, link) as watcher:
                await until(watcher, SHOWN, moving(30))
                assert watcher.errors == []
        assert await sender.evaluate(SHOWN) == []


@pytest.mark.parametrize(
    ("codec", "name"), [("VP8", "a.webm"), ("AV1", "a.webm"), ("H264", "a.mkv")]
)
async def test_save_to_disk_records_picture_and_sound(
    tmp_path: Path, codec: str, name: str
) -> None:
    path = tmp_path / name
    arguments = ("--codec", codec, "--file", str(path))
    with serving(MEDIA / "save_to_disk.py", *arguments) as address:
        async with tab(tmp_path / "profile", f"http://{address}/") as page:
            await until(page, "typeof pc", lambda kind: kind == "object")
            await until(page, "pc.connectionState", lambda state: state == "connected")
            await asyncio.sleep(6)
            assert page.errors == []
        async with asyncio.timeout(PATIENCE):
            while not path.exists() or opened(path.read_bytes()).duration is None:  # noqa: ASYNC110 - a file has no event
                await asyncio.sleep(0.1)
    found = opened(path.read_bytes())
    assert found.codecs == [{"H264": "h264", "VP8": "vp8", "AV1": "libdav1d"}[codec], "opus"]
    for stream in (0, 1):
        own = found.of(stream)
        assert own[-1].time - own[0].time > 4
        assert own[0].keyframe
    assert abs(found.of(0)[-1].time - found.of(1)[-1].time) < 0.5


async def test_simulcast_shows_one_size_after_the_other(tmp_path: Path) -> None:
    async with page_of("simulcast.py", tmp_path, "--every", "2") as page:
        for width in (320, 640, 1280, 320):
            await until(page, WIDTH, lambda shown, width=width: shown == width)


async def test_play_from_disk_shows_files(tmp_path: Path) -> None:
    names = []
    for name, content in files().items():
        (tmp_path / name).write_bytes(content)
        names.append(str(tmp_path / name))
    async with page_of("play_from_disk.py", tmp_path / "profile", *names) as page:
        await until(page, SHOWN, moving(30))
        assert await page.evaluate("document.querySelector('video').videoWidth") == 150
        await until(
            page,
            COUNTED.replace("video", "audio") % ("inbound-rtp", "packetsReceived"),
            (50).__lt__,
        )


async def test_rtp_forwarder_sends_plain_vp8_to_a_port(tmp_path: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as port:
        port.bind(("127.0.0.1", 0))
        port.settimeout(PATIENCE)
        async with page_of("rtp_forwarder.py", tmp_path, "--to", str(port.getsockname()[1])):
            vp8 = DEFAULT_FORMATS["VP8"]
            builder = SampleBuilder(vp8.depacketizer({}), vp8.clock_rate)
            frames: list[EncodedFrame] = []
            while len(frames) < 100:
                packet = RtpPacket.decode(await asyncio.to_thread(port.recv, 2048))
                assert (packet.payload_type, packet.extension) == (96, b"")
                builder.push(packet)
                frames += [sample.frame for sample in builder]
    begun = frames[next(at for at, frame in enumerate(frames) if frame.keyframe) :]
    assert begun[0].width is not None
    assert sum(frame.keyframe for frame in begun) >= 2


async def test_rtp_to_webrtc_shows_what_comes_to_a_port(tmp_path: Path) -> None:
    port = free_port()
    async with page_of("rtp_to_webrtc.py", tmp_path, "--rtp", str(port)) as page:
        feeding = asyncio.create_task(feed(port))
        await until(page, SHOWN, moving(30))
        feeding.cancel()
        await asyncio.gather(feeding, return_exceptions=True)
        assert await page.evaluate("document.querySelector('video').videoWidth") == 150


async def feed(port: int) -> None:
    """Send the stored pictures round and round, as FFmpeg would, 30 a second."""
    number = timestamp = 0
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as source:
        while True:
            for picture in packets("vp8"):
                for stored in picture:
                    packet = RtpPacket(96, number, timestamp, 7, stored.payload)
                    packet.marker = stored.marker
                    source.sendto(packet.encode(), ("127.0.0.1", port))
                    number = number + 1 & 0xFFFF
                timestamp += 3000
                await asyncio.sleep(1 / 30)


async def test_swap_tracks_shows_now_one_picture_now_the_other(tmp_path: Path) -> None:
    async with page_of("swap_tracks.py", tmp_path, "--every", "2") as page:
        await until(page, SHOWN, moving(30))
        for wanted in ("second", "first", "second"):
            await until(page, HUE, lambda shown, wanted=wanted: shown == wanted)
        assert await page.evaluate(COUNTED % ("inbound-rtp", "keyFramesDecoded")) >= 3


async def test_pictures_come_and_go_at_a_button(tmp_path: Path) -> None:
    async with page_of("renegotiation.py", tmp_path) as page:
        await until(page, "pc.connectionState", lambda state: state == "connected")
        for _ in range(2):
            await page.evaluate(CLICK)
            await until(page, SHOWN, moving(30))
            await page.evaluate(CLICK)
            await until(page, SHOWN, moving())
        assert await page.evaluate("document.querySelectorAll('audio').length") == 1


async def test_what_an_interceptor_loses_is_repaired(tmp_path: Path) -> None:
    async with page_of("interceptors.py", tmp_path, "--loss", "0.1") as page:
        await until(page, SHOWN, moving(60))
        assert await page.evaluate(COUNTED % ("outbound-rtp", "nackCount")) > 0
