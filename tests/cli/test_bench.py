"""`webrtc bench`."""

import io
import json

import pytest
from rich.console import Console

from webrtc.cli import bench
from webrtc.cli.bench import Plan, Result, measure, run
from webrtc.errors import ConnectionFailed

SMALL = Plan(size=200_000, message_size=16384, round_trips=5, connections=2)


@pytest.mark.realtime
async def test_everything_is_measured() -> None:
    result = await measure(SMALL)
    assert result.intact
    assert 0 < result.connect_ms_median <= result.connect_ms_worst
    assert 0 < result.round_trip_us_median <= result.round_trip_us_p99
    assert result.megabytes_per_second > 0
    assert result.cpu_seconds_per_gigabyte > 0
    assert result.round_trips_per_second > 0


@pytest.mark.parametrize("intact", [True, False])
def test_table_and_json_show_what_was_measured(
    monkeypatch: pytest.MonkeyPatch, *, intact: bool
) -> None:
    async def measured(_: Plan) -> Result:
        return Result(10.5, 12.0, 50.0, 20.0, intact, 4000, 250.0, 400.0)

    monkeypatch.setattr(bench, "measure", measured)
    table, dump = io.StringIO(), io.StringIO()
    status = 0 if intact else 1
    assert run(Console(file=table, width=120), SMALL, as_json=False) == status
    for shown in ("10.5 ms", "50.0 MB/s", "20.0 s/GB", "4000 /s", "16384 bytes"):
        assert shown in table.getvalue()
    assert ("DIFFERS" in table.getvalue()) is not intact
    assert run(Console(file=dump, width=120), SMALL, as_json=True) == status
    loaded = json.loads(dump.getvalue())
    assert loaded["result"]["megabytes_per_second"] == 50.0
    assert loaded["plan"]["message_size"] == 16384


def test_connection_that_fails_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    async def failing(_: Plan) -> Result:
        raise ConnectionFailed("no candidate pair worked")

    monkeypatch.setattr(bench, "measure", failing)
    screen = io.StringIO()
    assert run(Console(file=screen, width=120), SMALL, as_json=False) == 1
    assert "no candidate pair worked" in screen.getvalue()
