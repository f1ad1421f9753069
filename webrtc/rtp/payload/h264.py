"""The payload format of H.264. RFC 6184."""

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
from webrtc.rtp.payload.sps import h264_size

_NAME: Final = "H264"
_SLICE, _PARTITION_A, _IDR, _SPS, _PPS, _DELIMITER = 1, 2, 5, 7, 8, 9
_LAST_UNIT = 23
_STAP_A, _STAP_B, _MTAP16, _MTAP24, _FU_A, _FU_B = range(24, 30)
_AGGREGATED = {_STAP_A: (1, 0), _STAP_B: (3, 0), _MTAP16: (3, 3), _MTAP24: (3, 4)}
"""Bytes before the first size and between a size and its unit. RFC 6184 §5.7."""
_SIZE: Final = struct.Struct("!H")
_START, _END = 0x80, 0x40
_FIRST_MACROBLOCK = 0x80
"""Set in the byte behind the header of a slice that begins a picture: first_mb_in_slice is 0."""
HEADER_MASK = 0x8000
"""Bits of the first two bytes of a picture's first NAL unit that are 0, for `annexb.units_of`."""


def unit_type(unit: bytes) -> int:
    """nal_unit_type of a NAL unit, which has at least a byte."""
    return unit[0] & 0x1F


def _id_of(unit: bytes) -> int:
    start = 4 if unit_type(unit) == _SPS else 1
    return Bits(unit[start : start + 4]).ue()


def _parameter_sets() -> ParameterSets:
    return ParameterSets((_SPS, _PPS), unit_type, _id_of)


class H264Packetizer:
    """Packs small NAL units together and cuts large ones.

    Takes frames in Annex B form, and with lengths of four bytes in place of start codes as well.
    Packetization modes 0, where a NAL unit is a packet, and 1. Repeats parameter sets before an
    IDR picture that comes without, and leaves out access unit delimiters, whose work marker and
    timestamp do.
    """

    def __init__(self, parameters: Parameters) -> None:
        self._cut = parameters.get("packetization-mode", "0").strip() == "1"
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
        self._sets.keep(units)
        if is_keyframe(units):
            units = self._sets.complete(units)
        if self._cut:
            return pack(units, size, 1, _aggregate, _fragments)
        longest = max(len(unit) for unit in units)
        if longest > size:
            raise ValueError(f"a NAL unit of {longest} bytes, and packetization-mode 0 cuts none")
        return units


def _aggregate(units: list[bytes]) -> bytes:
    # F is set if any is, NRI is the highest. RFC 6184 §5.7.1
    header = max(unit[0] & 0x60 for unit in units) | _STAP_A
    for unit in units:
        header |= unit[0] & 0x80
    return bytes((header,)) + b"".join([_SIZE.pack(len(unit)) + unit for unit in units])


def _fragments(unit: bytes, size: int) -> list[bytes]:
    indicator, kind = unit[0] & 0xE0 | _FU_A, unit_type(unit)
    part = part_length(len(unit) - 1, size - 2)
    header = bytes((indicator, kind))
    payloads = [header + unit[start : start + part] for start in range(1, len(unit), part)]
    payloads[0] = bytes((indicator, kind | _START)) + payloads[0][2:]
    payloads[-1] = bytes((indicator, kind | _END)) + payloads[-1][2:]
    return payloads


class H264Depacketizer:
    """Takes packets of all modes; NAL units come out in the order of their packets.

    Repeats parameter sets, of the stream or of the description, before an IDR picture without.
    """

    def __init__(self, parameters: Parameters) -> None:
        self._sets = _parameter_sets()
        self._sets.keep_encoded(parameters.get("sprop-parameter-sets", ""))

    def begins(self, payload: bytes) -> bool:
        kind, unit = _first_unit(payload)
        if kind in {_SLICE, _PARTITION_A, _IDR}:
            return len(unit) > 0 and unit[0] >= _FIRST_MACROBLOCK
        return kind > 0

    def ends(self, packet: RtpPacket) -> bool:
        return packet.marker

    def is_keyframe(self, payload: bytes) -> bool:
        if not payload:
            return False
        kind = payload[0] & 0x1F
        if kind in {_FU_A, _FU_B}:
            return len(payload) > 1 and payload[1] & 0x1F in {_IDR, _SPS}
        if kind not in _AGGREGATED:
            return kind in {_IDR, _SPS}
        try:
            return any(unit_type(unit) in {_IDR, _SPS} for unit in _aggregated(kind, payload))
        except DecodeError:
            return False

    def join(self, packets: Sequence[RtpPacket]) -> EncodedFrame:
        units = [unit for unit in _units(packets) if unit_type(unit) != _DELIMITER]
        if not units:
            raise DecodeError("H.264 frame without a NAL unit")
        self._sets.keep(units)
        keyframe = is_keyframe(units)
        if keyframe:
            units = self._sets.complete(units)
        frame = EncodedFrame(annexb.join(units), _NAME, packets[0].timestamp, keyframe)
        frame.width, frame.height = picture_size(units) or (None, None)
        return frame


