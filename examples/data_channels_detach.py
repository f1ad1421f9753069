"""A data channel as a stream of bytes, for the side that creates it and the side that is given it.

    python examples/data_channels_detach.py --size 1000000

The server reads a request to its end and answers with its SHA-256. Expect the size, the hash, and
how the stream has ended.
"""

import argparse
import asyncio
import hashlib

from webrtc import RTCDataChannel, RTCPeerConnection


async def connect(left: RTCPeerConnection, right: RTCPeerConnection) -> None:
    left.on("icecandidate", right.add_ice_candidate)
    right.on("icecandidate", left.add_ice_candidate)
    await left.set_local_description()
    await right.set_remote_description(left.local_description or {})
    await right.set_local_description()
    await left.set_remote_description(right.local_description or {})


async def serve(channel: RTCDataChannel) -> None:
    """Given a channel: it is open in the `datachannel` handler, so it can be detached there."""
    stream = channel.detach()
    size = int.from_bytes(await stream.readexactly(8), "big")
    sha256 = hashlib.sha256()
    while size:
        data = await stream.read(min(size, 16384))
        sha256.update(data)
        size -= len(data)
    await stream.send(sha256.hexdigest())  # a message: it arrives whole, and as text
    stream.write_eof()


async def main(size: int) -> None:
    async with RTCPeerConnection() as client, RTCPeerConnection() as server:
        server.on("datachannel", serve)
        channel = client.create_data_channel("bytes")
        await connect(client, server)
        await channel.opened()  # before that there is nothing to detach
        async with channel.detach() as stream:
            await stream.write(size.to_bytes(8, "big"))
            await stream.write(bytes(size))  # in pieces of 64 KiB, with back-pressure
            print(f"sent {size} bytes, sha256 {await stream.recv()!s:.16}…")
            print("then:", await stream.read() or "the end")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=1_000_000, help="bytes to send")
    asyncio.run(main(parser.parse_args().size))
