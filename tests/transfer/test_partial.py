"""The file that is received, until it is complete."""

import errno
import hashlib
import os
import shutil
import sys
from pathlib import Path

import pytest

from webrtc.transfer import partial
from webrtc.transfer.conversation import TransferError
from webrtc.transfer.partial import SUFFIX, PartialFile

DATA = bytes(range(256))
posix = pytest.mark.skipif(sys.platform == "win32", reason="locks and links of POSIX")


def kept(folder: Path) -> Path:
    return folder / f"a.bin{SUFFIX}"


def write_all(part: PartialFile) -> Path:
    part.write([DATA[:100], DATA[100:]])
    return part.complete()


def test_complete_file_has_its_name_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    part = PartialFile(tmp_path, "a.bin", 256)
    assert part.kept == 0
    assert write_all(part) == tmp_path / "a.bin"
    part.close()
    assert part.sha256 == hashlib.sha256(DATA).hexdigest()
    assert list(tmp_path.iterdir()) == [tmp_path / "a.bin"]
    assert (tmp_path / "a.bin").read_bytes() == DATA


def test_what_was_written_is_kept_hashed_and_continued(tmp_path: Path) -> None:
    part = PartialFile(tmp_path, "a.bin", 256)
    part.write([DATA[:100]])
    part.close()
    part = PartialFile(tmp_path, "a.bin", 256)
    assert part.kept == 100
    part.read(60)
    part.read(60)
    assert part.position == 100
    assert part.sha256 == hashlib.sha256(DATA[:100]).hexdigest()
    part.truncate()
    part.write([DATA[100:]])
    assert part.complete().read_bytes() == DATA


def test_what_was_kept_can_be_given_up(tmp_path: Path) -> None:
    kept(tmp_path).write_bytes(b"x" * 200)
    part = PartialFile(tmp_path, "a.bin", 256)
    part.read(200)
    part.rewind()
    part.truncate()
    assert kept(tmp_path).stat().st_size == 0
    assert write_all(part).read_bytes() == DATA


def test_more_than_the_file_has_is_not_its_beginning(tmp_path: Path) -> None:
    kept(tmp_path).write_bytes(b"x" * 257)
    part = PartialFile(tmp_path, "a.bin", 256)
    assert part.kept == 0
    part.close()


def test_nothing_received_leaves_nothing(tmp_path: Path) -> None:
    PartialFile(tmp_path, "a.bin", 256).close()
    part = PartialFile(tmp_path, "a.bin", 256)
    part.write([DATA])
    part.discard()
    part.close()
    assert list(tmp_path.iterdir()) == []


def test_file_that_exists_is_replaced_only_on_request(tmp_path: Path) -> None:
    (tmp_path / "a.bin").write_bytes(b"precious")
    with pytest.raises(TransferError, match=r"a\.bin exists already"):
        PartialFile(tmp_path, "a.bin", 256)
    assert (tmp_path / "a.bin").read_bytes() == b"precious"
    assert not kept(tmp_path).exists()
    assert write_all(PartialFile(tmp_path, "a.bin", 256, overwrite=True)).read_bytes() == DATA


@pytest.mark.parametrize("links", [True, False])
def test_file_that_appears_meanwhile_is_not_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, links: bool
) -> None:
    if not links:
        monkeypatch.setattr(os, "link", no_links)
    part = PartialFile(tmp_path, "a.bin", 256)
    (tmp_path / "a.bin").write_bytes(b"precious")
    with pytest.raises(TransferError, match="exists already"):
        write_all(part)
    part.close()
    assert (tmp_path / "a.bin").read_bytes() == b"precious"
    assert kept(tmp_path).read_bytes() == DATA


def no_links(source: Path, target: Path) -> None:
    raise OSError(errno.EPERM, "no links here")


def test_file_system_without_links_will_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "link", no_links)
    assert write_all(PartialFile(tmp_path, "a.bin", 256)).read_bytes() == DATA
    assert not kept(tmp_path).exists()


def test_folder_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "a.bin").mkdir()
    with pytest.raises(TransferError, match="is a folder"):
        PartialFile(tmp_path, "a.bin", 256, overwrite=True)


def test_file_larger_than_the_disk_is_refused_before_it_is_begun(tmp_path: Path) -> None:
    with pytest.raises(TransferError, match="free at the receiver"):
        PartialFile(tmp_path, "a.bin", 2**52)
    kept(tmp_path).write_bytes(DATA)
    free = shutil.disk_usage(tmp_path).free
    with pytest.raises(TransferError, match="free at the receiver"):
        PartialFile(tmp_path, "a.bin", free * 2)


def test_folder_that_is_missing_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        PartialFile(tmp_path / "missing", "a.bin", 1)


def test_part_that_shrinks_while_it_is_read_is_noticed(tmp_path: Path) -> None:
    kept(tmp_path).write_bytes(DATA)
    part = PartialFile(tmp_path, "a.bin", 256)
    os.truncate(kept(tmp_path), 0)
    with pytest.raises(TransferError, match="shorter"):
        part.read(100)
    part.close()


