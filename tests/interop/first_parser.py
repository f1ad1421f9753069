"""What our decoders make of inputs, in the form of `second_parser`, each part with its bytes."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import astuple
from functools import partial
from random import Random
from typing import Any, NamedTuple

from webrtc.datachannel import dcep
from webrtc.errors import DecodeError, ProtocolError
from webrtc.sctp import Config, Counters
from webrtc.sctp.causes import decode_causes
from webrtc.sctp.chunks import BEGINNING, END, ChunkType, ForwardTsn, Init, Sack, decode_shutdown
from webrtc.sctp.cookie import Peering
from webrtc.sctp.heartbeat import Heartbeat
from webrtc.sctp.inbound import DataInbound
from webrtc.sctp.packet import decode_header, walk
from webrtc.sctp.parameters import Parameter, decode_parameters
from webrtc.sctp.reconfig import (
    OtherRequest,
    OutgoingReset,
    Reconfiguration,
    Response,
    decode_reconfig,
)
from webrtc.sdp import MediaDescription, SessionDescription, parse_candidate
from webrtc.stun import Message
from webrtc.stun.attributes import BY_TYPE, Fingerprint, MessageIntegrity
from webrtc.stun.registry import AttributeType

KEY = b"key"
"""Of MESSAGE-INTEGRITY, as in `second_parser`."""
CHUNKS = frozenset(range(12)) | {14, 130, 192}
"""Types that aiortc knows; it passes over all others."""
ATTRIBUTES = (
    *(1, 3, 6, 8, 9, 12, 13, 18, 19, 20, 21, 22, 25, 32, 36, 37),
    *(0x8022, 0x8028, 0x8029, 0x802A, 0x802B, 0x802C),
)
"""Types that aioice knows and RFC 8489 has not retired, in ascending order."""
_ADD_OUTGOING_STREAMS = 17
Json = Any


class Part(NamedTuple):
    """The whole of an input, or a part of one whose whole was taken."""

    kind: str
    data: bytes
    value: Json
    """What it says, None when it is refused."""


def _judge(kind: str, data: bytes, read: Callable[[bytes], Json]) -> Part:
    try:
        return Part(kind, data, read(data))
    except ProtocolError:
        return Part(kind, data, None)


def read_packet(packet: bytes) -> list[Part]:
    """An SCTP packet and its chunks."""
    try:
        head = decode_header(packet)
        chunks = [chunk for chunk in walk(packet) if chunk[0] in CHUNKS]
    except DecodeError:
        return [Part("packet", packet, None)]
    kinds = [[kind, flags] for kind, flags, *_ in chunks]
    parts = [Part("packet", packet, [*head, kinds])]
    for kind, _, start, stop in chunks:
        read = _CHUNK_READERS.get(kind, lambda _: [])
        parts.append(_judge(ChunkType(kind).name, packet[start:stop], read))
    return parts


def _data(value: bytes) -> Json:
    """As a chunk that is a whole message, alone in a packet of an association made for it."""
    tsn = int.from_bytes(value[:4], "big")
    peering = Peering(1, 2, 3, tsn, 1 << 20, 1, 1 << 16, 0)
    inbound = DataInbound(Config(), peering, Counters(), deque())
    inbound.handle_data(bytes(16) + value, BEGINNING | END, 16, 16 + len(value))
    waiting = [
        (ssn, message)
        for each in inbound._waiting.values()
        for ssn, message in each.messages.items()
    ]
    ssn, message = waiting[0] if waiting else (0, inbound.messages[0])
    cumulative = inbound.tsns.cumulative & 0xFFFF_FFFF
    return [cumulative, message.stream_id, ssn, message.ppid, message.data.hex()]


def _init(value: bytes) -> Json:
    init = Init.decode(value)
    streams = [init.outbound_streams, init.inbound_streams]
    fixed = [init.tag, init.receive_window, *streams, init.initial_tsn]
    return [*fixed, _parameters(init.parameters)]


def _sack(value: bytes) -> Json:
    sack = Sack.decode(value)
    gaps = [list(gap) for gap in sack.gaps]
    return [sack.cumulative_tsn, sack.receive_window, gaps, list(sack.duplicates)]


def _heartbeat(value: bytes) -> Json:
    answer = Heartbeat(Random(1), interval=1.0, room=65535).echo(value, 0.0)
    return None if answer is None else answer.hex()


def _forward_tsn(value: bytes) -> Json:
    forward = ForwardTsn.decode(value)
    return [forward.cumulative_tsn, [list(entry) for entry in forward.skipped]]


def _parameters(parameters: Iterable[Parameter]) -> Json:
    return [[kind, value.hex()] for kind, value in parameters]


def _reconfig(value: bytes) -> Json:
    return [shown for each in decode_reconfig(value) if (shown := _reconfiguration(each))]


def _reconfiguration(found: Reconfiguration) -> Json:
    """Empty for what aiortc passes over."""
    match found:
        case OutgoingReset(sequence, response_sequence, last_tsn, ids):
            return [found.type, sequence, response_sequence, last_tsn, list(ids)]
        case Response(sequence, result):
            return [found.type, sequence, result]
        case OtherRequest(kind, sequence, count) if kind == _ADD_OUTGOING_STREAMS:
            return [kind, sequence, count]
    return []


_CHUNK_READERS: dict[int, Callable[[bytes], Json]] = {
    ChunkType.DATA: _data,
    ChunkType.INIT: _init,
    ChunkType.INIT_ACK: _init,
    ChunkType.SACK: _sack,
    ChunkType.HEARTBEAT: _heartbeat,
    ChunkType.HEARTBEAT_ACK: lambda value: _parameters(decode_parameters(value, 1)),
    ChunkType.ABORT: lambda value: _parameters(decode_causes(value)),
    ChunkType.ERROR: lambda value: _parameters(decode_causes(value)),
    ChunkType.SHUTDOWN: decode_shutdown,
    ChunkType.COOKIE_ECHO: bytes.hex,
    ChunkType.RE_CONFIG: _reconfig,
    ChunkType.FORWARD_TSN: _forward_tsn,
}


def read_message(data: bytes) -> list[Part]:
    """A STUN message and its attributes."""
    try:
        message = Message.decode(data)
    except DecodeError:
        return [Part("message", data, None)]
    if Fingerprint in message and not message.fingerprint_ok:  # what the demultiplexer drops
        return [Part("message", data, None)]
    kinds = [kind for kind in ATTRIBUTES if BY_TYPE[kind] in message]
    spread = (message.message_class & 2) << 7 | (message.message_class & 1) << 4
    verified = MessageIntegrity in message and message.verify(KEY)
    head = [int(message.method), spread, message.transaction_id.hex(), verified, kinds]
    parts = [Part("message", data, head)]
    for kind in kinds:
        raw = next((item.encode(b"") for item in message._items if item.type == kind), b"")
        parts.append(_judge(AttributeType(kind).name, raw, partial(_attribute, message, kind)))
    return parts


def _attribute(message: Message, kind: int, _: bytes) -> Json:
    found: Any = message.get(BY_TYPE[kind])
    values = astuple(found)
    if len(values) != 1:
        return list(values) or True
    match values[0]:
        case bytes() as value:
            return value.hex()
        case str() as value if kind == AttributeType.NONCE:  # bytes for aioice
            return value.encode().hex()
        case tuple() as value:
            return list(value)
        case value:
            return value


def read_candidate(data: bytes) -> list[Part]:
    """What follows `candidate:`."""
    return [_judge("candidate", data, lambda data: _candidate(text(data)))]


def _candidate(line: str) -> Json:
    found = parse_candidate(line)
    related = found.related_address and list(found.related_address)
    head = [found.foundation, found.component, found.protocol, found.priority]
    return [*head, list(found.address), found.type, related, found.tcp_type]


def read_dcep(data: bytes) -> list[Part]:
    """A message of the data channel establishment protocol."""
    return [_judge("dcep", data, _dcep)]


def _dcep(data: bytes) -> Json:
    found = dcep.decode(data)
    if isinstance(found, dcep.Ack):
        return ["ACK"]
    channel = found.parameters
    names = ("label", "protocol", "ordered", "max_packet_life_time", "max_retransmits")
    return ["OPEN", *(getattr(channel, name) for name in names)]


def read_description(data: bytes) -> list[Part]:
    """A session description and its sections."""
    try:
        found = SessionDescription.parse(text(data))
    except DecodeError:
        return [Part("description", data, None)]
    groups = [[group.semantics, list(group.mids)] for group in found.groups()]
    lines = [[media.kind, media.port, media.protocol, media.formats] for media in found.media]
    whole = Part("description", data, [(found.field("o") or "").strip(), groups, lines])
    return [whole, *(part for media in found.media for part in _section(found, media, data))]


def _section(found: SessionDescription, media: MediaDescription, data: bytes) -> Iterator[Part]:
    setup = found.setup(media)
    fields: dict[str, Json] = {
        "mid": media.mid or "",
        "direction": media.direction or "",
        "ice": [found.ice_ufrag(media), found.ice_pwd(media), found.ice_lite],
        "dtls": [setup, [list(each) for each in found.fingerprints(media)]] if setup else [],
        "candidates": [
            [each.foundation, each.component, each.protocol, each.priority, *each.address]
            for each in media.candidates
        ],
        "end-of-candidates": found.end_of_candidates(media),
        "sctp-port": media.sctp_port or 0,
        "max-message-size": media.max_message_size or 0,
    }
    for kind, value in fields.items():
        yield Part(kind, data, value)


def text(data: bytes) -> str:
    """Of a candidate or a description."""
    return data.decode(errors="replace")


READERS: dict[str, Callable[[bytes], list[Part]]] = {
    "sctp": read_packet,
    "stun": read_message,
    "candidate": read_candidate,
    "dcep": read_dcep,
    "sdp": read_description,
}
