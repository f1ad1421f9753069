"""The demo's check of this machine."""

import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from tests.support import PATIENCE
from webrtc.cli import selfcheck
from webrtc.cli.pair import STAGES, Transfer
from webrtc.cli.reflection import FRAMES, Reflection
from webrtc.cli.selfcheck import Report, check

pytestmark = pytest.mark.realtime


def screen() -> Console:
    return Console(file=io.StringIO(), width=100, highlight=False)


def text(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


async def test_check_connects_sends_and_says_what_it_saw(tmp_path: Path) -> None:
    console = screen()
    report = await check(console, 300_000, PATIENCE)
    assert report.ok, report.reason
    assert set(report.milliseconds) == {*STAGES, "total"}
    assert report.data["sha256_equal"] is True
    assert report.data["bytes"] == 300_000
    assert report.video["frames_back"] == report.video["frames_sent"] == FRAMES
    for word in (
        "candidate",
        "gathered",
        "ICE",
        "DTLS",
        "SCTP",
        "MB/s",
        "100%",
        "reflected",
        " ms",
    ):
        assert word in text(console)
    report.write(tmp_path / "new" / "report.json")
    written = json.loads((tmp_path / "new" / "report.json").read_text())
    assert written["ok"] is True
    assert written["reason"] is None
    assert written["path"] == report.path
    assert len(written["candidates"]) == len(report.candidates) > 0


async def test_check_that_takes_too_long_fails_and_says_how_far_it_came() -> None:
    report = await check(screen(), 2**30, 0.5)
    assert not report.ok
    assert report.reason is not None
    assert "after 0.5 s" in report.reason
    report = await check(screen(), 1000, 0.000_001)
    assert report.reason is not None
    assert "did not connect" in report.reason


async def test_check_fails_when_the_data_differs(monkeypatch: pytest.MonkeyPatch) -> None:
    async def corrupt(*_: object) -> Transfer:
        return Transfer(1000, 1.0, 0.5, intact=False)

    monkeypatch.setattr(selfcheck, "transfer", corrupt)
    report = await check(screen(), 1000, PATIENCE)
    assert not report.ok
    assert report.reason == "the data that arrived is not the data that was sent"


async def test_check_fails_when_frames_are_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    async def one_short() -> Reflection:
        return Reflection([0.001] * (FRAMES - 1))

    monkeypatch.setattr(selfcheck, "reflection", one_short)
    report = await check(screen(), 1000, PATIENCE)
    assert not report.ok
    assert report.reason == f"1 of {FRAMES} frames of video did not come back whole"


def test_check_that_waits_for_video_says_so() -> None:
    begun = Report(milliseconds={"total": 9.0})
    assert selfcheck._stopped_after(begun).startswith("connected, but the data")
    begun.data = {"bytes": 1000}
    assert selfcheck._stopped_after(begun) == "the data arrived, but video did not come back"


async def test_check_tells_why_the_peers_did_not_connect(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_sockets() -> None:
        raise OSError("no sockets today")

    monkeypatch.setattr(selfcheck, "connected_pair", no_sockets)
    report = await check(screen(), 1000, PATIENCE)
    assert report == Report(reason="OSError: no sockets today")
