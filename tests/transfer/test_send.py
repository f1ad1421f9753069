"""Whole transfers over a virtual network, whole, cut and continued."""

import asyncio
import hashlib
import os
import tracemalloc
from pathlib import Path
from random import Random

import pytest

from tests.support import connected, over_loopback, two_hosts
from webrtc import RTCDataChannel, SettingEngine
from webrtc.errors import ConnectionFailed
from webrtc.sctp import Config
from webrtc.transfer import Progress, Transfer, TransferError, receive_file, send, send_file
from webrtc.transfer import receive as receiving
from webrtc.transfer.partial import SUFFIX
from webrtc.vnet import Link

BLOCK = 32768


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where files are received; small blocks make small files long."""
    monkeypatch.setattr(send, "BLOCK", BLOCK)
    monkeypatch.setattr(send, "MESSAGE", BLOCK // 4)
    monkeypatch.setattr(receiving, "BLOCK", BLOCK)
    folder = tmp_path / "received"
    folder.mkdir()
    return folder


def file(folder: Path, size: int, seed: int = 0) -> Path:
    path = folder.parent / "data.bin"
    path.write_bytes(Random(seed).randbytes(size))
    return path


async def transfer(path: Path, folder: Path, link: Link | None = None) -> tuple[Transfer, Transfer]:
    _, left, right = two_hosts(link or Link(delay=0.01))
    async with connected(left, right) as pair:
        receiver = asyncio.create_task(receive_file(pair.remote, folder))
        sent = await send_file(pair.channel, path)
        return sent, await receiver


@pytest.mark.parametrize("size", [0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 10 * BLOCK + 7])
async def test_file_arrives_whole_and_with_its_hash(folder: Path, size: int) -> None:
    path = file(folder, size)
    sent, received = await transfer(path, folder)
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    assert sent == Transfer(path, size, sha256, 0)
    assert received == Transfer(folder / "data.bin", size, sha256, 0)
    assert received.path.read_bytes() == path.read_bytes()
    assert os.listdir(folder) == ["data.bin"]


async def test_file_arrives_over_a_bad_network(folder: Path) -> None:
    """F-40 in small: SHA-256 is the same on both sides."""
    path = file(folder, 200_000)
    bad = Link(delay=0.03, jitter=0.005, loss=0.05, duplicate=0.02, reorder=0.05)
    sent, received = await transfer(path, folder, bad)
    assert sent.sha256 == received.sha256
    assert received.path.read_bytes() == path.read_bytes()


async def test_progress_begins_at_the_offset_and_ends_with_the_whole_file(folder: Path) -> None:
    path = file(folder, 3 * BLOCK + 5)
    (folder / f"data.bin{SUFFIX}").write_bytes(path.read_bytes()[:1000])
    near: list[Progress] = []
    far: list[Progress] = []
    _, left, right = two_hosts()
    async with connected(left, right) as pair:
        receiver = asyncio.create_task(receive_file(pair.remote, folder, progress=far.append))
        await send_file(pair.channel, path, name="data.bin", progress=near.append)
        await receiver
    for seen in (near, far):
        assert seen[0] == Progress("data.bin", path.stat().st_size, 1000, 1000)
        assert seen[-1].done == path.stat().st_size
        done = [each.done for each in seen]
        assert done == sorted(done)
        assert len(done) >= 4


@pytest.mark.parametrize("seed", range(12))
async def test_cut_at_any_point_is_continued_by_hash(folder: Path, seed: int) -> None:
    """F-14 without the restart of ICE: connections end in the middle, nothing is lost."""
    path = file(folder, 40 * BLOCK, seed)
    random = Random(seed)
    offsets: list[int] = []
    for cut in [*sorted(random.randrange(30 * BLOCK) for _ in range(3)), None]:
        _, left, right = two_hosts(Link(delay=0.01, rate=8e6), seed=seed)
        async with connected(left, right) as pair:
            reached = asyncio.Event()

            def watch(
                now: Progress, cut: int | None = cut, reached: asyncio.Event = reached
            ) -> None:
                if cut is not None and now.done >= cut:
                    reached.set()

            ends = [
                asyncio.create_task(receive_file(pair.remote, folder, progress=watch)),
                asyncio.create_task(send_file(pair.channel, path)),
            ]
            if cut is None:
                transfers = await asyncio.gather(*ends)
                offsets.append(transfers[0].offset)
                assert transfers[0].offset == transfers[1].offset
                continue
            await reached.wait()
            await random.choice([pair.left, pair.right]).close()
            outcome = await asyncio.gather(*ends, return_exceptions=True)
            assert [type(each) for each in outcome] == [ConnectionFailed] * 2
        offsets.append((folder / f"data.bin{SUFFIX}").stat().st_size)
    assert offsets == sorted(offsets)
    assert len(offsets) == 4
    assert offsets[-1] > 0
    assert (folder / "data.bin").read_bytes() == path.read_bytes()
    assert not (folder / f"data.bin{SUFFIX}").exists()


async def test_dead_network_ends_both_sides_and_the_rest_is_sent_later(folder: Path) -> None:
    """F-16: no reply for long."""
    path = file(folder, 40 * BLOCK)
    network, left, right = two_hosts(Link(delay=0.01))
    async with connected(left, right) as pair:

        def watch(now: Progress) -> None:
            if now.done >= 10 * BLOCK:
                left.cards[0].outbound.blackhole(network.now, 1000)

        outcome = await asyncio.gather(
            receive_file(pair.remote, folder, progress=watch),
            send_file(pair.channel, path),
            return_exceptions=True,
        )
        assert [type(each) for each in outcome] == [ConnectionFailed, ConnectionFailed]
    sent, received = await transfer(path, folder)
    assert sent.offset == received.offset >= 10 * BLOCK
    assert received.path.read_bytes() == path.read_bytes()


@pytest.mark.parametrize("change", ["content", "length"])
async def test_what_was_kept_of_another_file_is_dropped(folder: Path, change: str) -> None:
    path = file(folder, 5 * BLOCK)
    other = bytearray(path.read_bytes()[: 2 * BLOCK])
    other[1000] ^= 1
    kept = bytes(other) if change == "content" else path.read_bytes() + b"more"
    (folder / f"data.bin{SUFFIX}").write_bytes(kept)
    sent, received = await transfer(path, folder)
    assert sent.offset == received.offset == 0
    assert received.path.read_bytes() == path.read_bytes()


async def test_whole_file_that_was_kept_is_not_sent_again(folder: Path) -> None:
    path = file(folder, 5 * BLOCK)
    (folder / f"data.bin{SUFFIX}").write_bytes(path.read_bytes())
    sent, received = await transfer(path, folder)
    assert sent.offset == received.offset == 5 * BLOCK
    assert received.path.read_bytes() == path.read_bytes()


@pytest.mark.parametrize("where", ["missing", "folder"])
async def test_file_that_cannot_be_read_fails_at_both_ends(folder: Path, where: str) -> None:
    """F-45 for files: each side says why."""
    path = folder.parent / "missing" if where == "missing" else folder.parent
    _, left, right = two_hosts()
    async with connected(left, right) as pair:
        sender, receiver = await asyncio.gather(
            send_file(pair.channel, path),
            receive_file(pair.remote, folder),
            return_exceptions=True,
        )
    assert isinstance(sender, TransferError)
    assert isinstance(receiver, TransferError)
    reason = "No such file" if where == "missing" else "not a regular file"
    assert reason in str(sender) and reason in str(receiver)
    assert str(folder.parent) not in str(receiver)


@pytest.mark.parametrize("change", ["shorter", "changed"])
async def test_file_that_changes_while_it_is_sent_fails_at_both_ends(
    folder: Path, change: str
) -> None:
    path = file(folder, 20 * BLOCK)

    def interfere(now: Progress) -> None:
        if now.done == 5 * BLOCK:
            with path.open("r+b") as meddler:
                meddler.truncate(6 * BLOCK if change == "shorter" else 21 * BLOCK)

    _, left, right = two_hosts()
    async with connected(left, right) as pair:
        outcome = await asyncio.gather(
            send_file(pair.channel, path, progress=interfere),
            receive_file(pair.remote, folder),
            return_exceptions=True,
        )
    for each in outcome:
        assert isinstance(each, TransferError)
        assert change in str(each)
    assert not (folder / "data.bin").exists()


@pytest.mark.parametrize("who", [0, 1])
async def test_side_that_is_cancelled_says_so_and_the_part_is_kept(folder: Path, who: int) -> None:
    path = file(folder, 60 * BLOCK)
    _, left, right = two_hosts(Link(delay=0.01))
    async with connected(left, right) as pair:
        begun = asyncio.Event()

        def watch(now: Progress) -> None:
            if now.done >= 10 * BLOCK:
                begun.set()

        ends = [
            asyncio.create_task(receive_file(pair.remote, folder, progress=watch)),
            asyncio.create_task(send_file(pair.channel, path)),
        ]
        await begun.wait()
        ends[who].cancel()
        outcome = await asyncio.gather(*ends, return_exceptions=True)
        assert isinstance(outcome[who], asyncio.CancelledError)
        assert str(outcome[1 - who]) == "the other side says: stopped"
    assert (folder / f"data.bin{SUFFIX}").stat().st_size >= 10 * BLOCK
    _, received = await transfer(path, folder)
    assert received.offset >= 10 * BLOCK


async def test_long_name_with_anything_in_it_can_be_sent(folder: Path) -> None:
    path = file(folder, 10)
    _, left, right = two_hosts()
    async with connected(left, right) as pair:
        receiver = asyncio.create_task(receive_file(pair.remote, folder))
        await send_file(pair.channel, path, name="../" + "é\udcff" * 3000 + ".txt")
        stored = (await receiver).path
    assert stored.parent == folder
    assert stored.suffix == ".txt"


@pytest.mark.realtime
async def test_memory_stays_flat_and_the_loop_goes_on(tmp_path: Path) -> None:
    """The buffers count, not the file: 48 MiB need less than 20 MiB of Python memory."""
    path = tmp_path / "large.bin"
    with path.open("wb") as large:
        large.truncate(48 * 2**20)
    (tmp_path / "received").mkdir()
    async with over_loopback() as pair:
        tracemalloc.start()
        receiver = asyncio.create_task(receive_file(pair.remote, tmp_path / "received"))
        sent = await send_file(pair.channel, path)
        assert (await receiver).sha256 == sent.sha256
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak < 20 * 2**20


async def test_transfers_at_the_same_time_share_a_buffer_that_is_too_small(folder: Path) -> None:
    """Each waits for its turn; none is told that the buffer is full."""
    path = file(folder, 200_000)
    settings = SettingEngine(random=Random(0), sctp=Config(max_send_buffer=50_000))
    _, left, right = two_hosts(Link(delay=0.01, rate=2e6))
    async with connected(left, right, settings=settings) as pair, asyncio.TaskGroup() as tasks:

        @pair.right.on("datachannel")
        def offered(channel: RTCDataChannel) -> None:
            inside = folder / channel.label
            inside.mkdir()
            tasks.create_task(receive_file(channel, inside))

        for number in range(8):
            channel = pair.left.create_data_channel(str(number))
            tasks.create_task(send_file(channel, path))
    for number in range(8):
        assert (folder / str(number) / "data.bin").read_bytes() == path.read_bytes()
