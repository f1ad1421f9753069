"""The command line: what it offers, and its options."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from webrtc.cli.commands import webrtc


def test_help_names_every_command() -> None:
    result = CliRunner().invoke(webrtc, ["--help"])
    assert result.exit_code == 0
    for name in webrtc.commands:
        assert name in result.output
        assert CliRunner().invoke(webrtc, [name, "--help"]).exit_code == 0


def test_headless_demo_writes_its_report_where_it_is_told(tmp_path: Path) -> None:
    report = tmp_path / "here.json"
    arguments = ["demo", "--headless", "--size", "1", "--limit", "30", "--report", str(report)]
    result = CliRunner().invoke(webrtc, arguments)
    assert result.exit_code == 0, result.output
    assert json.loads(report.read_text())["data"]["bytes"] == 2**20


def test_headless_demo_fails_within_its_limit(tmp_path: Path) -> None:
    arguments = ["demo", "--headless", "--limit", "0.001", "--report", str(tmp_path / "r.json")]
    result = CliRunner().invoke(webrtc, arguments)
    assert result.exit_code == 1
    assert "FAILED" in result.output


def test_bench_prints_a_table_or_json() -> None:
    arguments = ["bench", "--size", "1", "--round-trips", "3", "--connections", "1"]
    table = CliRunner().invoke(webrtc, arguments)
    assert table.exit_code == 0, table.output
    assert "MB/s" in table.output
    dump = CliRunner().invoke(webrtc, [*arguments, "--message-size", "1000", "--json"])
    assert json.loads(dump.output)["plan"] == {
        "size": 2**20,
        "message_size": 1000,
        "round_trips": 3,
        "connections": 1,
    }


@pytest.mark.parametrize(
    "arguments", [["demo", "--port", "70000"], ["bench", "--size", "0"], ["fly"]]
)
def test_wrong_arguments_are_explained(arguments: list[str]) -> None:
    result = CliRunner().invoke(webrtc, arguments)
    assert result.exit_code == 2
    assert "Usage:" in result.output


def test_module_is_the_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "webrtc", "--help"], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("Usage: webrtc ")


@pytest.mark.parametrize("missing", ["click", "rich", "aiohttp"])
def test_missing_extra_is_named(missing: str) -> None:
    """F-48."""
    code = f"import sys; sys.modules[{missing!r}] = None; from webrtc.cli import main; main()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr == (f"the command line needs {missing}: pip install asyncio-webrtc[cli]\n")


def test_an_interrupt_during_start_prints_no_traceback() -> None:
    """Ctrl-C while the packages are loaded."""
    code = """
import sys

class Interrupts:
    def find_spec(self, name, path=None, target=None):
        if name == "webrtc.cli.commands":
            raise KeyboardInterrupt

sys.meta_path.insert(0, Interrupts())
from webrtc.cli import main
main()
"""
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert (found.returncode, found.stderr) == (130, "")
