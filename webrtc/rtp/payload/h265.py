"""The payload format of H.265. RFC 7798."""

import struct
from collections.abc import Iterator, Sequence
from typing import Final

from webrtc.errors import DecodeError
from webrtc.rtp.frame import EncodedFrame
from webrtc.rtp.packet import RtpPacket
from webrtc.rtp.payload import annexb
from webrtc.rtp.payload.bits import Bits, first_readable
from webrtc.rtp.payload.nal import pack
from webrtc.rtp.payload.parameter_sets import ParameterSets
from webrtc.rtp.payload.parts import check_frame, part_length
from webrtc.rtp.payload.registry import Parameters, PayloadFormat
from webrtc.rtp.payload.sps import h265_size, h265_sps_id

_NAME: Final = "H265"
_FIRST_IRAP, _LAST_IRAP, _LAST_SLICE = 16, 23, 31
_VPS, _SPS, _PPS, _DELIMITER = 32, 33, 34, 35
_LAST_UNIT, _AP, _FU, _PACI = 47, 48, 49, 50
_HEADER: Final = 2
_SIZE: Final = struct.Struct("!H")
_START, _END = 0x80, 0x40
_FIRST_SLICE = 0x80
"""first_slice_segment_in_pic_flag, in the byte behind the header of a slice."""
HEADER_MASK = 0x81F8
"""Bits of the first two bytes of a picture's first NAL unit that are 0, for `annexb.units_of`.

The forbidden bit and nuh_layer_id.
"""


def unit_type(unit: bytes) -> int:
    """nal_unit_type of a NAL unit, which has at least a byte."""
    return unit[0] >> 1 & 0x3F


def is_keyframe(units: Sequence[bytes]) -> bool:
    """Whether a decoder can begin with the picture of these units."""
    return any(_FIRST_IRAP <= unit_type(unit) <= _LAST_IRAP for unit in units)


def picture_size(units: Sequence[bytes]) -> tuple[int, int] | None:
    """Width and height that the first readable sequence parameter set among the units tells."""
    return first_readable(h265_size, (unit for unit in units if unit_type(unit) == _SPS))


def temporal_id(units: Sequence[bytes]) -> int | None:
    """TemporalId of the slices; None where there are none."""
    return max((_temporal(unit) for unit in units if unit_type(unit) <= _LAST_SLICE), default=None)


def _temporal(unit: bytes) -> int:
    return max((unit[1] & 7) - 1, 0)


def _id_of(unit: bytes) -> int:
    kind = unit_type(unit)
    if kind == _SPS:
        return h265_sps_id(unit)
    bits = Bits(unit[_HEADER : _HEADER + 4])
    return bits.u(4) if kind == _VPS else bits.ue()


def _parameter_sets() -> ParameterSets:
    return ParameterSets((_VPS, _SPS, _PPS), unit_type, _id_of)


class H265Packetizer:
    """Packs small NAL units together and cuts large ones.

    Takes frames in Annex B form, and with lengths of four bytes in place of start codes as well.
    Repeats parameter sets before a picture of random access (IRAP) that comes without, and leaves
    out access unit delimiters, whose work marker and timestamp do. Parameters of the peer ask for
    nothing here: sprop-max-don-diff is of what it sends itself.
    """

    def __init__(self) -> None:
        self._sets = _parameter_sets()

    def split(self, frame: EncodedFrame, size: int) -> list[bytes]:
        check_frame(frame, _NAME)
        units = [
            unit
            for unit in annexb.units_of(frame.data, HEADER_MASK)
            if unit_type(unit) != _DELIMITER
        ]
        if not units:
            raise ValueError("a frame of access unit delimiters alone")
        if any(len(unit) < _HEADER for unit in units):
            raise ValueError("a NAL unit of 1 byte, where H.265 has headers of 2")
        self._sets.keep(units)
        if is_keyframe(units):
            units = self._sets.complete(units)
        return pack(units, size, _HEADER, _aggregate, _fragments)


def _aggregate(units: list[bytes]) -> bytes:
    """An aggregation packet. F is set if any is, LayerId and TID are the lowest: §4.4.2."""
    headers = [int.from_bytes(unit[:_HEADER], "big") for unit in units]
    header = _AP << 9 | min(each & 0x1F8 for each in headers) | min(each & 7 for each in headers)
    for each in headers:
        header |= each & 0x8000
    return _SIZE.pack(header) + b"".join([_SIZE.pack(len(unit)) + unit for unit in units])


