"""The page of examples/browser.py: its Python side against our client, its page in Chromium."""

import shutil
from pathlib import Path

import aiohttp
import pytest

from tests.examples.processes import ROOT, serving
from tests.interop.test_demo_page import tab
from tests.support import PATIENCE
from webrtc import RTCPeerConnection
from webrtc.signaling import connect

SCRIPT = ROOT / "examples" / "browser.py"

TALK = """new Promise((resolve) => {
    const timer = setInterval(() => {
        if (text.disabled) return;
        if (text.value !== "hi") { text.value = "hi"; text.onchange(); text.value = "hi"; }
        const printed = document.getElementById("log").textContent;
        if (printed.includes("you said")) { clearInterval(timer); resolve(printed); }
    }, 50);
})"""


@pytest.mark.realtime
async def test_python_side_serves_the_page_and_talks() -> None:
    with serving(SCRIPT) as address:
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"http://{address}/") as response,
        ):
            assert "new RTCPeerConnection()" in await response.text()
        async with RTCPeerConnection() as pc:
            channel = pc.create_data_channel("chat")
            async with connect(f"http://{address}/signal", pc, timeout=PATIENCE):
                await channel.opened()
                await channel.send("hi")
                assert await channel.recv() == "you said: hi"


@pytest.mark.interop
@pytest.mark.skipif(shutil.which("chromium") is None, reason="Chromium is not installed")
async def test_page_talks_to_python_in_chromium(tmp_path: Path) -> None:
    with serving(SCRIPT) as address:
        async with tab(tmp_path, f"http://{address}/") as page:
            printed = await page.evaluate(TALK)
            assert page.errors == []
    assert "connected" in printed
    assert "you said: hi" in printed
