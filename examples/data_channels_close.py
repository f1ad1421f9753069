"""The life of a data channel: open, a few rounds of messages, close; then the next one.

    python examples/data_channels_close.py --rounds 3 --lives 2

Expect the events of both ends with the state they see, and that the second channel gets the number
of the first.
"""

import argparse
import asyncio

from webrtc import RTCDataChannel, RTCPeerConnection


async def connect(left: RTCPeerConnection, right: RTCPeerConnection) -> None:
    left.on("icecandidate", right.add_ice_candidate)
    right.on("icecandidate", left.add_ice_candidate)
    await left.set_local_description()
    await right.set_remote_description(left.local_description or {})
    await right.set_local_description()
    await left.set_remote_description(right.local_description or {})


def watch(name: str, channel: RTCDataChannel) -> None:
    """Print every event of a channel."""

    def show(event: str, detail: object = "") -> None:
        print(f"{name:6} {event:8} {channel.ready_state:10} {detail}".rstrip())

    for event in ("open", "closing", "close"):
        channel.on(event, lambda event=event: show(event))
    channel.on("message", lambda message: show("message", message))
    channel.on("error", lambda error: show("error", error))


async def live(left: RTCPeerConnection, life: int, rounds: int) -> None:
    """Open, send, close, and wait until the other side has closed too."""
    channel = left.create_data_channel(f"life {life}")
    watch("sender", channel)
    await channel.opened()
    print(f"life {life}: stream {channel.id}")
    for number in range(rounds):
        await channel.send(f"round {number + 1}")
    channel.close()  # what was sent is delivered first
    await channel.closed()


async def main(rounds: int, lives: int) -> None:
    async with RTCPeerConnection() as left, RTCPeerConnection() as right:
        left.create_data_channel("connects", negotiated=True, id=0)
        taken: list[RTCDataChannel] = []

        @right.on("datachannel")
        def take(channel: RTCDataChannel) -> None:
            watch("taker", channel)
            taken.append(channel)

        await connect(left, right)
        await left.wait_connected(timeout=20)
        for life in range(lives):
            await live(left, life + 1, rounds)
        for channel in taken:
            await channel.closed()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3, help="messages on each channel")
    parser.add_argument("--lives", type=int, default=2, help="channels, one after the other")
    chosen = parser.parse_args()
    asyncio.run(main(chosen.rounds, chosen.lives))
