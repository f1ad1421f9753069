"""What many connections cost, in processes of their own: the system's number, not Python's."""

import re
import sys
from asyncio.subprocess import PIPE, create_subprocess_exec
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent

pytestmark = [
    pytest.mark.realtime,
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc/self/statm"),
]


async def figures(module: str, *arguments: str) -> dict[str, float]:
    """The numbers that a benchmark prints, by the words before them."""
    process = await create_subprocess_exec(
        sys.executable, "-m", f"benchmarks.{module}", *arguments, cwd=ROOT, stdout=PIPE
    )
    output, _ = await process.communicate()
    assert process.returncode == 0
    found = re.findall(r"^([a-z ]+?) +(-?[0-9.]+)", output.decode(), re.MULTILINE)
    return {name: float(number) for name, number in found}


@pytest.mark.slow
@pytest.mark.parametrize("end", ["closed after a message", "fail"])
async def test_a_thousand_connections_leave_memory_flat(end: str) -> None:
    """F-33, F-34: a straight line through a hundred samples rises by less than 1 KiB each."""
    found = await figures("leak", "1000", "1", end)
    assert found["resident memory"] < 1024
    assert found["objects"] < 0.5
    assert found["descriptors"] == found["tasks"] == 0


@pytest.mark.parametrize("connections", [40, pytest.param(1000, marks=pytest.mark.slow)])
async def test_an_idle_connection_costs_less_than_120_kib(connections: int) -> None:
    """F-37 in small: open, with a channel, nothing to do."""
    found = await figures("idle", str(connections))
    assert 10 < found["idle connection"] < 120
