"""A long path on one machine: a UDP relay that delays, drops and throttles, in its own process.

`python -m benchmarks.relay HOST FORTH BACK`, where FORTH (A to B) and BACK are the fields of
`Direction` as JSON. Prints `{"a": [host, port], "b": [host, port]}`: A talks to B through its
address `a`, B to A through `b`. Each JSON line `{"a": [host, port]}` on standard input says where
A is, `b` likewise. When standard input ends it prints what it did in each direction.
"""

import asyncio
import json
import os
import re
import select
import socket
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from random import Random
from typing import Any, Literal

ROOT = Path(__file__).parent.parent
BURST = 256
SOCKET_BUFFER = 8 << 20

Address = tuple[str, int]
End = Literal["a", "b"]
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Direction:
    """What happens to datagrams one way."""

    delay: float = 0.0
    """Seconds."""
    loss: float = 0.0
    """Probability."""
    rate: float = 0.0
    """Bytes per second; 0 is no limit."""
    queue: int = 512 * 1024
    """Bytes that may wait for the rate; what is more is dropped."""
    mtu: int = 0
    """Largest datagram in bytes of UDP payload; larger ones are dropped. 0 takes all."""
    seed: int = 1


@dataclass(slots=True)
class Lane:
    """One direction at work."""

    direction: Direction
    forwarded: int = 0
    lost: int = 0
    overflowed: int = 0
    oversized: int = 0
    waiting: deque[tuple[float, bytes]] = field(default_factory=deque)
    _random: Random = field(init=False)
    _idle_at: float = 0.0
    """When the last byte accepted so far has been serialised."""

    def __post_init__(self) -> None:
        self._random = Random(self.direction.seed)

    def take(self, data: bytes, now: float) -> None:
        """Lose the datagram, or keep it until it is due."""
        direction = self.direction
        if direction.mtu and len(data) > direction.mtu:
            self.oversized += 1
            return
        if direction.loss and self._random.random() < direction.loss:
            self.lost += 1
            return
        leaves = now
        if direction.rate:
            start = max(now, self._idle_at)
            if (start - now) * direction.rate + len(data) > direction.queue:
                self.overflowed += 1
                return
            leaves = self._idle_at = start + len(data) / direction.rate
        self.waiting.append((leaves + direction.delay, data))

    def counters(self) -> dict[str, int]:
        names = ("forwarded", "lost", "overflowed", "oversized")
        return {name: getattr(self, name) for name in names}


class Relay:
    """The loop of the relay's own process."""

    def __init__(self, host: str, forth: Direction, back: Direction) -> None:
        self._sockets: dict[End, socket.socket] = {"a": _bound(host), "b": _bound(host)}
        self._peers: dict[End, Address] = {}
        self._said = b""
        self._lanes: dict[End, Lane] = {"a": Lane(forth), "b": Lane(back)}
        """By the end that sends into it."""

    def addresses(self) -> dict[End, Address]:
        return {end: sock.getsockname()[:2] for end, sock in self._sockets.items()}

    def run(self) -> dict[str, dict[str, int]]:
        """Relay until standard input ends; returns the counters."""
        ends: dict[Any, End] = {sock: end for end, sock in self._sockets.items()}
        while True:
            readable, _, _ = select.select([*ends, sys.stdin], [], [], self._patience())
            for source in readable:
                if source in ends:
                    self._read(ends[source])
                elif not self._learn():
                    return {end: lane.counters() for end, lane in self._lanes.items()}
            self._send("a", "b")
            self._send("b", "a")

    def _learn(self) -> bool:
        """Take what standard input says. False at its end."""
        said = os.read(sys.stdin.fileno(), 65536)  # what `readline` kept, `select` would not see
        *lines, self._said = (self._said + said).split(b"\n")
        for line in lines:
            for end, address in json.loads(line).items():
                self._peers[end] = tuple(address)
        return bool(said)

    def _patience(self) -> float | None:
        due = [lane.waiting[0][0] for lane in self._lanes.values() if lane.waiting]
        return max(0.0, min(due) - time.perf_counter()) if due else None

    def _read(self, end: End) -> None:
        receive, take = self._sockets[end].recv, self._lanes[end].take
        now = time.perf_counter()
        for _ in range(BURST):
            try:
                data = receive(65536)
            except BlockingIOError:
                return
            take(data, now)

    def _send(self, source: End, sink: End) -> None:
        lane, peer = self._lanes[source], self._peers.get(sink)
        send, waiting = self._sockets[sink].sendto, lane.waiting
        now = time.perf_counter()
        while waiting and waiting[0][0] <= now:
            data = waiting.popleft()[1]
            if peer is None:
                lane.lost += 1
                continue
            try:
                send(data, peer)
                lane.forwarded += 1
            except BlockingIOError:
                lane.overflowed += 1


def _bound(host: str) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_DGRAM)
    sock.setblocking(False)
    for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
        sock.setsockopt(socket.SOL_SOCKET, option, SOCKET_BUFFER)
    sock.bind((host, 0))
    return sock


class Way:
    """A running relay, seen from the process that started it."""

    def __init__(self, process: Process, addresses: dict[End, Address]) -> None:
        self.addresses = addresses
        self._process = process

    def locate(self, end: End, address: Address) -> None:
        """Say where a peer is."""
        if self._process.stdin is None:
            raise RuntimeError("started without pipes")
        self._process.stdin.write(json.dumps({end: address}).encode() + b"\n")

    async def finish(self) -> Json:
        """Stop; returns the counters of both directions, by the end that sends."""
        output, _ = await self._process.communicate(b"")
        counters: Json = json.loads(output)
        return counters


@asynccontextmanager
async def relay(host: str, forth: Direction, back: Direction) -> AsyncIterator[Way]:
    """A relay between A and B on an address of this machine."""
    ways = [json.dumps(asdict(direction)) for direction in (forth, back)]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks.relay", host, *ways, stdin=PIPE, stdout=PIPE, cwd=ROOT
    )
    try:
        if process.stdout is None:
            raise RuntimeError("started without pipes")
        addresses = json.loads(await process.stdout.readline())
        yield Way(process, {end: tuple(address) for end, address in addresses.items()})
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


_CANDIDATE = re.compile(r"a=candidate:\S+ 1 udp \d+ ([\d.]+) (\d+) typ host", re.IGNORECASE)


def host_candidate(description: Json) -> Address:
    """The first IPv4 UDP host candidate of a description."""
    found = _CANDIDATE.search(description["sdp"])
    if found is None:
        raise ValueError(f"no IPv4 host candidate in {description['sdp']}")
    return found[1], int(found[2])


def redirected(description: Json, address: Address) -> Json:
    """The description with `address` as its only candidate."""
    lines = description["sdp"].splitlines()
    kept = [line for line in lines if not line.startswith("a=candidate:")]
    host, port = address
    at = next(number for number, line in enumerate(kept) if line.startswith("m=")) + 1
    while at < len(kept) and kept[at][:2] in {"i=", "c=", "b="}:
        at += 1
    kept.insert(at, f"a=candidate:1 1 udp 2130706431 {host} {port} typ host")
    return {**description, "sdp": "\r\n".join(kept) + "\r\n"}


def main() -> None:
    host, *ways = sys.argv[1:]
    forth, back = (Direction(**json.loads(way)) for way in ways)
    process = Relay(host, forth, back)
    print(json.dumps(process.addresses()), flush=True)
    print(json.dumps(process.run()), flush=True)


if __name__ == "__main__":
    main()
