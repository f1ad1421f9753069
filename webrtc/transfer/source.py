"""The file that is sent, read and hashed once from its beginning to its end."""

import hashlib
import os
import stat
from pathlib import Path

from webrtc.transfer.conversation import TransferError

BLOCK = 2**20
"""Bytes that are read and hashed in one go, outside the loop."""


class SourceFile:
    """An open file. Every method waits for the disk: call it in a thread."""

    def __init__(self, path: Path) -> None:
        # A pipe would hold up `open` until somebody writes.
        if not stat.S_ISREG(path.stat().st_mode):
            raise TransferError(f"{path.name} is not a regular file")
        self._file = path.open("rb")
        self._found = os.fstat(self._file.fileno())
        self._sha256 = hashlib.sha256()
        self.size = self._found.st_size
        """Bytes, when the file was opened."""

    def close(self) -> None:
        """Close the file. Harmless when closed."""
        self._file.close()

    @property
    def sha256(self) -> str:
        """Hash of what was read."""
        return self._sha256.hexdigest()

    @property
    def position(self) -> int:
        """Bytes that were read."""
        return self._file.tell()

    def read(self, size: int) -> bytes:
        """Read and hash the next `size` bytes, fewer at the end.

        Raises TransferError when the file ends before its end.
        """
        wanted = min(size, self.size - self.position)
        block = self._file.read(wanted)
        if len(block) < wanted:
            raise TransferError("the file has become shorter while it was sent")
        self._sha256.update(block)
        return block

    def rewind(self) -> None:
        """Begin again."""
        self._file.seek(0)
        self._sha256 = hashlib.sha256()

    def check_unchanged(self) -> None:
        """Raise TransferError when somebody has written to the file since it was opened."""
        now = os.fstat(self._file.fileno())
        if (now.st_size, now.st_mtime_ns) != (self._found.st_size, self._found.st_mtime_ns):
            raise TransferError("the file was changed while it was sent")
