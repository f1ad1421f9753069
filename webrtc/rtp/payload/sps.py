"""Sequence parameter sets: the size of the picture. ITU-T H.264 §7.3.2.1.1, H.265 §7.3.2.2."""

from typing import NamedTuple

from webrtc.errors import DecodeError
from webrtc.rtp.payload.annexb import unescape
from webrtc.rtp.payload.bits import Bits

_H264_WITH_CHROMA = {44, 83, 86, 100, 110, 118, 122, 128, 134, 135, 138, 139, 144, 244}
"""Values of profile_idc for which the set tells the chroma format."""
_CHROMA = [(1, 1), (2, 2), (2, 1), (1, 1)]
"""Luma samples for one of chroma, across and down, by chroma_format_idc."""
_MAX_ORDER_COUNTS = 255
_LONGEST = 2048
"""Bytes of a set that are read: more than all scaling lists take."""
_PROFILE, _LEVEL = 88, 8
"""Bits of the parts of profile_tier_level() in H.265 §7.3.3."""


def h264_size(unit: bytes) -> tuple[int, int]:
    """Width and height after cropping, from a whole NAL unit. Raises DecodeError."""
    bits = Bits(unescape(unit[:_LONGEST]))
    bits.skip(8)
    profile = bits.u(8)
    bits.skip(16)
    bits.ue()  # seq_parameter_set_id
    chroma = _h264_chroma(bits) if profile in _H264_WITH_CHROMA else 1
    bits.ue()  # log2_max_frame_num_minus4
    _skip_order_count(bits)
    bits.ue()  # max_num_ref_frames
    bits.skip(1)
    width, map_units = 16 * (bits.ue() + 1), bits.ue() + 1
    frame_mbs_only = bits.u(1)
    height = 16 * map_units * (2 - frame_mbs_only)
    bits.skip(1 if frame_mbs_only else 2)
    across, down = _CHROMA[chroma]
    return _cropped(bits, width, height, across, down * (2 - frame_mbs_only))


class H265Picture(NamedTuple):
    """What a set says of every picture."""

    width: int
    height: int
    """Of the conformance window."""
    chroma: int
    """chroma_format_idc."""
    luma_depth: int
    chroma_depth: int
    """Bits a sample."""


def h265_size(unit: bytes) -> tuple[int, int]:
    """Width and height of the conformance window, from a whole NAL unit. Raises DecodeError."""
    return h265_picture(unit)[:2]


def h265_picture(unit: bytes) -> H265Picture:
    """Read a whole NAL unit as far as the depth of samples. Raises DecodeError."""
    bits = _h265_behind_profile(unit)
    bits.ue()  # sps_seq_parameter_set_id
    chroma = bits.ue()
    if chroma > 3:
        raise DecodeError(f"chroma format {chroma}")
    if chroma == 3:
        bits.skip(1)
    width, height = bits.ue(), bits.ue()
    width, height = _cropped(bits, width, height, *_CHROMA[chroma])
    luma, sample = bits.ue(), bits.ue()
    if luma > 8 or sample > 8:
        raise DecodeError(f"samples of {8 + luma} and {8 + sample} bits")
    return H265Picture(width, height, chroma, 8 + luma, 8 + sample)


def h265_sps_id(unit: bytes) -> int:
    """The id of the set, which stands behind all of its profile. Raises DecodeError."""
    return _h265_behind_profile(unit).ue()


def _h264_chroma(bits: Bits) -> int:
    """chroma_format_idc; passes over bit depths and scaling lists as well."""
    chroma = bits.ue()
    if chroma > 3:
        raise DecodeError(f"chroma format {chroma}")
    if chroma == 3:
        bits.skip(1)
    bits.ue()  # bit_depth_luma_minus8
    bits.ue()  # bit_depth_chroma_minus8
    bits.skip(1)
    if bits.u(1):
        for index in range(12 if chroma == 3 else 8):
            if bits.u(1):
                _skip_scaling_list(bits, 16 if index < 6 else 64)
    return chroma


def _skip_scaling_list(bits: Bits, size: int) -> None:
    """§7.3.2.1.1.1: a list ends early where the next value is 0."""
    scale = 8
    for _ in range(size):
        scale = (scale + bits.se()) % 256
        if not scale:
            return


def _skip_order_count(bits: Bits) -> None:
    kind = bits.ue()
    if kind == 0:
        bits.ue()  # log2_max_pic_order_cnt_lsb_minus4
    elif kind == 1:
        bits.skip(1)
        bits.se()
        bits.se()
        count = bits.ue()
        if count > _MAX_ORDER_COUNTS:
            raise DecodeError(f"{count} reference frames in the picture order count cycle")
        for _ in range(count):
            bits.se()


def _h265_behind_profile(unit: bytes) -> Bits:
    bits = Bits(unescape(unit[:_LONGEST]))
    bits.skip(16 + 4)
    layers = bits.u(3)
    bits.skip(1 + _PROFILE + _LEVEL)
    if layers:
        present = [(bits.u(1), bits.u(1)) for _ in range(layers)]
        bits.skip(2 * (8 - layers))
        for profile, level in present:
            bits.skip(_PROFILE * profile + _LEVEL * level)
    return bits


def _cropped(bits: Bits, width: int, height: int, across: int, down: int) -> tuple[int, int]:
    if bits.u(1):
        left, right, top, bottom = (bits.ue() for _ in range(4))
        width -= across * (left + right)
        height -= down * (top + bottom)
    if not (0 < width <= 0xFFFF and 0 < height <= 0xFFFF):
        raise DecodeError(f"a picture of {width} x {height}")
    return width, height
