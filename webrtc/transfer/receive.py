"""Receive one file over one data channel."""

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from os import PathLike
from pathlib import Path

from webrtc import RTCDataChannel
from webrtc.errors import ConnectionFailed, DecodeError, InvalidStateError
from webrtc.transfer.conversation import (
    STALL_TIMEOUT,
    Conversation,
    Progress,
    TransferError,
    closed,
    conversation,
    in_thread,
    opened,
)
from webrtc.transfer.names import safe_name
from webrtc.transfer.partial import PartialFile
from webrtc.transfer.send import Transfer
from webrtc.transfer.source import BLOCK
from webrtc.transfer.wire import Done, End, File, Have, Start

MAX_SIZE = 2**40
"""Bytes of a file, unless the caller says otherwise."""


async def receive_file(
    channel: RTCDataChannel,
    directory: str | PathLike[str] = ".",
    *,
    progress: Callable[[Progress], None] = lambda _: None,
    overwrite: bool = False,
    max_size: int = MAX_SIZE,
    stall_timeout: float = STALL_TIMEOUT,
) -> Transfer:
    """Receive the file that the other end sends with `send_file`.

    It is stored in `directory` under the name that the sender gives, made harmless by `safe_name`;
    until it is complete it is called `NAME.webrtc.part`. A file that exists is replaced only with
    `overwrite`. `progress` is called about once for each MiB.

    Raises TransferError when one side gives up, ConnectionFailed when the connection is lost: the
    same call over another connection continues with what was kept.
    """
    await channel.opened()
    async with conversation(channel, stall_timeout) as talk:
        file = await talk.expect(File)
        if file.size > max_size:
            raise TransferError(f"{file.size} bytes are more than the receiver takes: {max_size}")
        name = safe_name(file.name)
        open_ = partial(PartialFile, Path(directory), name, file.size, overwrite=overwrite)
        async with opened(open_) as part:
            offset = await _agree(talk, part)
            await _receive(
                talk,
                part,
                file.size,
                lambda done: progress(Progress(name, file.size, done, offset)),
            )
            end = await talk.expect(End)
            if end.sha256 != part.sha256:
                await in_thread(part.discard)
                raise TransferError("the hash of what arrived is not the hash of what was sent")
            path = await in_thread(part.complete)
            transfer = Transfer(path, file.size, part.sha256, offset)
            with suppress(InvalidStateError, ConnectionFailed):  # it has gone
                await talk.tell(Done())
    await closed(channel)
    return transfer


async def _agree(talk: Conversation, part: PartialFile) -> int:
    """Tell what is here, and hear where the sender begins."""
    while part.position < part.kept:
        await in_thread(part.read, BLOCK)
    await talk.tell(Have(part.position, part.sha256))
    start = await talk.expect(Start)
    if start.offset not in {0, part.position}:
        raise DecodeError(f"beginning at {start.offset}, offered was {part.position}")
    if start.offset == 0:
        part.rewind()
    await in_thread(part.truncate)
    return start.offset


async def _receive(
    talk: Conversation, part: PartialFile, size: int, report: Callable[[int], None]
) -> None:
    """Write what comes in blocks; what has come when something fails is kept."""
    blocks: list[bytes] = []
    waiting, left = 0, size - part.position
    report(part.position)
    try:
        while left:
            block = await talk.recv()
            if not isinstance(block, bytes) or not 0 < len(block) <= left:
                raise DecodeError(f"{left} bytes of the file are missing, but {block!r:.40} came")
            blocks.append(block)
            waiting += len(block)
            left -= len(block)
            if waiting >= BLOCK or not left:
                ready, blocks, waiting = blocks, [], 0
                await in_thread(part.write, ready)
                report(part.position)
    finally:
        part.write(blocks)  # less than one block: it does not hold up the loop
