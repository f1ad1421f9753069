"""Environment variables: each does what docs/troubleshooting.md says, and none breaks anything."""

import asyncio
import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from tests.support import LEFT, RIGHT, connected, two_hosts
from webrtc import SettingEngine
from webrtc.aio import IceAgent, environment
from webrtc.aio.environment import EVENTS, KEYS, LOG, PCAP
from webrtc.dtls import Config
from webrtc.util.captures import frames, payload


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in (LOG, EVENTS, PCAP, KEYS):
        monkeypatch.delenv(name, raising=False)
    root = logging.getLogger("webrtc")
    before = list(root.handlers)
    yield
    root.handlers[:] = before
    for package in environment.PACKAGES:
        logging.getLogger(f"webrtc.{package}").setLevel(logging.NOTSET)
    root.setLevel(logging.NOTSET)


async def talk(settings: SettingEngine | None = None) -> None:
    _, left, right = two_hosts()
    async with connected(left, right, settings=settings) as pair:
        pair.channel.send("hello")
        assert await pair.remote.recv() == "hello"
    await asyncio.sleep(0)


async def test_log_levels_go_to_the_loggers_and_lines_to_stderr(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(LOG, "ice:debug, sctp:INFO")
    await talk()
    await talk()
    printed = capsys.readouterr().err
    assert printed.count("DEBUG   webrtc.ice") > 5
    assert "INFO    webrtc.sctp" in printed
    assert "webrtc.peer" not in printed
    assert len([line for line in printed.splitlines() if "ESTABLISHED" in line]) == 4
    assert logging.getLogger("webrtc.sctp").level == logging.INFO


async def test_one_level_for_all(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(LOG, "info")
    await talk()
    printed = capsys.readouterr().err
    assert "INFO    webrtc.peer" in printed
    assert "DEBUG" not in printed


@pytest.mark.parametrize("wrong", ["ice:loud", "rice:debug", "ice", ":::"])
async def test_what_is_not_understood_is_said(
    wrong: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(LOG, f"{wrong},dtls:error")
    environment.configure_logging()
    assert f"WEBRTC_LOG: {wrong!r} is not understood" in capsys.readouterr().err
    assert logging.getLogger("webrtc.dtls").level == logging.ERROR


async def test_all_datagrams_of_the_process_are_captured(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(PCAP, str(tmp_path / "%p.pcapng"))
    await talk()
    path = tmp_path / f"{os.getpid()}.pcapng"
    first = {frame.interface for frame in frames(path.read_bytes())}
    assert len(first) == 2
    await talk()
    found = list(frames(path.read_bytes()))
    assert len({frame.interface for frame in found}) == 4
    inside = [payload(frame) for frame in found]
    assert {each.source[0] for each in inside if each} == {LEFT, RIGHT}


async def test_ice_alone_is_captured_too(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(PCAP, str(tmp_path / "ice.pcapng"))
    _, left, right = two_hosts()
    async with IceAgent(network=left) as one, IceAgent(network=right) as other:
        one.on("candidate", other.add_remote_candidate)
        other.on("candidate", one.add_remote_candidate)
        await one.gather()
        await other.gather()
    names = {frame.interface[:4] for frame in frames((tmp_path / "ice.pcapng").read_bytes())}
    assert names <= {"ice="}


async def test_keys_of_every_handshake_are_kept_and_a_key_log_of_ones_own_too(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(KEYS, str(tmp_path / "keys.log"))
    own: list[str] = []
    await talk(SettingEngine(random=Random(0), dtls=Config(keylog=own.append)))
    written = (tmp_path / "keys.log").read_text().splitlines()
    assert written == own
    assert len(written) == 2
    assert len(set(written)) == 1  # both ends are here, and have the same secret
    assert written[0].split()[0] == "CLIENT_RANDOM"


async def test_events_are_logged(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(EVENTS, str(tmp_path / "events.jsonl"))
    own: list[object] = []
    await talk(SettingEngine(random=Random(0), event_log=own.append))
    found = [json.loads(line) for line in (tmp_path / "events.jsonl").read_text().splitlines()]
    assert found[0]["event"] == "log"
    assert {"connected"} <= {each.get("state") for each in found}
    assert len(own) == len(found) + 1  # the function has one beginning for each connection


async def test_no_file_that_fails_costs_a_connection(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for name in (EVENTS, PCAP, KEYS):
        monkeypatch.setenv(name, str(tmp_path / "no folder" / name))
    await talk()
    messages = [record.getMessage() for record in caplog.records]
    assert len([each for each in messages if "cannot be written" in each]) == 3


@pytest.mark.parametrize("name", [EVENTS, PCAP, KEYS])
def test_what_cannot_be_honoured_is_said_on_stderr(name: str, tmp_path: Path) -> None:
    """Also in a program that configures no logging."""
    program = """
import asyncio
from webrtc.testing import connected_pair

async def main():
    async with connected_pair():
        pass

asyncio.run(main())
"""
    environ = os.environ | {name: str(tmp_path / "no folder" / "file")}
    root = Path(environment.__file__).parents[2]
    command = [sys.executable, "-c", program]
    found = subprocess.run(
        command, env=environ, cwd=root, capture_output=True, text=True, check=False
    )
    assert found.returncode == 0, found.stderr
    assert found.stderr.count("cannot be written") == 1
    assert str(tmp_path) in found.stderr


async def test_without_variables_nothing_changes() -> None:
    _, left, _ = two_hosts()
    settings = SettingEngine()
    assert environment.with_key_log(settings) is settings
    assert environment.captured(left, "x") is left
    assert environment.events_path() is None
    handlers = list(logging.getLogger("webrtc").handlers)
    environment.configure_logging()
    assert logging.getLogger("webrtc").handlers == handlers


def test_only_the_shell_reads_the_environment() -> None:
    root = Path(environment.__file__).parents[1]
    readers = [
        path.relative_to(root).as_posix()
        for path in root.rglob("*.py")
        if "environ" in path.read_text() and "os.environ" in path.read_text()
    ]
    assert [path for path in readers if not path.startswith("cli/")] == ["aio/environment.py"]
