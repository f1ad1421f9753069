"""One encoding that is received and forwarded: what every viewer of it has to know of a packet."""

from collections.abc import Mapping
from typing import Final, Protocol

from webrtc.errors import DecodeError
from webrtc.rtp import header_values as uris
from webrtc.rtp.codec import Codec
from webrtc.rtp.extensions import decode_elements
from webrtc.rtp.packet import RtpPacket
from webrtc.rtp.payload import PayloadFormat
from webrtc.rtp.payload.picture_id import PictureIds
from webrtc.rtp.payload.picture_numbers import (
    TOP,
    PictureNumbers,
    counts_pictures,
    read_numbers,
)

MAX_KEPT: Final = 256
"""Packets from a key frame on that are kept for those who join."""
OWN: Final = frozenset(
    {
        uris.MID,
        uris.RID,
        uris.REPAIRED_RID,
        uris.ABS_SEND_TIME,
        uris.TRANSPORT_CC,
        uris.TIME_OFFSET,
        uris.VIDEO_LAYERS_ALLOCATION,
    }
)
"""Header extensions that tell of one way, and are another's on the next."""


class Origin(Protocol):
    """Who receives layers."""

    def request_keyframe(self, rid: str | None, now: float) -> None:
        """Ask the peer for a key frame of one encoding, or of every one."""


Carried = tuple[tuple[str, bytes], ...]
"""Header extension elements by their URI."""


class Unit:
    """A packet, with what was found in it."""

    __slots__ = ("begins", "carried", "number", "numbers", "packet", "place")

    def __init__(
        self, packet: RtpPacket, number: int, numbers: PictureNumbers, carried: Carried
    ) -> None:
        self.packet = packet
        self.number = number
        """Its sequence number without wrap."""
        self.numbers = numbers
        self.carried = carried
        self.place = 0
        """The picture id without wrap."""
        self.begins = False
        """Whether a viewer can begin with it."""


class Layer:
    """Looks at the packets of a source once for all viewers, and keeps those from a key frame on.

    `origin` is who received it.
    """

    def __init__(
        self,
        origin: Origin,
        rid: str | None,
        codec: Codec,
        format_: PayloadFormat,
        extensions: Mapping[str, int],
    ) -> None:
        self.origin = origin
        self.rid = rid
        self.codec = codec
        self.counts = counts_pictures(codec.name)
        """Whether the ids of pictures that are left out are given to others."""
        self.kept: list[Unit] = []
        """All packets from the newest key frame on; nothing where they were too many."""
        self._video = format_.kind == "video"
        self._depacketizer = format_.depacketizer(codec.parameters)
        self._carried: dict[int, str] = {}
        self.renew(extensions)
        self._newest: int | None = None
        self._ids = PictureIds()
        self._last = PictureNumbers()
        self._timestamp = -1

    def renew(self, extensions: Mapping[str, int]) -> None:
        """Go on under other ids of header extensions."""
        self._carried = {id_: uri for uri, id_ in extensions.items() if uri not in OWN}

    def read(self, packet: RtpPacket) -> Unit:
        """Look at the next packet as it came."""
        sequence = packet.sequence_number
        newest = self._newest
        if newest is None:
            number = sequence + 0x10000  # what is late has a number, too
        else:
            number = newest + (sequence - newest + 0x8000 & 0xFFFF) - 0x8000
        if newest is None or number > newest:
            self._newest = number
        unit = Unit(packet, number, self._numbers(packet), self._elements(packet))
        if unit.numbers.picture_id_at:
            unit.place = self._ids.unwrap(unit.numbers.picture_id, unit.numbers.bits)
        self._keep(unit)
        return unit

    @property
    def has_whole(self) -> bool:
        """Whether the key frame that is kept has come to its end, as its marker tells."""
        first = self.kept[0]
        own = [unit for unit in self.kept if unit.packet.timestamp == first.packet.timestamp]
        last = next((unit.number for unit in own if unit.packet.marker), None)
        return last is not None and last - first.number < len(own)

    def _numbers(self, packet: RtpPacket) -> PictureNumbers:
        numbers = read_numbers(self.codec.name, packet.payload)
        if numbers is not None:
            self._last, self._timestamp = numbers, packet.timestamp
            return numbers
        return self._last if packet.timestamp == self._timestamp else PictureNumbers()

    def _elements(self, packet: RtpPacket) -> Carried:
        carried = self._carried
        if not packet.extension or not carried:
            return ()
        try:
            return tuple(
                [
                    (carried[id_], value)
                    for id_, value in decode_elements(packet.extension_profile, packet.extension)
                    if id_ in carried
                ]
            )
        except DecodeError:
            return ()

    def _keep(self, unit: Unit) -> None:
        payload = unit.packet.payload
        if not self._video:
            unit.begins = True
        elif self._depacketizer.begins(payload) and self._depacketizer.is_keyframe(payload):
            unit.begins = True
            unit.numbers.reaches, unit.numbers.needs = TOP, 0
        if unit.begins:
            self.kept = [unit]
        elif self.kept:
            if len(self.kept) < MAX_KEPT:
                self.kept.append(unit)
            else:
                self.kept = []
