"""A path for datagrams of your own: ICE without SDP, DTLS and data channels.

    python examples/ice_only.py --count 1000 [--stun stun:192.0.2.1]

Expect the pair that was selected, and how many datagrams came back after what round trip time.
Between two machines the ufrag, the password and the candidates travel by any means you have.
"""

import argparse
import asyncio

from webrtc.aio import IceAgent, IceConnection


async def echo(connection: IceConnection) -> None:
    """Send back what comes."""
    while True:
        connection.send(await connection.recv())


async def main(count: int, stun: list[str]) -> None:
    async with IceAgent(stun_servers=stun) as left, IceAgent(stun_servers=stun) as right:
        left.on("candidate", right.add_remote_candidate)
        right.on("candidate", left.add_remote_candidate)
        near, far = await asyncio.gather(
            left.dial(right.local_ufrag, right.local_pwd),
            right.accept(left.local_ufrag, left.local_pwd),
        )
        print(f"selected: {near.local} → {near.remote}")
        echoing = asyncio.create_task(echo(far))
        for number in range(count):
            near.send(number.to_bytes(4, "big"))
            await near.recv()
        echoing.cancel()
        rtt = (near.pair.current_round_trip_time or 0.0) if near.pair else 0.0
        print(f"{count} of {count} came back; ICE measured {rtt * 1000:.1f} ms")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="datagrams over ICE alone")
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--stun", action="append", default=[], metavar="URL")
    options = parser.parse_args()
    asyncio.run(main(options.count, options.stun))
