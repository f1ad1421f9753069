"""SACKs that come together."""

import pytest

from tests.sctp.support import sack
from webrtc.errors import DecodeError
from webrtc.sctp.chunks import Sack
from webrtc.sctp.sack import NewestSack, decode_head


def test_the_blocks_of_what_is_kept() -> None:
    value = Sack(7, 1000, ((2, 3), (5, 5)), (1, 2)).encode()[4:]
    assert decode_head(value) == (7, 1000, 2, 2)
    newest = NewestSack()
    assert not newest.waits
    newest.value, newest.gaps = value, 2
    assert list(newest.blocks()) == [(2, 3), (5, 5)]


@pytest.mark.parametrize("value", [b"", sack(1)[4:15], sack(1)[4:] + b"\0\0\0\0"])
def test_a_length_that_does_not_fit_is_an_error(value: bytes) -> None:
    with pytest.raises(DecodeError):
        decode_head(value)
