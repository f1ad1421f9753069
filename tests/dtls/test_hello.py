"""Extensions of the hello messages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webrtc.dtls.hello import CLIENT_HELLO, SERVER_HELLO, extensions
from webrtc.errors import DecodeError

RANDOM = bytes(32)
CLIENT = b"\xfe\xfd" + RANDOM + b"\x00" + b"\x02ab" + b"\x00\x02\xc0\x2b" + b"\x01\x00"
SERVER = b"\xfe\xfd" + RANDOM + b"\x00" + b"\xc0\x2b" + b"\x00"
BLOCK = b"\x00\x0b" + b"\x00\x17\x00\x00" + b"\x00\x0e\x00\x03abc"

each_hello = pytest.mark.parametrize(
    ("type_", "hello"), [(CLIENT_HELLO, CLIENT), (SERVER_HELLO, SERVER)], ids=["client", "server"]
)


@each_hello
def test_finds_the_extensions(type_: int, hello: bytes) -> None:
    """DTLSCFG-10: extended master secret is number 23."""
    assert extensions(type_, hello + BLOCK) == {23, 14}
    assert extensions(type_, hello) == set()


@each_hello
def test_every_truncation_is_refused(type_: int, hello: bytes) -> None:
    """X-02: a hello that ends before its extensions is one without."""
    whole = hello + BLOCK
    for size in set(range(len(whole))) - {len(hello)}:
        with pytest.raises(DecodeError):
            extensions(type_, whole[:size])
    with pytest.raises(DecodeError):
        extensions(type_, whole + b"\x00")


@given(st.sampled_from([CLIENT_HELLO, SERVER_HELLO]), st.binary(max_size=200))
def test_garbage_raises_only_decode_error(type_: int, body: bytes) -> None:
    """X-01."""
    try:
        extensions(type_, body)
    except DecodeError:
        pass
