"""A receiver and a sender that wishes it ill, or a disk that does."""

import asyncio
import hashlib
import os
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.support import connected, two_hosts
from webrtc.transfer import TransferError, receive_file, send_file
from webrtc.transfer.partial import SUFFIX, PartialFile
from webrtc.transfer.receive import MAX_SIZE
from webrtc.transfer.wire import Done, End, Failure, File, Have, Message, Start, decode, encode

EMPTY = hashlib.sha256().hexdigest()


async def attack(
    folder: Path, script: Sequence[Message | bytes | str], **options: object
) -> tuple[str, str]:
    """Send the script to `receive_file`: what it raises, and what it says last."""
    _, left, right = two_hosts()
    async with connected(left, right) as pair:
        for each in script:
            pair.channel.send(each if isinstance(each, bytes | str) else encode(each))
        with pytest.raises(TransferError) as raised:
            await receive_file(pair.remote, folder, **options)  # type: ignore[arg-type] # passed on
        last: Message | None = None
        async for message in pair.channel:
            last = decode(str(message))
        assert isinstance(last, Failure)
        return str(raised.value), last.reason


@pytest.mark.parametrize(
    "script",
    [
        [b"data"],
        ["not json"],
        ['{"type": "file", "name": "a", "size": -5}'],
        [Start(0)],
        [File("a", 10), File("a", 10)],
        [File("a", 10), Start(5)],
        [File("a", 10), Start(0), b"12345678901"],
        [File("a", 10), Start(0), b"12345", b""],
        [File("a", 10), Start(0), b"12345", End(EMPTY)],
        [File("a", 10), Start(0), b"12345", "12345"],
        [File("a", 10), Start(0), b"1234567890", b"1"],
        [File("a", 0), Start(0), Done()],
    ],
    ids=lambda script: repr(script)[:70],
)
async def test_sender_that_breaks_the_protocol_leaves_no_file(
    tmp_path: Path, script: list[Message | bytes | str]
) -> None:
    ours, theirs = await attack(tmp_path, script)
    assert "broke the protocol" in ours
    assert theirs.startswith("protocol error")
    assert not (tmp_path / "a").exists()


async def test_wrong_hash_leaves_nothing(tmp_path: Path) -> None:
    script: list[Message | bytes | str] = [File("a", 3), Start(0), b"abc", End(EMPTY)]
    ours, theirs = await attack(tmp_path, script)
    assert ours == theirs == "the hash of what arrived is not the hash of what was sent"
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("size", [MAX_SIZE + 1, 2**53 - 1])
async def test_size_has_a_limit(tmp_path: Path, size: int) -> None:
    ours, _ = await attack(tmp_path, [File("a", size)])
    assert "more than the receiver takes" in ours
    assert os.listdir(tmp_path) == []


async def test_limit_of_the_size_is_an_argument(tmp_path: Path) -> None:
    ours, theirs = await attack(tmp_path, [File("a", 101)], max_size=100)
    assert ours == theirs == "101 bytes are more than the receiver takes: 100"


async def test_announcing_a_large_file_takes_no_room(tmp_path: Path) -> None:
    """Not even a sparse file is as large as the sender says."""
    free = shutil.disk_usage(tmp_path).free
    size = min(free, MAX_SIZE) // 2
    await attack(tmp_path, [File("a", size), Start(0), b"abc", b""])
    assert (tmp_path / f"a{SUFFIX}").read_bytes() == b"abc"


async def test_file_larger_than_the_disk_is_told_to_both(tmp_path: Path) -> None:
    ours, theirs = await attack(tmp_path, [File("a", 2**52)], max_size=2**53)
    assert ours == theirs
    assert "free at the receiver" in ours


