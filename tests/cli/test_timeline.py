"""Event logs as timelines."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webrtc.cli.timeline import timeline
from webrtc.errors import DecodeError


def shown(*records: dict[str, Any]) -> list[str]:
    return list(timeline("\n".join(json.dumps(each) for each in records).encode()))


def record(event: str, **facts: Any) -> dict[str, Any]:
    return {"time": 0.0125, "connection": "pc=1", "event": event} | facts


def words(event: str, **facts: Any) -> str:
    [line] = shown(record(event, **facts))
    before = f"     12.500 ms  pc=1  {event:21} "
    assert line.startswith(before.rstrip())
    return line[len(before) :]


def test_beginning_says_when() -> None:
    [line] = shown({"time": 0.0, "event": "log", "unix": 1.7e9, "library": "asyncio-webrtc 1"})
    assert line.startswith("log of asyncio-webrtc 1, begun 2023-11-1")
    for unix in (None, 1e300, "x"):
        [line] = shown({"time": 0.0, "event": "log", "unix": unix})
        assert line == "log of ?, begun at an unknown time"


@pytest.mark.parametrize(
    ("event", "facts", "expected"),
    [
        ("connection-state", {"state": "connected"}, "connected"),
        ("dtls-state", {"state": "failed", "error": "why"}, "failed: why"),
        (
            "pair",
            {"pair": "0:x", "local": "a", "remote": "b", "state": "succeeded", "nominated": True},
            "succeeded nominated  a → b",
        ),
        ("pair", {"pair": "0:x", "state": "dropped"}, "dropped  0:x"),
        ("selected-pair", {"pair": "0:x", "local": "a", "remote": "b"}, "a → b"),
        ("local-candidate", {"candidate": "candidate:1 1 udp"}, "candidate:1 1 udp"),
        ("remote-candidate", {"candidate": None}, "no more"),
        ("description", {"side": "local", "type": "offer", "sdp": "v=0\n"}, "local offer, 1 lines"),
        (
            "dtls",
            {"direction": "sent", "records": ["ClientHello", "x"], "bytes": 9},
            "→ ClientHello, x (9 bytes)",
        ),
        ("dtls", {"direction": "received", "records": [], "bytes": 9}, "←  (9 bytes)"),
        (
            "data-channel",
            {"state": "closed", "label": "x", "id": 3, "reason": "why"},
            "closed: why  x (id 3)",
        ),
        (
            "congestion",
            {
                "kind": "loss",
                "cwnd": 1000,
                "flight": 500,
                "srtt": 0.0401,
                "rto": 0.3,
                "retransmitted": 2,
            },
            "loss: window 1000, in flight 500, round trip 40.1 ms, timeout 300 ms, 2 sent again",
        ),
        ("something-new", {"a": 1, "b": "x"}, "a=1 b=x"),
        ("closed", {}, ""),
        ("dtls", {"unlike": "before"}, "unlike=before"),
    ],
)
def test_words(event: str, facts: dict[str, Any], expected: str) -> None:
    assert words(event, **facts) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "line 2 is not JSON: '{'"),
        ("[" * 100_000, "line 2 is not JSON"),
        ("[]", "line 2 is no record with a time"),
        ('{"event":"x"}', "line 2 is no record with a time"),
    ],
)
def test_damaged_line_is_named_after_those_before_it(text: str, message: str) -> None:
    lines = timeline(f"{json.dumps(record('closed'))}\n{text}".encode())
    assert next(lines)
    with pytest.raises(DecodeError, match=message):
        next(lines)


json_values = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=4,
)


@given(st.sampled_from(["dtls", "pair", "congestion", "data-channel", "log"]), json_values)
def test_any_record_can_be_shown(event: str, value: object) -> None:
    names = ("state", "label", "records", "direction", "bytes", "srtt", "sdp", "unix", "kind")
    [line] = shown(record(event, **dict.fromkeys(names, value)))
    assert line.startswith(("     12.500 ms", "log of"))
