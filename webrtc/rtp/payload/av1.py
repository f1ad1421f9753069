"""The payload format of AV1: RTP Payload Format For AV1, v1.0, of the Alliance for Open Media."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from webrtc.errors import DecodeError
from webrtc.rtp.frame import EncodedFrame
from webrtc.rtp.packet import RtpPacket
from webrtc.rtp.payload import obu
from webrtc.rtp.payload.parts import check_frame
from webrtc.rtp.payload.registry import Parameters, PayloadFormat

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

    def __init__(self, parameters: Parameters) -> None:
        del parameters  # profile, level and tier are the encoder's affair

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
        waiting = [_Waiting(memoryview(unit), obu.layers(unit)) for unit in reversed(units)]
        while waiting:
            elements, goes_on = _fill(waiting, size - 1)
            payloads.append(_payload(header | (_GOES_ON if goes_on else 0), elements))
            header = _CONTINUES if goes_on else 0
        return payloads


class _Waiting(NamedTuple):
    """An OBU that is not sent yet, or what is left of it."""

    data: memoryview
    layers: tuple[int, int] | None


def _fill(waiting: list[_Waiting], room: int) -> tuple[list[memoryview], bool]:
    """Take OBU elements for `room` bytes from the end; whether the last of them is a part."""
    elements: list[memoryview] = []
    layers: tuple[int, int] | None = None
    while waiting and room > 0:
        data, own = waiting[-1]
        space = room if len(elements) < _MAX_COUNTED else room - _length_bytes(room)
        # OBUs of different layers are not in one packet: §5.
        if space < 1 or (layers and own and own != layers):
            break
        layers = layers or own
        elements.append(data[:space])
        if len(data) > space:
            waiting[-1] = _Waiting(data[space:], own)
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

    def __init__(self, parameters: Parameters) -> None:
        del parameters  # profile, level and tier are the decoder's affair

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
    parts: list[bytes] = []
    """Of an element that is not whole yet."""
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


AV1 = PayloadFormat(_NAME, "video", 90_000, Av1Packetizer, Av1Depacketizer)