def picture_size(units: Sequence[bytes]) -> tuple[int, int] | None:
    """Width and height that the first readable sequence parameter set among the units tells."""
    return first_readable(h264_size, (unit for unit in units if unit_type(unit) == _SPS))


def is_keyframe(units: Sequence[bytes]) -> bool:
    """Whether a decoder can begin with the picture of these units."""
    return any(unit_type(unit) == _IDR for unit in units)


def _first_unit(payload: bytes) -> tuple[int, bytes]:
    """Type of the unit that begins with this payload and what follows its header; 0 for none."""
    if not payload:
        return 0, b""
    kind = payload[0] & 0x1F
    if kind in {_FU_A, _FU_B}:
        if len(payload) < 2 or not payload[1] & _START:
            return 0, b""
        return payload[1] & 0x1F, payload[2:3] if kind == _FU_A else payload[4:5]
    if kind in _AGGREGATED:
        try:
            unit = next(_aggregated(kind, payload))
        except DecodeError:
            return 0, b""
        return unit_type(unit), unit[1:2]
    return (kind, payload[1:2]) if kind <= _LAST_UNIT else (0, b"")


def _aggregated(kind: int, payload: bytes) -> Iterator[bytes]:
    """Units of a STAP or MTAP, at least one."""
    position, offset = _AGGREGATED[kind]
    size = len(payload)
    while True:
        begin = position + 2 + offset
        if begin >= size:
            raise DecodeError(f"H.264 aggregation packet of {size} bytes")
        position = begin + _SIZE.unpack_from(payload, position)[0]
        if not begin < position <= size:
            raise DecodeError(f"NAL unit of {position - begin} bytes in an aggregation packet")
        if not 0 < payload[begin] & 0x1F <= _LAST_UNIT:
            raise DecodeError(f"NAL unit type {payload[begin] & 0x1F} in an aggregation packet")
        yield payload[begin:position]
        if position == size:
            return


def _units(packets: Sequence[RtpPacket]) -> list[bytes]:
    units: list[bytes] = []
    parts: list[bytes] = []  # of a unit that is not whole yet
    for packet in packets:
        payload = packet.payload
        if not payload:
            continue
        kind = payload[0] & 0x1F
        if kind in {_FU_A, _FU_B}:
            if _take_part(kind, payload, parts):
                units.append(b"".join(parts))
                parts = []
        elif parts:
            raise DecodeError("H.264 fragment without the next one")
        elif kind in _AGGREGATED:
            units += _aggregated(kind, payload)
        elif 0 < kind <= _LAST_UNIT:  # the others "must be ignored": RFC 6184 §5.2
            units.append(payload)
    if parts:
        raise DecodeError("H.264 fragment without the last one")
    return units


def _take_part(kind: int, payload: bytes, parts: list[bytes]) -> bool:
    """Add a fragment to those before it; whether it is the last."""
    begin = 2 if kind == _FU_A else 4
    if len(payload) <= begin:
        raise DecodeError(f"H.264 fragment of {len(payload)} bytes")
    header = payload[1]
    first = payload[0] & 0xE0 | header & 0x1F
    if header & _START:
        if parts:
            raise DecodeError("two first fragments of one H.264 NAL unit")
        if not 0 < header & 0x1F <= _LAST_UNIT:
            raise DecodeError(f"fragment of NAL unit type {header & 0x1F}")
        parts.append(bytes((first,)))
    elif not parts or parts[0][0] != first:
        raise DecodeError("H.264 fragment without the first one")
    parts.append(payload[begin:])
    return bool(header & _END)


H264 = PayloadFormat(_NAME, "video", 90_000, H264Packetizer, H264Depacketizer)
