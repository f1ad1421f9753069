"""Print the candidates of this machine: which addresses a peer could reach it under.

    python examples/icegather.py --stun stun:stun.example.org [--timeout 5]

Expect one line per candidate as it is found. `srflx` is how a NAT shows this machine to the STUN
server; without such a line the server did not answer, or UDP is blocked.
"""

import argparse
import asyncio

from webrtc import RTCIceCandidate, RTCIceServer, RTCPeerConnection


def show(candidate: RTCIceCandidate | None) -> None:
    if candidate is None or not candidate.candidate:  # the end, of all or of one section
        return
    base = f"  from {candidate.related_address}:{candidate.related_port}"
    print(
        f"{candidate.type:6} {candidate.protocol} {candidate.address}:{candidate.port}"
        f"  priority {candidate.priority}{base if candidate.related_address else ''}",
        flush=True,
    )


async def main(servers: list[str], timeout: float) -> None:  # noqa: ASYNC109 - an option
    async with RTCPeerConnection(ice_servers=[RTCIceServer(url) for url in servers]) as pc:
        pc.on("icecandidate", show)
        pc.create_data_channel("something to negotiate")
        await pc.set_local_description()
        try:
            async with asyncio.timeout(timeout):
                await pc.gathered()
        except TimeoutError:
            print("some server did not answer in time")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--stun", action="append", default=[], metavar="URL", help="repeatable")
    parser.add_argument("--timeout", type=float, default=5.0, help="seconds")
    chosen = parser.parse_args()
    asyncio.run(main(chosen.stun, chosen.timeout))
