"""The file that is received: `NAME.webrtc.part` until it is complete."""

import errno
import hashlib
import os
import shutil
import sys
from contextlib import suppress
from pathlib import Path

from webrtc.transfer.conversation import TransferError

if sys.platform != "win32":
    import fcntl

SUFFIX = ".webrtc.part"
_FLAGS = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)


class PartialFile:
    """The beginning of a file of `size` bytes. Every method waits for the disk.

    `close` keeps what there is, `complete` gives the file its name.
    """

    def __init__(self, directory: Path, name: str, size: int, *, overwrite: bool = False) -> None:
        self._target = directory / name
        self._path = directory / f"{name}{SUFFIX}"
        self._overwrite = overwrite
        self._size = size
        self._check_target()
        self._file = os.fdopen(os.open(self._path, _FLAGS, 0o666), "r+b")
        try:
            self._check_own()
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

    def _check_own(self) -> None:
        """Two receivers must not write to one file."""
        if sys.platform != "win32":
            found = os.fstat(self._file.fileno())
            try:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
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
