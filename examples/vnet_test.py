"""How to test your own application on a bad network, without sockets and without waiting.

    python examples/vnet_test.py --seeds 5        # or: pytest examples/vnet_test.py

`upload` and `receive` stand for your application. Expect one line per seed: how long the upload
took on the simulated network, and how long the test took. A failing seed leaves `upload.pcapng`
for Wireshark.
"""

import argparse
import asyncio
import hashlib
import time

from webrtc import RTCDataChannel, RTCPeerConnection
from webrtc.vnet import Link, Nat, Network, VirtualTimeLoop

FILE = bytes(range(256)) * 1024
SEEDS = 3


async def upload(channel: RTCDataChannel, data: bytes) -> str:
    """The application: send a file in pieces, get its hash."""
    for start in range(0, len(data), 16384):
        await channel.send(data[start : start + 16384])
    await channel.send("end")
    return str(await channel.recv())


async def receive(channel: RTCDataChannel) -> None:
    """The other end of the application."""
    sha256 = hashlib.sha256()
    async for piece in channel:
        if isinstance(piece, bytes):
            sha256.update(piece)
        else:
            await channel.send(sha256.hexdigest())


async def uploaded(seed: int) -> float:
    """Upload from behind a home router over a link that loses 5 %. Seconds on that network."""
    network = Network(seed=seed)
    lossy = Link(delay=0.03, jitter=0.01, loss=0.05, rate=20e6)
    home = network.router("home", "192.168.1.0/24", nat=Nat("203.0.113.1"), outbound=lossy)
    client = network.host("client", router=home)
    server = network.host("server", "198.51.100.1")
    with network.capture("upload.pcapng", on_failure=True):
        async with (
            RTCPeerConnection(network=client) as one,
            RTCPeerConnection(network=server) as other,
        ):
            other.on("datachannel", receive)
            channel = one.create_data_channel("upload")
            await one.set_local_description()
            await one.gathered()  # no trickle here: the offer holds every candidate
            await other.set_remote_description(one.local_description or {})
            await other.set_local_description()
            await other.gathered()
            await one.set_remote_description(other.local_description or {})
            await channel.opened()
            started = network.now
            assert await upload(channel, FILE) == hashlib.sha256(FILE).hexdigest()
            return network.now - started


def test_upload_survives_loss() -> None:
    for seed in range(SEEDS):
        started = time.perf_counter()
        with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
            simulated = runner.run(uploaded(seed))
        real = time.perf_counter() - started
        print(f"seed {seed}: {simulated:.2f} s on the network, {real:.2f} s here")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=SEEDS, help="how many random networks")
    SEEDS = parser.parse_args().seeds
    test_upload_survives_loss()
