"""The parser contract, for every decoder: X-01 to X-05."""

import os
import struct
import tracemalloc
from collections.abc import Callable
from random import Random

import pytest

from tests.fuzz.mutator import mutations, truncations, watchdog
from tests.fuzz.targets import TARGETS, Target
from tests.work import Data, work
from webrtc.errors import DecodeError
from webrtc.media.ogg_page import Page
from webrtc.media.private import opus_head
from webrtc.stun.registry import MAGIC_COOKIE

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


def _stun(count: int) -> bytes:
    """Optional attributes of no bytes."""
    attributes = b"\x80\xff\0\0" * (count // 16)
    return struct.pack("!HHI12x", 1, len(attributes), MAGIC_COOKIE) + attributes


def _whole_messages(count: int) -> bytes:
    """I-DATA chunks with a byte each. RFC 8260 §2.1."""
    chunks = [struct.pack("!BBHIHHIIB3x", 64, 3, 21, 9, 0, 0, n, 53, 1) for n in range(count)]
    return bytes(12) + b"".join(chunks)


def _pages(count: int) -> bytes:
    """A track of Opus with a packet on each page."""
    head = Page(2, 0, 1, 0, (opus_head(2, 0),)).encode()
    return head + b"".join([Page(0, 0, 1, n, (b"\xfc",)).encode() for n in range(count)])


IVF = struct.pack("<4sHH4sHHIIII", b"DKIF", 0, 32, b"VP80", 2, 2, 30, 1, 0, 0)
WAV = struct.pack("<4sIHHIIHH4sI", b"fmt ", 16, 1, 1, 8000, 16000, 2, 16, b"data", 2) + b"xx"
MANY: dict[str, Callable[[int], bytes]] = {
    "stun": _stun,
    "dtls-fragment": lambda count: (b"\1" + bytes(11)) * count,
    "sctp-packet": lambda count: bytes(12) + b"\xbf\0\0\4" * count,
    "sctp-init": lambda count: b"\1\1\1\1" * 4 + b"\xc0\0\0\4" * (count // 16),
    "sctp-sack": lambda count: struct.pack("!IIHH", 1, 1, count, 0) + b"\0\2\0\2" * count,
    "sctp-abort": lambda count: b"\0\7\0\4" * count,
    "sctp-forward-tsn": lambda count: bytes(4 + 4 * count),
    "sctp-i-forward-tsn": lambda count: bytes(4 + 8 * count),
    "sctp-interleaved": _whole_messages,
    "sctp-parameters": lambda count: b"\xc0\0\0\4" * (count // 16),
    "sctp-causes": lambda count: b"\0\7\0\4" * count,
    "sctp-reconfig": lambda count: (
        struct.pack("!HHIII", 13, 16 + 2 * count, 1, 1, 1) + bytes(2 * count)
    ),
    "dcep": lambda count: struct.pack("!BBHIHH", 3, 0, 0, 0, count, 0) + b"x" * count,
    "file-ivf": lambda count: IVF + b"\1" + bytes(11) + (b"\x30\1" + bytes(11)) * count,
    "file-ogg": _pages,
    "file-wav": lambda count: b"RIFF    WAVE" + bytes(8) * count + WAV,
    "file-h264": lambda count: b"\0\0\1\x41\x9a" * count,
    "file-h265": lambda count: b"\0\0\1\2\1\xd0" * count,
    "h264": lambda count: (1 + 4 * count).to_bytes(2, "big") + b"\x78" + b"\0\2\6\5" * count,
    "h265": lambda count: (2 + 4 * count).to_bytes(2, "big") + b"\x60\1" + b"\0\2\x4e\1" * count,
    "h265-don": lambda count: (
        (8 + 5 * count).to_bytes(2, "big")
        + bytes.fromhex("6001 0000 0002 4e01")
        + b"\0\0\2\x4e\1" * count
    ),
    "red": lambda count: b"\x87\0\0\0" * count + b"\5x",
    "vp9-descriptor": lambda count: b"\x0a\x08" + bytes([count // 8]) + b"\x0c\1\2\3" * count,
    "av1": lambda count: (1 + 3 * count).to_bytes(2, "big") + b"\0" + b"\2(m" * count,
}
"""Valid input with many parts, for those who stop early in a seed that is repeated."""


@each_target
def test_work_grows_linearly_with_the_input(target: Target) -> None:
    """X-04: four times the input is at most four times the work, and some."""
    if target.name in MANY:
        small, large = (Data(MANY[target.name](count)) for count in (256, 1024))
        target.decode(large)
    else:
        seed = max(target.seeds(), key=len)
        small = Data(seed * (2048 // len(seed) + 1))
        large = Data(small * 4)
        _decode(target, large)  # caches
    spent = work(lambda: _decode(target, small))
    assert work(lambda: _decode(target, large)) <= 4.5 * spent


def _decode(target: Target, data: bytes) -> None:
    try:
        target.decode(data)
    except DecodeError:
        pass
