"""The payload format of AV1: RTP Payload Format For AV1, v1.0, of the Alliance for Open Media."""

from collections.abc import Iterator, Sequence
from typing import Final

from webrtc.errors import DecodeError
from webrtc.rtp.frame import EncodedFrame
from webrtc.rtp.packet import RtpPacket
from webrtc.rtp.payload import obu
from webrtc.rtp.payload.parts import check_frame
from webrtc.rtp.payload.registry import PayloadFormat

_NAME: Final = "AV1"
_CONTINUES, _GOES_ON, _NEW_SEQUENCE = 0x80, 0x40, 0x08
"""Bits Z, Y and N of the aggregation header. §4.4"""
_MAX_COUNTED = 3
"""More elements than W can count, and all have a length."""
_NOT_SENT = {obu.TEMPORAL_DELIMITER, obu.TILE_LIST, obu.PADDING}
_IGNORED = {obu.TEMPORAL_DELIMITER, obu.TILE_LIST}
"""By receivers. §5"""


class Av1Packetizer:
    """Fills packets with OBUs and parts of OBUs, without their size fields.

    Leaves out what is not for the network: temporal delimiters, tile lists and padding.
    """

    def split(self, frame: EncodedFrame, size: int) -> list[bytes]:
        check_frame(frame, _NAME)
        try:
            units = [unit for unit in obu.split(frame.data) if obu.unit_type(unit) not in _NOT_SENT]
        except DecodeError as error:
            raise ValueError(f"a frame of AV1 that is no sequence of OBUs: {error}") from None
        if not units:
            raise ValueError("a frame of AV1 without an OBU to send")
        if size < 2:
            raise ValueError(f"{size} bytes of room for a part of a frame")
        payloads: list[bytes] = []
        header = _NEW_SEQUENCE if obu.is_keyframe(units) else 0
        for group in _groups(units):
            waiting = [memoryview(unit) for unit in reversed(group)]
            while waiting:
                elements, goes_on = _fill(waiting, size - 1)
                payloads.append(_payload(header | (_GOES_ON if goes_on else 0), elements))
                header = _CONTINUES if goes_on else 0
        return payloads


def _groups(units: Sequence[bytes]) -> Iterator[list[bytes]]:
    """OBUs that may share packets: of one frame, and so of one layer. §1, §5.

    A sequence header leads its packet.
    """
    group: list[bytes] = []
    has_frame = False
    layers: tuple[int, int] | None = None
    for unit in units:
        kind, own = obu.unit_type(unit), obu.layers(unit)
        is_frame = kind in {obu.FRAME, obu.FRAME_HEADER}
        other = own is not None and layers is not None and own != layers
        if group and (kind == obu.SEQUENCE_HEADER or (is_frame and has_frame) or other):
            yield group
            group, has_frame, layers = [], False, None
        group.append(unit)
        has_frame = has_frame or is_frame
        layers = layers or own
    yield group


def _fill(waiting: list[memoryview], room: int) -> tuple[list[memoryview], bool]:
    """Take OBU elements for `room` bytes from the end; whether the last of them is a part."""
    elements: list[memoryview] = []
    while waiting and room > 0:
        data = waiting[-1]
        space = room if len(elements) < _MAX_COUNTED else room - _length_bytes(room)
        if space < 1:
            break
        elements.append(data[:space])
        if len(data) > space:
            waiting[-1] = data[space:]
            return elements, True
        waiting.pop()
        room -= _length_bytes(len(data)) + len(data)
    return elements, False


def _length_bytes(length: int) -> int:
    return len(obu.encode_size(length))


def _payload(header: int, elements: list[memoryview]) -> bytes:
    """Behind the aggregation header elements with lengths, the last without if W counts them."""
    counted = len(elements) <= _MAX_COUNTED
    if counted:
        header |= len(elements) << 4
    last = len(elements) - 1
    pieces: list[bytes | memoryview] = [bytes((header,))]
    for index, element in enumerate(elements):
        if index < last or not counted:
            pieces.append(obu.encode_size(len(element)))
        pieces.append(element)
    return b"".join(pieces)


class Av1Depacketizer:
    """Puts OBUs together and their sizes back."""

    def begins(self, payload: bytes) -> bool:
        return len(payload) > 1 and not payload[0] & _CONTINUES

    def ends(self, packet: RtpPacket) -> bool:
        return packet.marker

    def is_keyframe(self, payload: bytes) -> bool:
        if len(payload) < 2 or payload[0] & _CONTINUES:
            return False
        if payload[0] & _NEW_SEQUENCE:
            return True
        try:
            elements = _elements(payload)
        except DecodeError:
            return False
        return any(each and obu.unit_type(each) == obu.SEQUENCE_HEADER for each in elements)

    def join(self, packets: Sequence[RtpPacket]) -> EncodedFrame:
        units = [
            unit
            for element in _joined(packets)
            for unit in obu.split(element)
            if obu.unit_type(unit) not in _IGNORED
        ]
        if not units:
            raise DecodeError("AV1 frame without an OBU")
        data = b"".join([obu.with_size(unit) for unit in units])
        frame = EncodedFrame(data, _NAME, packets[0].timestamp, obu.is_keyframe(units))
        frame.width, frame.height = obu.picture_size(units) or (None, None)
        layers = [each for unit in units if (each := obu.layers(unit)) is not None]
        if layers:
            frame.temporal_id = max(temporal for temporal, _ in layers)
            frame.spatial_id = max(spatial for _, spatial in layers)
        return frame


def _elements(payload: bytes) -> list[bytes]:
    """OBU elements of a payload. Raises DecodeError."""
    count = payload[0] >> 4 & 3
    found: list[bytes] = []
    position, size = 1, len(payload)
    while position < size:
        end = size
        if not count or len(found) < count - 1:
            length, position = obu.decode_size(payload, position)
            end = position + length
            if end > size:
                raise DecodeError(f"OBU element of {length} bytes in {size - position}")
        found.append(payload[position:end])
        position = end
    if len(found) < count:
        raise DecodeError(f"{len(found)} OBU elements where {count} should be")
    return found


def _joined(packets: Sequence[RtpPacket]) -> list[bytes]:
    """Whole OBU elements of a frame."""
    whole: list[bytes] = []
    parts: list[bytes] = []  # of an element that is not whole yet
    for packet in packets:
        if not packet.payload:
            continue
        header = packet.payload[0]
        elements = _elements(packet.payload)
        if not elements:
            raise DecodeError("AV1 payload without an OBU element")
        if bool(header & _CONTINUES) != bool(parts):
            raise DecodeError("AV1 fragment without the one before or behind it")
        parts.append(elements[0])
        if len(elements) > 1 or not header & _GOES_ON:
            whole.append(b"".join(parts))
            parts = []
            whole += elements[1:]
            if header & _GOES_ON:
                parts = [whole.pop()]
    if parts:
        raise DecodeError("AV1 fragment without the last one")
    return [element for element in whole if element]


AV1 = PayloadFormat(_NAME, "video", 90_000, lambda _: Av1Packetizer(), lambda _: Av1Depacketizer())
