import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.video import frames
from webrtc.errors import DecodeError
from webrtc.rtp.payload import obu

SEQUENCE = next(unit for unit in obu.split(frames("av1")[0]) if obu.unit_type(unit) == 1)


@given(st.integers(0, 2**32))
def test_sizes_survive(value: int) -> None:
    encoded = obu.encode_size(value)
    assert obu.decode_size(b"x" + encoded + b"\xff", 1) == (value, 1 + len(encoded))


def test_sizes_as_the_specification_has_them() -> None:
    """§4.10.5; longer forms than needed are allowed."""
    assert obu.encode_size(300) == b"\xac\x02"
    assert obu.decode_size(b"\x80\x80\x00", 0) == (0, 3)


@pytest.mark.parametrize("data", [b"", b"\x80", b"\xff" * 9])
def test_a_size_without_end(data: bytes) -> None:
    with pytest.raises(DecodeError):
        obu.decode_size(data, 0)


units = st.lists(
    st.builds(
        lambda kind, extension, body: (
            (bytes((kind << 3 | 4, extension)) if extension is not None else bytes((kind << 3,)))
            + body
        ),
        st.integers(0, 15),
        st.none() | st.integers(0, 255),
        st.binary(max_size=200),
    ),
    min_size=1,
)


@given(units)
def test_units_survive_with_sizes(units: list[bytes]) -> None:
    assert list(obu.split(b"".join([obu.with_size(unit) for unit in units]))) == units


@given(units)
def test_the_last_unit_needs_no_size(units: list[bytes]) -> None:
    data = b"".join([*[obu.with_size(unit) for unit in units[:-1]], units[-1]])
    assert list(obu.split(data)) == units


@pytest.mark.parametrize("data", ["80", "0a05aa", "16", "0e00", "0a"])
def test_units_that_do_not_fit_are_errors(data: str) -> None:
    with pytest.raises(DecodeError):
        list(obu.split(bytes.fromhex(data)))


def test_layers_stand_in_the_extension_header() -> None:
    assert obu.layers(b"\x34\x48") == (2, 1)
    assert obu.layers(b"\x30\x48") is None
    assert obu.layers(b"\x34") is None


@pytest.mark.parametrize(
    ("frame", "key"),
    [(b"\x30\x10", True), (b"\x18\x00", True), (b"\x30\x30", False), (b"\x30\x90", False)],
    ids=["key", "key, header alone", "inter", "shown again"],
)
def test_a_key_frame_has_a_sequence_header_and_the_frame_says_so(frame: bytes, key: bool) -> None:
    """§5.9.2."""
    assert obu.is_keyframe([SEQUENCE, frame]) is key
    assert not obu.is_keyframe([frame])
    assert not obu.is_keyframe([SEQUENCE])
    assert not obu.is_keyframe([SEQUENCE, b"\x30"])


def test_a_still_picture_with_the_short_header_is_a_key_frame() -> None:
    assert obu.is_keyframe([b"\x08\x18", b"\x30\xff"])


def sequence(*digits: str) -> bytes:
    written = "".join(digits)
    written += "0" * (-len(written) % 8)
    return b"\x08" + int(written, 2).to_bytes(len(written) // 8, "big")


SIZE = "0111" + "0110" + f"{175:08b}" + f"{89:07b}"
POINT = "0" * 12 + "00100"


@pytest.mark.parametrize(
    "data",
    [
        sequence("000", "11", "00100", SIZE),
        sequence("000", "00", "0", "0", "00000", POINT, SIZE),
        sequence(
            "000", "00", "0", "1", "00001", POINT + "0", "0" * 12 + "01000" + "1" + "11111", SIZE
        ),
        sequence("000", "00", "1", "0" * 64 + "1" + "00100" + "0", "0", "00000", POINT, SIZE),
        sequence(
            "000",
            "00",
            "1" + "0" * 64 + "0" + "1" + "01001" + "0" * 32 + "0" * 10,
            "0",
            "00001",
            POINT + "1" + "1" * 21,
            POINT + "0",
            SIZE,
        ),
    ],
    ids=["still", "plain", "display delay", "equal intervals", "decoder model"],
)
def test_the_size_of_the_picture(data: bytes) -> None:
    """§5.5.1."""
    assert obu.picture_size([b"\x30", b"\x08", data]) == (176, 90)


def test_the_size_of_a_real_picture() -> None:
    assert obu.picture_size([SEQUENCE]) == (150, 90)
    assert obu.picture_size([SEQUENCE[:4]]) is None
    assert obu.picture_size([]) is None
