"""Control chunks."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sctp.test_parameters import parameters
from webrtc.errors import DecodeError
from webrtc.sctp.causes import Cause, decode_causes
from webrtc.sctp.chunks import (
    Abort,
    ChunkType,
    ForwardTsn,
    IForwardTsn,
    Init,
    Sack,
    decode_shutdown,
    encode_error,
    encode_shutdown,
    encode_shutdown_complete,
)

u16, u32 = st.integers(0, 0xFFFF), st.integers(0, 0xFFFFFFFF)
pairs = st.lists(st.tuples(u16, u16), max_size=50).map(tuple)


def value(chunk: bytes) -> bytes:
    """What is behind the header, without padding."""
    return chunk[4 : int.from_bytes(chunk[2:4], "big")]


@given(
    st.builds(Init, u32, u32, u16, u16, u32, st.lists(parameters, max_size=8).map(tuple)),
    st.sampled_from([ChunkType.INIT, ChunkType.INIT_ACK]),
)
def test_init_round_trip(init: Init, kind: ChunkType) -> None:
    """X-06."""
    chunk = init.encode(kind)
    assert chunk[0] == kind
    assert len(chunk) % 4 == 0
    assert Init.decode(value(chunk)) == init


@given(st.builds(Sack, u32, u32, pairs, st.lists(u32, max_size=20).map(tuple)))
def test_sack_round_trip(sack: Sack) -> None:
    """X-06."""
    assert Sack.decode(value(sack.encode())) == sack


@given(st.builds(ForwardTsn, u32, pairs))
def test_forward_tsn_round_trip(chunk: ForwardTsn) -> None:
    """X-06."""
    assert ForwardTsn.decode(value(chunk.encode())) == chunk


@given(st.builds(IForwardTsn, u32, st.lists(st.tuples(u16, st.booleans(), u32)).map(tuple)))
def test_i_forward_tsn_round_trip(chunk: IForwardTsn) -> None:
    """X-06."""
    assert IForwardTsn.decode(value(chunk.encode())) == chunk


def test_layout_of_i_forward_tsn() -> None:
    """RFC 8260 §2.3.1."""
    chunk = IForwardTsn(0x01020304, ((5, False, 6), (0x0708, True, 0x090A0B0C)))
    assert chunk.encode() == bytes.fromhex(
        "c2000018 01020304 0005 0000 00000006 0708 0001 090a0b0c"
    )


@pytest.mark.parametrize("size", [0, 3, 5, 8, 11, 16])
def test_i_forward_tsn_of_a_length_that_cannot_be(size: int) -> None:
    """C-16."""
    with pytest.raises(DecodeError):
        IForwardTsn.decode(bytes(size))


@given(st.builds(Abort, st.lists(parameters, max_size=8).map(tuple), st.booleans()))
def test_abort_round_trip(abort: Abort) -> None:
    """X-06."""
    chunk = abort.encode()
    assert Abort.decode(chunk[1], value(chunk)) == abort


@given(u32)
def test_shutdown_round_trip(tsn: int) -> None:
    """X-06."""
    assert decode_shutdown(value(encode_shutdown(tsn))) == tsn


def test_error_and_shutdown_complete() -> None:
    cause = Cause(3, b"\0\0\0\1")
    assert decode_causes(value(encode_error((cause,)))) == (cause,)
    assert encode_shutdown_complete() == b"\x0e\0\0\4"
    assert encode_shutdown_complete(tag_reflected=True) == b"\x0e\1\0\4"


@pytest.mark.parametrize(
    "decode",
    [
        Init.decode,
        Sack.decode,
        ForwardTsn.decode,
        IForwardTsn.decode,
        decode_shutdown,
        decode_causes,
    ],
    ids=["INIT", "SACK", "FORWARD-TSN", "I-FORWARD-TSN", "SHUTDOWN", "ERROR"],
)
@given(data=st.binary(max_size=80))
def test_garbage_raises_only_decode_error(decode: Callable[[bytes], object], data: bytes) -> None:
    """X-01, X-02."""
    try:
        decode(data)
    except DecodeError:
        pass


def test_sack_with_more_entries_than_bytes() -> None:
    """C-14, X-05: counts from the wire allocate nothing."""
    with pytest.raises(DecodeError):
        Sack.decode(bytes(8) + b"\xff\xff\xff\xff" + bytes(8))
