"""NAL units one after another, as files have them: ITU-T H.264 and H.265, Annex B."""

from collections.abc import Iterable

START_CODE = b"\0\0\0\1"
_SHORT_START_CODE = b"\0\0\1"
_LENGTH = 4
_FORBIDDEN = (b"\0\0\0", b"\0\0\1", b"\0\0\2")
"""What emulation prevention keeps out of a NAL unit."""


def split(data: bytes) -> list[bytes]:
    """NAL units between start codes of three or four bytes; what precedes the first is left out."""
    found = data.split(_SHORT_START_CODE)
    # A unit ends with a bit that is set: zeros behind it are its padding or the next start code's.
    return [unit for part in found[1:] if (unit := part.rstrip(b"\0"))]


def join(units: Iterable[bytes]) -> bytes:
    """NAL units with start codes of four bytes before them."""
    return b"".join([START_CODE + unit for unit in units])


def units_of(data: bytes, header_mask: int) -> list[bytes]:
    """NAL units of a frame in Annex B form or with lengths of four bytes (ISO/IEC 14496-15).

    `header_mask` has the bits that are zero in the first two bytes of a frame's first unit.
    Raises ValueError for data in neither form.
    """
    # A length of 1, or of 256 to 511, looks like a start code. Data is read by lengths only where
    # these end with it to the byte and what they enclose can be NAL units. For a slice behind a
    # start code that is never so: what follows the header of the first slice begins with a set
    # bit, which would stand where the mask forbids it. Units before a slice have more start codes
    # behind them, which would stand inside a unit.
    by_length = _by_length(data)
    if by_length and _plausible(by_length, header_mask):
        return by_length
    begin = data.find(_SHORT_START_CODE)
    if begin < 0 or data[:begin].strip(b"\0"):
        raise ValueError("a frame with neither start codes nor lengths before its NAL units")
    found = split(data)
    if not found:
        raise ValueError("a frame of start codes alone")
    return found


def unescape(unit: bytes) -> bytes:
    """The unit without its emulation prevention bytes."""
    return unit.replace(b"\0\0\3", b"\0\0")


def _by_length(data: bytes) -> list[bytes]:
    """Units by their lengths; none if the lengths do not end where the data does."""
    found: list[bytes] = []
    position, size = 0, len(data)
    while position < size:
        begin = position + _LENGTH
        position = begin + int.from_bytes(data[position:begin], "big")
        if position > size or position == begin:
            return []
        found.append(data[begin:position])
    return found


def _plausible(units: list[bytes], header_mask: int) -> bool:
    if int.from_bytes(units[0][:2].ljust(2, b"\0"), "big") & header_mask:
        return False
    return not any(pattern in unit for unit in units for pattern in _FORBIDDEN)
