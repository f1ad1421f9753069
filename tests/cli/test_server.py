"""The demo's web server, asked by an HTTP client and by a peer."""

import io
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import WSServerHandshakeError, web
from aiohttp.test_utils import TestClient, TestServer
from rich.console import Console

from webrtc import RTCPeerConnection
from webrtc.cli.server import Demo
from webrtc.signaling import Rules, connect

pytestmark = pytest.mark.realtime

Client = TestClient[web.Request, web.Application]


@asynccontextmanager
async def demo(terminal: io.StringIO) -> AsyncIterator[Client]:
    app = Demo(Console(file=terminal, width=120)).application()
    async with TestClient(TestServer(app)) as client:
        yield client


async def test_page_and_everything_it_refers_to_is_served() -> None:
    async with demo(io.StringIO()) as client:
        page = await client.get("/")
        assert page.content_type == "text/html"
        html = await page.text()
        wanted = set(re.findall(r'(?:src|href)="([\w.]+)"', html))
        assert wanted == {"app.js", "style.css", "header.css", "cards.css", "details.css"}
        seen: set[str] = set()
        while wanted:
            name = wanted.pop()
            seen.add(name)
            file = await client.get(f"/{name}")
            assert file.status == 200, name
            assert "default-src 'self'" in file.headers["Content-Security-Policy"]
            script = await file.text()
            wanted |= set(re.findall(r'(?:from "./|new URL\(")([\w.]+\.js)"', script)) - seen
        assert {"session.js", "transfer.js", "chart.js", "sha256.js"} < seen


async def test_page_refers_only_to_elements_that_it_has() -> None:
    async with demo(io.StringIO()) as client:
        html = await (await client.get("/")).text()
        script = await (await client.get("/app.js")).text()
        ids = set(re.findall(r'id="([\w-]+)"', html))
        assert set(re.findall(r'\$\("([\w-]+)"\)', script)) <= ids
        for control in re.findall(r'(?:for|aria-controls|aria-labelledby)="([\w-]+)"', html):
            assert control in ids


async def test_source_that_is_shown_is_the_file_that_runs() -> None:
    async with demo(io.StringIO()) as client:
        source = await client.get("/source")
        assert source.content_type == "text/plain"
        assert "async def echo(channel: RTCDataChannel)" in await source.text()


@pytest.mark.parametrize("path", ["/nothing", "/__init__.py", "/%2e%2e/bot.py", "/page/app.js"])
async def test_nothing_else_is_served(path: str) -> None:
    async with demo(io.StringIO()) as client:
        assert (await client.get(path)).status == 404


async def test_terminal_has_a_line_when_a_peer_comes_and_when_it_goes() -> None:
    terminal = io.StringIO()
    async with demo(terminal) as client, RTCPeerConnection() as pc:
        chat = pc.create_data_channel("chat")
        async with connect(str(client.make_url("/signal")), pc):
            await chat.opened()
            await chat.send("hello")
            assert await chat.recv() == "hello"
    joined, left = terminal.getvalue().splitlines()
    assert re.fullmatch(
        r"\d\d:\d\d:\d\d  peer [0-9a-f]{4} joined \(.+\)  connected in \d+ ms  \w+/udp", joined
    )
    assert re.fullmatch(r"\d\d:\d\d:\d\d  peer [0-9a-f]{4} left after \d+ s", left)


async def test_terminal_tells_of_a_peer_that_never_connected() -> None:
    terminal = io.StringIO()
    async with demo(terminal) as client:
        agent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
        async with client.ws_connect("/signal", headers={"User-Agent": agent}):
            pass
    assert "left (Firefox)  without a connection" in terminal.getvalue()


async def test_page_whose_name_was_made_to_lead_here_cannot_call() -> None:
    """DNS rebinding, and the same when the name is ours."""
    headers = {"Host": "a.example", "Origin": "http://a.example"}
    for rules, status in ((Rules(), 403), (Rules(hosts=["a.example"]), 101)):
        app = Demo(Console(file=io.StringIO()), **rules).application()
        async with TestClient(TestServer(app)) as client:
            assert (await client.get("/", headers=headers)).status == 200
            try:
                async with client.ws_connect("/signal", headers=headers):
                    found = 101
            except WSServerHandshakeError as error:
                found = error.status
            assert found == status
