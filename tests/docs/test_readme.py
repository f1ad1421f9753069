"""The server that the README shows, with Chromium as its visitor."""

import shutil
from pathlib import Path

import pytest
from aiohttp import web

from tests.docs.markdown import ROOT, python_blocks
from tests.interop.test_demo_page import tab
from webrtc.cli.listening import listen

BACK = """new Promise((resolve) => {
    const timer = setInterval(() => {
        const video = document.querySelector("video");
        const frames = video?.getVideoPlaybackQuality().totalVideoFrames ?? 0;
        if (frames >= 30 && document.querySelector("audio")) {
            clearInterval(timer);
            resolve(frames);
        }
    }, 100);
})"""


def shown() -> str:
    """The program, of at most 15 lines."""
    [block] = [
        block
        for block in python_blocks()
        if block.page == ROOT / "README.md" and "Answerer" in block.text
    ]
    assert len([line for line in block.text.splitlines() if line]) <= 15
    return block.text


@pytest.mark.interop
@pytest.mark.skipif(shutil.which("chromium") is None, reason="Chromium is not installed")
async def test_a_browser_gets_its_call_back(tmp_path: Path) -> None:
    scope: dict[str, web.Application] = {}
    exec(shown(), scope)

    async def page(_: web.Request) -> web.FileResponse:
        return web.FileResponse(ROOT / "examples" / "media" / "page.html")

    scope["app"].router.add_get("/", page)
    runner, port = await listen(scope["app"], "127.0.0.1", 8080)
    try:
        url = f"http://127.0.0.1:{port}/?send=video,audio"
        async with tab(tmp_path, url) as visitor:
            assert await visitor.evaluate(BACK) >= 30
            assert visitor.errors == []
    finally:
        await runner.cleanup()