def _fragments(unit: bytes, size: int) -> list[bytes]:
    indicator, kind = bytes((unit[0] & 0x81 | _FU << 1, unit[1])), unit_type(unit)
    part = part_length(len(unit) - _HEADER, size - _HEADER - 1)
    header = indicator + bytes((kind,))
    payloads = [header + unit[start : start + part] for start in range(_HEADER, len(unit), part)]
    payloads[0] = indicator + bytes((kind | _START,)) + payloads[0][len(header) :]
    payloads[-1] = indicator + bytes((kind | _END,)) + payloads[-1][len(header) :]
    return payloads


class H265Depacketizer:
    """Puts NAL units in their decoding order where the sender numbers them (DONL).

    Repeats parameter sets, of the stream or of the description, before an IRAP picture without.
    """

    def __init__(self, parameters: Parameters) -> None:
        difference = parameters.get("sprop-max-don-diff", "0").strip()
        self._numbered = difference.isdecimal() and int(difference) > 0
        self._sets = _parameter_sets()
        for name in ("sprop-vps", "sprop-sps", "sprop-pps"):
            self._sets.keep_encoded(parameters.get(name, ""))

    def begins(self, payload: bytes) -> bool:
        if len(payload) > _HEADER and unit_type(payload) == _FU and payload[_HEADER] < _START:
            return False  # most packets; an exception for each would cost more than all else
        try:
            unit = self._first_unit(_unwrapped(payload))
        except DecodeError:
            return False
        kind = unit_type(unit)
        if kind > _LAST_SLICE:
            return kind <= _LAST_UNIT
        return len(unit) > _HEADER and unit[_HEADER] >= _FIRST_SLICE

    def ends(self, packet: RtpPacket) -> bool:
        return packet.marker

    def is_keyframe(self, payload: bytes) -> bool:
        try:
            payload = _unwrapped(payload)
            kind = unit_type(payload)
            if kind == _FU:
                return len(payload) > _HEADER and _starts_decoding(payload[_HEADER] & 0x3F)
            if kind != _AP:
                return _starts_decoding(kind)
            units = _aggregated(payload, numbered=self._numbered)
            return any(_starts_decoding(unit_type(unit)) for _, unit in units)
        except DecodeError:
            return False

    def join(self, packets: Sequence[RtpPacket]) -> EncodedFrame:
        units = [unit for unit in self._units(packets) if unit_type(unit) != _DELIMITER]
        if not units:
            raise DecodeError("H.265 frame without a NAL unit")
        self._sets.keep(units)
        keyframe = is_keyframe(units)
        if keyframe:
            units = self._sets.complete(units)
        frame = EncodedFrame(annexb.join(units), _NAME, packets[0].timestamp, keyframe)
        frame.width, frame.height = picture_size(units) or (None, None)
        frame.temporal_id = temporal_id(units)
        return frame

    def _first_unit(self, payload: bytes) -> bytes:
        """The first bytes of the unit that begins with this payload. Raises DecodeError."""
        kind = unit_type(payload)
        if kind == _AP:
            return next(_aggregated(payload, numbered=self._numbered))[1]
        if kind == _FU:
            if len(payload) <= _HEADER or not payload[_HEADER] & _START:
                raise DecodeError("H.265 fragment that is not the first")
            begin = _HEADER + 1 + (2 if self._numbered else 0)
            return _header_of_fragment(payload) + payload[begin : begin + 1]
        return _single(payload, numbered=self._numbered)[1]

    def _units(self, packets: Sequence[RtpPacket]) -> list[bytes]:
        """NAL units in decoding order."""
        found: list[tuple[int, bytes]] = []
        parts = _Parts(numbered=self._numbered)
        for packet in packets:
            if not packet.payload:
                continue
            payload = _unwrapped(packet.payload)
            kind = unit_type(payload)
            if kind == _FU:
                if parts.take(payload):
                    found.append(parts.join())
            elif parts:
                raise DecodeError("H.265 fragment without the next one")
            elif kind == _AP:
                found += _aggregated(payload, numbered=self._numbered)
            elif kind <= _LAST_UNIT:
                found.append(_single(payload, numbered=self._numbered))
        if parts:
            raise DecodeError("H.265 fragment without the last one")
        if self._numbered and found:
            first = found[0][0]
            found.sort(key=lambda each: (each[0] - first + 0x8000) % 0x10000)
        return [unit for _, unit in found]


