"""Restart ICE while messages flow: a new search for a path, the same connection.

    python examples/ice_restart.py --messages 200

ICE restarts in the middle, as when a phone changes its network. Expect the path before and after
(on one machine the same), and that every message has arrived in order.
"""

import argparse
import asyncio

from webrtc import RTCDataChannel, RTCPeerConnection


async def negotiate(left: RTCPeerConnection, right: RTCPeerConnection) -> None:
    """What signalling does; an ICE restart is an offer like the first one."""
    await left.set_local_description()
    await right.set_remote_description(left.local_description or {})
    await right.set_local_description()
    await left.set_remote_description(right.local_description or {})


def path(pc: RTCPeerConnection) -> str:
    pair = pc.sctp.transport.ice_transport.get_selected_candidate_pair() if pc.sctp else None
    if pair is None:
        return "no path"
    return " → ".join(f"{end.address}:{end.port}" for end in (pair.local, pair.remote))


def ufrag(pc: RTCPeerConnection) -> str:
    """Part of the ICE credentials, which change with every restart."""
    lines = (pc.local_description.sdp if pc.local_description else "").splitlines()
    return next(line for line in lines if line.startswith("a=ice-ufrag:"))[len("a=ice-ufrag:") :]


def count(channel: RTCDataChannel, numbers: list[int]) -> None:
    channel.on("message", lambda message: numbers.append(int(message)))


async def main(messages: int) -> None:
    async with RTCPeerConnection() as left, RTCPeerConnection() as right:
        numbers: list[int] = []
        left.on("icecandidate", right.add_ice_candidate)
        right.on("icecandidate", left.add_ice_candidate)
        right.on("datachannel", lambda channel: count(channel, numbers))
        channel = left.create_data_channel("numbers")
        await negotiate(left, right)
        await channel.opened()
        before = ufrag(left)
        print("before:", path(left))

        @left.on("negotiationneeded")
        async def renew() -> None:
            await negotiate(left, right)

        for number in range(messages):
            if number == messages // 2:
                left.restart_ice()  # `negotiationneeded` follows
            await channel.send(str(number))
            await asyncio.sleep(0.005)
        channel.close()
        await channel.closed()
        print("after: ", path(left))
        print("credentials changed:", ufrag(left) != before, "- still", left.connection_state)
        print(f"{len(numbers)} of {messages} arrived, in order: {numbers == sorted(numbers)}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--messages", type=int, default=200)
    asyncio.run(main(parser.parse_args().messages))
