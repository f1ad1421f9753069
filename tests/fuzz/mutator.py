"""Deterministic mutation of seed inputs, and a watchdog that turns a hang into a failure."""

import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from random import Random
from types import FrameType

from tests.support import PATIENCE

INTERESTING_BYTES = (0x00, 0x01, 0x7F, 0x80, 0xFF)


def mutations(seeds: Sequence[bytes], random: Random) -> Iterator[bytes]:
    """Endless inputs, each one to four mutations away from a seed."""
    while True:
        yield mutate(random.choice(seeds), random, seeds)


def mutate(seed: bytes, random: Random, seeds: Sequence[bytes]) -> bytes:
    """One to four mutations away from `seed`."""
    data = bytearray(seed)
    for _ in range(random.choice((1, 1, 1, 2, 4))):
        random.choice(_MUTATORS)(data, random, seeds)
    return bytes(data)


def truncations(seeds: Sequence[bytes]) -> Iterator[bytes]:
    """Every seed cut at every length, the empty input included."""
    for seed in seeds:
        for length in range(len(seed)):
            yield seed[:length]


@contextmanager
def watchdog(
    describe: Callable[[], str], seconds: float = PATIENCE
) -> Iterator[Callable[[], None]]:
    """Fail with what `describe` says when the returned function is not called for `seconds`."""

    def expired(_signal: int, _frame: FrameType | None) -> None:
        raise AssertionError(f"no progress for {seconds} s: {describe()}")

    def alive() -> None:
        signal.setitimer(signal.ITIMER_REAL, seconds)

    previous = signal.signal(signal.SIGALRM, expired)
    alive()
    try:
        yield alive
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)


def _position(data: bytearray, random: Random) -> int:
    return random.randrange(len(data)) if data else 0


def _flip(data: bytearray, random: Random, _: Sequence[bytes]) -> None:
    if data:
        data[_position(data, random)] ^= 1 << random.randrange(8)


def _set(data: bytearray, random: Random, _: Sequence[bytes]) -> None:
    if data:
        data[_position(data, random)] = random.choice(INTERESTING_BYTES)


def _truncate(data: bytearray, random: Random, _: Sequence[bytes]) -> None:
    del data[_position(data, random) :]


def _insert(data: bytearray, random: Random, _: Sequence[bytes]) -> None:
    at = _position(data, random)
    data[at:at] = random.randbytes(random.choice((1, 2, 4, 16)))


def _delete(data: bytearray, random: Random, _: Sequence[bytes]) -> None:
    at = _position(data, random)
    del data[at : at + random.choice((1, 2, 4, 16))]


def _splice(data: bytearray, random: Random, seeds: Sequence[bytes]) -> None:
    other = random.choice(seeds)
    start = random.randrange(len(other) + 1)
    data[_position(data, random) :] = other[start:]


def _length_field(data: bytearray, random: Random, _: Sequence[bytes]) -> None:
    if len(data) < 2:
        return
    at = random.randrange(len(data) - 1)
    value = int.from_bytes(data[at : at + 2], "big")
    value = random.choice((0, 1, 3, 4, value - 1, value + 1, 0x7FFF, 0xFFFF)) & 0xFFFF
    data[at : at + 2] = value.to_bytes(2, "big")


_MUTATORS = (_flip, _set, _truncate, _insert, _delete, _splice, _length_field)
