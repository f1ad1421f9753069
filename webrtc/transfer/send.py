"""Send one file over one data channel."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from os import PathLike
from pathlib import Path

from webrtc import RTCDataChannel
from webrtc.transfer.conversation import (
    STALL_TIMEOUT,
    Conversation,
    Progress,
    closed,
    conversation,
    in_thread,
    opened,
)
from webrtc.transfer.names import MAX_NAME
from webrtc.transfer.source import BLOCK, SourceFile
from webrtc.transfer.wire import Done, End, File, Have, Start

MESSAGE = 2**16
"""Bytes in one message: more gains nothing, and some peers take no more."""


@dataclass(frozen=True, slots=True)
class Transfer:
    """A file that is complete at both ends."""

    path: Path
    size: int
    sha256: str
    offset: int
    """Bytes that an earlier connection had transferred."""


async def send_file(
    channel: RTCDataChannel,
    path: str | PathLike[str],
    *,
    name: str | None = None,
    progress: Callable[[Progress], None] = lambda _: None,
    stall_timeout: float = STALL_TIMEOUT,
) -> Transfer:
    """Send the file at `path`, and close the channel once the peer has stored all of it.

    The channel has to be ordered and reliable; its other end is in `receive_file`. `name` is what
    the file is called there, if it is not the last part of `path`. `progress` is called about once
    for each MiB.

    Raises TransferError when one side gives up, ConnectionFailed when the connection is lost: the
    same call over another connection continues where this one has ended.
    """
    path = Path(path)
    await channel.opened()
    name = path.name if name is None else name
    async with (
        conversation(channel, stall_timeout) as talk,
        opened(partial(SourceFile, path)) as source,
    ):
        await talk.tell(File(_cut(name), source.size))
        offset = await _agree(talk, source)
        await _send(talk, source, lambda done: progress(Progress(name, source.size, done, offset)))
        await in_thread(source.check_unchanged)
        await talk.tell(End(source.sha256))
        await talk.expect(Done)
    channel.close()
    await closed(channel)
    return Transfer(path, source.size, source.sha256, offset)


async def _agree(talk: Conversation, source: SourceFile) -> int:
    """Continue where the peer has ended, if that is how our file begins."""
    have = await talk.expect(Have)
    if have.size <= source.size:
        while source.position < have.size:
            await in_thread(source.read, min(BLOCK, have.size - source.position))
    if source.position != have.size or source.sha256 != have.sha256:
        source.rewind()
    await talk.tell(Start(source.position))
    return source.position


async def _send(talk: Conversation, source: SourceFile, report: Callable[[int], None]) -> None:
    report(source.position)
    while source.position < source.size:
        block = await in_thread(source.read, BLOCK)
        for start in range(0, len(block), MESSAGE):
            await talk.send(block[start : start + MESSAGE])
        report(source.position)


def _cut(name: str) -> str:
    """The peer cuts longer ones too, but a message has a limit before that."""
    return name.encode(errors="replace")[-2 * MAX_NAME :].decode(errors="ignore")
