"""A process that answers one offer and echoes messages; "block 2.0" makes it block its loop."""

import asyncio
import json
import sys
import time

from webrtc import RTCDataChannel, RTCPeerConnection, SettingEngine


def echo(channel: RTCDataChannel, message: str | bytes) -> None:
    """Send back, or stand still."""
    if isinstance(message, str) and message.startswith("block "):
        time.sleep(float(message.removeprefix("block ")))
    channel.send(message)


async def main() -> None:
    """Offer in on stdin, answer out on stdout; then until killed."""
    async with RTCPeerConnection(settings=SettingEngine(bind_addresses=("127.0.0.1",))) as pc:
        pc.on(
            "datachannel",
            lambda channel: channel.on("message", lambda message: echo(channel, message)),
        )
        await pc.set_remote_description(json.loads(sys.stdin.readline()))
        await pc.set_local_description()
        await pc.gathered()
        assert pc.local_description is not None
        sys.stdout.write(json.dumps(pc.local_description.to_json()) + "\n")
        sys.stdout.flush()
        await asyncio.sleep(600)


if __name__ == "__main__":
    asyncio.run(main())
