"""Files that are the owner's only, and what somebody else may have put in their place."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from webrtc.aio.loop import private
from webrtc.aio.loop.private import open_private

posix = pytest.mark.skipif(os.name != "posix", reason="owners, modes and links of POSIX")


def write(path: Path | str, data: bytes = b"new", *, empty: bool = False) -> None:
    with open_private(str(path), empty=empty) as file:
        assert file.write(data) == len(data)


@pytest.fixture
def shared(tmp_path: Path) -> Path:
    """A folder such as `/tmp`."""
    folder = tmp_path / "shared"
    folder.mkdir()
    folder.chmod(0o1777)
    return folder


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A folder that nobody else writes."""
    folder = tmp_path / "own"
    folder.mkdir(mode=0o755)
    folder.chmod(0o755)
    return folder


def make_foreign(monkeypatch: pytest.MonkeyPatch) -> None:
    """From here on we are somebody else."""
    stranger = os.geteuid() + 1
    monkeypatch.setattr(os, "geteuid", lambda: stranger)
    monkeypatch.setattr(private, "_owner_in", lambda _: stranger)


@posix
def test_file_that_is_made_is_for_its_owner_only(own: Path, shared: Path) -> None:
    before = os.umask(0)
    try:
        for folder in (own, shared):
            write(folder / "keys")
            assert (folder / "keys").stat().st_mode & 0o777 == 0o600
    finally:
        os.umask(before)


@posix
def test_file_of_ours_is_continued_as_it_is(own: Path, shared: Path) -> None:
    for folder in (own, shared):
        path = folder / "keys"
        path.write_bytes(b"old,")
        path.chmod(0o644)
        write(path)
        assert path.read_bytes() == b"old,new"
        assert path.stat().st_mode & 0o777 == 0o644
        write(path, b"fresh", empty=True)
        assert path.read_bytes() == b"fresh"


@posix
@pytest.mark.parametrize("empty", [False, True])
def test_file_of_somebody_else_stays_as_it_is(
    own: Path, monkeypatch: pytest.MonkeyPatch, *, empty: bool
) -> None:
    (own / "keys").write_bytes(b"theirs")
    make_foreign(monkeypatch)
    with pytest.raises(PermissionError, match="belongs to somebody else"):
        write(own / "keys", empty=empty)
    assert (own / "keys").read_bytes() == b"theirs"


