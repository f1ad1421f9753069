"""One end of a self-pair: commands as JSON lines on standard input, one answer each.

offer · answer · accept · opened · close    connections; the newest one is measured
pour · sink · arrived                       messages in one direction, as fast as they go; bytes
ping · echo                                 round trips, one at a time
usage · resident                            CPU seconds (user + system); bytes of memory
"""

import asyncio
import gc
import json
import os
import resource
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import Any

HIGH = 2 << 20
LOW = 1 << 20
Json = dict[str, Any]
OnMessage = Callable[[str | bytes], object]


class Link(ABC):
    """A peer connection with one data channel."""

    send: Callable[[str | bytes], object]
    """The channel's own, bound as soon as it exists."""

    @abstractmethod
    async def offer(self) -> Json:
        """The offer with its candidates, after making the channel."""

    @abstractmethod
    async def answer(self, offer: Json) -> Json:
        """The answer with its candidates."""

    @abstractmethod
    async def accept(self, answer: Json) -> None:
        """Take the answer."""

    @abstractmethod
    async def opened(self) -> None:
        """Return when the channel is open."""

    @abstractmethod
    def listen(self, on_message: OnMessage) -> None:
        """Give every message to `on_message`, and to nobody else."""

    @abstractmethod
    def buffered(self) -> int:
        """Bytes that wait to be sent."""

    @abstractmethod
    async def low(self) -> None:
        """Wait until no more than LOW bytes are buffered."""

    @abstractmethod
    async def close(self) -> None:
        """Close the connection."""


class Worker:
    """Carries out the commands on links of one kind."""

    def __init__(self, make: Callable[[], Link]) -> None:
        self._make = make
        self._links: list[Link] = []
        self._arrived = 0

    async def offer(self) -> Json:
        self._links.append(self._make())
        return await self._links[-1].offer()

    async def answer(self, description: Json) -> Json:
        self._links.append(self._make())
        return await self._links[-1].answer(description)

    async def accept(self, description: Json) -> None:
        await self._links[-1].accept(description)

    async def opened(self) -> None:
        await self._links[-1].opened()

    async def close(self) -> None:
        await self._links.pop().close()

    async def pour(self, seconds: float, size: int) -> Json:
        """Send for a while, then wait until the sink has told how much arrived."""
        link, data = self._links[-1], bytes(size)
        reply: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        link.listen(lambda message: reply.set_result(str(message)))
        clock, send, buffered = time.perf_counter, link.send, link.buffered
        started = clock()
        deadline = started + seconds
        while clock() < deadline:
            send(data)
            if buffered() > HIGH:
                await link.low()
        send("end")
        received = int(await reply)
        return {"seconds": clock() - started, "bytes": received}

    async def sink(self) -> None:
        """Count what `pour` sends."""
        link = self._links[-1]
        self._arrived = 0

        def count(message: str | bytes) -> None:
            if message == "end":
                link.send(str(self._arrived))
                self._arrived = 0
            else:
                self._arrived += len(message)

        link.listen(count)

    async def arrived(self) -> tuple[float, int]:
        """The time, and the bytes that the sink counted so far."""
        return time.perf_counter(), self._arrived

    async def ping(self, seconds: float, size: int) -> Json:
        """Send a message, wait for its echo, and again."""
        link, data, trips = self._links[-1], bytes(size), 0
        finished = asyncio.Event()
        clock, send = time.perf_counter, link.send
        started = clock()
        deadline = started + seconds

        def back(_: str | bytes) -> None:
            nonlocal trips
            trips += 1
            if clock() < deadline:
                send(data)
            else:
                finished.set()

        link.listen(back)
        send(data)
        await finished.wait()
        return {"seconds": clock() - started, "trips": trips}

    async def echo(self) -> None:
        """Return every message."""
        link = self._links[-1]
        link.listen(link.send)

    async def usage(self) -> float:
        """CPU seconds so far."""
        mine = resource.getrusage(resource.RUSAGE_SELF)
        return mine.ru_utime + mine.ru_stime

    async def resident(self) -> int:
        """Bytes of memory in use, garbage left out."""
        gc.collect()
        return _resident()


def _resident() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGESIZE")


async def serve(make: Callable[[], Link]) -> None:
    """Answer commands until standard input ends."""
    reader = asyncio.StreamReader(limit=1 << 20)
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    worker = Worker(make)
    while line := await reader.readline():
        request = json.loads(line)
        op = request.pop("op")
        result = await getattr(worker, op)(**request)
        sys.stdout.write(json.dumps(result) + "\n")
        sys.stdout.flush()


def main(make: Callable[[], Link]) -> None:
    """Run on asyncio's own loop, or on uvloop with `--uvloop`."""
    if "--uvloop" in sys.argv:
        import uvloop

        uvloop.run(serve(make))
    else:
        asyncio.run(serve(make))
