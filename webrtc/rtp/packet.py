"""RTP packets. RFC 3550 §5.1."""

import struct
from typing import Final, Self

from webrtc.errors import DecodeError
from webrtc.rtp.extensions import decode_elements, encode_elements

FIXED_HEADER: Final = 12
_HEAD: Final = struct.Struct("!BBHII")
_EXTENSION: Final = struct.Struct("!HH")
_EXTENDED: Final = FIXED_HEADER + _EXTENSION.size
_CSRCS: Final = [struct.Struct(f"!{count}I") for count in range(16)]


class RtpPacket:  # noqa: PLW1641 (it is mutable)
    """One packet. It is made once and handed on: who keeps it, must not change it."""

    __slots__ = (
        "csrcs",
        "extension",
        "extension_profile",
        "marker",
        "padding",
        "payload",
        "payload_type",
        "sequence_number",
        "ssrc",
        "timestamp",
    )

    def __init__(
        self,
        payload_type: int,
        sequence_number: int,
        timestamp: int,
        ssrc: int,
        payload: bytes = b"",
        *,
        marker: bool = False,
    ) -> None:
        self.payload_type = payload_type
        """Which codec it is of: 7 bits."""
        self.sequence_number = sequence_number
        """16 bits; the next packet of the source has the next one."""
        self.timestamp = timestamp
        """32 bits, in units of the codec's clock."""
        self.ssrc = ssrc
        """The source: 32 bits."""
        self.payload = payload
        """What the codec's payload format has made."""
        self.marker = marker
        """Of pictures: whether it is the last packet. Of sound: the first after silence."""
        self.csrcs: tuple[int, ...] = ()
        """Those that a mixer has put together."""
        self.padding = 0
        """Bytes of padding behind the payload, the one that counts them included."""
        self.extension_profile = 0
        """0 for no header extension: the kind of `extension`, as RFC 8285 has them."""
        self.extension = b""
        """The block of extension elements, a multiple of 4 bytes."""

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Take a packet that is not encrypted. Raises DecodeError."""
        size = len(data)
        if size < FIXED_HEADER:
            raise DecodeError(f"RTP packet of {size} bytes")
        first, second, sequence_number, timestamp, ssrc = _HEAD.unpack_from(data)
        if first >> 6 != 2:
            raise DecodeError(f"RTP version {first >> 6}")
        packet = cls(second & 0x7F, sequence_number, timestamp, ssrc)
        packet.marker = second > 0x7F
        if first == 0x80:
            packet.payload = data[FIXED_HEADER:]
        elif first == 0x90 and size >= _EXTENDED:  # an extension and nothing else
            packet.extension_profile, words = _EXTENSION.unpack_from(data, FIXED_HEADER)
            end = _EXTENDED + 4 * words
            if end > size:
                raise DecodeError(f"RTP header extension of {4 * words} bytes")
            packet.extension = data[_EXTENDED:end]
            packet.payload = data[end:]
        else:
            packet._decode_rest(first, data, size)
        return packet

    def _decode_rest(self, first: int, data: bytes, size: int) -> None:
        """What the first byte says there is beyond the fixed header."""
        position = FIXED_HEADER
        count = first & 0x0F
        if count:
            if position + 4 * count > size:
                raise DecodeError(f"RTP packet of {size} bytes with {count} CSRCs")
            self.csrcs = _CSRCS[count].unpack_from(data, position)
            position += 4 * count
        if first & 0x10:
            if position + 4 > size:
                raise DecodeError("RTP header extension without its header")
            self.extension_profile, words = _EXTENSION.unpack_from(data, position)
            position += 4
            if position + 4 * words > size:
                raise DecodeError(f"RTP header extension of {4 * words} bytes")
            self.extension = data[position : position + 4 * words]
            position += 4 * words
        if first & 0x20:
            padding = data[-1]
            if not 0 < padding <= size - position:
                raise DecodeError(f"{padding} bytes of RTP padding in {size - position}")
            self.padding = padding
            size -= padding
        self.payload = data[position:size]

    def header(self) -> bytes:
        """The header, encoded. Raises ValueError for a field that does not fit."""
        first = 0x80 | len(self.csrcs)
        if self.padding:
            first |= 0x20
        rest = b""
        if self.csrcs:
            if len(self.csrcs) > 15:
                raise ValueError(f"{len(self.csrcs)} CSRCs")
            rest = _CSRCS[len(self.csrcs)].pack(*self.csrcs)
        if self.extension_profile:
            first |= 0x10
            words, odd = divmod(len(self.extension), 4)
            if odd:
                raise ValueError(f"header extension of {len(self.extension)} bytes")
            rest += _EXTENSION.pack(self.extension_profile, words) + self.extension
        second = self.payload_type | 0x80 if self.marker else self.payload_type
        try:
            fixed = _HEAD.pack(first, second, self.sequence_number, self.timestamp, self.ssrc)
        except struct.error as error:
            raise ValueError(f"{self!r}: {error}") from None
        return fixed + rest

    def body(self) -> bytes:
        """Payload and padding: all that SRTP encrypts."""
        if not self.padding:
            return self.payload
        return self.payload + bytes(self.padding - 1) + bytes((self.padding,))

    def encode(self) -> bytes:
        """The whole packet. Raises ValueError for a field that does not fit."""
        return self.header() + self.body()

    def __bytes__(self) -> bytes:
        return self.encode()

    def __len__(self) -> int:
        """Bytes of the whole packet."""
        extension = 4 + len(self.extension) if self.extension_profile else 0
        return FIXED_HEADER + 4 * len(self.csrcs) + extension + len(self.payload) + self.padding

    def __bool__(self) -> bool:
        return True

    @property
    def extensions(self) -> dict[int, bytes]:
        """Values of the header extension elements by id. Raises DecodeError."""
        return dict(decode_elements(self.extension_profile, self.extension))

    def get_extension(self, id_: int) -> bytes | None:
        """Value of one element, or None. Raises DecodeError for a broken block before it."""
        for found, value in decode_elements(self.extension_profile, self.extension):
            if found == id_:
                return value
        return None

    def set_extension(self, id_: int, value: bytes) -> None:
        """Add or replace an element; the block takes the shortest form that fits.

        Raises ValueError for an id outside 1 to 255 or a value longer than 255 bytes.
        """
        self._set_elements(self.extensions | {id_: value})

    def remove_extension(self, id_: int) -> None:
        """Remove an element. Harmless when there is none."""
        elements = self.extensions
        if elements.pop(id_, None) is not None:
            self._set_elements(elements)

    def _set_elements(self, elements: dict[int, bytes]) -> None:
        if elements:
            self.extension_profile, self.extension = encode_elements(elements.items())
        else:
            self.extension_profile, self.extension = 0, b""

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, RtpPacket):
            return NotImplemented
        return self._fields() == other._fields()

    def _fields(self) -> tuple[object, ...]:
        return (
            self.payload_type,
            self.sequence_number,
            self.timestamp,
            self.ssrc,
            self.marker,
            self.csrcs,
            self.extension_profile,
            self.extension,
            self.payload,
            self.padding,
        )

    def __repr__(self) -> str:
        marker = " marker" if self.marker else ""
        return (
            f"<RtpPacket pt={self.payload_type} seq={self.sequence_number} ts={self.timestamp} "
            f"ssrc={self.ssrc:#x} {len(self.payload)} bytes{marker}>"
        )
