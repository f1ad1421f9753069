import pytest
from hypothesis import given
from hypothesis import strategies as st

from webrtc.errors import DecodeError
from webrtc.rtcp.header import Part, join, split


def test_packets_of_a_compound_come_in_order() -> None:
    """RTCP-01, RTCP-04."""
    data = join(200, 1, b"abcd") + join(202, 0, b"") + join(206, 15, b"efghijkl")
    assert list(split(data)) == [
        Part(200, 1, b"abcd"),
        Part(202, 0, b""),
        Part(206, 15, b"efghijkl"),
    ]


def test_padding_is_left_out_wherever_it_is() -> None:
    """libwebrtc pads transport feedback by less than 4 bytes, and not only as the last packet."""
    data = bytes.fromhex("a0c90002 00000001 00000004 afcd0001 aa000003")
    assert list(split(data)) == [Part(201, 0, b"\0\0\0\1"), Part(205, 15, b"\xaa")]


@pytest.mark.parametrize(
    "data",
    [
        "80",
        "80c900",
        "80c90001",
        "80c9ffff00000000",
        "00c90000",
        "40c90000",
        "c0c90000",
        "80c90000ff",
        "a0c90000",
        "a0c9000100000000",
        "a0c9000100000008",
    ],
)
def test_what_is_not_whole_is_an_error(data: str) -> None:
    """P-12."""
    with pytest.raises(DecodeError):
        list(split(bytes.fromhex(data)))


@given(st.binary(max_size=100))
def test_garbage_raises_only_decode_error(data: bytes) -> None:
    try:
        parts = list(split(data))
    except DecodeError:
        return
    assert sum(len(part.body) + 4 for part in parts) <= len(data)


@pytest.mark.parametrize(("items", "body"), [(32, b""), (-1, b""), (0, b"abc")])
def test_what_does_not_fit_is_refused(items: int, body: bytes) -> None:
    with pytest.raises(ValueError, match="RTCP packet 200"):
        join(200, items, body)
