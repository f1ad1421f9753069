"""The two clients of a `Rendezvous`: who waits, and who calls."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import aiohttp

from webrtc import RTCSessionDescription
from webrtc.errors import ConnectionFailed, DecodeError
from webrtc.signaling.message import Failure, decode

CALL_TIMEOUT = 40.0
"""Seconds until a call without an answer fails; servers give up earlier."""
MAX_RESPONSE = 2**17
"""Bytes of what the server says; more is an error."""
_HEARTBEAT = 15.0
_BUSY = {429, 503}


class Busy(ConnectionFailed):
    """There are too many callers at present; later there may be fewer."""


class Call:
    """Somebody calls: answer or refuse."""

    def __init__(
        self,
        socket: aiohttp.ClientWebSocketResponse,
        number: object,
        offer: RTCSessionDescription,
    ) -> None:
        self.offer = offer
        self._socket = socket
        self._number = number

    async def answer(self, description: RTCSessionDescription) -> None:
        """Give the answer, which has to have all its candidates."""
        await self._reply({"id": self._number, **description.to_json()})

    async def refuse(self, reason: str) -> None:
        """Say why there is no answer."""
        await self._reply({"id": self._number, **Failure(reason).to_json()})

    async def _reply(self, message: dict[str, object]) -> None:
        with suppress(ConnectionResetError):  # the iteration over the calls ends too
            await self._socket.send_json(message)


class Place:
    """A place at a rendezvous: `async for call in place` until the server goes away."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, number: int) -> None:
        self.number = number
        """What callers have to know."""
        self._socket = socket

    async def __aiter__(self) -> AsyncIterator[Call]:
        async for frame in self._socket:
            try:
                value = frame.json()
                offer = decode(frame.data)
            except (TypeError, ValueError, DecodeError):
                return
            if not isinstance(offer, RTCSessionDescription):
                return
            yield Call(self._socket, value.get("id"), offer)


@asynccontextmanager
async def wait_for_calls(url: str) -> AsyncIterator[Place]:
    """Take a place at the `Rendezvous` at `url`, for the time of the block.

    Raises ConnectionFailed.
    """
    async with aiohttp.ClientSession() as session:
        try:
            socket = await session.ws_connect(
                _at(url), heartbeat=_HEARTBEAT, max_msg_size=MAX_RESPONSE
            )
        except (aiohttp.ClientError, OSError) as error:
            raise ConnectionFailed(f"no rendezvous at {url}: {str(error) or 'timeout'}") from error
        async with socket:
            yield Place(socket, await _number(url, socket))


async def call(url: str, number: int, offer: RTCSessionDescription) -> RTCSessionDescription:
    """Call who waits under `number`: the answer to an offer, which has to have all candidates.

    Raises ConnectionFailed, which is Busy when calling again may help.
    """
    limit = aiohttp.ClientTimeout(total=CALL_TIMEOUT)
    async with aiohttp.ClientSession(timeout=limit) as session:
        try:
            async with session.post(f"{_at(url)}/{number}", json=offer.to_json()) as response:
                text = (await response.content.read(MAX_RESPONSE)).decode(errors="replace")
                status = response.status
        except (aiohttp.ClientError, OSError) as error:
            raise ConnectionFailed(f"no rendezvous at {url}: {str(error) or 'timeout'}") from error
    if status == 404:
        raise ConnectionFailed(f"nobody waits under the number {number} at {url}")
    try:
        answer = decode(text)
    except DecodeError:
        answer = None
    if status != 200 or not isinstance(answer, RTCSessionDescription):
        kind = Busy if status in _BUSY else ConnectionFailed
        raise kind(f"no answer from {url}: status {status} {text[:200]!r}")
    return answer


async def _number(url: str, socket: aiohttp.ClientWebSocketResponse) -> int:
    frame = await socket.receive()
    if frame.type is aiohttp.WSMsgType.TEXT:
        with suppress(ValueError):
            match frame.json():
                case {"type": "number", "number": int(number)}:
                    return number
    raise ConnectionFailed(f"{url} is no rendezvous")


def _at(url: str) -> str:
    return f"{url.rstrip('/')}/rendezvous"
