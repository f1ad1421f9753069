"""The queue of one reader: bounded, the oldest dropped, the end told behind what is here."""

import asyncio

import pytest

from webrtc.aio.tracks.mailbox import Mailbox


async def test_items_come_in_order() -> None:
    mailbox = Mailbox[int](8)
    for item in range(3):
        mailbox.put(item)
    assert [await mailbox.get() for _ in range(3)] == [0, 1, 2]


async def test_a_full_one_drops_the_oldest_and_counts() -> None:
    mailbox = Mailbox[int](2)
    for item in range(5):
        mailbox.put(item)
    assert len(mailbox) == 2
    assert mailbox.dropped == 3
    assert [await mailbox.get(), await mailbox.get()] == [3, 4]


async def test_a_reader_is_woken() -> None:
    mailbox = Mailbox[int](2)
    reading = asyncio.ensure_future(mailbox.get())
    await asyncio.sleep(0)
    mailbox.put(7)
    assert await reading == 7


async def test_a_second_reader_is_refused() -> None:
    mailbox = Mailbox[int](2)
    reading = asyncio.ensure_future(mailbox.get())
    await asyncio.sleep(0)
    with pytest.raises(RuntimeError, match="two readers"):
        await mailbox.get()
    mailbox.close()
    assert await reading is None


async def test_a_reader_that_was_cancelled_leaves_the_place_free() -> None:
    mailbox = Mailbox[int](2)
    reading = asyncio.ensure_future(mailbox.get())
    await asyncio.sleep(0)
    reading.cancel()
    await asyncio.sleep(0)
    mailbox.put(1)
    assert await mailbox.get() == 1


async def test_the_end_comes_behind_what_is_here() -> None:
    mailbox = Mailbox[int](2)
    mailbox.put(1)
    mailbox.close(ValueError("why"))
    mailbox.put(2)
    mailbox.close()
    assert await mailbox.get() == 1
    with pytest.raises(ValueError, match="why"):
        await mailbox.get()