@posix
def test_two_receivers_do_not_write_to_one_file(tmp_path: Path) -> None:
    part = PartialFile(tmp_path, "a.bin", 256)
    part.write([DATA[:10]])
    with pytest.raises(TransferError, match="being received already"):
        PartialFile(tmp_path, "a.bin", 256)
    part.close()
    PartialFile(tmp_path, "a.bin", 256).close()


@posix
def test_link_that_somebody_planted_is_not_followed(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_bytes(b"precious")
    kept(tmp_path).symlink_to(victim)
    with pytest.raises(OSError, match="symbolic link"):
        PartialFile(tmp_path, "a.bin", 256)
    assert victim.read_bytes() == b"precious"


@posix
def test_dangling_link_counts_as_a_file(tmp_path: Path) -> None:
    (tmp_path / "a.bin").symlink_to(tmp_path / "nowhere")
    with pytest.raises(TransferError, match="exists already"):
        PartialFile(tmp_path, "a.bin", 256)


@posix
def test_pipe_in_the_place_of_the_part_is_refused(tmp_path: Path) -> None:
    os.mkfifo(kept(tmp_path))
    with pytest.raises(TransferError, match="no regular file"):
        PartialFile(tmp_path, "a.bin", 256)


@posix
@pytest.mark.parametrize(("umask", "mode"), [(0o022, 0o644), (0o077, 0o600), (0, 0o666)])
@pytest.mark.parametrize("overwrite", [False, True])
def test_part_is_the_owner_s_only_and_the_file_is_as_any_other(
    tmp_path: Path, umask: int, mode: int, *, overwrite: bool
) -> None:
    before = os.umask(umask)
    try:
        part = PartialFile(tmp_path, "a.bin", 256, overwrite=overwrite)
        assert kept(tmp_path).stat().st_mode & 0o777 == 0o600
        path = write_all(part)
    finally:
        assert os.umask(before) == umask  # it was looked at, and left as it was
    assert path.stat().st_mode & 0o777 == mode


@posix
def test_part_that_was_open_to_others_no_longer_is(tmp_path: Path) -> None:
    kept(tmp_path).write_bytes(DATA[:100])
    kept(tmp_path).chmod(0o666)
    part = PartialFile(tmp_path, "a.bin", 256)
    assert part.kept == 100
    assert kept(tmp_path).stat().st_mode & 0o777 == 0o600
    part.close()


@posix
def test_part_of_somebody_else_is_not_continued(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept(tmp_path).write_bytes(b"theirs")
    monkeypatch.setattr(partial, "is_ours", lambda found, folder: False)
    with pytest.raises(TransferError, match="belongs to somebody else"):
        PartialFile(tmp_path, "a.bin", 256)
    assert kept(tmp_path).read_bytes() == b"theirs"


@posix
def test_file_system_without_owners_and_modes_will_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stranger = os.geteuid() + 1

    def no_modes(descriptor: int, mode: int) -> None:
        raise OSError(errno.EPERM, "no modes here")

    monkeypatch.setattr(os, "geteuid", lambda: stranger)
    monkeypatch.setattr(os, "fchmod", no_modes)
    part = PartialFile(tmp_path, "a.bin", 256)
    part.write([DATA[:100]])
    part.close()
    part = PartialFile(tmp_path, "a.bin", 256)
    assert part.kept == 100
    part.read(100)
    part.write([DATA[100:]])
    assert part.complete().read_bytes() == DATA


@posix
def test_part_with_a_second_name_is_not_written_to(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_bytes(b"precious")
    victim.chmod(0o640)
    os.link(victim, kept(tmp_path))
    part = PartialFile(tmp_path, "a.bin", 256)
    assert part.kept == 0
    assert write_all(part).read_bytes() == DATA
    assert victim.read_bytes() == b"precious"
    assert victim.stat().st_mode & 0o777 == 0o640


@posix
def test_part_that_keeps_getting_second_names_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    victim = tmp_path / "victim"
    victim.write_bytes(b"precious")
    os.link(victim, kept(tmp_path))
    monkeypatch.setattr(Path, "unlink", lambda path: None)
    with pytest.raises(TransferError, match="is made by others"):
        PartialFile(tmp_path, "a.bin", 256)
    assert victim.read_bytes() == b"precious"


@posix
def test_what_was_left_beside_a_finished_file_is_cleaned_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever was killed after naming the file has left its other name."""
    part = PartialFile(tmp_path, "a.bin", 256)
    with monkeypatch.context() as killed:
        killed.setattr(Path, "unlink", lambda path: None)
        write_all(part)
    assert kept(tmp_path).exists()
    with pytest.raises(TransferError, match="exists already"):
        PartialFile(tmp_path, "a.bin", 256)
    assert list(tmp_path.iterdir()) == [tmp_path / "a.bin"]
    assert (tmp_path / "a.bin").read_bytes() == DATA
