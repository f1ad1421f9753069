"""The messages of a file transfer: round trips, and what a hostile peer may send instead."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webrtc.errors import DecodeError
from webrtc.transfer.wire import (
    MAX_REASON,
    MAX_SIZE,
    MAX_TEXT,
    Done,
    End,
    Failure,
    File,
    Have,
    Message,
    Proof,
    Refused,
    Start,
    decode,
    encode,
)

HASH = "0123456789abcdef" * 4
amounts = st.integers(0, MAX_SIZE)
hashes = st.binary(min_size=32, max_size=32).map(bytes.hex)
messages = st.one_of(
    st.builds(File, st.text(max_size=200), amounts),
    st.builds(Have, amounts, hashes),
    st.builds(Start, amounts),
    st.builds(End, hashes),
    st.builds(Done),
    st.builds(Failure, st.text("ab c-é", max_size=MAX_REASON)),
    st.builds(Proof, hashes),
    st.builds(Refused, amounts),
)


@given(messages)
def test_message_survives_the_wire(message: Message) -> None:
    assert decode(encode(message)) == message


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        '"done"',
        '{"type": "shutdown"}',
        '{"type": ["done"]}',
        '{"type": "file", "name": "a"}',
        '{"type": "file", "name": 5, "size": 1}',
        '{"type": "file", "name": "a", "size": -1}',
        '{"type": "file", "name": "a", "size": true}',
        '{"type": "file", "name": "a", "size": 1.5}',
        '{"type": "file", "name": "a", "size": 1e400}',
        f'{{"type": "file", "name": "a", "size": {MAX_SIZE + 1}}}',
        f'{{"type": "start", "offset": {"9" * 4000}}}',
        f'{{"type": "have", "size": 1, "sha256": "{HASH[1:]}"}}',
        f'{{"type": "end", "sha256": "{HASH.upper()}"}}',
        '{"type": "proof", "mac": ""}',
        '{"type": "failure"}',
        "[" * MAX_TEXT,
        '{"a":' * 800,
        " " * MAX_TEXT + "{}",
    ],
    ids=lambda text: text[:40],
)
def test_wrong_message_is_a_decode_error(text: str) -> None:
    """W-08: malformed JSON, unknown type, wrong amounts, deep nesting, too long."""
    with pytest.raises(DecodeError):
        decode(text)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)
kinds = st.sampled_from(["file", "have", "start", "end", "done", "failure", "proof", "refused"])


@given(json_values, kinds)
def test_any_json_is_a_message_or_a_decode_error(value: object, kind: str) -> None:
    members = ("name", "size", "offset", "sha256", "reason", "mac", "tries")
    for each in (value, {"type": kind} | dict.fromkeys(members, value)):
        try:
            decode(json.dumps(each))
        except DecodeError:
            continue


def test_reason_of_a_peer_cannot_act_on_the_terminal_and_is_short() -> None:
    reason = "\x1b]0;owned\x07\n\u202e" + "x" * 1000
    message = decode(json.dumps({"type": "failure", "reason": reason}))
    assert isinstance(message, Failure)
    assert message.reason.isprintable()
    assert len(message.reason) == MAX_REASON
