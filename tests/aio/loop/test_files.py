"""Files that connections share, and files that fail."""

import errno
import logging
import os
from io import FileIO
from pathlib import Path

import pytest

from webrtc.aio.loop import files
from webrtc.aio.loop.files import SharedFile, append_private, expand

posix = pytest.mark.skipif(os.name != "posix", reason="pipes with a name")


class Emptied(SharedFile):
    fresh = True


def test_one_file_for_all_who_use_it(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"before,")
    one, other = SharedFile.use(path), SharedFile.use(str(path))
    assert one is other
    one.write(b"1,")
    one.release()
    other.write(b"2,")
    assert path.read_bytes() == b"before,1,2,"
    other.release()
    assert not [key for key in SharedFile._open if key[1] == str(path)]
    again = SharedFile.use(path)
    assert again is not one
    again.write(b"3")
    again.release()
    assert path.read_bytes() == b"before,1,2,3"


def test_a_fresh_file_is_emptied_once(tmp_path: Path) -> None:
    path = tmp_path / "capture"
    path.write_bytes(b"of the day before")
    for number in (b"1", b"2"):
        shared = Emptied.use(path)
        shared.write(number)
        shared.release()
    assert path.read_bytes() == b"12"


def test_kinds_do_not_get_into_each_others_way(tmp_path: Path) -> None:
    one, other = SharedFile.use(tmp_path / "x"), Emptied.use(tmp_path / "x")
    assert one is not other
    one.release()
    other.release()


def test_the_process_can_be_in_the_name(tmp_path: Path) -> None:
    assert expand(tmp_path / "%p.log") == str(tmp_path / f"{os.getpid()}.log")


def test_a_file_that_cannot_be_opened_costs_one_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "no such folder" / "log"
    for _ in range(2):
        shared = SharedFile.use(path)
        shared.write(b"lost")
        shared.release()
    append_private(path, "lost")
    [record] = caplog.records
    assert record.levelno == logging.WARNING
    assert record.getMessage() == (
        f"{path} cannot be written, and is left out: {os.strerror(errno.ENOENT)}"
    )


def test_a_disk_that_gets_full_costs_one_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full(FileIO):
        def write(self, data: object, /) -> int:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(files, "open_private", lambda path, **_: Full(path, "a"))
    shared = SharedFile.use(tmp_path / "log")
    for _ in range(3):
        shared.write(b"lost")
    shared.release()
    assert len(caplog.records) == 1


def test_private_lines_are_appended_to_a_file_that_only_the_owner_reads(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    append_private(path, "one")
    append_private(path, "two")
    assert path.read_text() == "one\ntwo\n"
    if os.name == "posix":
        assert path.stat().st_mode & 0o777 == 0o600


@posix
def test_pipe_gets_whole_pieces_as_long_as_it_is_read(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    shared = SharedFile.use(path)
    sent = [bytes((number,)) * 50_000 for number in range(4)]  # a pipe holds 64 KiB, or less
    got = b""
    for piece in sent:
        shared.write(piece)  # returns, though the pipe is full
    while part := os.read(reader, 2**20):
        got += part
        if len(got) % 50_000 == 0:
            break
        shared.write(b"x" * 50_000)
    assert caplog.text.count("nobody reads it") == 1
    pieces = [got[start : start + 50_000] for start in range(0, len(got), 50_000)]
    assert len(got) % 50_000 == 0
    assert all(len(set(piece)) == 1 for piece in pieces)  # of one sender, none in another
    os.close(reader)
    shared.write(b"y")
    shared.write(b"y")
    shared.release()


@posix
def test_pipe_without_a_reader_costs_one_warning_until_there_is_one(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    for _ in range(2):
        append_private(path, "lost")
        shared = SharedFile.use(path)
        shared.write(b"lost")
        shared.release()
    assert len(caplog.records) == 1
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    append_private(path, "seen")
    assert os.read(reader, 100) == b"seen\n"
    os.close(reader)
