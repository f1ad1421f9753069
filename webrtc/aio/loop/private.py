"""Files for what is nobody else's business: keys, captures, logs.

What somebody else has put in their place gets nothing. That matters in folders where others may
write; elsewhere links are the user's own, and are followed.
"""

import errno
import os
import re
import stat
from io import FileIO
from tempfile import TemporaryFile

MAX_LINKS = 40
"""Links to links that are followed, as many as Linux does."""

_DESCRIPTOR = re.compile(r"/(?:dev|proc/self)/fd/([0-9]+)")
_STANDARD = {"/dev/stdin": 0, "/dev/stdout": 1, "/dev/stderr": 2}
_FLAGS = (
    os.O_WRONLY
    | os.O_APPEND
    | getattr(os, "O_BINARY", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)  # opening a pipe would wait for its reader
)
_OWNERS = hasattr(os, "geteuid")


def open_private(path: str, *, empty: bool = False) -> FileIO:
    """Open for appending, after emptying it if wanted; a file that is made is the owner's only.

    A descriptor of this process, such as `/dev/stdout`, is duplicated. Raises OSError; so it does
    for a file of somebody else, and in a folder that others may write for links and second names,
    since they may lead to any other file.
    """
    for _ in range(MAX_LINKS):
        number = _descriptor(path)
        if number is not None:
            return FileIO(os.dup(number), "w")
        shared = _is_shared(os.path.dirname(path))
        if shared or not os.path.islink(path):
            return FileIO(_open(path, shared=shared, empty=empty), "w")
        path = os.path.join(os.path.dirname(path), os.readlink(path))
    raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), path)


def _descriptor(path: str) -> int | None:
    found = _DESCRIPTOR.fullmatch(path)
    return int(found[1]) if found else _STANDARD.get(path)


def _is_shared(folder: str) -> bool:
    """Whether others than us and root may put files there."""
    if not _OWNERS:
        return False
    found = os.stat(folder)
    return bool(found.st_mode & 0o022) or found.st_uid not in {0, os.geteuid()}


def is_ours(found: os.stat_result, folder: str | os.PathLike[str]) -> bool:
    """Whether a file in `folder` is ours, as far as owners are told apart there."""
    if not _OWNERS or found.st_uid == os.geteuid():
        return True
    try:
        return found.st_uid == _owner_in(folder)
    except OSError:
        return False


def _owner_in(folder: str | os.PathLike[str]) -> int:
    """Who owns what we make there: some file systems know only one owner of all files."""
    with TemporaryFile(dir=folder) as probe:
        return os.fstat(probe.fileno()).st_uid


def _open(path: str, *, shared: bool, empty: bool) -> int:
    try:
        return os.open(path, _FLAGS | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        pass
    if shared and os.path.islink(path):  # O_NOFOLLOW refuses it as well, in other words
        raise OSError(errno.ELOOP, "it is a link in a folder that others may write", path)
    descriptor = os.open(path, _FLAGS)
    try:
        found = os.fstat(descriptor)
        _check(path, found, shared=shared)
        if empty and stat.S_ISREG(found.st_mode):
            os.ftruncate(descriptor, 0)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _check(path: str, found: os.stat_result, *, shared: bool) -> None:
    """Raise OSError for what may be somebody else's. Devices are the system's."""
    regular = stat.S_ISREG(found.st_mode)
    matters = regular or (shared and stat.S_ISFIFO(found.st_mode))
    if matters and not is_ours(found, os.path.dirname(path)):
        raise PermissionError(errno.EPERM, "it belongs to somebody else", path)
    if regular and shared and found.st_nlink > 1:
        raise OSError(errno.EMLINK, "it has a second name, in a folder that others may write", path)
