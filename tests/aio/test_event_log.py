"""Event logs: what a line says, and when it is as of."""

import json
import time
from pathlib import Path
from typing import Any

from webrtc import __version__
from webrtc.aio.event_log import EventCallback, EventFile


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_times_are_since_the_first_line_which_says_when_that_was(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    one, other = EventFile.use(path), EventFile.use(path)
    before = time.time()
    one.add(100.0, {"connection": "pc=1", "event": "x", "reason": ValueError("why")})
    other.add(101.5, {"connection": "pc=2", "event": "y"})
    one.release()
    other.release()
    [first, second, third] = lines(path)
    assert before - 1 <= first.pop("unix") <= time.time()
    assert first == {"time": 0.0, "event": "log", "library": f"asyncio-webrtc {__version__}"}
    assert second == {"time": 0.0, "connection": "pc=1", "event": "x", "reason": "why"}
    assert third == {"time": 1.5, "connection": "pc=2", "event": "y"}


def test_a_log_is_continued(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    for clock in (5.0, 50.0):
        file = EventFile.use(path)
        file.add(clock, {"event": "x"})
        file.release()
    assert [each["event"] for each in lines(path)] == ["log", "x", "log", "x"]


def test_a_function_gets_the_same_in_turns_of_its_own() -> None:
    scheduled: list[Any] = []
    log = EventCallback(lambda record: None, lambda call, record: scheduled.append(record))
    log.add(7.0, {"event": "x"})
    log.add(7.25, {"event": "y"})
    log.release()
    assert [each["event"] for each in scheduled] == ["log", "x", "y"]
    assert [each["time"] for each in scheduled] == [0.0, 0.0, 0.25]
    assert scheduled[0]["unix"] > 1.7e9
