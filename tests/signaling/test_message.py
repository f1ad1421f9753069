"""What may come over the signalling WebSocket."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webrtc import RTCIceCandidate, RTCSessionDescription
from webrtc.errors import DecodeError
from webrtc.signaling.message import Failure, Trickle, decode

CANDIDATE = RTCIceCandidate("candidate:1 1 udp 2130706431 192.0.2.1 5000 typ host", "0", 0, "u")


@pytest.mark.parametrize(
    "message",
    [
        RTCSessionDescription("offer", "v=0\r\n"),
        RTCSessionDescription("answer", "v=0\r\n"),
        Trickle(CANDIDATE),
        Trickle(None),
        Failure("no"),
    ],
)
def test_message_survives_the_wire(message: RTCSessionDescription | Trickle | Failure) -> None:
    assert decode(json.dumps(message.to_json())) == message


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "null",
        "[]",
        '"offer"',
        "{}",
        '{"type": 1}',
        '{"type": "offer"}',
        '{"type": "offer", "sdp": null}',
        '{"type": "rollback", "sdp": ""}',
        '{"type": "candidate"}',
        '{"type": "candidate", "candidate": "candidate:1 …"}',
        '{"type": "candidate", "candidate": {"candidate": 5, "sdpMid": "0"}}',
        '{"type": "candidate", "candidate": {"candidate": "x"}}',
        '{"type": "candidate", "candidate": {"candidate": "x", "sdpMLineIndex": -1}}',
        '{"type": "error", "error": {}}',
        '{"type": "shutdown"}',
        "[" * 100_000,
        '{"a":' * 100_000,
    ],
    ids=lambda text: text[:40],
)
def test_wrong_message_is_a_decode_error(text: str) -> None:
    """W-08: malformed JSON, unknown type, nesting of 1e5."""
    with pytest.raises(DecodeError):
        decode(text)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["type", "sdp", "candidate", "sdpMid", "x"]), inner)
    ),
    max_leaves=8,
)


@given(json_values, st.sampled_from(["offer", "answer", "candidate", "error"]))
def test_any_json_is_a_message_or_a_decode_error(value: object, kind: str) -> None:
    for each in (value, {"type": kind, "sdp": value, "candidate": value, "error": value}):
        try:
            decode(json.dumps(each))
        except DecodeError:
            continue


@given(st.text(max_size=64))
def test_any_text_is_a_message_or_a_decode_error(text: str) -> None:
    with pytest.raises(DecodeError):
        decode(text)
