"""The server creates the channels; the client only takes what it is given.

    python examples/data_channels_create.py --news 3

The server makes the offer, for which it needs one channel, and opens more whenever it likes,
without another negotiation. Expect the client to print the label of each channel and what came.
"""

import argparse
import asyncio

from webrtc import RTCDataChannel, RTCPeerConnection


async def offer(server: RTCPeerConnection, client: RTCPeerConnection) -> None:
    """Connect: what signalling does for distant peers."""
    server.on("icecandidate", client.add_ice_candidate)
    client.on("icecandidate", server.add_ice_candidate)
    await server.set_local_description()
    await client.set_remote_description(server.local_description or {})
    await client.set_local_description()
    await server.set_remote_description(client.local_description or {})


async def main(news: int) -> None:
    async with RTCPeerConnection() as server, RTCPeerConnection() as client:
        done = asyncio.Event()

        @client.on("datachannel")
        async def take(channel: RTCDataChannel) -> None:
            async for message in channel:
                print(f"client: {channel.label!r} says {message!r}", flush=True)
            if channel.label == "control":
                done.set()

        control = server.create_data_channel("control")
        await offer(server, client)
        await control.opened()
        for number in range(news):
            # `send` may follow at once: the message comes right behind the announcement.
            await control.send(f"channel {number} comes")
            channel = server.create_data_channel(f"news {number}", protocol="text")
            await channel.opened()
            await channel.send("something has happened")
            channel.close()
            await channel.closed()
        control.close()
        await done.wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--news", type=int, default=3, help="how many channels to open")
    asyncio.run(main(parser.parse_args().news))
