"""Memory of the running process."""

import sys
from pathlib import Path

import pytest

from webrtc.cli import memory
from webrtc.cli.memory import resident


def test_memory_grows_with_what_is_kept() -> None:
    before = resident()
    assert before is not None
    assert before > 2**20
    kept = bytearray(b"x") * (64 * 2**20)
    after = resident()
    assert after is not None
    assert len(kept) == 64 * 2**20
    assert after >= before
    assert after > 48 * 2**20


def test_peak_is_told_where_the_present_cannot_be(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(memory, "_STATM", tmp_path / "missing")
    peak = resident()
    assert peak is not None
    assert peak > 2**20
    monkeypatch.setitem(sys.modules, "resource", None)
    assert resident() is None
