"""`python -m tests.fuzz --seconds 60` or `--runs 1000000`: mutate, in turns over all targets."""

import argparse
import secrets
import sys
import time
from collections.abc import Iterator
from random import Random

from tests.fuzz.mutator import mutations, watchdog
from tests.fuzz.targets import PEERS, TARGETS, Target
from webrtc.errors import DecodeError

PEER_COST = 1000
"""Runs of a decoder that one run of a whole peer stands for."""


def main() -> int:
    """Fuzz; 1 when something failed."""
    parser = argparse.ArgumentParser(description="Fuzz every decoder and whole peers.")
    parser.add_argument("--seconds", type=float, default=60.0, help="how long, in all")
    parser.add_argument("--runs", type=int, default=0, help="inputs per decoder, instead")
    parser.add_argument("--seed", type=int, default=secrets.randbits(32))
    parser.add_argument("--target", action="append", help="only these", metavar="NAME")
    options = parser.parse_args()
    targets = [each for each in [*TARGETS, *PEERS] if each.name in (options.target or [each.name])]
    if not targets:
        parser.error("no such target")
    print(f"seed {options.seed}", flush=True)
    failed = 0
    for target in targets:
        limit = options.runs and max(1, options.runs // (PEER_COST if target in PEERS else 1))
        seconds = 0.0 if limit else options.seconds / len(targets)
        failed += not fuzz(target, seconds, limit, options.seed)
    return int(failed > 0)


def fuzz(target: Target, seconds: float, runs: int, seed: int) -> bool:
    """Run one target for some time or number of inputs; whether it took all of them."""
    source = mutations(target.seeds(), Random(seed))
    current, count = b"", 0
    batch = 1 if target in PEERS else 100
    try:
        with watchdog(lambda: f"{target.name}: {current.hex()}") as alive:
            for size in _batches(seconds, runs, batch):
                alive()
                for _ in range(size):
                    current = next(source)
                    count += 1
                    run(target, current)
    except Exception as error:
        print(f"{target.name} failed with {error!r} on {current.hex()}", flush=True)
        return False
    print(f"{target.name:20} {count:10} inputs", flush=True)
    return True


def run(target: Target, data: bytes) -> None:
    """One input. Raises what should not have been raised."""
    try:
        target.decode(data)
    except DecodeError:
        pass


def _batches(seconds: float, runs: int, batch: int) -> Iterator[int]:
    """Sizes of batches until the time is over or so many runs are done."""
    if seconds:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            yield batch
        return
    for start in range(0, runs, batch):
        yield min(batch, runs - start)


if __name__ == "__main__":
    sys.exit(main())