@posix
def test_file_system_without_owners_will_do(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """There all files, those that we make too, are said to belong to one other user."""
    stranger = os.geteuid() + 1
    monkeypatch.setattr(os, "geteuid", lambda: stranger)
    write(own / "keys", b"one,")
    write(own / "keys", b"two")
    assert (own / "keys").read_bytes() == b"one,two"
    assert [each.name for each in own.iterdir()] == ["keys"]


@posix
def test_link_is_followed_where_only_we_can_have_made_it(own: Path) -> None:
    (own / "logs").mkdir()
    (own / "second").symlink_to("logs/keys")
    (own / "first").symlink_to(own / "second")
    write(own / "first")
    assert (own / "logs" / "keys").read_bytes() == b"new"
    assert (own / "logs" / "keys").stat().st_mode & 0o777 == 0o600
    os.link(own / "logs" / "keys", own / "logs" / "other name")
    write(own / "first", b"er")
    assert (own / "logs" / "other name").read_bytes() == b"newer"


@posix
def test_links_in_a_circle_end(own: Path) -> None:
    (own / "a").symlink_to("b")
    (own / "b").symlink_to("a")
    with pytest.raises(OSError, match=os.strerror(errno.ELOOP)):
        write(own / "a")


@posix
@pytest.mark.parametrize("mode", [0o1777, 0o770, 0o757])
@pytest.mark.parametrize("dangling", [False, True])
def test_link_that_others_may_have_planted_is_not_followed(
    own: Path, shared: Path, mode: int, *, dangling: bool
) -> None:
    shared.chmod(mode)
    if not dangling:
        (own / "victim").write_bytes(b"precious")
    (shared / "keys").symlink_to(own / "victim")
    (own / "to it").symlink_to(shared / "keys")
    for path in (shared / "keys", own / "to it"):
        with pytest.raises(OSError, match="a link in a folder that others may write"):
            write(path, empty=True)
    assert (own / "victim").exists() != dangling
    if not dangling:
        assert (own / "victim").read_bytes() == b"precious"


@posix
def test_second_name_that_others_may_have_planted_is_refused(own: Path, shared: Path) -> None:
    (own / "victim").write_bytes(b"precious")
    os.link(own / "victim", shared / "keys")
    with pytest.raises(OSError, match="second name"):
        write(shared / "keys", empty=True)
    assert (own / "victim").read_bytes() == b"precious"


@posix
def test_folder_of_somebody_else_is_one_that_others_may_write(
    own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (own / "victim").write_bytes(b"precious")
    (own / "keys").symlink_to(own / "victim")
    if os.geteuid() == 0:
        os.chown(own, 4711, -1)
    else:
        make_foreign(monkeypatch)
    with pytest.raises(OSError, match="a link in a folder"):
        write(own / "keys")


@posix
def test_pipe_is_opened_without_waiting_for_its_reader(own: Path) -> None:
    os.mkfifo(own / "pipe")
    with pytest.raises(OSError, match=os.strerror(errno.ENXIO)):
        write(own / "pipe")
    reader = os.open(own / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    write(own / "pipe")
    assert os.read(reader, 100) == b"new"
    os.close(reader)


@posix
def test_pipe_that_somebody_else_has_planted_gets_nothing(
    own: Path, shared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.mkfifo(shared / "keys")
    reader = os.open(shared / "keys", os.O_RDONLY | os.O_NONBLOCK)
    write(shared / "keys")  # our own
    make_foreign(monkeypatch)
    with pytest.raises(PermissionError):
        write(shared / "keys")
    assert os.read(reader, 100) == b"new"
    os.close(reader)


@posix
def test_device_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    write("/dev/null", empty=True)
    make_foreign(monkeypatch)
    write("/dev/null")


@posix
def test_folder_and_socket_are_errors(own: Path) -> None:
    with pytest.raises(IsADirectoryError):
        write(own)
    with pytest.raises(FileNotFoundError):
        write(own / "missing" / "keys")


@posix
@pytest.mark.parametrize("path", ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"])
def test_descriptor_of_this_process_is_written_to_whatever_it_is(
    own: Path, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Opening `/dev/stdout` anew would begin at the start of a file, and fail for a socket."""
    code = (
        "import runpy, sys; open_private = runpy.run_path(sys.argv[2])['open_private']\n"
        "print('before', flush=True)\n"
        "with open_private(sys.argv[1], empty=True) as file: file.write(b'between\\n')\n"
        "print('after')"
    )
    link = own / "log"
    link.symlink_to(path)
    for target in (path, str(link)):
        command = [sys.executable, "-c", code, target, private.__file__]
        piped = subprocess.run(command, capture_output=True, text=True, check=True)
        assert piped.stdout.splitlines() == ["before", "between", "after"]
        with (own / "out").open("w+") as file:
            file.write("first\n")
            file.flush()
            subprocess.run(command, stdout=file, check=True)
        expected = ["first", "before", "between", "after"]
        assert (own / "out").read_text().splitlines() == expected


@posix
def test_descriptor_that_is_not_open_is_an_error() -> None:
    with pytest.raises(OSError, match=os.strerror(errno.EBADF)):
        write("/dev/fd/9999")


@pytest.mark.parametrize("name", ["O_NOFOLLOW", "O_NONBLOCK", "O_NOCTTY", "O_CLOEXEC"])
def test_system_without_modes_owners_and_links_will_do(
    own: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(private, "_OWNERS", False)
    for missing in ("geteuid", "fchmod"):
        monkeypatch.delattr(os, missing, raising=False)
    monkeypatch.setattr(private, "_FLAGS", private._FLAGS & ~getattr(os, name, 0))
    write(own / "keys", b"one,")
    write(own / "keys", b"two")
    assert (own / "keys").read_bytes() == b"one,two"
