import asyncio

import pytest

from webrtc import MediaStreamTrack
from webrtc.errors import MediaError


@pytest.mark.parametrize("kind", ["audio", "video"])
async def test_a_track_begins_live(kind: str) -> None:
    """PC-34: mediacapture-main §4.3."""
    track = MediaStreamTrack(kind, "label")  # type: ignore[arg-type] # one of two
    assert (track.kind, track.label) == (kind, "label")
    assert track.enabled
    assert not track.muted
    assert track.ready_state == "live"
    assert track.id != MediaStreamTrack("audio").id


async def test_another_kind_is_a_type_error() -> None:
    with pytest.raises(TypeError, match="kind"):
        MediaStreamTrack("data")  # type: ignore[arg-type] # what is tested


async def test_mute_and_unmute_fire_on_a_change_only() -> None:
    track, fired = MediaStreamTrack("audio"), list[str]()
    track.onmute = lambda: fired.append("mute")
    track.onunmute = lambda: fired.append("unmute")
    for muted in (False, True, True, False):
        track.set_muted(muted)
        assert track.muted is muted
    await asyncio.sleep(0)
    assert fired == ["mute", "unmute"]


async def test_the_end_of_the_source_fires_once() -> None:
    track, fired = MediaStreamTrack("audio"), list[str]()
    track.onended = lambda: fired.append("ended")
    track.end()
    track.end()
    assert track.ready_state == "ended"
    await asyncio.sleep(0)
    assert fired == ["ended"]


async def test_stop_fires_nothing_and_nothing_follows() -> None:
    track, fired = MediaStreamTrack("audio"), list[str]()
    for event in ("ended", "mute"):
        track.on(event, lambda: fired.append("fired"))
    track.stop()
    track.end()
    track.set_muted(True)
    await asyncio.sleep(0)
    assert track.ready_state == "ended"
    assert not track.muted
    assert fired == []


async def test_sound_and_pictures_need_what_is_installed_with_media() -> None:
    with pytest.raises(MediaError, match=r"asyncio-webrtc\[media\]"):
        await MediaStreamTrack("audio").recv()


async def test_a_hint_is_of_the_kind_or_left_out() -> None:
    track = MediaStreamTrack("video")
    assert track.content_hint == ""
    for hint, kept in (("detail", "detail"), ("music", "detail"), ("", "")):
        track.content_hint = hint
        assert track.content_hint == kept
    with pytest.raises(TypeError):
        track.content_hint = 5  # type: ignore[assignment] # what is tested
