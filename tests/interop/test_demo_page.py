"""The demo's page in headless Chromium, driven over the DevTools protocol."""

import asyncio
import io
import itertools
import shutil
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from rich.console import Console

from tests.interop.browsers import CHROMIUM
from tests.interop.processes import Program
from webrtc.cli.listening import listen
from webrtc.cli.server import Demo

FIRST_MESSAGE = """new Promise((resolve) => {
    const timer = setInterval(() => {
        if (window.demo?.milestones.message !== undefined || window.demo?.state === "bad") {
            clearInterval(timer);
            resolve(demo.milestones);
        }
    }, 20);
})"""
NOTICE = """new Promise((resolve) => {
    const timer = setInterval(() => {
        const notice = document.getElementById("notice");
        if (!notice.hidden) {
            clearInterval(timer);
            resolve(notice.textContent);
        }
    }, 20);
})"""
VIDEO = """new Promise((resolve) => {
    const timer = setInterval(() => {
        const { back, trip } = demo.video;
        if (back >= 60 && trip !== null) {
            clearInterval(timer);
            resolve(demo.video);
        }
    }, 100);
})"""

pytestmark = [
    pytest.mark.interop,
    pytest.mark.skipif(shutil.which("chromium") is None, reason="Chromium is not installed"),
]


class Tab:
    """One page of the browser."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._numbers = itertools.count(1)
        self.errors: list[str] = []

    async def call(self, method: str, **params: object) -> dict[str, Any]:
        number = next(self._numbers)
        await self._socket.send_json({"id": number, "method": method, "params": params})
        while True:
            reply: dict[str, Any] = await self._socket.receive_json(timeout=60)
            if reply.get("method") == "Runtime.exceptionThrown":
                self.errors.append(str(reply["params"]["exceptionDetails"]))
            if reply.get("id") == number:
                assert "error" not in reply, reply
                result: dict[str, Any] = reply["result"]
                return result

    async def evaluate(self, expression: str) -> Any:
        done = await self.call(
            "Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True
        )
        assert "exceptionDetails" not in done, done
        return done["result"].get("value")


@asynccontextmanager
async def tab(profile: Path, url: str) -> AsyncIterator[Tab]:
    """`url` in a browser of its own."""
    flags = (f"--user-data-dir={profile}", "--remote-debugging-port=0")
    async with (
        await Program.start(*CHROMIUM, *flags, "about:blank"),
        aiohttp.ClientSession() as session,
    ):
        port = await asyncio.to_thread(devtools_port, profile / "DevToolsActivePort")
        listed = await session.get(f"http://127.0.0.1:{port}/json/list")
        target = next(each for each in await listed.json() if each["type"] == "page")
        async with session.ws_connect(target["webSocketDebuggerUrl"], max_msg_size=0) as socket:
            page = Tab(socket)
            await page.call("Runtime.enable")
            await page.call("Page.navigate", url=url)
            yield page


def devtools_port(file: Path) -> int:
    for _ in range(1200):
        if file.exists() and (text := file.read_text()):
            return int(text.splitlines()[0])
        time.sleep(0.05)
    pytest.fail("Chromium did not start within 60 s")


@asynccontextmanager
async def demo(terminal: io.StringIO) -> AsyncIterator[tuple[web.AppRunner, str]]:
    app = Demo(Console(file=terminal, width=120)).application()
    runner, port = await listen(app, "127.0.0.1", 8080)
    try:
        yield runner, f"http://127.0.0.1:{port}/"
    finally:
        await runner.cleanup()


async def test_page_connects_chats_and_moves_files_both_ways(tmp_path: Path) -> None:
    terminal = io.StringIO()
    async with demo(terminal) as (_, url), tab(tmp_path, url) as page:
        milestones = await page.evaluate(FIRST_MESSAGE)
        assert {"socket", "offer", "answer", "checking", "ice", "dtls", "open", "message"} <= set(
            milestones
        )
        reply = await page.evaluate('demo.say("hello there")')
        assert reply["text"] == "hello there"
        assert 0 < reply["trip"] < 5000

        sent = await page.evaluate("demo.send(5e6)")
        assert sent["equal"], sent
        assert sent["own"] == sent["theirs"] == sent["returned"]
        fetched = await page.evaluate("demo.fetch(2e8)")
        assert fetched["equal"], fetched
        said = await page.evaluate('document.querySelector(".verdict").textContent')
        assert f"limited by {fetched['limit']}" in said
        assert fetched["limit"].startswith(("the CPU of Python", "hashing", "the data channels"))

        await page.evaluate("demo.restart()")
        assert "ICE restarted in" in await page.evaluate(NOTICE)
        assert (await page.evaluate('demo.say("after the restart")'))["text"] == "after the restart"
        assert page.errors == []
    assert "joined (Chrome)" in terminal.getvalue()
    assert "left after" in terminal.getvalue()


async def test_page_shows_its_picture_and_what_came_back(tmp_path: Path) -> None:
    async with demo(io.StringIO()) as (_, url), tab(tmp_path, url) as page:
        await page.evaluate(FIRST_MESSAGE)
        seen = await page.evaluate(VIDEO)
        assert seen["sent"] >= seen["back"] >= 60
        assert seen["up"] > 0
        assert seen["down"] > 0
        assert await page.evaluate("demo.milestones.dtls") > 0
        await page.evaluate('document.getElementById("pause").click()')
        assert await page.evaluate('document.getElementById("pause").textContent') == "Go on"
        assert page.errors == []


async def test_page_fits_a_telephone_and_asks_for_nothing(tmp_path: Path) -> None:
    async with demo(io.StringIO()) as (_, url), tab(tmp_path, url) as page:
        await page.evaluate(FIRST_MESSAGE)
        await page.call(
            "Emulation.setDeviceMetricsOverride",
            width=380,
            height=800,
            deviceScaleFactor=1,
            mobile=True,
        )
        assert await page.evaluate("document.documentElement.scrollWidth") == 380
        unlabelled = """[...document.querySelectorAll("button, input, select, canvas")].filter(
            (each) => !(each.textContent.trim() || each.labels?.length || each.ariaLabel)
        ).map((each) => each.id)"""
        assert await page.evaluate(unlabelled) == []
        assert page.errors == []


async def test_page_says_in_words_that_the_server_is_gone(tmp_path: Path) -> None:
    async with demo(io.StringIO()) as (runner, url), tab(tmp_path, url) as page:
        await page.evaluate(FIRST_MESSAGE)
        await runner.cleanup()
        assert "The server is gone" in await page.evaluate(NOTICE)
        assert await page.evaluate("demo.state") == "bad"
        assert page.errors == []
