"""Browsers play the files that we write, to the end and from their middle."""

import math
from base64 import b64encode
from typing import Any

import pytest

from tests.interop.peer import LinkedPeer, deadline
from tests.media import test_ogg, test_wav
from tests.media.test_matroska import both, tracks, written

pytestmark = [pytest.mark.interop, pytest.mark.asyncio(loop_scope="session")]

ROUNDS = 5
SECONDS = 0.4 * ROUNDS

each_browser = pytest.mark.parametrize("browser", ["chromium", "firefox"], indirect=True)
each_codec = pytest.mark.parametrize("codec", ["VP8", "VP9", "AV1"])


@pytest.fixture
def browser(request: pytest.FixtureRequest) -> LinkedPeer:
    peer = request.getfixturevalue(request.param)
    assert isinstance(peer, LinkedPeer)
    return peer


async def played(browser: LinkedPeer, kind: str, data: bytes, *, start: float = 0.0) -> Any:
    async with deadline(f"{kind} played by {browser.name}; it said: {browser.log}"):
        encoded = b64encode(data).decode()
        return await browser.call("play", **{"type": kind, "base64": encoded, "from": start})


@each_browser
@each_codec
async def test_a_recording_is_played(browser: LinkedPeer, codec: str) -> None:
    data = written(tracks(codec), both(codec, rounds=ROUNDS))
    found = await played(browser, "video/webm", data, start=SECONDS / 2)
    assert (found["width"], found["height"]) == (150, 90)
    assert found["duration"] == pytest.approx(SECONDS, abs=0.002)
    assert found["ended"] == pytest.approx(SECONDS, abs=0.05)
    assert found["frames"] > 0


@each_browser
async def test_a_recording_that_was_not_closed_is_played(browser: LinkedPeer) -> None:
    data = written(tracks("VP8"), both("VP8", rounds=ROUNDS), closed=False)
    found = await played(browser, "video/webm", data)
    assert found["duration"] is None or math.isclose(found["duration"], SECONDS, abs_tol=0.1)
    assert found["ended"] == pytest.approx(SECONDS, abs=0.1)
    assert found["frames"] > 30


@each_browser
async def test_sound_is_played(browser: LinkedPeer) -> None:
    for kind, data, seconds in (
        ("audio/ogg", test_ogg.written(0.5), 3.02),
        ("audio/wav", test_wav.written("L16"), 0.5),
        ("audio/wav", test_wav.written("PCMU"), 0.5),
    ):
        found = await played(browser, kind, data, start=seconds / 2)
        assert found["duration"] == pytest.approx(seconds, abs=0.01)
        assert found["ended"] == pytest.approx(seconds, abs=0.05)
