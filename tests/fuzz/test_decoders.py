"""The parser contract, for every decoder: X-01 to X-05."""

import gc
import os
import time
import tracemalloc
from random import Random

import pytest

from tests.fuzz.mutator import mutations, truncations, watchdog
from tests.fuzz.targets import TARGETS, Target
from webrtc.errors import DecodeError

RUNS = int(os.environ.get("FUZZ_RUNS", "20000"))
SEED = int(os.environ.get("FUZZ_SEED", "1"))
each_target = pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)


def run(target: Target, inputs: list[bytes]) -> None:
    """Decode each input; anything but a result or a DecodeError fails with the input."""
    current = b""
    with watchdog(lambda: f"{target.name}: {current.hex()}") as alive:
        for number, current in enumerate(inputs):
            if number % 100 == 0:
                alive()
            try:
                target.decode(current)
            except DecodeError:
                continue
            except Exception as error:
                pytest.fail(f"{target.name} {error!r} on {current.hex()}")


@each_target
def test_mutated_input_gives_a_value_or_a_decode_error(target: Target) -> None:
    """X-01 and, through the watchdog, X-03: zero-length elements make progress."""
    source = mutations(target.seeds(), Random(SEED))
    run(target, [next(source) for _ in range(RUNS)])


@each_target
def test_every_truncation_gives_a_value_or_a_decode_error(target: Target) -> None:
    """X-02: from the empty input on."""
    seeds = sorted(target.seeds(), key=len)
    run(target, list(truncations(seeds[:3] + seeds[-1:])))


@each_target
def test_zero_filled_input_of_any_length_terminates(target: Target) -> None:
    """X-03: all lengths zero, all types zero."""
    run(target, [bytes([fill]) * length for fill in (0, 0xFF) for length in range(300)])


@each_target
def test_memory_is_in_proportion_to_the_input(target: Target) -> None:
    """X-05: at most 64 bytes for each byte of input, and 16 KiB."""
    source = mutations(target.seeds(), Random(SEED))
    inputs = [next(source) for _ in range(100)]
    for data in inputs:  # caches and interned paths are not the input's
        _decode(target, data)
    for data in inputs:
        tracemalloc.start()
        _decode(target, data)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak <= 64 * len(data) + 16 * 1024, data.hex()


@each_target
def test_time_grows_linearly_with_the_input(target: Target) -> None:
    """X-04: 16 times the input takes less than 60 times as long, by the best of several runs."""
    seed = max(target.seeds(), key=len)
    small, large = (seed * (size // len(seed) + 1) for size in (2048, 32768))
    gc.disable()
    try:
        ratio = min(_duration(target, large) / _duration(target, small) for _ in range(5))
    finally:
        gc.enable()
    assert ratio < 60


def _decode(target: Target, data: bytes) -> None:
    try:
        target.decode(data)
    except DecodeError:
        pass


def _duration(target: Target, data: bytes) -> float:
    started = time.perf_counter()
    for _ in range(5):
        _decode(target, data)
    return time.perf_counter() - started
