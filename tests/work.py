"""Work that is counted instead of timed: the same on every machine, however busy it is.

A line of Python counts one. What a method of `str` or `bytes` does inside, in C, is seen when the
input is a `Text` or a `Data`: it counts the characters that may have been looked at or copied.
"""

import gc
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any, ClassVar, Self


class Work:
    """Counts what is done while it is entered, in this thread; asyncio's callbacks included.

    No garbage is collected meanwhile: what others have left behind is not this work.
    """

    looked_at: ClassVar[int] = 0
    """Characters, by all `Text` and `Data` there are."""

    def __init__(self) -> None:
        self.done = 0
        self._trace = self._on_event

    def __enter__(self) -> Self:
        self._collecting = gc.isenabled()
        gc.disable()
        self.done -= Work.looked_at
        self._previous = sys.gettrace()
        sys.settrace(self._trace)
        return self

    def __exit__(self, *exception: object) -> None:
        sys.settrace(self._previous)
        self.done += Work.looked_at
        if self._collecting:
            gc.enable()

    def _on_event(self, frame: FrameType, event: str, argument: object) -> Any:
        self.done += 1
        return self._trace


def work(action: Callable[[], object]) -> int:
    """What `action` does: the same number each time, if it does the same."""
    with Work() as counted:
        action()
    return counted.done


class Text(str):
    """A string whose parts are again of this class; a comparison is a line of Python."""

    __slots__ = ()
    __hash__ = str.__hash__

    def __eq__(self, other: object) -> bool:
        return str.__eq__(self, other)

    def __getitem__(self, index: Any) -> "Text":
        part = Text(str.__getitem__(self, index))
        Work.looked_at += len(part)
        return part


class Data(bytes):
    """Bytes whose slices are again of this class."""

    __slots__ = ()

    def __getitem__(self, index: Any) -> Any:
        part: object = bytes.__getitem__(self, index)
        Work.looked_at += len(part) if isinstance(part, bytes) else 1
        return _watched(part)


def _watched(value: object) -> object:
    match value:
        case str():
            return Text(value)
        case bytes():
            return Data(value)
        case list():
            return [_watched(each) for each in value]
        case tuple():
            return tuple(_watched(each) for each in value)
        case _:
            return value


def _looking(method: Callable[..., object]) -> Callable[..., object]:
    def look(self: Text | Data, *arguments: object, **options: object) -> object:
        Work.looked_at += len(self)
        return _watched(method(self, *arguments, **options))

    return look


_LOOK_AT_ALL = ["__contains__", "count", "find", "index", "lower", "lstrip", "partition", "replace"]
_LOOK_AT_ALL += ["removeprefix", "removesuffix", "rfind", "rindex", "rpartition", "rsplit"]
_LOOK_AT_ALL += ["rstrip", "split", "splitlines", "strip", "translate", "upper"]

for _kind, _own in ((Text, "encode"), (Data, "decode")):
    for _name in [*_LOOK_AT_ALL, _own]:
        setattr(_kind, _name, _looking(getattr(_kind, _name)))
