"""Moments at even distances."""

import asyncio
from collections.abc import AsyncIterator

from webrtc.errors import InvalidAccessError


def ticks(every: float, ended: asyncio.Event) -> AsyncIterator[None]:
    """One now and one `every` seconds from then on, until `ended` is set.

    Those that pass while the consumer is busy are left out, and the others stay where they are.
    Raises InvalidAccessError unless `every` is above 0.
    """
    if not every > 0:
        raise InvalidAccessError(f"every is {every}, not above 0")
    return _ticks(every, ended)


async def _ticks(every: float, ended: asyncio.Event) -> AsyncIterator[None]:
    loop = asyncio.get_running_loop()
    began = loop.time()
    while not ended.is_set():
        yield
        following = int((loop.time() - began) / every) + 1
        if began + following * every <= loop.time():  # the quotient was rounded down
            following += 1
        try:
            async with asyncio.timeout_at(began + following * every):
                await ended.wait()
        except TimeoutError:
            continue
