"""What a connection counts, while it sends: two peers in one process.

    python examples/stats.py --seconds 3 [--dump dump.txt] [--events events.jsonl]

Expect a line a second with the data rate, the round trip and the congestion window, then the whole
report. Viewers of chrome://webrtc-internals open the dump, `webrtc dump` prints the events.
"""

import argparse
import asyncio
import contextlib
import json

from webrtc import RTCDataChannel, RTCPeerConnection, RTCStatsReport, SettingEngine
from webrtc.aio import InternalsDump
from webrtc.peer.report import RTCSctpTransportStats


async def connect(left: RTCPeerConnection, right: RTCPeerConnection) -> None:
    """Do what signalling does for distant peers: exchange offer, answer and candidates."""
    left.on("icecandidate", right.add_ice_candidate)
    right.on("icecandidate", left.add_ice_candidate)
    await left.set_local_description()
    await right.set_remote_description(left.local_description or {})
    await right.set_local_description()
    await left.set_remote_description(right.local_description or {})


async def flood(channel: RTCDataChannel) -> None:
    while True:
        await channel.send(bytes(16384))


def show(before: RTCStatsReport, after: RTCStatsReport) -> None:
    """Print what has happened between two reports."""
    old, new = before.selected_pair, after.selected_pair
    [sctp] = after.of(RTCSctpTransportStats)
    if old is not None and new is not None:
        seconds = (new.timestamp - old.timestamp) / 1000
        rate = (new.bytes_sent - old.bytes_sent) / seconds / 1e6
        round_trip = (sctp.smoothed_round_trip_time or 0) * 1000
        print(
            f"{rate:6.1f} MB/s sent, round trip {round_trip:.1f} ms,"
            f" window {sctp.congestion_window // 1000} kB"
        )


async def main(seconds: int, dump: str | None, events: str | None) -> None:
    settings = SettingEngine(event_log=events)
    async with RTCPeerConnection(settings=settings) as one, RTCPeerConnection() as other:
        other.on("datachannel", lambda channel: channel.on("message", lambda _: None))
        channel = one.create_data_channel("flood")
        async with InternalsDump(one, other) as recording:
            await connect(one, other)
            await channel.opened()
            sending = asyncio.create_task(flood(channel))
            before: RTCStatsReport | None = None
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds + 0.5):
                    async for report in one.stats(every=1.0):
                        if before is not None:
                            show(before, report)
                        before = report
            sending.cancel()
            print(json.dumps((await one.get_stats()).to_json(), indent=2))
            if dump is not None:
                recording.save(dump)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="statistics of a connection that sends")
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--dump", help="file for a dump as of chrome://webrtc-internals")
    parser.add_argument("--events", help="file for an event log")
    chosen = parser.parse_args()
    asyncio.run(main(chosen.seconds, chosen.dump, chosen.events))
