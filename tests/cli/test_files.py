"""`webrtc send` and `webrtc receive` in two terminals."""

import hashlib
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.cli.terminal import Desk, Terminal, desk, wait_for
from tests.examples.processes import free_port
from webrtc.cli.commands import webrtc

pytestmark = pytest.mark.slow

LARGE = 1000 * 2**20
posix = pytest.mark.skipif(sys.platform == "win32", reason="signals")


@pytest.fixture
def terminals(tmp_path: Path) -> Iterator[Desk]:
    with desk(tmp_path) as found:
        yield found


@pytest.fixture
def small(tmp_path: Path) -> Path:
    path = tmp_path / "small.bin"
    path.write_bytes(os.urandom(3_000_000))
    return path


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """More than arrives in the time that a test gives it; takes no room on the disk."""
    path = tmp_path / "large.bin"
    with path.open("wb") as file:
        file.truncate(LARGE)
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "received"
    folder.mkdir()
    return folder


def under_way(folder: Path) -> None:
    """Wait until a part of the large file is there."""
    part = folder / "large.bin.webrtc.part"
    wait_for(lambda: part.exists() and part.stat().st_size > 2**22, "a part of the file")


def test_file_goes_from_terminal_to_terminal(terminals: Desk, small: Path, folder: Path) -> None:
    sender, arguments = terminals.send(small)
    receiver = terminals.run(*arguments, "--directory", str(folder))
    assert receiver.status() == sender.status() == 0, sender.text + receiver.text
    assert (folder / "small.bin").read_bytes() == small.read_bytes()
    sha256 = hashlib.sha256(small.read_bytes()).hexdigest()
    for terminal in (sender, receiver):
        assert terminal.line("SHA-256") == sha256
        assert "MB/s" in terminal.line("done")
        assert terminal.line("connected").startswith("host udp ")
        assert "100%" in terminal.text
    assert receiver.line("stored") == str(folder / "small.bin")


def test_wrong_code_is_refused_and_the_right_one_still_works(
    terminals: Desk, small: Path, folder: Path
) -> None:
    sender, (name, code, *where) = terminals.send(small)
    wrong = "-".join([*code.split("-")[:-1], "zebra" if not code.endswith("zebra") else "zipper"])
    guesser = terminals.run(name, wrong, *where, "-d", str(folder))
    assert guesser.status() == 3
    assert "wrong code; 2 tries are left" in guesser.line("FAILED")
    assert "wrong code" in sender.line("refused")
    receiver = terminals.run(name, code, *where, "-d", str(folder))
    assert receiver.status() == sender.status() == 0
    assert os.listdir(folder) == ["small.bin"]


@pytest.mark.slow
def test_three_wrong_codes_end_the_sender(terminals: Desk, small: Path, folder: Path) -> None:
    sender, (name, code, *where) = terminals.send(small)
    number = code.partition("-")[0]
    for _ in range(3):
        assert terminals.run(name, f"{number}-zebra-zebra", *where).status() == 3
    assert sender.status() == 3
    assert "too many wrong codes" in sender.line("FAILED")


@pytest.mark.slow
def test_nobody_at_the_other_end_is_said_at_once(terminals: Desk, small: Path) -> None:
    nowhere = terminals.run("receive", "7-tiger", "--url", f"http://127.0.0.1:{free_port()}")
    _, (name, code, *where) = terminals.send(small)
    other = f"{int(code.partition('-')[0]) + 1}-tiger"
    wrong_number = terminals.run(name, other, *where)
    assert nowhere.status() == wrong_number.status() == 4
    assert "no rendezvous at http://127.0.0.1" in nowhere.line("FAILED")
    assert "nobody waits under the number" in wrong_number.line("FAILED")


@pytest.mark.slow
def test_file_that_exists_is_kept_unless_told_otherwise(
    terminals: Desk, small: Path, folder: Path
) -> None:
    (folder / "small.bin").write_bytes(b"precious")
    sender, arguments = terminals.send(small)
    receiver = terminals.run(*arguments, "-d", str(folder))
    assert receiver.status() == sender.status() == 1
    assert "small.bin exists already" in receiver.line("FAILED")
    assert "small.bin exists already" in sender.line("FAILED")
    assert (folder / "small.bin").read_bytes() == b"precious"
    sender, arguments = terminals.send(small)
    receiver = terminals.run(*arguments, "-d", str(folder), "--overwrite")
    assert receiver.status() == sender.status() == 0
    assert (folder / "small.bin").read_bytes() == small.read_bytes()


