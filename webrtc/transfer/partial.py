"""The file that is received: `NAME.webrtc.part` until it is complete."""

import errno
import hashlib
import os
import shutil
import stat
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from webrtc.aio.loop.private import is_ours
from webrtc.transfer.conversation import TransferError

if sys.platform != "win32":
    import fcntl

SUFFIX = ".webrtc.part"
_ATTEMPTS = 3
_FLAGS = (
    os.O_RDWR
    | getattr(os, "O_BINARY", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)  # in case it is a pipe
)
_umask_lock = threading.Lock()


class PartialFile:
    """The beginning of a file of `size` bytes. Every method waits for the disk.

    `close` keeps what there is, `complete` gives the file its name. Until then it is for its owner
    only, and what somebody else has put in its place is not continued.
    """

    def __init__(self, directory: Path, name: str, size: int, *, overwrite: bool = False) -> None:
        self._target = directory / name
        self._path = directory / f"{name}{SUFFIX}"
        self._overwrite = overwrite
        self._size = size
        self._drop_finished()
        self._check_target()
        self._file = self._open()
        try:
            kept = os.fstat(self._file.fileno()).st_size
            self.kept = kept if kept <= size else 0
            """Bytes of an earlier attempt."""
            self._check_space(directory)
        except BaseException:
            self._file.close()
            raise
        self._sha256 = hashlib.sha256()

    def close(self) -> None:
        """Keep what there is. Harmless when complete, discarded or closed."""
        if self._file.closed:
            return
        with suppress(OSError):  # the disk is full: that was raised already
            self._file.flush()
        empty = not os.fstat(self._file.fileno()).st_size
        with suppress(OSError):
            self._file.close()
        if empty:
            self._path.unlink()

    @property
    def sha256(self) -> str:
        """Hash of what was read and written."""
        return self._sha256.hexdigest()

    @property
    def position(self) -> int:
        """Bytes that were read and written."""
        return self._file.tell()

    def read(self, size: int) -> None:
        """Hash the next `size` bytes of those that were kept."""
        block = self._file.read(min(size, self.kept - self.position))
        if not block:
            raise TransferError(f"{self._path.name} has become shorter while it was read")
        self._sha256.update(block)

    def rewind(self) -> None:
        """Forget what was kept."""
        self._file.seek(0)
        self._sha256 = hashlib.sha256()

    def write(self, blocks: list[bytes]) -> None:
        """Append."""
        for block in blocks:
            self._sha256.update(block)
            self._file.write(block)

    def truncate(self) -> None:
        """Drop what lies behind the position."""
        self._file.truncate()

    def complete(self) -> Path:
        """Store the file under its name. Raises TransferError when that is taken."""
        self._file.flush()
        os.fsync(self._file.fileno())
        _set_mode(self._file.fileno(), 0o666 & ~_umask())
        if sys.platform == "win32":  # renames nothing that is open
            self._file.close()
        if self._overwrite:
            self._path.replace(self._target)
        else:
            self._rename()
        self._file.close()
        return self._target

    def discard(self) -> None:
        """Delete what there is."""
        self._path.unlink()
        self._file.close()

    def _rename(self) -> None:
        """Rename, but not over what came there meanwhile."""
        try:
            os.link(self._path, self._target)
        except FileExistsError:
            self._check_target()
        except OSError:  # no hard links here
            self._check_target()
            self._path.rename(self._target)
        else:
            self._path.unlink()

    def _check_target(self) -> None:
        if not self._overwrite and os.path.lexists(self._target):
            raise TransferError(f"{self._target.name} exists already at the receiver")
        if self._target.is_dir():
            raise TransferError(f"{self._target.name} is a folder at the receiver")

    def _drop_finished(self) -> None:
        """Delete what `complete` has left when it was interrupted after it had named the file."""
        with suppress(OSError):
            found = self._path.lstat()
            if os.path.samestat(found, self._target.lstat()) and is_ours(found, self._path.parent):
                self._path.unlink()

    def _open(self) -> BinaryIO:
        """What is there, locked, if it can be nobody else's; otherwise something new."""
        for _ in range(_ATTEMPTS):
            try:
                made = True
                descriptor = os.open(self._path, _FLAGS | os.O_CREAT | os.O_EXCL, 0o600)
            except FileExistsError:
                made = False
                descriptor = os.open(self._path, _FLAGS)
            try:
                if self._can_continue(descriptor, made=made):
                    return os.fdopen(descriptor, "r+b")
            except BaseException:
                os.close(descriptor)
                raise
            os.close(descriptor)
            self._path.unlink()
        raise TransferError(f"{self._path.name} is made by others at the receiver")

    def _can_continue(self, descriptor: int, *, made: bool) -> bool:
        """Whether to write to it. Raises TransferError for what should not even be deleted."""
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise TransferError(f"{self._path.name} is no regular file at the receiver")
        if not made and not is_ours(found, self._path.parent):
            raise TransferError(f"{self._path.name} belongs to somebody else at the receiver")
        self._lock(descriptor, found)
        if found.st_nlink > 1:  # by its other name it may be any file of ours
            return False
        _set_mode(descriptor, 0o600)
        return True

    def _lock(self, descriptor: int, found: os.stat_result) -> None:
        """Two receivers must not write to one file."""
        if sys.platform != "win32":
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                gone = not os.path.samestat(found, self._path.stat())
            except (BlockingIOError, FileNotFoundError):
                gone = True
            if gone:
                raise TransferError(f"{self._target.name} is being received already")

    def _check_space(self, directory: Path) -> None:
        free = shutil.disk_usage(directory).free
        if free < self._size - self.kept:
            reason = f"{os.strerror(errno.ENOSPC)}: {self._size - self.kept} bytes are missing"
            raise TransferError(f"{reason}, {free} are free at the receiver")


def _set_mode(descriptor: int, mode: int) -> None:
    """Where there are modes."""
    if hasattr(os, "fchmod"):
        with suppress(OSError):
            os.fchmod(descriptor, mode)


def _umask() -> int:
    """What this process takes from the modes of new files; it can only be read by setting it."""
    with _umask_lock:
        mask = os.umask(0o077)  # a file that another thread makes meanwhile is not too open
        os.umask(mask)
    return mask
