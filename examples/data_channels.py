"""Two peers in one process, and what the four reliability modes of a data channel do.

    python examples/data_channels.py [--loss 0.2]    # with loss: on a simulated network

Expect an echo of a text and of a binary message, then for each mode how many messages came back,
and whether in order.
"""

import argparse
import asyncio
import contextlib

from webrtc import RTCDataChannel, RTCPeerConnection, vnet
from webrtc.aio.net.seam import NetworkStack
from webrtc.aio.options import DataChannelOptions

MODES: dict[str, DataChannelOptions] = {
    "reliable, ordered": {},
    "reliable, unordered": {"ordered": False},
    "at most 1 retransmission": {"ordered": False, "max_retransmits": 1},
    "at most 100 ms old": {"ordered": False, "max_packet_life_time": 100},
}


async def connect(left: RTCPeerConnection, right: RTCPeerConnection) -> None:
    """Do what signalling does for distant peers: exchange offer, answer and candidates."""
    left.on("icecandidate", right.add_ice_candidate)
    right.on("icecandidate", left.add_ice_candidate)
    await left.set_local_description()  # makes the offer
    await right.set_remote_description(left.local_description or {})
    await right.set_local_description()  # makes the answer
    await left.set_remote_description(right.local_description or {})


async def echo(channel: RTCDataChannel) -> None:
    async for message in channel:
        await channel.send(message)


async def measure(mode: str, channel: RTCDataChannel, count: int) -> None:
    """Send numbered messages to the echo at the other end and print which came back."""
    await channel.opened()
    for number in range(count):
        channel.send(str(number))
        await asyncio.sleep(0.01)
    back: list[int] = []
    with contextlib.suppress(TimeoutError):  # the rest was given up, as the mode allows
        async with asyncio.timeout(5):
            while len(back) < count:
                back.append(int(await channel.recv()))
    order = "in order" if back == sorted(back) else "out of order"
    print(f"{mode:25} {len(back)} of {count} came back, {order}")


async def main(left: NetworkStack | None, right: NetworkStack | None, count: int) -> None:
    async with RTCPeerConnection(network=left) as one, RTCPeerConnection(network=right) as other:
        other.on("datachannel", echo)
        first = one.create_data_channel("first")
        channels = {mode: one.create_data_channel(mode, **MODES[mode]) for mode in MODES}
        await connect(one, other)
        await one.wait_connected(timeout=20)
        await first.opened()
        await first.send("a text")
        await first.send(b"and bytes")
        print("echo:", await first.recv(), "…", await first.recv())
        await asyncio.gather(*(measure(mode, channels[mode], count) for mode in MODES))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--loss", type=float, default=0.0, help="0 to 1; above 0 simulates")
    parser.add_argument("--count", type=int, default=100, help="messages in each mode")
    chosen = parser.parse_args()
    if chosen.loss:
        network = vnet.Network(vnet.Link(delay=0.02, loss=chosen.loss), seed=1)
        left, right = network.host("left", "192.0.2.1"), network.host("right", "192.0.2.2")
        with asyncio.Runner(loop_factory=vnet.VirtualTimeLoop) as runner:
            runner.run(main(left, right, chosen.count))
    else:
        asyncio.run(main(None, None, chosen.count))
