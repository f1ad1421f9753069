"""One end of a transfer: typed messages, a limit on silence, and how either side gives up."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any, NamedTuple, Protocol, TypeVar, TypeVarTuple

from webrtc import RTCDataChannel
from webrtc.errors import ConnectionFailed, DecodeError, InvalidStateError, WebRTCError
from webrtc.transfer.wire import Failure, Message, decode, encode

STALL_TIMEOUT = 600.0
"""Seconds in which the peer must do something; hashing what it kept of a large file takes time."""
LOW_WATER = 2**19
"""Bytes waiting in this process below which sending goes on, after it has waited for room."""
LINGER = 5.0
"""Seconds in which the peer may take the last message before the channel is left to itself."""

ArgsT = TypeVarTuple("ArgsT")
FileT = TypeVar("FileT", bound="Closable")
MessageT = TypeVar("MessageT", bound=Message)
ResultT = TypeVar("ResultT")


class TransferError(WebRTCError):
    """The file was not transferred, and trying again would not help. The message says why."""


class Progress(NamedTuple):
    """How far a transfer is."""

    name: str
    size: int
    """Bytes of the file."""
    done: int
    """Bytes that are sent or stored, those of earlier connections among them."""
    offset: int
    """Where this connection began."""


class Closable(Protocol):
    """An open file."""

    def close(self) -> None:
        """Close it, quickly."""


class Conversation:
    """Speaks `webrtc.transfer.wire` over a data channel."""

    def __init__(self, channel: RTCDataChannel, stall_timeout: float) -> None:
        self._channel = channel
        self._stall_timeout = stall_timeout

    async def tell(self, message: Message) -> None:
        """Send a message."""
        await self.send(encode(message))

    async def send(self, block: bytes | str) -> None:
        """Send bytes of the file; waits for room, but not for every block."""
        sending = self._channel.send(block)
        if self._channel.has_room:
            await sending
        else:
            async with asyncio.timeout(self._stall_timeout):
                await self._room()
                await sending

    async def recv(self) -> bytes | Message:
        """Next bytes or message. Raises TransferError when the peer has given up."""
        async with asyncio.timeout(self._stall_timeout):
            received = await self._channel.recv()
        if isinstance(received, bytes):
            return received
        message = decode(received)
        if isinstance(message, Failure):
            raise PeerFailure(message.reason)
        return message

    async def expect(self, kind: type[MessageT]) -> MessageT:
        """Next message. Raises DecodeError when it is of another kind."""
        received = await self.recv()
        if not isinstance(received, kind):
            raise DecodeError(f"{type(received).__name__} instead of {kind.__name__}")
        return received

    async def _room(self) -> None:
        low = asyncio.Event()
        self._channel.buffered_amount_low_threshold = LOW_WATER
        self._channel.once("bufferedamountlow", low.set)
        # `drained` also tells when the channel has closed or the connection has failed.
        ways: list[asyncio.Future[Any]] = [
            asyncio.ensure_future(low.wait()),
            asyncio.ensure_future(self._channel.drained(LOW_WATER)),
        ]
        try:
            done, _ = await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            for each in done:
                each.result()
        finally:
            for each in ways:
                each.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            if low.set in self._channel.listeners("bufferedamountlow"):
                self._channel.remove_listener("bufferedamountlow", low.set)

    async def explain(self, error: WebRTCError) -> WebRTCError:
        """Why the channel has closed under `send`: the last word of the peer, or `error`."""
        try:
            async with asyncio.timeout(LINGER):
                while True:
                    await self.recv()
        except PeerFailure as failure:
            return failure
        except (TimeoutError, WebRTCError):
            return ConnectionFailed(str(error))


class PeerFailure(TransferError):
    """The other side has given up and said why."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the other side says: {reason}")


@asynccontextmanager
async def conversation(
    channel: RTCDataChannel, stall_timeout: float = STALL_TIMEOUT
) -> AsyncIterator[Conversation]:
    """Whatever goes wrong in the block is told to the peer and becomes one of two exceptions.

    TransferError, or ConnectionFailed when the transfer can go on over another connection.
    """
    talk = Conversation(channel, stall_timeout)
    try:
        yield talk
    except PeerFailure:
        channel.close()
        raise
    except (InvalidStateError, ConnectionFailed) as error:
        raise await talk.explain(error) from error
    except TimeoutError as error:
        await _give_up(channel, "stalled")
        raise TransferError(f"the other side did nothing for {stall_timeout:g} s") from error
    except DecodeError as error:
        await _give_up(channel, f"protocol error: {error}")
        raise TransferError(f"the other side broke the protocol: {error}") from error
    except OSError as error:
        await _give_up(channel, error.strerror or type(error).__name__)  # without our paths
        raise TransferError(str(error)) from error
    except TransferError as error:
        await _give_up(channel, str(error))
        raise
    except BaseException:
        stop(channel, "stopped")
        raise


def stop(channel: RTCDataChannel, reason: str) -> None:
    """Say why this side gives up, as the last message."""
    with suppress(WebRTCError):
        channel.send(encode(Failure(reason)))
    channel.close()


async def closed(channel: RTCDataChannel, limit: float = LINGER) -> None:
    """Wait until the peer has taken the last message of a channel that is closing.

    What still comes is thrown away: it would hold up the closing.
    """
    with suppress(TimeoutError, WebRTCError):
        async with asyncio.timeout(limit):
            while True:
                await channel.recv()


async def in_thread(function: Callable[[*ArgsT], ResultT], *args: *ArgsT) -> ResultT:
    """Call a function that waits for the disk. When cancelled, first wait until it is through."""
    job = asyncio.get_running_loop().run_in_executor(None, function, *args)
    try:
        return await asyncio.shield(job)
    except asyncio.CancelledError:
        await _through(job)
        job.exception()
        raise


@asynccontextmanager
async def opened(function: Callable[[], FileT]) -> AsyncIterator[FileT]:
    """Open a file in a thread and close it after the block, also when cancelled while it opens."""
    job = asyncio.get_running_loop().run_in_executor(None, function)
    try:
        yield await asyncio.shield(job)
    finally:
        await _through(job)
        if not job.exception():
            job.result().close()


async def _through(job: asyncio.Future[Any]) -> None:
    """Wait for a thread, through further cancellations too: what it holds has to be let go.

    Only a task that is being cancelled already comes here with a thread that is not through.
    """
    while not job.done():
        with suppress(asyncio.CancelledError):
            await asyncio.wait({job})


async def _give_up(channel: RTCDataChannel, reason: str) -> None:
    stop(channel, reason)
    await closed(channel)
