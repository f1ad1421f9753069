import pytest

from tests.video import frames
from webrtc.errors import DecodeError
from webrtc.rtp.payload import annexb
from webrtc.rtp.payload.sps import h264_size, h265_picture, h265_size, h265_sps_id


def code(value: int) -> str:
    digits = f"{value + 1:b}"
    return "0" * (len(digits) - 1) + digits


def signed(value: int) -> str:
    return code(2 * value - 1 if value > 0 else -2 * value)


def unit(header: bytes, *parts: str) -> bytes:
    digits = "".join(parts) + "1"
    digits += "0" * (-len(digits) % 8)
    data = header + int(digits, 2).to_bytes(len(digits) // 8, "big")
    return data.replace(b"\0\0\0", b"\0\0\3\0").replace(b"\0\0\1", b"\0\0\3\1")


def h264(
    profile: int = 66, chroma: str = "", order: str = code(0) + code(0), window: str = "1" + "0"
) -> bytes:
    """40 macroblocks across, 23 map units down; `window` begins with frame_mbs_only_flag."""
    head = bytes((0x67, profile, 0, 30))
    return unit(head, code(0), chroma, code(0), order, code(1) + "0" + code(39) + code(22), window)


def crop(left: int, right: int, top: int, bottom: int) -> str:
    return "1" + "".join(code(value) for value in (left, right, top, bottom))


FIELDS = "0" + "0" + "0"
"""frame_mbs_only_flag 0, mb_adaptive_frame_field_flag, direct_8x8_inference_flag."""
FLAT = code(0) + code(0) + "0" + "0"
LISTS = code(0) + code(0) + "0" + "1" + ("1" + signed(-8)) + "0" * 6 + ("1" + signed(1) * 64)


@pytest.mark.parametrize(
    ("data", "size"),
    [
        (h264(window="1" + "0" + "0"), (640, 368)),
        (h264(window="1" + "0" + crop(0, 0, 0, 4)), (640, 360)),
        (h264(window=FIELDS + crop(1, 2, 0, 4)), (634, 720)),
        (h264(100, code(1) + FLAT, window="1" + "0" + crop(0, 0, 0, 4)), (640, 360)),
        (h264(100, code(1) + LISTS, window="1" + "0" + crop(0, 0, 0, 4)), (640, 360)),
        (h264(244, code(3) + "0" + FLAT, window="1" + "0" + crop(0, 0, 0, 4)), (640, 364)),
        (h264(122, code(2) + FLAT, window="1" + "0" + crop(1, 0, 0, 4)), (638, 364)),
        (h264(order=code(2), window="1" + "0" + "0"), (640, 368)),
        (
            h264(
                order=code(1) + "0" + signed(-70) + signed(5) + code(2) + signed(1) + signed(-1),
                window="1" + "0" + "0",
            ),
            (640, 368),
        ),
    ],
)
def test_sizes_of_h264(data: bytes, size: tuple[int, int]) -> None:
    """§7.4.2.1.1: cropping counts in chroma samples, and in pairs of lines where fields may be."""
    assert h264_size(data) == size


def h265(layers: int, sub_layers: str, rest: str) -> bytes:
    general = f"{0x21600000:032b}" + "0" * 32 + "0" * 32
    return unit(
        b"\x42\x01",
        "0000",
        f"{layers:03b}",
        "1",
        general,
        sub_layers,
        code(3),
        rest,
        code(2),
        code(1),
    )


@pytest.mark.parametrize(
    ("data", "size"),
    [
        (h265(0, "", code(1) + code(1920) + code(1088) + crop(0, 0, 0, 4)), (1920, 1080)),
        (h265(0, "", code(0) + code(64) + code(48) + "0"), (64, 48)),
        (h265(0, "", code(3) + "0" + code(64) + code(48) + crop(1, 0, 1, 0)), (63, 47)),
        (
            h265(1, "11" + "0" * 14 + "01" * 44 + "0" * 8, code(1) + code(64) + code(48) + "0"),
            (64, 48),
        ),
        (
            h265(
                2,
                "1001" + "0" * 12 + "1" * 88 + "1" * 8,
                code(2) + code(64) + code(48) + crop(1, 0, 1, 0),
            ),
            (62, 47),
        ),
    ],
)
def test_sizes_of_h265(data: bytes, size: tuple[int, int]) -> None:
    """§7.3.3: sub-layers have profiles and levels of their own."""
    assert h265_size(data) == size
    assert h265_sps_id(data) == 3


def test_depths_of_h265() -> None:
    picture = h265_picture(h265(0, "", code(2) + code(64) + code(48) + "0"))
    assert picture == (64, 48, 2, 10, 9)
    with pytest.raises(DecodeError, match="18"):
        h265_picture(h265(0, "", code(1) + code(64) + code(48) + "0" + code(10)))


def test_sizes_of_real_sets() -> None:
    assert h264_size(annexb.split(frames("h264")[0])[0]) == (150, 90)
    assert h265_size(annexb.split(frames("h265")[0])[1]) == (150, 90)


@pytest.mark.parametrize(
    "data",
    [
        b"\x67",
        h264(100, code(4) + FLAT),
        h264(order=code(1) + "0" + code(0) + code(0) + code(256)),
        h264(window="1" + "0" + crop(200, 200, 0, 0)),
    ],
)
def test_sets_of_h264_that_lie(data: bytes) -> None:
    with pytest.raises(DecodeError):
        h264_size(data)


@pytest.mark.parametrize(
    "rest", [code(4), code(1) + code(0) + code(48) + "0", code(1) + code(70000)]
)
def test_sets_of_h265_that_lie(rest: str) -> None:
    with pytest.raises(DecodeError):
        h265_size(h265(0, "", rest))
