"""An event log as a timeline: relative milliseconds, connection, event, what it says."""

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from webrtc.errors import DecodeError

Facts = dict[str, Any]
_COMMON = {"time", "connection", "event"}


def timeline(data: bytes) -> Iterator[str]:
    """The lines. Raises DecodeError for one that is no record, with its number."""
    for number, line in enumerate(data.decode(errors="replace").splitlines(), 1):
        if line.strip():
            yield _show(_record(line, number))


def _record(line: str, number: int) -> Facts:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        raise DecodeError(f"line {number} is not JSON: {line[:60]!r}") from None
    if not isinstance(record, dict) or not isinstance(record.get("time"), int | float):
        raise DecodeError(f"line {number} is no record with a time: {line[:60]!r}")
    return record


def _show(record: Facts) -> str:
    event = str(record.get("event", "?"))
    if event == "log":
        began = record.get("unix")
        when = _local(began) if isinstance(began, int | float) else "at an unknown time"
        return f"log of {_text(record.get('library', '?'))}, begun {when}"
    facts = {key: value for key, value in record.items() if key not in _COMMON}
    words = _WORDS.get(event, _plain)
    try:
        shown = words(facts)
    except (KeyError, TypeError, ValueError, AttributeError):  # another version's record
        shown = _plain(facts)
    time = f"{record['time'] * 1000:11.3f} ms"
    return f"{time}  {_text(record.get('connection', ''))}  {_text(event):21} {shown}".rstrip()


def _local(unix: float) -> str:
    try:
        return datetime.fromtimestamp(unix).astimezone().isoformat(" ", "milliseconds")
    except (OverflowError, OSError, ValueError):
        return "at an unknown time"


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _plain(facts: Facts) -> str:
    return " ".join(f"{_text(key)}={_text(value)}" for key, value in facts.items())


def _state(facts: Facts) -> str:
    reason = facts.get("error") or facts.get("reason")
    return _text(facts["state"]) + (f": {_text(reason)}" if reason else "")


def _pair(facts: Facts) -> str:
    way = f"{_text(facts['local'])} → {_text(facts['remote'])}" if "local" in facts else ""
    state = _text(facts.get("state", ""))
    nominated = " nominated" if facts.get("nominated") else ""
    return f"{state}{nominated}  {way or _text(facts['pair'])}".strip()


def _candidate(facts: Facts) -> str:
    return _text(facts["candidate"]) if facts["candidate"] else "no more"


def _description(facts: Facts) -> str:
    lines = facts["sdp"].count("\n")
    return f"{_text(facts['side'])} {_text(facts['type'])}, {lines} lines"


def _dtls(facts: Facts) -> str:
    arrow = "→" if facts["direction"] == "sent" else "←"
    return f"{arrow} {_text(', '.join(facts['records']))} ({facts['bytes']} bytes)"


def _channel(facts: Facts) -> str:
    return f"{_state(facts)}  {_text(facts['label'])} (id {_text(facts['id'])})"


def _congestion(facts: Facts) -> str:
    srtt = facts["srtt"]
    round_trip = "unknown" if srtt is None else f"{srtt * 1000:.1f} ms"
    return (
        f"{_text(facts['kind'])}: window {facts['cwnd']}, in flight {facts['flight']},"
        f" round trip {round_trip}, timeout {facts['rto'] * 1000:.0f} ms,"
        f" {facts['retransmitted']} sent again"
    )


_WORDS: dict[str, Callable[[Facts], str]] = {
    "signaling-state": _state,
    "ice-gathering-state": _state,
    "ice-connection-state": _state,
    "connection-state": _state,
    "dtls-state": _state,
    "sctp-state": _state,
    "sctp-association": _state,
    "pair": _pair,
    "selected-pair": _pair,
    "local-candidate": _candidate,
    "remote-candidate": _candidate,
    "description": _description,
    "dtls": _dtls,
    "data-channel": _channel,
    "congestion": _congestion,
}
