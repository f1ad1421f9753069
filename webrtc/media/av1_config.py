"""What files tell of AV1 beside its sequence header. AV1 in ISOBMFF §2.3, AV1 §5.5."""

import struct
from typing import Final, NamedTuple

from webrtc.errors import DecodeError
from webrtc.rtp.payload import obu
from webrtc.rtp.payload.bits import Bits

_FIELDS: Final = struct.Struct("!BHB")
_LONGEST = 128
"""Bytes of a sequence header that are read."""
_SELECT = 2
"""seq_force_screen_content_tools and the like: each frame says."""
_BT709, _SRGB, _IDENTITY = 1, 13, 0
_UNSPECIFIED = 2


class _Color(NamedTuple):
    """color_config() of §5.5.2, as far as the record has it."""

    high_depth: int
    twelve_bits: int
    monochrome: int
    subsampled_x: int
    subsampled_y: int
    position: int


def record(sequence_header: bytes) -> bytes:
    """AV1CodecConfigurationRecord of a sequence header OBU without size. Raises DecodeError."""
    bits = Bits(sequence_header[obu.header_length(sequence_header[0]) : _LONGEST])
    profile = bits.u(3)
    bits.skip(1)
    reduced = bits.u(1)
    level, tier = obu.skip_to_size(bits, reduced=bool(reduced))
    across, down = bits.u(4) + 1, bits.u(4) + 1
    bits.skip(across + down)
    _skip_tools(bits, reduced=bool(reduced))
    color = _color(bits, profile)
    fields = (profile << 5 | level) << 8 | tier << 7
    fields |= color.high_depth << 6 | color.twelve_bits << 5 | color.monochrome << 4
    fields |= color.subsampled_x << 3 | color.subsampled_y << 2 | color.position
    return _FIELDS.pack(0x81, fields, 0) + obu.with_size(sequence_header)


def _skip_tools(bits: Bits, *, reduced: bool) -> None:
    """What lies between the size and the colours: §5.5.1."""
    if not reduced and bits.u(1):
        bits.skip(7)  # lengths of frame ids
    bits.skip(3)
    if not reduced:
        bits.skip(4)
        order_hint = bits.u(1)
        if order_hint:
            bits.skip(2)
        screen_content = _SELECT if bits.u(1) else bits.u(1)
        if screen_content and not bits.u(1):
            bits.skip(1)
        if order_hint:
            bits.skip(3)
    bits.skip(3)


def _color(bits: Bits, profile: int) -> _Color:
    if profile > 2:
        raise DecodeError(f"AV1 profile {profile}")
    high = bits.u(1)
    twelve = bits.u(1) if profile == 2 and high else 0
    monochrome = bits.u(1) if profile != 1 else 0
    described = (_UNSPECIFIED,) * 3
    if bits.u(1):
        described = (bits.u(8), bits.u(8), bits.u(8))
    if monochrome:
        return _Color(high, twelve, 1, 1, 1, 0)
    if described == (_BT709, _SRGB, _IDENTITY):
        return _Color(high, twelve, 0, 0, 0, 0)
    bits.skip(1)
    x, y = _subsampling(bits, profile, twelve)
    return _Color(high, twelve, 0, x, y, bits.u(2) if x and y else 0)


def _subsampling(bits: Bits, profile: int, twelve: int) -> tuple[int, int]:
    if profile < 2:
        return 1 - profile, 1 - profile
    if not twelve:
        return 1, 0
    x = bits.u(1)
    return x, bits.u(1) if x else 0
