"""`webrtc demo`: the environment, the self-check, then a page that talks to Python."""

import asyncio
import contextlib
import os
import platform
import signal
import sys
import webbrowser
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from rich.console import Console

from webrtc.aio.net import driver
from webrtc.cli.listening import listen
from webrtc.cli.selfcheck import check
from webrtc.cli.server import Demo
from webrtc.signaling import Rules


@dataclass(frozen=True, slots=True)
class Check:
    """What the self-check is to do."""

    size: int
    limit: float
    report: Path


@dataclass(frozen=True, slots=True)
class Page:
    """Where to serve the page, and whether to open it."""

    host: str
    port: int
    browser: bool
    rules: Rules
    """Who may call besides pages of this very server."""


def run(console: Console, plan: Check, page: Page | None) -> int:
    """Go through the steps; `page` is None to stop after the check. Returns the exit status."""
    steps = 2 if page is None else 3
    kind = "pure Python" if driver.__file__.endswith(".py") else "compiled"
    parts = (
        f"asyncio-webrtc {version('asyncio-webrtc')}, {kind}",
        f"python {platform.python_version()}",
        f"cryptography {version('cryptography')}",
        f"{platform.system()} {platform.machine()}",
    )
    console.print(f"[bold]\\[1/{steps}][/] environment   {', '.join(parts)}")
    console.print(f"[bold]\\[2/{steps}][/] self-check    two peers on this machine")
    report = asyncio.run(check(console, plan.size, plan.limit))
    report.write(plan.report)
    if not report.ok:
        console.print(f"      [bold red]FAILED[/]  {report.reason}  (report: {plan.report})")
        return 1
    console.print(f"      [bold green]OK[/]  (report: {plan.report})")
    if page is None:
        return 0
    try:
        with contextlib.suppress(KeyboardInterrupt):
            asyncio.run(_serve(console, page))
    except OSError as error:
        console.print(f"[bold red]FAILED[/]  the page cannot be served: {error}")
        return 1
    console.print("stopped")
    return 0


async def _serve(console: Console, page: Page) -> None:
    app = Demo(console, **page.rules).application()
    runner, port = await listen(app, page.host, page.port, page.rules.get("trusted_proxies", ()))
    url = f"http://{in_url(page.host)}:{port}"
    try:
        if port != page.port and page.port:
            console.print(f"      port {page.port} is busy, so it is {port}")
        console.print(f"[bold]\\[3/3][/] serving       [bold]{url}[/]   Ctrl-C stops")
        if page.browser and _has_screen():
            await asyncio.to_thread(webbrowser.open, url)
        await _until_stopped()
    finally:
        await runner.cleanup()


async def _until_stopped() -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    with contextlib.suppress(NotImplementedError):  # Windows: only Ctrl-C
        loop.add_signal_handler(signal.SIGTERM, stop.set)
    await stop.wait()


def _has_screen() -> bool:
    """Elsewhere `webbrowser` may start a text browser in this terminal."""
    if sys.platform in {"win32", "darwin"}:
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def in_url(host: str) -> str:
    """`host` as a browser on this machine takes it."""
    if host in {"0.0.0.0", "::"}:  # noqa: S104 - only compared
        return "localhost"
    return f"[{host}]" if ":" in host else host
