"""What a test sees of a peer, whoever it is: operations by name, events, connections and channels.

The same operations are answered by `operations.mjs` (browsers, libwebrtc, libdatachannel), `pion`,
`aiortc_peer.py` and `ours.py`.
"""

import asyncio
import base64
import contextlib
import itertools
import json
import re
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, Protocol

from tests.support import PATIENCE

Json = dict[str, Any]
Message = str | bytes


class Peer(Protocol):
    """One implementation of WebRTC at the other end of a link, or in this process."""

    name: str
    trickles: bool
    """Its descriptions come without candidates, which follow as events."""
    log: deque[str]
    """What it had to say lately."""
    listeners: dict[int, Callable[[Json], None]]
    """Who takes the events, by connection."""

    async def call(self, op: str, **arguments: Any) -> Any:
        """Do one operation. Raises OperationFailed if the peer refuses."""


class OperationFailed(Exception):
    """A peer answered a request with an error."""


class LinkedPeer:
    """A peer that answers requests as JSON over some link."""

    def __init__(self, name: str, *, trickles: bool, send: Callable[[str], None]) -> None:
        self.name = name
        self.trickles = trickles
        self.log: deque[str] = deque(maxlen=60)
        self.listeners: dict[int, Callable[[Json], None]] = {}
        self.ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._send = send
        self._ids = itertools.count()
        self._replies: dict[int, asyncio.Future[Any]] = {}

    async def call(self, op: str, **arguments: Any) -> Any:
        request = next(self._ids)
        reply = asyncio.get_running_loop().create_future()
        self._replies[request] = reply
        self._send(json.dumps({"id": request, "op": op, **arguments}))
        try:
            return await reply
        finally:
            del self._replies[request]

    def receive(self, text: str) -> None:
        """Take one message of the link."""
        message = json.loads(text)
        if "id" in message:
            self._settle(message)
        elif message["event"] == "log":
            self.log.append(message["text"])
        elif message["event"] == "ready":
            self.ready.set_result(message["agent"])
        elif (listener := self.listeners.get(message["connection"])) is not None:
            listener(message)

    def lose(self, reason: str) -> None:
        """The link is gone: nobody need wait any more."""
        self.log.append(reason)
        for reply in [self.ready, *self._replies.values()]:
            if not reply.done():
                reply.set_exception(ConnectionError(f"{self.name}: {reason}"))

    def _settle(self, message: Json) -> None:
        reply = self._replies.get(message["id"])
        if reply is None or reply.done():
            return
        if "error" in message:
            reply.set_exception(OperationFailed(f"{self.name}: {message['error']}"))
        else:
            reply.set_result(message["result"])


class Channel:
    """One end of a data channel."""

    def __init__(self, side: "Side", number: int, parameters: Json) -> None:
        self.number = number
        self.parameters = parameters
        """As announced when it appeared; empty for a channel created here."""
        self.side = side

    async def opened(self) -> None:
        await self.side.wait(("open", self.number), "an open channel")

    async def closed(self, within: float = PATIENCE) -> None:
        await self.side.wait(("close", self.number), "a closed channel", within)

    async def describe(self) -> Json:
        description: Json = await self._call("describe")
        return description

    async def send(self, message: Message) -> None:
        await self._call("send", message=pack(message))

    async def take(self, count: int, within: float = PATIENCE) -> list[Message]:
        async with deadline(f"{count} messages at {self.side.peer.name}", within):
            return [unpack(message) for message in await self._call("take", count=count)]

    async def echo(self) -> None:
        """Return every message to its sender from here on."""
        await self._call("echo")

    async def pour(self, total: int, size: int) -> str:
        """Send `total` random bytes in messages of `size`; returns their SHA-256."""
        digest: str = await self._call("pour", total=total, size=size)
        return digest

    async def drain(self, total: int) -> str:
        """Receive `total` bytes; returns their SHA-256."""
        digest: str = await self._call("drain", total=total)
        return digest

    async def close(self) -> None:
        await self._call("close_channel")

    async def _call(self, op: str, **arguments: Any) -> Any:
        return await self.side.peer.call(op, channel=self.number, **arguments)


