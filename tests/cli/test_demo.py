"""`webrtc demo`: the steps, the exit status, an orderly end."""

import io
import json
import os
import signal
import socket
import sys
import threading
import time
import urllib.request
import webbrowser
from pathlib import Path

import pytest
from rich.console import Console

from tests.support import PATIENCE
from webrtc.cli.demo import Check, Page, in_url, run


@pytest.fixture
def console() -> Console:
    return Console(file=io.StringIO(), width=100, highlight=False)


def text(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_headless_stops_after_the_check(console: Console, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    assert run(console, Check(100_000, 20, report), None) == 0
    shown = text(console)
    assert "[1/2] environment" in shown
    assert "[2/2] self-check" in shown
    assert "OK" in shown
    assert "[3/" not in shown
    assert json.loads(report.read_text())["ok"] is True


def test_failed_check_ends_with_its_reason_and_nothing_is_served(
    console: Console, tmp_path: Path
) -> None:
    report = tmp_path / "report.json"
    page = Page("127.0.0.1", 0, browser=True, rules={})
    assert run(console, Check(100_000, 0.000_001, report), page) == 1
    assert "FAILED" in text(console)
    assert "serving" not in text(console)
    assert "did not connect" in json.loads(report.read_text())["reason"]


def test_address_that_cannot_be_served_at_is_a_failure(console: Console, tmp_path: Path) -> None:
    page = Page("192.0.2.1", 8080, browser=False, rules={})
    assert run(console, Check(1000, PATIENCE, tmp_path / "report.json"), page) == 1
    assert "the page cannot be served" in text(console)


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_page_is_served_and_opened_until_a_signal(
    console: Console, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    opened: list[str] = []
    pages: list[int] = []
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr(webbrowser, "open", opened.append)

    def visit() -> None:
        deadline = time.monotonic() + PATIENCE
        while not opened and time.monotonic() < deadline:
            time.sleep(0.02)
        for url in opened:
            with urllib.request.urlopen(url, timeout=PATIENCE) as page:
                pages.append(page.status)
            os.kill(os.getpid(), number)

    visitor = threading.Thread(target=visit)
    visitor.start()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        page = Page("127.0.0.1", port, browser=True, rules={})
        assert run(console, Check(1000, PATIENCE, tmp_path / "report.json"), page) == 0
    visitor.join()
    assert pages == [200]
    assert f"port {port} is busy" in text(console)
    assert f"serving       {opened[0]}" in text(console)
    assert "stopped" in text(console)


@pytest.mark.parametrize(
    ("host", "shown"),
    [("localhost", "localhost"), ("0.0.0.0", "localhost"), ("::", "localhost"), ("::1", "[::1]")],
)
def test_address_is_shown_so_that_a_browser_on_this_machine_takes_it(host: str, shown: str) -> None:
    assert in_url(host) == shown
