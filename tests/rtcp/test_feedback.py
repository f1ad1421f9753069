import pytest

from webrtc.errors import DecodeError
from webrtc.rtcp.feedback import split

BODY = bytes.fromhex("0000000100000002")


def test_sender_and_source_come_first() -> None:
    assert split("test", BODY) == (1, 2, b"")
    assert split("test", BODY + b"abcdefgh", 4) == (1, 2, b"abcdefgh")


@pytest.mark.parametrize(
    ("body", "unit", "least"),
    [(b"", 0, 0), (BODY[:7], 0, 0), (BODY + b"abcd", 0, 0), (BODY + b"abcd", 8, 0), (BODY, 4, 4)],
)
def test_another_length_is_an_error(body: bytes, unit: int, least: int) -> None:
    with pytest.raises(DecodeError, match=f"test body of {len(body)} bytes"):
        split("test", body, unit, least=least)