class Side:
    """One peer connection of a peer."""

    def __init__(self, peer: Peer, number: int) -> None:
        self.peer = peer
        self.candidates: asyncio.Queue[Json | None] = asyncio.Queue()
        self.states: list[tuple[str, str]] = []
        """Every change, oldest first: (`connectionState`, `connected`)."""
        self.state: dict[str, str] = {}
        self.closed = False
        self.holds_back = asyncio.Lock()
        """Held while a description is on its way that candidates must not overtake."""
        self.number = number
        self._channels: asyncio.Queue[Channel] = asyncio.Queue()
        self._happened: set[tuple[str, int]] = set()
        self._news = asyncio.Event()

    async def open(self, **configuration: Any) -> None:
        self.peer.listeners[self.number] = self._on_event
        await self.call("open", configuration=configuration)

    async def call(self, op: str, **arguments: Any) -> Any:
        return await self.peer.call(op, connection=self.number, **arguments)

    async def create_channel(self, label: str = "data", **options: Any) -> Channel:
        """Create a channel; `options` are the browser's RTCDataChannelInit."""
        number = await self.call("create_channel", label=label, options=options)
        return Channel(self, number, {})

    async def next_channel(self, within: float = PATIENCE) -> Channel:
        """The next channel that the other side created."""
        async with deadline(f"a channel at {self.peer.name}", within):
            return await self._channels.get()

    async def wait(self, what: tuple[str, int], name: str, within: float = PATIENCE) -> None:
        async with deadline(f"{name} at {self.peer.name}", within):
            while what not in self._happened:
                await self._news.wait()

    async def reach(self, field: str, *values: str, within: float = PATIENCE) -> None:
        """Wait until a state has one of `values`."""
        name = f"{field} {' or '.join(values)} at {self.peer.name}, seen {self.states}"
        async with deadline(name, within):
            while self.state.get(field) not in values:
                await self._news.wait()

    async def close(self) -> None:
        self.closed = True
        await self.call("close")

    def forget(self) -> None:
        self.peer.listeners.pop(self.number, None)

    async def diagnosis(self) -> str:
        """Everything known about a connection that went wrong."""
        try:
            details = await asyncio.wait_for(self.call("diagnosis"), 3)
        except Exception as error:  # a report must not hide what it reports
            details = {"diagnosis": repr(error)}
        stats = "\n".join(json.dumps(entry) for entry in details.pop("stats", []))
        parts = [f"---- {self.peer.name}: {self.states}"]
        parts += [f"{name}: {value}" for name, value in details.items()]
        return "\n".join([*parts, stats, *self.peer.log])

    def _on_event(self, event: Json) -> None:
        kind = event["event"]
        if kind == "candidate":
            self.candidates.put_nowait(event["candidate"])
        elif kind == "channel":
            self._channels.put_nowait(Channel(self, event["channel"], event["parameters"]))
        elif kind == "state":
            self.states.append((event["field"], event["value"]))
            self.state[event["field"]] = event["value"]
        else:
            self._happened.add((kind, event["channel"]))
        self._news.set()
        self._news = asyncio.Event()


