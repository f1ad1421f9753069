"""Every example runs as its docstring says, and prints what it promises. Section AL."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.examples.processes import ROOT, run, serving

FOLDER = ROOT / "examples"
EXAMPLES = sorted(FOLDER.rglob("*.py"))

each_example = pytest.mark.parametrize(
    "example", EXAMPLES, ids=lambda example: str(example.relative_to(FOLDER))
)


@each_example
def test_help_is_printed(example: Path) -> None:
    printed = run(str(example.relative_to(FOLDER)), "--help")
    assert printed.startswith("usage:")


@each_example
def test_is_short_says_how_to_run_it_and_is_listed(example: Path) -> None:
    text, name = example.read_text(), example.relative_to(FOLDER)
    assert text.count("\n") <= 80
    assert f"python examples/{name}" in text
    assert "Expect " in text
    assert f"({name})" in (FOLDER / "README.md").read_text()


def test_data_channels_over_real_sockets_lose_nothing() -> None:
    printed = run("data_channels.py", "--count", "20")
    assert "echo: a text … b'and bytes'" in printed
    assert len(re.findall("20 of 20 came back", printed)) == 4


def test_data_channels_over_a_lossy_network_do_what_their_mode_says() -> None:
    """DC-02: partial reliability and order, seen from the application."""
    lines = run("data_channels.py", "--loss", "0.2").splitlines()[1:]
    arrived = {line[:25].strip(): line[25:].strip() for line in lines}
    assert arrived["reliable, ordered"] == "100 of 100 came back, in order"
    assert arrived["reliable, unordered"] == "100 of 100 came back, out of order"
    for mode in ("at most 1 retransmission", "at most 100 ms old"):
        assert 50 < int(arrived[mode].split()[0]) < 100


def test_sansio_loop_connects_without_an_event_loop() -> None:
    """SYS-06, SANS-12, SANS-14: blocking sockets drive the whole core."""
    assert "asyncio" not in (FOLDER / "sansio_loop.py").read_text().partition('"""\n')[2]
    assert run("sansio_loop.py", "--messages", "5").splitlines() == [
        f"echo: message {number}" for number in range(1, 6)
    ]


def test_ice_alone_carries_datagrams() -> None:
    """ICE-05, ICE-36."""
    assert "20 of 20 came back" in run("ice_only.py", "--count", "20")


def test_stats_prints_rates_and_a_report_and_writes_what_it_is_told_to(tmp_path: Path) -> None:
    """EX-27, PC-26."""
    arguments = ("--seconds", "2", "--dump", "dump.txt", "--events", "events.jsonl")
    printed = run("stats.py", *arguments, folder=tmp_path)
    rates, _, report = printed.partition("{")
    assert len(re.findall(r"MB/s sent, round trip [0-9.]+ ms, window \d+ kB", rates)) == 2
    kinds = {each["type"] for each in json.loads("{" + report).values()}
    assert kinds >= {"peer-connection", "transport", "candidate-pair", "data-channel"}
    dump = json.loads((tmp_path / "dump.txt").read_text())
    assert len(dump["PeerConnections"]) == 2
    assert '"event":"closed"' in (tmp_path / "events.jsonl").read_text()


def test_offer_and_answer_talk_between_two_processes() -> None:
    with serving(FOLDER / "offer_answer" / "answer.py") as address:
        printed = run("offer_answer/offer.py", f"http://{address}/signal", "hello", "a second one")
    assert re.match(r"connected in \d+ ms\n", printed)
    assert printed.endswith("echo: hello\necho: a second one\n")


def test_offer_without_a_server_says_so(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match=r"failed: no signalling at http://127\.0\.0\.1:9/"):
        run("offer_answer/offer.py", "http://127.0.0.1:9/signal")


def test_upload_over_a_virtual_network_takes_less_time_than_it_simulates(tmp_path: Path) -> None:
    """SANS-15: faster than real time."""
    lines = run("vnet_test.py", "--seeds", "2", folder=tmp_path).splitlines()
    found = [
        re.fullmatch(r"seed \d: ([0-9.]+) s on the network, ([0-9.]+) s here", line)
        for line in lines
    ]
    assert len(found) == 2
    assert all(each and float(each[1]) > float(each[2]) for each in found)
    assert list(tmp_path.iterdir()) == []


def test_vnet_example_is_a_test_for_pytest_too(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-c", "/dev/null", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [*command, str(FOLDER / "vnet_test.py")],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=tmp_path,
        check=False,
    )
    assert "1 passed" in done.stdout, done.stdout + done.stderr
