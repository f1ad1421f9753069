"""Every example runs as its docstring says, and prints what it promises. Section AL."""

import hashlib
import json
import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from tests.examples.processes import ROOT, free_port, run, serving
from tests.support import PATIENCE

pytestmark = pytest.mark.slow

FOLDER = ROOT / "examples"
EXAMPLES = sorted(path for path in FOLDER.rglob("*.py") if "__main__" in path.read_text())

each_example = pytest.mark.parametrize(
    "example", EXAMPLES, ids=lambda example: str(example.relative_to(FOLDER))
)


@each_example
def test_help_is_printed(
    example: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", [str(example), "--help"])
    monkeypatch.syspath_prepend(example.parent)
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(example), run_name="__main__")
    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith("usage:")


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


def test_the_server_creates_the_channels() -> None:
    """EX-16."""
    printed = run("data_channels_create.py", "--news", "2").splitlines()
    for number in range(2):
        assert f"client: 'control' says 'channel {number} comes'" in printed
        assert f"client: 'news {number}' says 'something has happened'" in printed


def test_the_life_of_a_channel_from_open_to_close() -> None:
    """EX-17: what was sent is delivered before; the stream is used again."""
    lines = run("data_channels_close.py", "--rounds", "2", "--lives", "2").splitlines()
    taker = [line.split() for line in lines if line.startswith("taker")]
    life = [["open", "open"], ["message", "open", "round", "1"], ["message", "open", "round", "2"]]
    life += [["closing", "closing"], ["close", "closed"]]
    assert [words[1:] for words in taker] == life * 2
    streams = [line.split()[-1] for line in lines if line.startswith("life")]
    assert len(streams) == 2
    assert streams[0] == streams[1]


def test_detached_channels_are_streams_at_both_ends() -> None:
    """EX-18, EX-19."""
    digest = hashlib.sha256(bytes(200_000)).hexdigest()
    assert run("data_channels_detach.py", "--size", "200000").splitlines() == [
        f"sent 200000 bytes, sha256 {digest[:16]}…",
        "then: the end",
    ]


def test_flow_control_keeps_the_buffer_small() -> None:
    """EX-20, RTCDC-09."""
    printed = run("data_channels_flow_control.py", "--megabytes", "4")
    found = re.findall(r"(\w+): 4\.0 MB, \d+ MB/s, buffered (\d+) KiB", printed)
    assert [name for name, _ in found] == ["await", "event"]
    assert all(1000 <= int(most) < 1100 for _, most in found)


def test_ice_restarts_while_messages_flow() -> None:
    """EX-25."""
    printed = run("ice_restart.py", "--messages", "60")
    assert "credentials changed: True - still connected" in printed
    assert "60 of 60 arrived, in order: True" in printed
    assert printed.count(" → ") == 2


def test_perfect_negotiation_resolves_a_glare() -> None:
    """The polite side gives way, and both get their channel."""
    printed = run("perfect_negotiation.py").splitlines()
    assert "Ann: glare, I give way" in printed
    assert "Bob: glare, I ignore the offer" in printed
    assert {"Bob: 'from Ann' says 'hello'", "Ann: 'from Bob' says 'hello'"} < set(printed)
    assert printed.count("thanks") == 2


def test_icegather_prints_candidates() -> None:
    """RICE-07, EX-28: also of a server, here one that is down."""
    server = f"stun:127.0.0.1:{free_port()}"
    printed = run("icegather.py", "--stun", server, "--timeout", "0.2")
    assert re.search(r"^host   udp \S+:\d+  priority \d+$", printed, re.MULTILINE)


def test_trio_drives_the_core() -> None:
    """SYS-05."""
    assert "asyncio" not in (FOLDER / "trio_driver.py").read_text()
    assert run("trio_driver.py", "--messages", "4").splitlines() == [
        f"echo: message {number}" for number in range(1, 5)
    ]


def test_frames_that_poll_see_the_other_player() -> None:
    """EX-43, DC-30 to DC-32."""
    printed = run("poll_data_channel.py", "--frames", "40")
    seen = re.findall(r"saw (\d+) positions, the last was (\d+)", printed)
    assert len(seen) == 2
    # Unordered and not repeated: some may be missing, and the last to come need not be the newest.
    assert all(0 < int(number) <= 40 for pair in seen for number in pair)


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


def test_upload_over_a_virtual_network_is_timed_there_and_here(tmp_path: Path) -> None:
    """SANS-15: there it takes what the link explains."""
    lines = run("vnet_test.py", "--seeds", "2", folder=tmp_path).splitlines()
    found = [
        re.fullmatch(r"seed \d: ([0-9.]+) s on the network, ([0-9.]+) s here", line)
        for line in lines
    ]
    assert len(found) == 2
    assert all(each and 0.1 < float(each[1]) < 10.0 for each in found)
    assert list(tmp_path.iterdir()) == []


def test_vnet_example_is_a_test_for_pytest_too(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-c", "/dev/null", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [*command, str(FOLDER / "vnet_test.py")],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        cwd=tmp_path,
        check=False,
    )
    assert "1 passed" in done.stdout, done.stdout + done.stderr
