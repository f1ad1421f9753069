"""The offering process: connects to answer.py, sends messages and prints their echoes.

    python examples/offer_answer/offer.py http://localhost:8080/signal hello "how are you?"

Expect the time it took to connect, and every message again.
Needs the extra `server`: pip install asyncio-webrtc[server]
"""

import argparse
import asyncio
import sys
import time

from webrtc import ConnectionFailed, RTCPeerConnection
from webrtc.signaling import connect


async def main(url: str, messages: list[str]) -> None:
    started = time.perf_counter()
    async with RTCPeerConnection() as pc:
        channel = pc.create_data_channel("chat")
        async with connect(url, pc, timeout=10):
            await channel.opened()
            print(f"connected in {(time.perf_counter() - started) * 1000:.0f} ms")
            for message in messages:
                await channel.send(message)
                print("echo:", await channel.recv())


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("url", nargs="?", default="http://localhost:8080/signal")
    parser.add_argument("messages", nargs="*", default=["hello"])
    chosen = parser.parse_args()
    try:
        asyncio.run(main(chosen.url, chosen.messages))
    except ConnectionFailed as error:
        sys.exit(f"failed: {error}")
