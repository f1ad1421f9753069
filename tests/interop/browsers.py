"""Chromium and Firefox, headless, on a page that a test drives over a WebSocket."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import WSMsgType, web

from tests.interop.peer import LinkedPeer, deadline
from tests.interop.processes import Program

HERE = Path(__file__).parent
START_UP = 40.0

CHROMIUM = [
    "chromium",
    "--headless",
    "--autoplay-policy=no-user-gesture-required",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-background-timer-throttling",
    "--disable-component-update",
    "--disable-extensions",
    "--disable-renderer-backgrounding",
    "--disable-sync",
    "--log-level=3",
]

FIREFOX = ["firefox-esr", "--headless", "--no-remote"]

FIREFOX_PREFERENCES = """\
user_pref("app.normandy.enabled", false);
user_pref("app.update.enabled", false);
user_pref("browser.aboutwelcome.enabled", false);
user_pref("browser.region.network.url", "");
user_pref("browser.safebrowsing.provider.mozilla.updateURL", "");
user_pref("browser.search.update", false);
user_pref("browser.sessionstore.resume_from_crash", false);
user_pref("browser.shell.checkDefaultBrowser", false);
user_pref("browser.startup.homepage_override.mstone", "ignore");
user_pref("browser.topsites.contile.enabled", false);
user_pref("datareporting.healthreport.uploadEnabled", false);
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("extensions.getAddons.cache.enabled", false);
user_pref("extensions.systemAddon.update.enabled", false);
user_pref("extensions.update.enabled", false);
user_pref("media.gmp-manager.url", "data:,");
user_pref("network.captive-portal-service.enabled", false);
user_pref("network.connectivity-service.enabled", false);
user_pref("network.dns.disablePrefetch", true);
user_pref("network.trr.mode", 5);
user_pref("services.settings.server", "data:,#remote-settings-dummy/v1");
user_pref("toolkit.startup.max_resumed_crashes", -1);
user_pref("toolkit.telemetry.enabled", false);
user_pref("toolkit.telemetry.reportingpolicy.firstRun", false);
"""


@asynccontextmanager
async def chromium(profile: Path, *, trial: str | None = None) -> AsyncIterator[LinkedPeer]:
    """A Chromium; `profile` is an empty folder, `trial` names something it can do on request."""
    command = [*CHROMIUM, f"--user-data-dir={profile}"]
    if trial is not None:
        command.append(f"--force-fieldtrials={trial}/Enabled/")
    async with _browser("chromium", command) as peer:
        yield peer


@asynccontextmanager
async def firefox(profile: Path) -> AsyncIterator[LinkedPeer]:
    """A Firefox ESR; `profile` is an empty folder."""
    (profile / "user.js").write_text(FIREFOX_PREFERENCES)
    async with _browser("firefox", [*FIREFOX, "--profile", str(profile)]) as peer:
        yield peer


@asynccontextmanager
async def _browser(name: str, command: list[str]) -> AsyncIterator[LinkedPeer]:
    async with _Site(name) as (url, peer), await Program.start(*command, url) as program:
        program.tail = peer.log  # one story: what the page says between what the browser says
        gone = asyncio.create_task(program.process.wait())
        gone.add_done_callback(lambda _: peer.lose("the browser is gone"))
        try:
            async with deadline(f"page shown by {name}; it said: {peer.log}", START_UP):
                await peer.ready
            yield peer
        finally:
            gone.cancel()


class _Site:
    """Serves the page and takes its WebSocket, on a port of its own."""

    def __init__(self, name: str) -> None:
        self._socket: web.WebSocketResponse | None = None
        self._name = name
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> tuple[str, LinkedPeer]:
        self._peer = LinkedPeer(self._name, trickles=True, send=self._send)
        application = web.Application()
        application.router.add_get("/link", self._link)
        application.router.add_get(r"/{file:page\.html|page\.js|operations\.mjs}", self._file)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        port = self._runner.addresses[0][1]
        return f"http://127.0.0.1:{port}/page.html", self._peer

    async def __aexit__(self, *_: object) -> None:
        if self._socket is not None:
            await self._socket.close()
        await self._runner.cleanup()

    async def _file(self, request: web.Request) -> web.FileResponse:
        return web.FileResponse(HERE / request.match_info["file"])

    async def _link(self, request: web.Request) -> web.WebSocketResponse:
        self._socket = socket = web.WebSocketResponse(max_msg_size=0)
        await socket.prepare(request)
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                self._peer.receive(message.data)
        self._peer.lose("the page is gone")
        return socket

    def _send(self, text: str) -> None:
        if self._socket is None:
            raise ConnectionError("no page yet")
        task = asyncio.create_task(self._socket.send_str(text))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
