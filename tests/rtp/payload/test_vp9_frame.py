import pytest
from hypothesis import given
from hypothesis import strategies as st

from webrtc.rtp.payload.vp9_frame import dimensions, is_keyframe, join_layers, split_layers

SIZES = [(1, 1), (640, 480), (65536, 65536)]


def keyframe(profile: int = 0, size: tuple[int, int] = (640, 480), *, srgb: bool = False) -> bytes:
    """VP9 bitstream specification §6.2: the uncompressed header of a key frame."""
    bits = f"10{profile & 1}{profile >> 1}" + "0" * (profile == 3)
    bits += "0010" + f"{0x498342:024b}" + "1" * (profile >= 2)
    if srgb:
        bits += "111" + "0" * (profile & 1)
    else:
        bits += "0100" + "110" * (profile & 1)
    bits += f"{size[0] - 1:016b}{size[1] - 1:016b}"
    bits += "0" * (-len(bits) % 8)
    return int(bits, 2).to_bytes(len(bits) // 8, "big") + b"rest"


@pytest.mark.parametrize("profile", range(4))
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("srgb", [False, True])
def test_a_key_frame_of_any_profile_tells_its_size(
    profile: int, size: tuple[int, int], srgb: bool
) -> None:
    data = keyframe(profile, size, srgb=srgb and profile & 1 > 0)
    assert dimensions(data) == size
    assert is_keyframe(data)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x40" + keyframe()[1:],
        b"\x86" + keyframe()[1:],
        b"\x8a" + keyframe()[1:],
        b"\x82\x49\x83\x43" + keyframe()[4:],
    ],
    ids=["empty", "marker", "inter", "shows another", "sync code"],
)
def test_other_frames_tell_none(data: bytes) -> None:
    assert dimensions(data) is None
    assert not is_keyframe(data)


@given(st.binary(max_size=20))
def test_garbage_raises_nothing(data: bytes) -> None:
    dimensions(data)
    if data:
        assert split_layers(data)


@given(st.lists(st.binary(min_size=1, max_size=300), min_size=2, max_size=8))
def test_layers_survive_a_superframe(layers: list[bytes]) -> None:
    assert split_layers(join_layers(layers)) == layers


def test_bytes_of_a_superframe() -> None:
    """Annex B: marker, sizes in little-endian, marker."""
    assert join_layers([b"a", b"bc"]) == b"abc" + bytes.fromhex("c1 01 02 c1")
    assert join_layers([b"a" * 256, b"b"])[-6:] == bytes.fromhex("c9 0001 0100 c9")


def test_a_single_layer_is_its_frame() -> None:
    assert join_layers([b"abc"]) == b"abc"
    assert split_layers(b"abc") == [b"abc"]


@pytest.mark.parametrize(
    "index", ["c1 01 01 c1", "c1 01 09 c1", "c1 03 00 c1", "c1 01 02 c0", "df df", "c1"]
)
def test_an_index_that_lies_is_none(index: str) -> None:
    data = b"abc" + bytes.fromhex(index)
    assert split_layers(data) == [data]