class Pair:
    """Two peer connections that are, or will be, connected to each other."""

    def __init__(self, offerer: Side, answerer: Side, *, trickle: bool = True) -> None:
        self.offerer = offerer
        self.answerer = answerer
        self._trickle = trickle
        self._pumps: list[asyncio.Task[None]] = []

    async def negotiate(self, *, restart: bool = False) -> tuple[Json, Json]:
        """One offer and its answer; candidates follow on their own. Returns both descriptions."""
        whole = not self._trickle
        if self._trickle and not self._pumps:
            for source, sink in [(self.offerer, self.answerer), (self.answerer, self.offerer)]:
                self._pumps.append(asyncio.create_task(self._pump(source, sink)))
        async with self.answerer.holds_back:
            async with self.offerer.holds_back:
                offer = await self.offerer.call("offer", restart=restart, whole=whole)
                request = self.answerer.call("answer", description=offer, whole=whole)
                answering = await _begun(request)
            answer = await answering
            accepting = await _begun(self.offerer.call("accept", description=answer))
        await accepting
        return offer, answer

    async def connect(self, label: str = "data", **options: Any) -> tuple[Channel, Channel]:
        """Connect with one channel, made by the offerer; returns both its ends, open."""
        near = await self.offerer.create_channel(label, **options)
        await self.negotiate()
        far = await self.answerer.next_channel()
        await asyncio.gather(near.opened(), far.opened())
        return near, far

    def swapped(self) -> "Pair":
        """The same two with the roles of the next negotiation exchanged."""
        pair = Pair(self.answerer, self.offerer, trickle=self._trickle)
        pair._pumps = self._pumps
        return pair

    async def diagnosis(self) -> str:
        """Everything known about both sides."""
        return "\n".join([await side.diagnosis() for side in (self.offerer, self.answerer)])

    async def close(self) -> None:
        for pump in self._pumps:
            pump.cancel()
        for result in await asyncio.gather(*self._pumps, return_exceptions=True):
            if isinstance(result, Exception):
                raise result

    @staticmethod
    async def _pump(source: Side, sink: Side) -> None:
        while True:
            candidate = await source.candidates.get()
            async with source.holds_back:
                adding = await _begun(sink.call("candidate", candidate=candidate))
            try:
                await adding
            except OperationFailed:
                if not sink.closed:
                    raise


async def _begun(request: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
    """A request that is on its way: what is sent from here on arrives after it."""
    task = asyncio.create_task(request)
    await asyncio.sleep(0)
    return task


_numbers = itertools.count()


@asynccontextmanager
async def pair(
    offerer: Peer, answerer: Peer, *, trickle: bool = True, **configuration: Any
) -> AsyncIterator[Pair]:
    """Two fresh peer connections, closed at the end; a failure tells what is known."""
    sides = [Side(peer, next(_numbers)) for peer in (offerer, answerer)]
    both = Pair(*sides, trickle=trickle)
    try:
        for side in sides:
            await side.open(**configuration)
        yield both
        await both.close()
    except Exception as error:
        error.add_note(await both.diagnosis())
        raise
    finally:
        with contextlib.suppress(Exception):
            await both.close()
        for side in sides:
            with contextlib.suppress(Exception):
                await asyncio.wait_for(side.close(), 5)
            side.forget()


async def steady_trips(channel: Channel, count: int) -> None:
    """Messages and their echoes, now and then."""
    for number in range(count):
        await channel.send(f"trip {number}")
        assert await channel.take(1) == [f"trip {number}"]
        await asyncio.sleep(0.02)


async def local_ufrag(side: Side) -> str:
    """What the ICE credentials of a side begin with."""
    sdp = (await side.call("diagnosis"))["local"]
    found = re.search(r"a=ice-ufrag:(\S+)", sdp)
    assert found is not None
    return found[1]


@asynccontextmanager
async def deadline(what: str, within: float = PATIENCE) -> AsyncIterator[None]:
    started = time.monotonic()
    try:
        async with asyncio.timeout(within):
            yield
    except TimeoutError as error:
        waited = time.monotonic() - started
        raise TimeoutError(f"no {what} within {waited:.1f} s") from error


def pack(message: Message) -> Json:
    if isinstance(message, str):
        return {"text": message}
    return {"base64": base64.b64encode(message).decode()}


def unpack(message: Json) -> Message:
    if "text" in message:
        text: str = message["text"]
        return text
    return base64.b64decode(message["base64"])
