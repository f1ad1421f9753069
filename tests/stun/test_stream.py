import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.stun import vectors
from tests.stun.strategies import messages
from webrtc.errors import DecodeError
from webrtc.stun import Message
from webrtc.stun.stream import MessageStream

WHOLE = b"".join(vectors.ALL.values())


def drain(stream: MessageStream) -> list[bytes]:
    found = []
    while (message := stream.poll_read()) is not None:
        found.append(message)
    return found


@pytest.mark.parametrize("size", [1, 2, 3, 5, 19, 20, 21, 100, len(WHOLE)])
def test_messages_come_out_however_the_stream_is_cut(size: int) -> None:
    """STUN-35: chunked feed."""
    stream = MessageStream()
    found: list[bytes] = []
    for start in range(0, len(WHOLE), size):
        stream.handle_read(WHOLE[start : start + size])
        found += drain(stream)
    assert found == list(vectors.ALL.values())


@given(st.lists(messages, max_size=5), st.lists(st.integers(1, 400), min_size=1, max_size=50))
def test_round_trip(sent: list[Message], sizes: list[int]) -> None:
    """STUN-35, X-06."""
    data = b"".join(message.encode() for message in sent)
    stream = MessageStream(limit=65536)
    found: list[bytes] = []
    for size in [*sizes, len(data)]:
        stream.handle_read(data[:size])
        data = data[size:]
        found += drain(stream)
    assert [Message.decode(one) for one in found] == sent


@pytest.mark.parametrize("position", [0, 4, 5, 6, 7])
def test_what_is_not_stun_is_refused_at_its_first_wrong_byte(position: int) -> None:
    """STUN-35, T-22: a peer cannot make us wait for the rest."""
    data = bytearray(vectors.REQUEST[: position + 1])
    data[position] ^= 0x40
    stream = MessageStream()
    stream.handle_read(bytes(data[:-1]))
    assert stream.poll_read() is None
    stream.handle_read(bytes(data[-1:]))
    with pytest.raises(DecodeError):
        stream.poll_read()


@pytest.mark.parametrize("length", [1, 2, 3, 0xFFFF, 0xFFFC, 4080])
def test_length_is_bounded_and_aligned(length: int) -> None:
    """STUN-35, X-03: of a message longer than the limit nothing is kept."""
    stream = MessageStream(limit=4096)
    stream.handle_read(b"\0\1" + length.to_bytes(2, "big") + vectors.REQUEST[4:20])
    with pytest.raises(DecodeError):
        stream.poll_read()


def test_message_without_attributes() -> None:
    """X-03."""
    stream = MessageStream()
    stream.handle_read((b"\0\1\0\0" + vectors.REQUEST[4:20]) * 2)
    assert [len(one) for one in drain(stream)] == [20, 20]


@given(st.binary(max_size=80))
def test_garbage_raises_only_decode_error(data: bytes) -> None:
    """X-01."""
    stream = MessageStream()
    stream.handle_read(data)
    try:
        drain(stream)
    except DecodeError:
        pass
