"""`python -m tests.fuzz --seconds 60`: mutate for as long as wanted, in turns over all targets."""

import argparse
import secrets
import time
from random import Random

from tests.fuzz.mutator import mutations, watchdog
from tests.fuzz.targets import TARGETS, Target
from webrtc.errors import DecodeError


def main() -> None:
    parser = argparse.ArgumentParser(description="Fuzz every decoder.")
    parser.add_argument("--seconds", type=float, default=60.0, help="how long, in all")
    parser.add_argument("--seed", type=int, default=secrets.randbits(32))
    options = parser.parse_args()
    print(f"seed {options.seed}")
    share = options.seconds / len(TARGETS)
    for target in TARGETS:
        print(f"{target.name:20} {fuzz(target, share, options.seed):10} inputs")


def fuzz(target: Target, seconds: float, seed: int) -> int:
    """Run one target; an undeclared error propagates with the input printed."""
    source = mutations(target.seeds(), Random(seed))
    end = time.monotonic() + seconds
    current, count = b"", 0
    with watchdog(lambda: f"{target.name}: {current.hex()}") as alive:
        while time.monotonic() < end:
            alive()
            for _ in range(100):
                current = next(source)
                count += 1
                try:
                    target.decode(current)
                except DecodeError:
                    continue
                except BaseException:
                    print(f"{target.name} failed on {current.hex()}")
                    raise
    return count


if __name__ == "__main__":
    main()
