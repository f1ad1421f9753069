"""Perfect negotiation: both sides run the same code, and may offer at the same time.

    python examples/perfect_negotiation.py

One side is polite: when two offers cross, it takes back its own. The other one ignores the offer it
gets. Expect a glare, which of them gave way, and messages over the channels of both.
"""

import argparse
import asyncio
from typing import Any

from webrtc import RTCDataChannel, RTCIceCandidate, RTCPeerConnection

Mailbox = asyncio.Queue[dict[str, Any]]


class Peer:
    """One side. `polite` is all that tells them apart."""

    def __init__(self, name: str, mailbox: Mailbox, other: Mailbox, *, polite: bool) -> None:
        self.name, self.mailbox, self.other, self.polite = name, mailbox, other, polite
        self.pc = RTCPeerConnection()
        self.describing = self.ignoring = False
        self.pc.on("negotiationneeded", self.describe)
        self.pc.on("icecandidate", self.trickle)
        self.pc.on("datachannel", self.read)

    def trickle(self, candidate: RTCIceCandidate | None) -> None:
        self.other.put_nowait({"candidate": candidate.to_json() if candidate else None})

    async def describe(self) -> None:
        self.describing = True
        await self.pc.set_local_description()  # makes the offer or answer that is due
        self.describing = False
        if self.pc.local_description is not None:
            self.other.put_nowait({"description": self.pc.local_description.to_json()})

    async def run(self) -> None:
        """Handle what comes from the other side, for ever."""
        while True:
            signal = await self.mailbox.get()
            if "description" in signal:
                await self.take(signal["description"])
            elif not self.ignoring:  # else the candidate belongs to an offer that was ignored
                await self.pc.add_ice_candidate(signal["candidate"])

    async def take(self, description: dict[str, Any]) -> None:
        busy = self.describing or self.pc.signaling_state != "stable"
        glare = description["type"] == "offer" and busy
        self.ignoring = glare and not self.polite
        if glare:
            print(f"{self.name}: glare, I {'give way' if self.polite else 'ignore the offer'}")
        if not self.ignoring:
            await self.pc.set_remote_description(description)  # takes back our own offer first
            if description["type"] == "offer":
                await self.describe()

    async def read(self, channel: RTCDataChannel) -> None:
        print(f"{self.name}: {channel.label!r} says {await channel.recv()!r}")
        await channel.send("thanks")


async def main() -> None:
    one, other = Mailbox(), Mailbox()
    ann, bob = Peer("Ann", one, other, polite=True), Peer("Bob", other, one, polite=False)
    async with ann.pc, bob.pc:
        tasks = [asyncio.create_task(peer.run()) for peer in (ann, bob)]
        for channel in [p.pc.create_data_channel(f"from {p.name}") for p in (ann, bob)]:
            await channel.opened()
            await channel.send("hello")
            print(await channel.recv())
        for task in tasks:
            task.cancel()


if __name__ == "__main__":
    argparse.ArgumentParser(description=__doc__.splitlines()[0]).parse_args()
    asyncio.run(main())
