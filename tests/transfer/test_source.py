"""The file that is sent."""

import hashlib
import os
import sys
from pathlib import Path

import pytest

from webrtc.transfer.conversation import TransferError
from webrtc.transfer.source import SourceFile


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "a.bin"
    path.write_bytes(bytes(range(256)) * 4)
    return path


def test_is_read_and_hashed_once_and_again_after_a_rewind(path: Path) -> None:
    source = SourceFile(path)
    for _ in range(2):
        assert source.position == 0
        assert source.read(1000) + source.read(1000) == path.read_bytes()
        assert source.position == source.size == 1024
        assert source.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
        source.rewind()
    source.check_unchanged()
    source.close()


def test_what_is_added_meanwhile_is_not_read_and_noticed(path: Path) -> None:
    source = SourceFile(path)
    with path.open("ab") as file:
        file.write(b"more")
    assert len(source.read(5000)) == 1024
    with pytest.raises(TransferError, match="was changed"):
        source.check_unchanged()
    source.close()


def test_what_is_rewritten_meanwhile_is_noticed(path: Path) -> None:
    source = SourceFile(path)
    os.utime(path, ns=(1, 1))
    with pytest.raises(TransferError, match="was changed"):
        source.check_unchanged()
    source.close()


def test_what_is_cut_off_meanwhile_is_noticed(path: Path) -> None:
    source = SourceFile(path)
    os.truncate(path, 100)
    with pytest.raises(TransferError, match="shorter"):
        source.read(1024)
    source.close()


def test_what_is_no_file_is_not_opened(tmp_path: Path) -> None:
    with pytest.raises(TransferError, match="not a regular file"):
        SourceFile(tmp_path)
    with pytest.raises(FileNotFoundError):
        SourceFile(tmp_path / "missing")


@pytest.mark.skipif(sys.platform == "win32", reason="pipes have no name in a folder")
def test_pipe_does_not_hold_up_anything(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(TransferError, match="not a regular file"):
        SourceFile(tmp_path / "pipe")