class _Parts:
    """The fragments of one NAL unit as they come."""

    def __init__(self, *, numbered: bool) -> None:
        self._numbered = numbered
        self._order = 0
        self._parts: list[bytes] = []

    def __bool__(self) -> bool:
        return bool(self._parts)

    def take(self, payload: bytes) -> bool:
        """Add one; whether it is the last. Raises DecodeError."""
        begin = _HEADER + 1
        if len(payload) <= begin:
            raise DecodeError(f"H.265 fragment of {len(payload)} bytes")
        header = _header_of_fragment(payload)
        if payload[_HEADER] & _START:
            if self._parts:
                raise DecodeError("two first fragments of one H.265 NAL unit")
            if unit_type(header) > _LAST_UNIT:
                raise DecodeError(f"fragment of NAL unit type {unit_type(header)}")
            if self._numbered:
                self._order, begin = _order(payload, begin)
            self._parts.append(header)
        elif not self._parts or self._parts[0] != header:
            raise DecodeError("H.265 fragment without the first one")
        self._parts.append(payload[begin:])
        return bool(payload[_HEADER] & _END)

    def join(self) -> tuple[int, bytes]:
        """Decoding order number and unit; begins anew."""
        unit = b"".join(self._parts)
        self._parts = []
        return self._order, unit


def _starts_decoding(kind: int) -> bool:
    return _FIRST_IRAP <= kind <= _LAST_IRAP or kind in {_VPS, _SPS}


def _unwrapped(payload: bytes) -> bytes:
    """The payload without PACI, which carries information about it. RFC 7798 §4.4.4."""
    if len(payload) < _HEADER:
        raise DecodeError(f"H.265 payload of {len(payload)} bytes")
    if unit_type(payload) != _PACI:
        return payload
    if len(payload) < _HEADER + 2:
        raise DecodeError("PACI packet without its header")
    fields = int.from_bytes(payload[_HEADER : _HEADER + 2], "big")
    kind = fields >> 9 & 0x3F
    if kind == _PACI:
        raise DecodeError("PACI packet in a PACI packet")
    begin = _HEADER + 2 + (fields >> 4 & 0x1F)
    if begin >= len(payload):
        raise DecodeError(f"PACI packet of {len(payload)} bytes")
    first = payload[0] & 0x01 | kind << 1 | fields >> 8 & 0x80
    return bytes((first, payload[1])) + payload[begin:]


def _order(payload: bytes, position: int) -> tuple[int, int]:
    """The number (DONL) at a position, and what position follows it."""
    if position + 2 >= len(payload):
        raise DecodeError("H.265 payload without its decoding order number")
    return _SIZE.unpack_from(payload, position)[0], position + 2


def _single(payload: bytes, *, numbered: bool) -> tuple[int, bytes]:
    """Decoding order number and NAL unit of a packet with one."""
    if not numbered:
        return 0, payload
    order, begin = _order(payload, _HEADER)
    return order, payload[:_HEADER] + payload[begin:]


def _header_of_fragment(payload: bytes) -> bytes:
    return bytes((payload[0] & 0x81 | (payload[_HEADER] & 0x3F) << 1, payload[1]))


def _aggregated(payload: bytes, *, numbered: bool) -> Iterator[tuple[int, bytes]]:
    """Decoding order numbers and units of an aggregation packet, at least one."""
    position, size = _HEADER, len(payload)
    order = 0
    if numbered:
        order, position = _order(payload, position)
    while True:
        begin = position + 2
        if begin >= size:
            raise DecodeError(f"H.265 aggregation packet of {size} bytes")
        position = begin + _SIZE.unpack_from(payload, position)[0]
        if not begin + _HEADER <= position <= size:
            raise DecodeError(f"NAL unit of {position - begin} bytes in an aggregation packet")
        unit = payload[begin:position]
        if unit_type(unit) > _LAST_UNIT:
            raise DecodeError(f"NAL unit type {unit_type(unit)} in an aggregation packet")
        yield order, unit
        if position == size:
            return
        if numbered:  # DOND is the difference less one: §4.4.2
            order = (order + payload[position] + 1) & 0xFFFF
            position += 1


H265 = PayloadFormat(_NAME, "video", 90_000, lambda _: H265Packetizer(), H265Depacketizer)