@pytest.mark.parametrize("name", ["../evil", "/tmp/evil", "..\\evil", "evil\x00", "a/../../evil"])
async def test_name_cannot_leave_the_folder(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "received"
    folder.mkdir()
    _, left, right = two_hosts()
    async with connected(left, right) as pair:
        for message in (File(name, 0), Start(0), End(EMPTY)):
            pair.channel.send(encode(message))
        receiver = asyncio.create_task(receive_file(pair.remote, folder))
        assert decode(str(await pair.channel.recv())) == Have(0, EMPTY)
        assert decode(str(await pair.channel.recv())) == Done()
        pair.channel.close()
        transfer = await receiver
    assert transfer.path.parent == folder
    assert os.listdir(tmp_path) == ["received"]


async def test_existing_file_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"precious")
    ours, theirs = await attack(tmp_path, [File("a", 3)])
    assert ours == theirs == "a exists already at the receiver"
    assert (tmp_path / "a").read_bytes() == b"precious"


async def test_existing_file_is_replaced_on_request(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"old")
    source = tmp_path / "source"
    source.write_bytes(b"new")
    _, left, right = two_hosts()
    async with connected(left, right) as pair:
        receiver = asyncio.create_task(receive_file(pair.remote, tmp_path, overwrite=True))
        await send_file(pair.channel, source, name="a")
        await receiver
    assert (tmp_path / "a").read_bytes() == b"new"


async def test_folder_that_cannot_be_written_is_told_without_its_path(tmp_path: Path) -> None:
    """F-45 for files."""
    ours, theirs = await attack(tmp_path / "missing", [File("a", 3)])
    assert str(tmp_path) in ours
    assert theirs == "No such file or directory"


async def test_disk_that_is_full_stops_both_and_keeps_what_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """F-45 for files: the sender learns it while it still sends."""
    source = tmp_path / "source"
    source.write_bytes(bytes(12 * 2**20))
    write = PartialFile.write

    def fill_up(self: PartialFile, blocks: list[bytes]) -> None:
        if self.position > 2**21:
            raise OSError(28, "No space left on device", "/where/it/is")
        write(self, blocks)

    monkeypatch.setattr(PartialFile, "write", fill_up)
    _, left, right = two_hosts()
    async with connected(left, right) as pair:
        outcome = await asyncio.gather(
            send_file(pair.channel, source, name="target"),
            receive_file(pair.remote, tmp_path),
            return_exceptions=True,
        )
    assert str(outcome[0]) == "the other side says: No space left on device"
    assert "/where/it/is" in str(outcome[1])
    assert (tmp_path / f"target{SUFFIX}").stat().st_size > 2**21


async def test_sender_that_falls_silent_is_not_waited_for(tmp_path: Path) -> None:
    script: list[Message | bytes | str] = [File("a", 10), Start(0), b"12345"]
    ours, theirs = await attack(tmp_path, script, stall_timeout=5.0)
    assert ours == "the other side did nothing for 5 s"
    assert theirs == "stalled"
    assert (tmp_path / f"a{SUFFIX}").read_bytes() == b"12345"


@pytest.mark.parametrize(
    "have", [Have(10**9, EMPTY), Have(0, "0" * 64), Have(3, "f" * 64)], ids=repr
)
async def test_receiver_that_claims_to_have_what_it_cannot_have_gets_the_whole_file(
    tmp_path: Path, have: Have
) -> None:
    source = tmp_path / "source"
    source.write_bytes(b"abcdef")
    _, left, right = two_hosts()
    async with connected(left, right) as pair:
        sender = asyncio.create_task(send_file(pair.channel, source))
        assert decode(str(await pair.remote.recv())) == File("source", 6)
        pair.remote.send(encode(have))
        assert decode(str(await pair.remote.recv())) == Start(0)
        assert await pair.remote.recv() == b"abcdef"
        assert isinstance(decode(str(await pair.remote.recv())), End)
        pair.remote.send(encode(Done()))
        assert (await sender).offset == 0


async def test_receiver_that_confirms_too_early_is_no_success(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(b"abcdef")
    _, left, right = two_hosts()
    async with connected(left, right) as pair:
        pair.remote.send(encode(Done()))
        with pytest.raises(TransferError, match="broke the protocol"):
            await send_file(pair.channel, source)