@pytest.mark.slow
@posix
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("who", ["sender", "receiver"])
def test_stopping_one_end_is_told_to_the_other_and_the_part_is_kept(
    terminals: Desk, large: Path, folder: Path, who: str, number: int
) -> None:
    sender, arguments = terminals.send(large)
    receiver = terminals.run(*arguments, "-d", str(folder))
    under_way(folder)
    stopped, other = (sender, receiver) if who == "sender" else (receiver, sender)
    stopped.kill(number)
    assert stopped.status() == 130
    assert other.status() == 1, other.text
    assert stopped.text.rstrip().endswith("stopped")
    assert other.line("FAILED") == "the other side says: stopped"
    assert "Traceback" not in sender.text + receiver.text
    assert os.listdir(folder) == ["large.bin.webrtc.part"]


@pytest.mark.slow
@posix
def test_killed_receiver_can_come_back_with_the_same_code(
    terminals: Desk, large: Path, folder: Path
) -> None:
    sender, arguments = terminals.send(large)
    first = terminals.run(*arguments, "-d", str(folder))
    under_way(folder)
    first.kill()
    first.status()
    second = terminals.run(*arguments, "-d", str(folder))
    assert "of 1.0 GB" in second.line("resuming")
    assert "of 1.0 GB" in sender.line("resuming")
    second.kill(signal.SIGINT)
    assert second.status() == 130
    assert sender.status() == 1


@pytest.mark.slow
@posix
def test_new_sender_continues_what_an_earlier_one_began(
    terminals: Desk, tmp_path: Path, folder: Path
) -> None:
    path = tmp_path / "middle.bin"
    path.write_bytes(os.urandom(2**20) * 24)
    (folder / "middle.bin.webrtc.part").write_bytes(path.read_bytes()[: 20 * 2**20])
    sender, arguments = terminals.send(path)
    receiver = terminals.run(*arguments, "-d", str(folder))
    assert receiver.status() == sender.status() == 0
    assert receiver.line("resuming") == "at 21.0 MB of 25.2 MB"
    assert (folder / "middle.bin").read_bytes() == path.read_bytes()


@posix
def test_stopping_a_sender_that_waits(terminals: Desk, small: Path) -> None:
    sender, _ = terminals.send(small)
    sender.kill(signal.SIGINT)
    assert sender.status() == 130
    assert sender.text.rstrip().endswith("stopped")


@pytest.mark.slow
@posix
def test_two_senders_share_a_rendezvous(terminals: Desk, small: Path, folder: Path) -> None:
    server = terminals.run("rendezvous", "--port", "0")
    url = server.line("serving at ").split()[0]
    pairs: list[tuple[Terminal, Terminal]] = []
    for number in range(2):
        sender = terminals.run("send", str(small), "--url", url)
        arguments = sender.line("receive ").split()[1:]
        assert arguments[2:] == ["--url", url]
        target = folder / str(number)
        target.mkdir()
        pairs.append((sender, terminals.run(*arguments, "-d", str(target))))
    for sender, receiver in pairs:
        assert receiver.status() == sender.status() == 0
    for number in range(2):
        assert (folder / str(number) / "small.bin").read_bytes() == small.read_bytes()
    server.kill(signal.SIGTERM)
    assert server.status() == 130


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (["send"], "Missing argument 'FILE'"),
        (["send", "/nowhere/at/all"], "does not exist"),
        (["send", "."], "is a directory"),
        (["send", __file__, "--words", "1"], "1 is not in the range"),
        (["send", __file__, "--stun", "a b"], "Invalid value for '--stun'"),
        (["send", __file__, "--wait", "0"], "0"),
        (["receive", "tiger"], "a code is a number and words"),
        (["receive", "7-tigre"], "is it 'tiger'?"),
        (["receive", "7-tiger", "-d", "/nowhere/at/all"], "does not exist"),
        (["receive", "7-tiger", "--stun", ""], "Invalid value for '--stun'"),
    ],
    ids=lambda value: " ".join(value)[-30:] if isinstance(value, list) else "",
)
def test_wrong_arguments_are_explained_before_anything_begins(
    arguments: list[str], hint: str
) -> None:
    result = CliRunner().invoke(webrtc, arguments)
    assert result.exit_code == 2
    assert hint in result.output


def test_code_is_asked_for_when_it_is_not_given() -> None:
    url = f"http://127.0.0.1:{free_port()}"
    result = CliRunner().invoke(webrtc, ["receive", "--url", url], input="7-tiger-lamp\n")
    assert result.output.startswith("code: ")
    assert result.exit_code == 4


def test_address_that_cannot_be_served_at_is_a_failure() -> None:
    for command in (["send", __file__], ["rendezvous"]):
        result = CliRunner().invoke(webrtc, [*command, "--host", "192.0.2.1"])
        assert result.exit_code == 1
        assert "FAILED" in result.output
