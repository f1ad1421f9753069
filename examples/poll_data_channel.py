"""Two players of a game whose frames must not wait: data channels without asyncio.

    python examples/poll_data_channel.py --frames 60

Each frame reads what is there and sends a position; a background thread does the rest. Expect how
many positions each player has seen, and how long the longest frame took.
"""

import argparse
import time

from webrtc.blocking import PeerConnection, PollDataChannel

FRAME = 1 / 60


class Player:
    """One end: its position, and where it believes the other one to be."""

    def __init__(self, channel: PollDataChannel) -> None:
        self.channel = channel
        self.position = self.other = self.seen = 0

    def frame(self) -> None:
        """Never waits: `read` gives what is there, `write` says when there is no room."""
        self.position += 1
        while self.channel.poll_read():
            message = self.channel.read()
            if message is not None:
                self.other = int(message)
                self.seen += 1
        if self.channel.ready:
            self.channel.write(str(self.position))


def connect(left: PeerConnection, right: PeerConnection) -> None:
    """Signalling, before the game begins: here calls may wait."""
    left.set_local_description()
    left.gathered(timeout=10)
    right.set_remote_description(left.local_description or {})
    right.set_local_description()
    right.gathered(timeout=10)
    left.set_remote_description(right.local_description or {})


def main(frames: int) -> None:
    with PeerConnection() as left, PeerConnection() as right:
        # A position that is late is worth nothing: neither repeated nor waited for.
        ours = left.create_data_channel("positions", ordered=False, max_retransmits=0)
        connect(left, right)
        ours.opened(timeout=10)
        theirs = right.accept_data_channel(timeout=10)
        players = [Player(PollDataChannel(channel)) for channel in (ours, theirs)]
        longest = 0.0
        for _ in range(frames):
            started = time.perf_counter()
            for player in players:
                player.frame()
            elapsed = time.perf_counter() - started
            longest = max(longest, elapsed)
            time.sleep(max(FRAME - elapsed, 0))
        for name, player in zip(("left", "right"), players, strict=True):
            print(f"{name}: saw {player.seen} positions, the last was {player.other}")
        print(f"longest frame: {longest * 1000:.1f} ms")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--frames", type=int, default=60)
    main(parser.parse_args().frames)
