"""Redundant sound: each packet has the last ones in it once more. RFC 2198."""

from collections import deque
from collections.abc import Sequence
from typing import Final, NamedTuple

from webrtc.errors import DecodeError
from webrtc.rtp.frame import EncodedFrame
from webrtc.rtp.packet import RtpPacket
from webrtc.rtp.payload.base import Packetizer

ENCODING_NAME: Final = "red"
MAX_OFFSET: Final = (1 << 14) - 1
MAX_LENGTH: Final = (1 << 10) - 1
_HEADER: Final = 4
_REMEMBERED: Final = 64


class Block(NamedTuple):
    """One encoding of some sound."""

    payload_type: int
    offset: int
    """How much older it is than the timestamp of the packet, in ticks."""
    payload: bytes


def decode(payload: bytes) -> list[Block]:
    """The blocks of a payload, oldest first; the last is the packet's own. Raises DecodeError."""
    heads: list[tuple[int, int, int]] = []
    position = 0
    while position < len(payload) and payload[position] > 0x7F:
        word = int.from_bytes(payload[position : position + _HEADER], "big")
        heads.append((word >> 24 & 0x7F, word >> 10 & MAX_OFFSET, word & MAX_LENGTH))
        position += _HEADER
    if position >= len(payload):
        raise DecodeError(f"{len(payload)} bytes of RED without a block that is the packet's own")
    own_type = payload[position]
    position += 1
    blocks = []
    for payload_type, offset, length in heads:
        blocks.append(Block(payload_type, offset, payload[position : position + length]))
        position += length
    if position > len(payload):
        raise DecodeError(f"{len(payload)} bytes of RED for blocks of {position}")
    blocks.append(Block(own_type, 0, payload[position:]))
    return blocks


def encode(blocks: Sequence[Block]) -> bytes:
    """The payload of blocks, oldest first. Raises ValueError for what does not fit."""
    heads = bytearray()
    for block in blocks[:-1]:
        length = len(block.payload)
        if not 0 <= block.offset <= MAX_OFFSET or length > MAX_LENGTH:
            raise ValueError(f"a redundant block of {length} bytes, {block.offset} ticks old")
        word = (0x80 | block.payload_type) << 24 | block.offset << 10 | length
        heads += word.to_bytes(_HEADER, "big")
    heads.append(blocks[-1].payload_type)
    return bytes(heads) + b"".join([block.payload for block in blocks])


class RedPacketizer:
    """Puts the last payloads of another packetizer into each of its payloads.

    What is too old, too large, or leaves no room is not repeated: redundancy never costs a packet.
    """

    def __init__(self, inner: Packetizer, payload_type: int, distance: int = 1) -> None:
        self._inner = inner
        self._payload_type = payload_type
        self._sent: deque[tuple[int, bytes]] = deque(maxlen=distance)

    def split(self, frame: EncodedFrame, size: int) -> list[bytes]:
        [own] = self._inner.split(frame, size - 1)
        room = size - 1 - len(own)
        blocks = [Block(self._payload_type, 0, own)]
        for timestamp, payload in reversed(self._sent):
            offset = (frame.timestamp - timestamp) & 0xFFFFFFFF
            room -= _HEADER + len(payload)
            # Only an unbroken run back: who receives it counts back from the packet's own number.
            if room < 0 or not 0 < offset <= MAX_OFFSET or len(payload) > MAX_LENGTH:
                break
            blocks.append(Block(self._payload_type, offset, payload))
        self._sent.append((frame.timestamp, own))
        return [encode(blocks[::-1])]


class Recovery:
    """Takes redundancy off a stream: what was lost comes before the packet that has it again."""

    def __init__(self) -> None:
        self._seen: deque[int] = deque(maxlen=_REMEMBERED)

    def unwrap(self, packet: RtpPacket) -> list[RtpPacket]:
        """The packet without redundancy, last, and before it what is known from it alone.

        Packets that it brings back get the numbers before its own, counted from it.
        Raises DecodeError.
        """
        blocks = decode(packet.payload)
        found = []
        for back, block in zip(range(len(blocks) - 1, -1, -1), blocks, strict=True):
            if block.payload_type == packet.payload_type:
                raise DecodeError("RED within RED")
            timestamp = (packet.timestamp - block.offset) & 0xFFFFFFFF
            known = timestamp in self._seen
            if not known:
                self._seen.append(timestamp)
            if not back or (block.payload and not known):
                number = (packet.sequence_number - back) & 0xFFFF
                found.append(
                    RtpPacket(block.payload_type, number, timestamp, packet.ssrc, block.payload)
                )
        own = found[-1]
        own.marker = packet.marker
        own.csrcs = packet.csrcs
        own.extension_profile = packet.extension_profile
        own.extension = packet.extension
        return found
