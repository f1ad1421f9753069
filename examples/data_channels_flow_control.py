"""Send faster than the network takes it, without filling the memory: the two ways to do it.

    python examples/data_channels_flow_control.py --megabytes 20

Expect for each way the throughput and the most that was buffered. Both peers are in this process:
between two processes it is faster.
"""

import argparse
import asyncio
import time

from webrtc import RTCDataChannel, RTCPeerConnection

MESSAGE = bytes(32768)
LOW, HIGH = 512 * 1024, 1024 * 1024


async def connect(left: RTCPeerConnection, right: RTCPeerConnection) -> None:
    left.on("icecandidate", right.add_ice_candidate)
    right.on("icecandidate", left.add_ice_candidate)
    await left.set_local_description()
    await right.set_remote_description(left.local_description or {})
    await right.set_local_description()
    await left.set_remote_description(right.local_description or {})


async def by_awaiting(channel: RTCDataChannel, count: int) -> int:
    """`await send` goes on when there is room again."""
    most = 0
    for _ in range(count):
        await channel.send(MESSAGE)
        most = max(most, channel.buffered_amount)
    return most


async def by_event(channel: RTCDataChannel, count: int) -> int:
    """As in a browser: fill up, and go on when `bufferedamountlow` says so."""
    most = 0
    low = asyncio.Event()
    channel.buffered_amount_low_threshold = LOW
    channel.on("bufferedamountlow", low.set)
    for _ in range(count):
        channel.send(MESSAGE)
        most = max(most, channel.buffered_amount)
        if channel.buffered_amount > HIGH:
            low.clear()
            await low.wait()
    return most


async def main(count: int) -> None:
    async with RTCPeerConnection() as left, RTCPeerConnection() as right:
        received = asyncio.Queue[int]()

        @right.on("datachannel")
        async def receive(channel: RTCDataChannel) -> None:
            received.put_nowait(sum([len(message) async for message in channel]))

        await_it, hear_of_it = (left.create_data_channel(name) for name in ("await", "event"))
        await connect(left, right)
        for channel, send in ((await_it, by_awaiting), (hear_of_it, by_event)):
            await channel.opened()
            started = time.perf_counter()
            most = await send(channel, count)
            channel.close()
            megabytes = await received.get() / 1e6
            rate = megabytes / (time.perf_counter() - started)
            print(
                f"{channel.label}: {megabytes:.1f} MB, {rate:.0f} MB/s, buffered {most >> 10} KiB"
            )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--megabytes", type=float, default=20, help="for each way")
    asyncio.run(main(int(parser.parse_args().megabytes * 1e6 / len(MESSAGE))))
