"""aiortc as one end of a self-pair. Has an environment of its own: scripts/install-peers."""

import asyncio
from typing import Any

from aiortc import (  # type: ignore[import-not-found, unused-ignore]  # lives in that environment
    RTCPeerConnection,
    RTCSessionDescription,
)

from benchmarks.worker import LOW, Json, Link, OnMessage, main


class AiortcLink(Link):
    def __init__(self) -> None:
        self._pc = RTCPeerConnection()
        self._open = asyncio.Event()
        self._low = asyncio.Event()
        self._channel: Any = None

    async def offer(self) -> Json:
        self._adopt(self._pc.createDataChannel("bench"))
        await self._pc.setLocalDescription(await self._pc.createOffer())
        return self._local()

    async def answer(self, offer: Json) -> Json:
        self._pc.on("datachannel", self._adopt)
        await self._pc.setRemoteDescription(RTCSessionDescription(**offer))
        await self._pc.setLocalDescription(await self._pc.createAnswer())
        return self._local()

    async def accept(self, answer: Json) -> None:
        await self._pc.setRemoteDescription(RTCSessionDescription(**answer))

    async def opened(self) -> None:
        await self._open.wait()

    def listen(self, on_message: OnMessage) -> None:
        self._channel.remove_all_listeners("message")
        self._channel.on("message", on_message)

    def buffered(self) -> int:
        return int(self._channel.bufferedAmount)

    async def low(self) -> None:
        self._low.clear()
        await self._low.wait()

    async def close(self) -> None:
        await self._pc.close()

    def _adopt(self, channel: Any) -> None:
        self._channel = channel
        self.send = channel.send
        channel.bufferedAmountLowThreshold = LOW
        channel.on("bufferedamountlow", self._low.set)
        channel.on("open", self._open.set)
        if channel.readyState == "open":
            self._open.set()

    def _local(self) -> Json:
        local = self._pc.localDescription
        return {"type": local.type, "sdp": local.sdp}


if __name__ == "__main__":
    main(AiortcLink)
