"""How a command ends."""

import io
import os
import signal
import sys

import pytest
from rich.console import Console

from webrtc.cli.ending import Status, run
from webrtc.errors import ConnectionFailed, OperationError
from webrtc.transfer import TransferError, WrongCode


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (TransferError("disk full"), Status.FAILED),
        (OperationError("no"), Status.FAILED),
        (PermissionError(13, "Permission denied", "x"), Status.FAILED),
        (WrongCode("wrong code"), Status.WRONG_CODE),
        (ConnectionFailed("nobody there"), Status.NOT_CONNECTED),
        (None, Status.DONE),
    ],
    ids=repr,
)
def test_each_failure_has_its_status_and_one_line(error: Exception | None, status: Status) -> None:
    async def work() -> None:
        if error is not None:
            raise error

    screen = io.StringIO()
    assert run(Console(file=screen, width=20), work()) is status
    assert screen.getvalue() == ("" if error is None else f"FAILED  {error}\n")


def test_markup_in_a_reason_is_only_text() -> None:
    async def work() -> None:
        raise TransferError("[red]x[/] of [file]")

    screen = io.StringIO()
    run(Console(file=screen), work())
    assert "[red]x[/] of [file]" in screen.getvalue()


def test_bug_is_not_hidden() -> None:
    async def work() -> None:
        raise KeyError("bug")

    with pytest.raises(KeyError):
        run(Console(file=io.StringIO()), work())


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_lets_the_work_clean_up(number: int) -> None:
    import asyncio

    cleaned = []

    async def work() -> None:
        try:
            os.kill(os.getpid(), number)
            await asyncio.sleep(10)
        finally:
            await asyncio.sleep(0.01)
            cleaned.append(1)

    screen = io.StringIO()
    assert run(Console(file=screen), work()) is Status.STOPPED
    assert screen.getvalue() == "stopped\n"
    assert cleaned == [1]
