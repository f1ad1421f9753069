"""What the terminal shows of a transfer."""

import io
from pathlib import Path

import pytest
from rich.console import Console

from webrtc import RTCPeerConnection
from webrtc.cli.display import Display
from webrtc.transfer import Progress, Transfer


def test_bar_is_full_in_the_end_and_lines_have_their_labels() -> None:
    screen = io.StringIO()
    with Display(Console(file=screen, width=100)) as display:
        display.say("code", "7-tiger [red]lamp[/]")
        display.update(Progress("a.bin", 3_000_000, 1_000_000, 1_000_000))
        display.update(Progress("a.bin", 3_000_000, 3_000_000, 1_000_000))
        display.done(Transfer(Path("a.bin"), 3_000_000, "ab" * 32, 1_000_000))
    lines = screen.getvalue().splitlines()
    assert lines[:2] == ["code        7-tiger [red]lamp[/]", "resuming    at 1.0 MB of 3.0 MB"]
    assert lines[2].startswith("done        3.0 MB in 0.0 s  ")
    assert lines[3] == f"SHA-256     {'ab' * 32}"
    assert lines[-1].startswith("a.bin ")
    assert "100%" in lines[-1]
    assert "3.0/3.0 MB" in lines[-1]


def test_empty_file_is_complete_too() -> None:
    screen = io.StringIO()
    with Display(Console(file=screen, width=100)) as display:
        display.update(Progress("empty", 0, 0, 0))
        display.done(Transfer(Path("empty"), 0, "ab" * 32, 0))
    assert "100%" in screen.getvalue()


def test_name_of_a_file_is_no_markup() -> None:
    screen = io.StringIO()
    with Display(Console(file=screen, width=100)) as display:
        display.update(Progress("[bold]x[/nonsense]", 10, 10, 0))
    assert "[bold]x[/nonsense]" in screen.getvalue()


@pytest.mark.realtime
async def test_next_connection_has_a_bar_of_its_own() -> None:
    screen = io.StringIO()
    async with RTCPeerConnection() as pc:
        with Display(Console(file=screen, width=100)) as display:
            display.connected(pc)
            display.update(Progress("a.bin", 1000, 500, 0))
            display.connected(pc)
            display.update(Progress("a.bin", 1000, 1000, 500))
    shown = screen.getvalue()
    assert shown.count("connected   no path") == 2
    assert shown.count("a.bin ") == 1
    assert "resuming    at 500 bytes of 1.0 kB" in shown
