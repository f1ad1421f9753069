"""A day of a connection: `python -m tests.scenarios.soak --hours 24`, in virtual time.

`--realtime --minutes 60` does the same with real sockets and the real clock.
"""

import argparse
import asyncio
import gc
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from statistics import linear_regression
from time import monotonic, process_time

from tests.peer.hands import Hand, Hands
from tests.support import PATIENCE, Pair, negotiate, over_loopback
from webrtc import RTCDataChannel
from webrtc.datachannel import Channel
from webrtc.peer import transport
from webrtc.vnet import Link

HOUR = 3600
BURST = 20
"""Messages of 16 KiB that go one way each minute."""


class Wrapping(Random):
    """Begins TSNs and reconfiguration numbers 300 before their end."""

    def getrandbits(self, k: int, /) -> int:
        return 2**32 - 300 if k == 32 else super().getrandbits(k)


@dataclass
class Report:
    """What happened."""

    hours: float = 0.0
    sent: int = 0
    received: int = 0
    bursts: int = 0
    restarts: int = 0
    memory: list[int] = field(default_factory=list)
    """Bytes in use at the end of each tenth of the time."""

    @property
    def growth(self) -> int:
        """Bytes from the first fifth of the time to the end."""
        return self.memory[-1] - self.memory[1]


class Talker:
    """One end: what it has sent on its channel `talk`, and what it has to hear."""

    def __init__(self, hand: Hand, talk: Channel, bulk: Channel) -> None:
        self.hand = hand
        self.talk = talk
        self.bulk = bulk
        self.sent = self.heard = self.bytes = 0

    def say(self) -> None:
        """The next number."""
        self.hand.core.send(self.talk, str(self.sent), self.hand.now)
        self.sent += 1

    def burst(self) -> None:
        """Many large messages."""
        for _ in range(BURST):
            self.hand.core.send(self.bulk, bytes(16384), self.hand.now)

    def listen(self) -> None:
        """Numbers in their order, each once; anything else is a failure."""
        core = self.hand.core
        while (received := core.poll_data()) is not None:
            core.channels.consume(received.size)
            if isinstance(received.data, bytes):
                self.bytes += len(received.data)
                continue
            assert received.data == str(self.heard), received.data
            self.heard += 1
        self.hand.events.clear()


@contextmanager
def wrapping() -> Iterator[None]:
    """Let the numbers of every association that begins in the block wrap soon."""
    child = transport.child
    transport.child = lambda random: Wrapping(random.getrandbits(64))
    try:
        yield
    finally:
        transport.child = child


def resident() -> int:
    """Bytes of this process in memory."""
    pages = Path("/proc/self/statm").read_text().split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def soak(hours: float, seed: int = 0, memory: Callable[[], int] = resident) -> Report:
    """F-35 for data: a message a second both ways, bursts, 1 % loss, an ICE restart each hour."""
    with wrapping():
        hands = Hands(link=Link(delay=0.02, loss=0.01), seed=seed)
        talk, other_talk = hands.connect()
        bulk = hands.left.core.create_data_channel("bulk", hands.network.now)
        hands.network.flush()
        hands.network.run_until(lambda: len(hands.right.announced) == 2, limit=10.0)
    left = Talker(hands.left, talk, bulk)
    right = Talker(hands.right, other_talk, hands.right.announced[1])
    report, seconds = Report(hours), int(hours * HOUR)
    step = max(1, seconds // 10)
    for second in range(1, seconds + 1):
        _live(hands, left, right, report, second)
        if second % step == 0:
            gc.collect()
            report.memory.append(memory())
    hands.network.run(30.0)
    for each in (left, right):
        each.listen()
    report.sent, report.received = left.sent + right.sent, left.heard + right.heard
    assert left.bytes + right.bytes == report.bursts * BURST * 16384
    assert hands.left.core.connection_state == hands.right.core.connection_state == "connected"
    return report


def _live(hands: Hands, left: Talker, right: Talker, report: Report, second: int) -> None:
    """One second."""
    left.say()
    right.say()
    if second % 60 == 30:
        report.bursts += 1
        (left if second % 120 < 60 else right).burst()
    if second % HOUR == HOUR - 1:
        report.restarts += 1
        mover = hands.left if report.restarts % 2 else hands.right
        mover.core.restart_ice()
        hands.negotiate(mover)
    hands.network.flush()
    hands.network.run(1.0)
    for each in (left, right):
        each.listen()


async def real(minutes: float) -> tuple[int, float]:
    """F-36: over loopback; messages that were exchanged, and the growth of memory in KiB/h."""
    end = monotonic() + minutes * 60
    samples: list[tuple[float, float]] = []
    count = 0
    async with over_loopback() as pair:
        while monotonic() < end:
            await _exchange(pair, pair.channel, pair.remote, count)
            count += 1
            if count % 60 == 0:
                await _exchange(pair, pair.remote, pair.channel, bytes(1 << 18))
                pair.left.restart_ice()
                await negotiate(pair.left, pair.right)
                gc.collect()
                samples.append((monotonic() / HOUR, resident() / 1024))
            await asyncio.sleep(0.01)
    later = samples[len(samples) // 5 :]
    return count, linear_regression(*zip(*later, strict=True)).slope if len(later) > 1 else 0.0


async def _exchange(
    pair: Pair, sender: RTCDataChannel, receiver: RTCDataChannel, message: int | bytes
) -> None:
    body = message if isinstance(message, bytes) else str(message)
    await sender.send(body)
    async with asyncio.timeout(PATIENCE):
        assert await receiver.recv() == body


def main() -> None:
    """Run one of both and print what it found."""
    parser = argparse.ArgumentParser(description="A long life of one connection.")
    parser.add_argument("--hours", type=float, default=24.0, help="of virtual time")
    parser.add_argument("--realtime", action="store_true", help="real sockets, real time")
    parser.add_argument("--minutes", type=float, default=60.0, help="of real time")
    options = parser.parse_args()
    out = sys.stdout
    if options.realtime:
        count, slope = asyncio.run(real(options.minutes))
        out.write(f"messages          {count:9}\nmemory            {slope:9.1f} KiB/h\n")
        return
    report = soak(options.hours)
    lost = report.sent - report.received
    out.write(f"virtual hours     {report.hours:9.1f}\n")
    out.write(f"CPU               {process_time():9.1f} s\n")
    out.write(f"messages          {report.sent:9}\n")
    out.write(f"lost              {lost:9}\n")
    out.write(f"bursts            {report.bursts:9}\n")
    out.write(f"ICE restarts      {report.restarts:9}\n")
    out.write(f"memory growth     {report.growth / 1024:9.1f} KiB\n")
    if lost or abs(report.growth) > 256 * 1024:
        sys.exit(1)


if __name__ == "__main__":
    main()
