"""Picture ids of VP8 and VP9: 7 or 15 bits that count pictures. RFC 7741 §4.2, RFC 9628 §4.2."""

from typing import Final

SHORT: Final = 7
LONG: Final = 15


def encode_picture_id(picture_id: int) -> bytes:
    """Two bytes, the M bit set: 15 bits, since receivers mistake what changes its length."""
    return (0x8000 | picture_id & 0x7FFF).to_bytes(2, "big")


class PictureIds:
    """Counts the pictures of a stream without wrap, whatever the length of their ids.

    A sender may go from short ids to long ones in mid-stream; what both have is compared then.
    """

    def __init__(self) -> None:
        self._last: tuple[int, int] | None = None
        self._count = 0

    def unwrap(self, picture_id: int, bits: int) -> int:
        """The place of a picture; later ones have higher places, those before the first too low.

        `bits` is SHORT or LONG. The first picture is at the place that its id says.
        """
        if self._last is None:
            self._count = picture_id
        else:
            last, last_bits = self._last
            modulus = 1 << min(bits, last_bits)
            ahead = (picture_id - last) % modulus
            if ahead >= modulus >> 1:
                ahead -= modulus
            if ahead <= 0:
                return self._count + ahead
            self._count += ahead
        self._last = picture_id, bits
        return self._count
