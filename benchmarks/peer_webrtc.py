"""Our stack as one end of a self-pair."""

import asyncio

from benchmarks.worker import LOW, Json, Link, OnMessage, main
from webrtc import RTCDataChannel, RTCPeerConnection


class WebrtcLink(Link):
    def __init__(self) -> None:
        self._pc = RTCPeerConnection()
        self._open = asyncio.Event()
        self._low = asyncio.Event()

    async def offer(self) -> Json:
        self._adopt(self._pc.create_data_channel("bench"))
        await self._pc.set_local_description(await self._pc.create_offer())
        return await self._local()

    async def answer(self, offer: Json) -> Json:
        self._pc.on("datachannel", self._adopt)
        await self._pc.set_remote_description(offer)
        await self._pc.set_local_description(await self._pc.create_answer())
        return await self._local()

    async def accept(self, answer: Json) -> None:
        await self._pc.set_remote_description(answer)

    async def opened(self) -> None:
        await self._open.wait()

    def listen(self, on_message: OnMessage) -> None:
        self._channel.onmessage = on_message

    def buffered(self) -> int:
        return self._channel.buffered_amount

    async def low(self) -> None:
        self._low.clear()
        await self._low.wait()

    async def close(self) -> None:
        await self._pc.close()

    def _adopt(self, channel: RTCDataChannel) -> None:
        self._channel = channel
        self.send = channel.send
        channel.buffered_amount_low_threshold = LOW
        channel.on("bufferedamountlow", self._low.set)
        channel.on("open", self._open.set)
        if channel.ready_state == "open":
            self._open.set()

    async def _local(self) -> Json:
        await self._pc.gathered()
        local = self._pc.local_description
        if local is None:
            raise RuntimeError("gathered without a local description")
        return dict(local.to_json())


if __name__ == "__main__":
    main(WebrtcLink)
