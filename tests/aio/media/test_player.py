"""Files are played in the time that they tell."""

import asyncio
from itertools import pairwise
from pathlib import Path

import pytest

from tests.aio.rtp.calls import call, first_frames
from tests.media.test_playback import files
from tests.media.test_recording import picture
from webrtc.aio.media import Player
from webrtc.errors import DecodeError, InvalidStateError
from webrtc.rtp import EncodedFrame, RtpPacket


class Watching:
    """A sender that notes when it was given what."""

    ready = True

    def __init__(self) -> None:
        self.frames: list[tuple[float, EncodedFrame]] = []

    def send_frame(self, frame: EncodedFrame, rid: str | None) -> None:
        self.frames.append((asyncio.get_running_loop().time(), frame))

    def send_packet(self, packet: RtpPacket, rid: str | None, carried: object = ()) -> None:
        raise AssertionError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, content in files().items():
        (tmp_path / name).write_bytes(content)
    return tmp_path


async def test_both_are_played_in_time(folder: Path) -> None:
    async with Player(folder / "a.ivf", folder / "a.ogg") as player:
        watching = [Watching() for _ in player.tracks]
        for track, sink in zip(player.tracks, watching, strict=True):
            track.add_sink(sink)
        begun = asyncio.get_running_loop().time()
        player.start()
        await player.ended()
        assert [track.ready_state for track in player.tracks] == ["ended", "ended"]
    video, audio = (sink.frames for sink in watching)
    assert [round((at - begun) * 30) for at, _ in video] == list(range(30))
    assert [round((at - begun) * 50) for at, _ in audio] == list(range(50))


async def test_a_loop_is_played_to_a_peer(folder: Path) -> None:
    async with call() as made, Player(folder / "a.ivf", loop=True) as player:
        made.left.add_track(player.tracks[0])
        await made.connect()
        player.start()
        frames = await first_frames(made.receiver, 75)
    steps = [b.timestamp - a.timestamp & 0xFFFFFFFF for a, b in pairwise(frames)]
    assert set(steps) == {3000}


async def test_what_was_late_is_not_made_up_for(folder: Path) -> None:
    """A machine that slept does not send all that it missed at once."""
    async with Player(folder / "a.ivf") as player:
        sink = Watching()
        player.tracks[0].add_sink(sink)
        player.start()
        await asyncio.sleep(0.2)
        asyncio.get_running_loop().skip(60.0)  # type: ignore[attr-defined] # the virtual loop
        await player.ended()
    times = [at for at, _ in sink.frames]
    assert times[-1] - times[0] > 60.0
    assert min(b - a for a, b in pairwise(times)) > 0.01


async def test_a_broken_file_is_played_up_to_there(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    content = files()["a.ivf"]
    place = content.rindex(picture(0).data) - 12
    (folder / "b.ivf").write_bytes(content[:place] + b"\xff" * 12 + content[place + 12 :])
    async with Player(folder / "b.ivf") as player:
        sink = Watching()
        player.tracks[0].add_sink(sink)
        player.start()
        with pytest.raises(DecodeError):
            await player.ended()
    assert len(sink.frames) == 20
    assert "is not played" in caplog.text


async def test_it_can_be_stopped_at_any_time(folder: Path) -> None:
    player = Player(folder / "a.ivf", loop=True)
    with pytest.raises(InvalidStateError):
        await player.ended()
    player.start()
    player.start()
    await asyncio.sleep(0.5)
    player.tracks[0].stop()
    await asyncio.sleep(0.5)
    await player.close()
    with pytest.raises(InvalidStateError):
        player.start()
    with pytest.raises(FileNotFoundError):
        Player(folder / "missing.ivf")
