"""The units of an AV1 stream: AV1 Bitstream & Decoding Process Specification §5.3 to §5.5."""

from collections.abc import Iterator, Sequence

from webrtc.errors import DecodeError
from webrtc.rtp.payload.bits import Bits, first_readable

SEQUENCE_HEADER, TEMPORAL_DELIMITER, FRAME_HEADER, FRAME, TILE_LIST, PADDING = 1, 2, 3, 6, 8, 15
_FORBIDDEN, _EXTENSION, _HAS_SIZE = 0x80, 0x04, 0x02
_MAX_SIZE_BYTES = 8
_LAST_OF_ONE_TIER = 7
"""seq_level_idx."""
_HEADERS = 128
"""Bytes of an OBU in which everything stands that is read here."""


def unit_type(unit: bytes) -> int:
    """obu_type of a unit, which has at least a byte."""
    return unit[0] >> 3 & 0x0F


def encode_size(value: int) -> bytes:
    """Seven bits a byte, lowest first: leb128() of §4.10.5."""
    encoded = bytearray()
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)


def decode_size(data: bytes, position: int) -> tuple[int, int]:
    """Inverse of `encode_size`: the value and where it ends. Raises DecodeError."""
    value = 0
    for index, byte in enumerate(data[position : position + _MAX_SIZE_BYTES]):
        value |= (byte & 0x7F) << 7 * index
        if byte < 0x80:
            return value, position + index + 1
    raise DecodeError(f"size of an OBU without end in {len(data) - position} bytes")


def split(data: bytes) -> Iterator[bytes]:
    """Units without their size fields; one that has none goes on to the end of the data.

    Raises DecodeError.
    """
    position = 0
    while position < len(data):
        begin = position + header_length(data[position])
        head = bytes((data[position] & ~_HAS_SIZE,)) + data[position + 1 : begin]
        end = len(data)
        if data[position] & _HAS_SIZE:
            size, begin = decode_size(data, begin)
            end = begin + size
        if begin > len(data) or end > len(data):
            raise DecodeError(f"OBU of {end - position} bytes in {len(data) - position}")
        yield head + data[begin:end]
        position = end


def with_size(unit: bytes) -> bytes:
    """Put a size field into a unit that has none."""
    begin = header_length(unit[0])
    size = encode_size(len(unit) - begin)
    return bytes((unit[0] | _HAS_SIZE,)) + unit[1:begin] + size + unit[begin:]


def header_length(first: int) -> int:
    """Bytes of a header that begins with this byte, without its size field. Raises DecodeError."""
    if first & _FORBIDDEN:
        raise DecodeError("OBU with the forbidden bit")
    return 2 if first & _EXTENSION else 1


def layers(unit: bytes) -> tuple[int, int] | None:
    """The temporal_id and spatial_id of a unit with an extension header. §5.3.3."""
    if not unit[0] & _EXTENSION or len(unit) < 2:
        return None
    return unit[1] >> 5, unit[1] >> 3 & 3


def is_keyframe(units: Sequence[bytes]) -> bool:
    """Whether a decoder can begin with the picture of these units."""
    sequence = next((unit for unit in units if unit_type(unit) == SEQUENCE_HEADER), None)
    frame = next((unit for unit in units if unit_type(unit) in {FRAME, FRAME_HEADER}), None)
    if sequence is None or frame is None:
        return False
    try:
        if _payload(sequence).u(5) & 1:  # reduced_still_picture_header
            return True
        return _payload(frame).u(3) == 0  # not show_existing_frame, frame_type KEY_FRAME: §5.9.2
    except DecodeError:
        return False


def picture_size(units: Sequence[bytes]) -> tuple[int, int] | None:
    """Width and height that the first readable sequence header among the units tells."""
    return first_readable(_size, (unit for unit in units if unit_type(unit) == SEQUENCE_HEADER))


def _payload(unit: bytes) -> Bits:
    return Bits(unit[header_length(unit[0]) : _HEADERS])


def _size(sequence_header: bytes) -> tuple[int, int]:
    bits = _payload(sequence_header)
    bits.skip(4)
    skip_to_size(bits, reduced=bool(bits.u(1)))
    across, down = bits.u(4) + 1, bits.u(4) + 1
    return bits.u(across) + 1, bits.u(down) + 1


def skip_to_size(bits: Bits, *, reduced: bool) -> tuple[int, int]:
    """Level and tier of the first operating point, which stand before the size. §5.5.1."""
    if reduced:
        return bits.u(5), 0
    delay_length = _skip_timing(bits) if bits.u(1) else 0
    display_delay = bits.u(1)
    found: list[tuple[int, int]] = []
    for _ in range(bits.u(5) + 1):
        bits.skip(12)
        level = bits.u(5)
        found.append((level, bits.u(1) if level > _LAST_OF_ONE_TIER else 0))
        if delay_length and bits.u(1):
            bits.skip(2 * delay_length + 1)
        if display_delay and bits.u(1):
            bits.skip(4)
    return found[0]


def _skip_timing(bits: Bits) -> int:
    """Bits of a decoder buffer delay, 0 without a decoder model."""
    bits.skip(64)
    if bits.u(1):
        bits.ue()  # num_ticks_per_picture_minus_1
    if not bits.u(1):
        return 0
    delay_length = bits.u(5) + 1
    bits.skip(32 + 5 + 5)
    return delay_length
