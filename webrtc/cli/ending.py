"""How a command ends: one line that says why, and an exit status."""

import asyncio
import contextlib
import signal
from collections.abc import Coroutine
from enum import IntEnum
from typing import Any

from rich.console import Console

from webrtc.errors import ConnectionFailed, WebRTCError
from webrtc.transfer import WrongCode


class Status(IntEnum):
    """Exit status of `webrtc send` and `webrtc receive`; 2 is click's, for wrong arguments."""

    DONE = 0
    FAILED = 1
    """One side gave up: the file, the disk, the other side was stopped."""
    WRONG_CODE = 3
    NOT_CONNECTED = 4
    """Nobody was found, the connection failed or was lost."""
    STOPPED = 130
    """By Ctrl-C or SIGTERM."""


def run(console: Console, work: Coroutine[Any, Any, None]) -> Status:
    """Run `work` until it ends or is stopped; say why it failed."""
    try:
        asyncio.run(_until_stopped(work))
    except (KeyboardInterrupt, asyncio.CancelledError):
        console.print("stopped")
        return Status.STOPPED
    except (WebRTCError, OSError) as error:
        console.print("[bold red]FAILED[/]  ", end="")
        console.print(str(error), markup=False, soft_wrap=True)
        return _status(error)
    return Status.DONE


async def _until_stopped(work: Coroutine[Any, Any, None]) -> None:
    task = asyncio.ensure_future(work)
    with contextlib.suppress(NotImplementedError):  # Windows: only Ctrl-C
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    await task


def _status(error: Exception) -> Status:
    match error:
        case WrongCode():
            return Status.WRONG_CODE
        case ConnectionFailed():
            return Status.NOT_CONNECTED
    return Status.FAILED
