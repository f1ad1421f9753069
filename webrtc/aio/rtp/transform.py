"""Encoded transforms: code of the application on the way of frames. encoded-transform §4."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine
from dataclasses import dataclass, field, replace
from typing import Any, Final

from webrtc.aio.loop.emitter import Emitter, EventHandler
from webrtc.aio.loop.tasks import Tasks
from webrtc.aio.tracks.mailbox import Mailbox
from webrtc.errors import InvalidStateError
from webrtc.rtp import EncodedFrame
from webrtc.util.webidl import text

MAX_FRAMES: Final = 64
"""Frames that wait for a transform, and those that it may hold back; the oldest are dropped."""


class Transform:
    """What is done with frames: `transform` of a sender or receiver is set to one of these."""

    def __init__(self, function: "Callable[[Transformer], Coroutine[Any, Any, None]]") -> None:
        """`function` reads frames from `readable`, and writes them to `writable`.

        It is a coroutine function, and runs until the sender or receiver has ended.
        """
        if not callable(function):
            raise TypeError(f"a transform of a {type(function).__name__}, which is not callable")
        self.function = function
        """What runs."""
        self.owned = False
        """Whether a sender or receiver has it: no second one can."""


@dataclass(slots=True)
class KeyFrameRequest:
    """What handlers of `keyframerequest` are given."""

    rid: str | None
    """The encoding; None is the only one."""
    prevented: bool = field(default=False, init=False)
    """Whether `prevent_default` was called."""

    def prevent_default(self) -> None:
        """Do not ask the track for a key frame."""
        self.prevented = True


class Writable:
    """Where a transform puts what it has read."""

    def __init__(self, onward: Callable[[EncodedFrame], None]) -> None:
        self._onward = onward
        self._read: dict[int, tuple[EncodedFrame, int]] = {}
        self._count = 0

    def note(self, frame: EncodedFrame) -> None:
        """Called when a frame is read: it may be written once."""
        self._count += 1
        self._read[id(frame)] = frame, self._count
        if len(self._read) > MAX_FRAMES:
            del self._read[next(iter(self._read))]

    async def write(self, frame: EncodedFrame) -> None:
        """Let a frame go on, changed or not.

        It has to be one that was read here, and none that was read later may have been written:
        others are dropped.
        """
        known = self._read.get(id(frame))
        if known is None:
            return
        _, number = known
        self._read = {key: each for key, each in self._read.items() if each[1] > number}
        self._onward(frame)


class Transformer(Emitter):
    """What the function of a transform is given.

    Events, of senders: `keyframerequest` (a KeyFrameRequest): the peer wants a key frame.
    """

    onkeyframerequest = EventHandler("keyframerequest")

    def __init__(
        self,
        transform: Transform,
        onward: Callable[[EncodedFrame], None],
        want_keyframe: Callable[[str | None], None],
        *,
        sender: bool,
        kind: str,
    ) -> None:
        """Raises InvalidStateError for a transform that has an owner."""
        if transform.owned:
            raise InvalidStateError("the transform has an owner already")
        super().__init__(Tasks())
        transform.owned = True
        self.writable = Writable(onward)
        """Where frames go on."""
        self._want_keyframe = want_keyframe
        self._sender = sender
        self._kind = kind
        self._mailbox = Mailbox[EncodedFrame](MAX_FRAMES)
        self._generated: list[tuple[str | None, asyncio.Future[int]]] = []
        self._tasks.start(transform.function(self))

    @property
    def readable(self) -> AsyncGenerator[EncodedFrame, None]:
        """The frames, in order: `async for frame in transformer.readable`."""
        return self._frames()

    async def generate_key_frame(self, rid: str | None = None) -> int:
        """Ask the source for a key frame, and wait until it is about to be read.

        Gives its timestamp. `rid` names the encoding, None is the only one or any. Raises
        InvalidStateError unless it is a sender of video, TypeError for what is no name.
        """
        if not self._sender or self._kind != "video":
            raise InvalidStateError("generate_key_frame() of what is no sender of video")
        if rid is not None:
            text("rid", rid)
        coming: asyncio.Future[int] = self._loop.create_future()
        self._generated.append((rid, coming))
        self._want_keyframe(rid)
        return await coming

    async def send_key_frame_request(self) -> None:
        """Ask the peer for a key frame. Raises InvalidStateError unless it receives video."""
        if self._sender or self._kind != "video":
            raise InvalidStateError("send_key_frame_request() of what is no receiver of video")
        self._want_keyframe(None)

    def take(self, frame: EncodedFrame, rid: str | None) -> None:
        """Called with each frame. The transform gets one of its own, which it may change."""
        self._mailbox.put(replace(frame, rid=rid))
        if frame.keyframe:
            for wanted, coming in self._generated[:]:
                if wanted in (None, rid):
                    self._generated.remove((wanted, coming))
                    if not coming.done():
                        coming.set_result(frame.timestamp)

    def want(self, rid: str | None) -> bool:
        """Called when the peer wants a key frame; whether its source is to hear of it."""
        request = KeyFrameRequest(rid)
        self.emit("keyframerequest", request)
        return not request.prevented

    def end(self) -> None:
        """Called when nothing more comes."""
        self._mailbox.close()
        for _, coming in self._generated:
            coming.cancel()
        self._generated.clear()

    async def _frames(self) -> AsyncGenerator[EncodedFrame, None]:
        while (frame := await self._mailbox.get()) is not None:
            self.writable.note(frame)
            yield frame
