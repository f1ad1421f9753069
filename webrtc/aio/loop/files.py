"""Files that the connections of a process write together. A file that fails costs a warning."""

import errno
import logging
import os
from io import FileIO
from typing import ClassVar, Self

from webrtc.aio.loop.private import open_private

_log = logging.getLogger("webrtc.aio")


class SharedFile:
    """Opened by the first who uses it and closed by the last; unbuffered, so a crash loses nothing.

    When it cannot be opened or written, that is said once, and nothing is written. A pipe gets what
    it has room for, in whole pieces.
    """

    fresh: ClassVar[bool] = False
    """Whether the first opening in this process empties the file."""
    _open: ClassVar[dict[tuple[type, str], "SharedFile"]] = {}
    _known: ClassVar[set[str]] = set()

    def __init__(self, path: str) -> None:
        self._path = path
        self._users = 0
        empty = self.fresh and path not in self._known
        self._known.add(path)
        self._rest = b""
        """Of a piece that a pipe has begun to take."""
        self._file: FileIO | None = None
        try:
            self._file = open_private(path, empty=empty)
        except OSError as error:
            warn(path, error)

    @classmethod
    def use(cls, path: str | os.PathLike[str]) -> Self:
        """The file at `path`, in which `%p` stands for the number of the process. `release` it."""
        absolute = expand(path)
        found = SharedFile._open.get((cls, absolute))
        shared = found if isinstance(found, cls) else cls(absolute)
        shared.retain()
        return shared

    def retain(self) -> None:
        """Count one more user."""
        SharedFile._open[type(self), self._path] = self
        self._users += 1

    def release(self) -> None:
        """Say that this user needs it no more."""
        self._users -= 1
        if not self._users:
            del SharedFile._open[type(self), self._path]
            if self._file is not None:
                self._file.close()

    def write(self, data: bytes) -> None:
        """Append `data`."""
        if self._file is None:
            return
        try:
            if self._rest:
                self._rest = self._rest[self._file.write(self._rest) or 0 :]
            written = 0 if self._rest else self._file.write(data)
        except OSError as error:
            self._file.close()
            self._file = None
            warn(self._path, error)
            return
        if written:
            self._rest = data[written:]
        else:
            warn(self._path, _full())


def append_private(path: str | os.PathLike[str], line: str) -> None:
    """Append a line to a file that nobody else may read, if it is made here."""
    absolute = expand(path)
    try:
        with open_private(absolute) as file:
            if not file.write(line.encode() + b"\n"):
                raise _full()
    except OSError as error:
        warn(absolute, error)


def expand(path: str | os.PathLike[str]) -> str:
    """Absolute path, with the number of the process for `%p`."""
    return os.path.abspath(os.fspath(path).replace("%p", str(os.getpid())))


_warned: set[str] = set()


def warn(path: str, error: OSError) -> None:
    """Say once of each file that it cannot be written."""
    if path not in _warned:
        _warned.add(path)
        _log.warning("%s cannot be written, and is left out: %s", path, error.strerror or error)


def _full() -> OSError:
    return BlockingIOError(errno.EAGAIN, "nobody reads it")
