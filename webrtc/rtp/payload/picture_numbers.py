"""What a forwarder reads of a payload, and the numbers that it writes anew, without decoding.

VP8: RFC 7741 §4.2; VP9: RFC 9628 §4.2; H.265: RFC 7798 §1.1.4; AV1: AV1 specification §5.3.3.
"""

from collections.abc import Callable
from typing import Final

from webrtc.rtp.payload.picture_id import LONG, SHORT

TOP: Final = 7
"""The highest temporal layer of any codec."""
_PICTURE_ID, _TL0PICIDX, _TID, _KEYIDX = 0x80, 0x40, 0x20, 0x10
_EXTENDED: Final = 0x80
_LAYERS, _FLEXIBLE = 0x20, 0x10


class PictureNumbers:
    """The layer of a picture, and the numbers that its payloads bear; places are 0 for none."""

    __slots__ = (
        "bits",
        "key_index",
        "key_index_at",
        "needs",
        "picture_id",
        "picture_id_at",
        "reaches",
        "temporal_id",
        "tl0",
        "tl0_at",
    )

    def __init__(self, temporal_id: int = 0) -> None:
        self.temporal_id = temporal_id
        self.reaches = -1
        """The highest layer that may be taken from this picture on, -1 for none but before."""
        self.needs = 0
        """The layer that has to have been taken for that."""
        self.picture_id = 0
        self.picture_id_at = 0
        self.bits = LONG
        """How long the picture id is: SHORT or LONG."""
        self.tl0 = 0
        """TL0PICIDX: counts the pictures of the lowest temporal layer, 8 bits."""
        self.tl0_at = 0
        self.key_index = 0
        """KEYIDX: which key frame it depends on, 5 bits."""
        self.key_index_at = 0

    def take_id(self, payload: bytes, place: int) -> int:
        """Read the picture id; where it ends."""
        self.picture_id_at = place
        if payload[place] & 0x80:
            self.picture_id = (payload[place] & 0x7F) << 8 | payload[place + 1]
            return place + 2
        self.picture_id, self.bits = payload[place], SHORT
        return place + 1


def _read_vp8(payload: bytes) -> PictureNumbers:
    read = PictureNumbers()
    if not payload[0] & _EXTENDED:
        return read
    flags, place = payload[1], 2
    if flags & _PICTURE_ID:
        place = read.take_id(payload, place)
    if flags & _TL0PICIDX:
        read.tl0_at, read.tl0 = place, payload[place]
        place += 1
    if flags & _TID:
        read.temporal_id = payload[place] >> 6
        if payload[place] & 0x20:  # Y: it needs the lowest layer alone
            read.reaches = read.temporal_id
    if flags & _KEYIDX:
        read.key_index_at, read.key_index = place, payload[place] & 0x1F
    return read


def _read_vp9(payload: bytes) -> PictureNumbers:
    read = PictureNumbers()
    first, place = payload[0], 1
    if first & _PICTURE_ID:
        place = read.take_id(payload, place)
    if first & _LAYERS:
        read.temporal_id = read.needs = payload[place] >> 5
        if payload[place] & 0x10:  # U: pictures behind it need none of a higher layer before it
            read.reaches = TOP
        if not first & _FLEXIBLE:
            read.tl0_at, read.tl0 = place + 1, payload[place + 1]
    return read


def _read_h265(payload: bytes) -> PictureNumbers:
    # The payload header of every kind of packet has the place of a NAL unit header's fields.
    layer = payload[1] & 7
    return PictureNumbers(layer - 1 if layer else 0)


def _read_av1(payload: bytes) -> PictureNumbers | None:
    first = payload[0]
    if first & 0x80:  # Z: a part of an OBU, whose header is before it
        return None
    place = 1
    if first & 0x30 != 0x10:  # W: but for a single element, a length comes first
        while payload[place] & 0x80:
            place += 1
        place += 1
    return PictureNumbers(payload[place + 1] >> 5 if payload[place] & 0x04 else 0)


_READERS: Final[dict[str, Callable[[bytes], PictureNumbers | None]]] = {
    "vp8": _read_vp8,
    "vp9": _read_vp9,
    "h265": _read_h265,
    "av1": _read_av1,
}
_COUNTED: Final = frozenset({"vp8"})


def counts_pictures(codec: str) -> bool:
    """Whether picture ids have no gaps where pictures are left out.

    Those of VP9 refer to each other by the difference of their ids: they have to keep it. Decoders
    of VP8 wait for an id that is missing.
    """
    return codec.lower() in _COUNTED


def read_numbers(codec: str, payload: bytes) -> PictureNumbers | None:
    """What a payload tells; None if it is too short, or goes on with what was told before it.

    Codecs that tell nothing are of one layer.
    """
    read = _READERS.get(codec.lower())
    if read is None:
        return PictureNumbers()
    try:
        return read(payload)
    except IndexError:
        return None


def write_numbers(
    payload: bytes, read: PictureNumbers, picture_id: int, tl0: int, key_index: int
) -> bytes:
    """The payload with other numbers where it has any; a picture id becomes one of 15 bits.

    One that changes its length in mid-stream is taken for a picture of long ago by some receivers.
    """
    written = bytearray(payload)
    if read.tl0_at:
        written[read.tl0_at] = tl0 & 0xFF
    if read.key_index_at:
        written[read.key_index_at] = written[read.key_index_at] & 0xE0 | key_index & 0x1F
    place = read.picture_id_at
    if place:
        behind = place + (2 if read.bits == LONG else 1)
        written[place:behind] = (0x8000 | picture_id & 0x7FFF).to_bytes(2, "big")
    return bytes(written)
