"""Whole peers under bytes that say what happens to them, and the inputs that once found a bug."""

import os
from pathlib import Path
from random import Random

import pytest

from tests.fuzz.__main__ import fuzz, run
from tests.fuzz.association import association
from tests.fuzz.mutator import mutations, watchdog
from tests.fuzz.targets import PEERS, TARGETS, Target

RUNS = int(os.environ.get("FUZZ_RUNS", "20000")) // 1000
SEED = int(os.environ.get("FUZZ_SEED", "1"))
KNOWN = sorted((Path(__file__).parent.parent / "regress").glob("*.hex"))
each_target = pytest.mark.parametrize("target", PEERS, ids=lambda target: target.name)


def mutate(target: Target, runs: int, seed: int) -> None:
    source, data = mutations(target.seeds(), Random(seed)), b""
    with watchdog(lambda: f"{target.name}: {data.hex()}") as alive:
        for _ in range(runs):
            alive()
            data = next(source)
            try:
                run(target, data)
            except Exception as error:
                pytest.fail(f"{target.name} {error!r} on {data.hex()}")


@pytest.mark.interpreted
@each_target
def test_whatever_happens_to_a_peer_it_works_or_says_that_it_is_over(target: Target) -> None:
    """X-08, X-09, C-12: no undeclared exception, no hang, and bounded memory."""
    mutate(target, RUNS, SEED)


@pytest.mark.interpreted
@pytest.mark.slow
@each_target
def test_whatever_happens_to_a_peer_many_times(target: Target) -> None:
    """X-08, X-09: the same, with more seeds."""
    mutate(target, 25 * RUNS, SEED + 1)


@pytest.mark.interpreted
@pytest.mark.slow
@pytest.mark.parametrize("seed", range(SEED, SEED + 5))
def test_a_peer_that_knows_all_numbers_finds_nothing_in_twenty_thousand_steps(seed: int) -> None:
    """X-08, C-03 to C-24: no exception, and everything is counted as it is held."""
    random, steps, data = Random(seed), 0, b""
    with watchdog(lambda: f"association: {data.hex()}") as alive:
        while steps < 20_000:
            alive()
            data = random.randbytes(random.choice((100, 1000, 3000)))
            try:
                steps += association(data)
            except Exception as error:
                pytest.fail(f"association {error!r} on {data.hex()}")


@pytest.mark.interpreted
@pytest.mark.parametrize("file", KNOWN, ids=lambda file: file.stem)
def test_an_input_that_once_found_a_bug_finds_none(file: Path) -> None:
    """`target: hex` a line; what it was and when is in its comment."""
    targets = {each.name: each for each in [*TARGETS, *PEERS]}
    lines = file.read_text().splitlines()
    assert lines[0].startswith("# ")
    inputs = [line.split(": ") for line in lines if not line.startswith("#")]
    assert inputs
    for name, data in inputs:
        run(targets[name], bytes.fromhex(data))


def test_a_failure_is_printed_with_its_input(capsys: pytest.CaptureFixture[str]) -> None:
    def decode(data: bytes) -> None:
        raise KeyError(len(data))

    assert not fuzz(Target("broken", decode, lambda: [b"seed"]), 0.0, 10, 1)
    shown = capsys.readouterr().out
    assert shown.startswith("broken failed with KeyError")
    found = shown.split()[-1]
    assert len(bytes.fromhex(found)) == int(shown.split("KeyError(")[1].split(")")[0])


def test_as_many_inputs_as_wanted_are_tried(capsys: pytest.CaptureFixture[str]) -> None:
    inputs: list[bytes] = []
    assert fuzz(Target("fine", inputs.append, lambda: [b"seed"]), 0.0, 250, 1)
    assert len(inputs) == 250
    assert "250 inputs" in capsys.readouterr().out
