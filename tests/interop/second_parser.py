"""What aiortc and aioice make of inputs; runs in their environment, not in ours.

In:  {format: [input in hex, ...]}
Out: {format: [verdict, ...]}: a verdict is a list, first of the whole, then of its parts in order;
     None in it is a refusal
"""

import asyncio
import json
import sys
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import aioice  # type: ignore[import-not-found, unused-ignore]  # lives in an environment of its own
from aioice import stun  # type: ignore[import-not-found, unused-ignore]  # the same
from aiortc import rtcsctptransport as sctp  # type: ignore[import-not-found, unused-ignore]  # same
from aiortc.sdp import (  # type: ignore[import-not-found, unused-ignore]  # the same
    DTLS_ROLE_SETUP,
    SessionDescription,
)

KEY = b"key"
DCEP = 50
OPENED, ACKNOWLEDGED = 1, 2  # streams
CHANGE_REQUEST, REQUESTED_TRANSPORT = 0x0003, 0x0019
RETIRED = {"SOURCE-ADDRESS", "CHANGED-ADDRESS"}  # since RFC 5389
Json = Any


class Malformed:
    """Stands for a part that was refused, so that it does not hide the others."""

    def __init__(self, type_: int = -1, flags: int = 0) -> None:
        self.type, self.flags = type_, flags


def read_packet(data: bytes) -> list[Json]:
    source, destination, tag, chunks = sctp.parse_packet(data)
    kinds = [[chunk.type, chunk.flags] for chunk in chunks]
    return [[source, destination, tag, kinds], *map(read_chunk, chunks)]


def read_chunk(chunk: Any) -> Json:
    if isinstance(chunk, Malformed):
        return None
    found = (read for kind, read in CHUNK_READERS if isinstance(chunk, kind))
    return next(found, lambda _: [])(chunk)


def read_init(chunk: Any) -> Json:
    streams = [chunk.outbound_streams, chunk.inbound_streams]
    fixed = [chunk.initiate_tag, chunk.advertised_rwnd, *streams, chunk.initial_tsn]
    return [*fixed, parameters(chunk)]


def read_sack(chunk: Any) -> Json:
    gaps = [list(gap) for gap in chunk.gaps]
    return [chunk.cumulative_tsn, chunk.advertised_rwnd, gaps, chunk.duplicates]


def read_data(chunk: Any) -> Json:
    content = chunk.user_data.hex()
    return [chunk.tsn, chunk.stream_id, chunk.stream_seq, chunk.protocol, content]


def answer_heartbeat(chunk: Any) -> Json:
    answer = sctp.HeartbeatAckChunk()
    answer.params = chunk.params
    return bytes(answer).hex()


def parameters(chunk: Any) -> list[Json]:
    return [[kind, value.hex()] for kind, value in chunk.params]


def reconfiguration(chunk: Any) -> Json:
    known = sctp.RECONFIG_PARAM_TYPES
    try:
        return [
            [kind, *vars(known[kind].parse(value)).values()]
            for kind, value in chunk.params
            if kind in known
        ]
    except Exception:
        return None


CHUNK_READERS: list[tuple[Any, Callable[[Any], Json]]] = [
    (sctp.DataChunk, read_data),
    (sctp.BaseInitChunk, read_init),
    (sctp.SackChunk, read_sack),
    (sctp.ShutdownChunk, lambda chunk: chunk.cumulative_tsn),
    (sctp.ForwardTsnChunk, lambda chunk: [chunk.cumulative_tsn, list(map(list, chunk.streams))]),
    (sctp.HeartbeatChunk, answer_heartbeat),
    (sctp.ReconfigChunk, reconfiguration),
    (sctp.BaseParamsChunk, parameters),
    (sctp.CookieEchoChunk, lambda chunk: chunk.body.hex()),
]


def read_message(data: bytes) -> list[Json]:
    message = stun.parse_message(data)
    found = {
        stun.ATTRIBUTES_BY_NAME[name][0]: value
        for name, value in message.attributes.items()
        if name not in RETIRED
    }
    integrity = message.attributes.get("MESSAGE-INTEGRITY")
    verified = isinstance(integrity, bytes) and message.check_message_integrity(KEY)
    kind = [int(message.message_method), int(message.message_class)]
    whole = [*kind, message.transaction_id.hex(), verified, sorted(found)]
    return [whole, *(attribute(type_, found[type_]) for type_ in sorted(found))]


def attribute(type_: int, value: Any) -> Json:
    if isinstance(value, Malformed):
        return None
    match value:
        case None:
            shown: Json = True
        case bytes():
            shown = value.hex()
        case tuple():
            shown = list(value)
        case int() if type_ == CHANGE_REQUEST:
            shown = [bool(value & 4), bool(value & 2)]
        case int() if type_ == REQUESTED_TRANSPORT:
            shown = value >> 24
        case _:
            shown = value
    return shown


def read_candidate(data: bytes) -> list[Json]:
    found = aioice.Candidate.from_sdp(text(data))
    related = None if found.related_address is None else [found.related_address, found.related_port]
    address = [found.host, found.port]
    head = [found.foundation, found.component, found.transport.lower(), found.priority]
    return [[*head, address, found.type, related, found.tcptype]]


def read_dcep(data: bytes) -> list[Json]:
    """What the transport makes of it, on a stub in place of the transport."""
    opened: list[Any] = []

    async def flush() -> None: ...

    known = SimpleNamespace(readyState="connecting", _setReadyState=opened.append)
    transport = SimpleNamespace(
        _data_channels={ACKNOWLEDGED: known},
        _data_channel_queue=[],
        _data_channel_flush=flush,
        emit=lambda _name, channel: opened.append(channel),
    )
    stream = ACKNOWLEDGED if data[:1] == b"\x02" else OPENED
    receive = sctp.RTCSctpTransport._data_channel_receive(transport, stream, DCEP, data)
    try:
        receive.send(None)  # nothing in it waits
    except StopIteration:
        pass
    if not opened:
        return [None]
    (channel,) = opened
    if channel == "open":
        return [["ACK"]]
    names = ("label", "protocol", "ordered", "maxPacketLifeTime", "maxRetransmits")
    return [["OPEN", *(getattr(channel, name) for name in names)]]


def read_description(data: bytes) -> list[Json]:
    """The whole, then field after field of each section."""
    found = SessionDescription.parse(text(data))
    groups = [[group.semantic, group.items] for group in found.group]
    lines = [[media.kind, media.port, media.profile, media.fmt] for media in found.media]
    return [
        [found.origin, groups, lines],
        *(value for each in found.media for value in section(each)),
    ]


def section(media: Any) -> list[Json]:
    size = sctp.REMOTE_DEFAULT_MAX_MESSAGE_SIZE
    if media.sctpCapabilities is not None:
        size = media.sctpCapabilities.maxMessageSize
    dtls = (
        [
            DTLS_ROLE_SETUP[media.dtls.role],
            [[each.algorithm.lower(), each.value.upper()] for each in media.dtls.fingerprints],
        ]
        if media.dtls
        else []
    )
    candidates = [
        [each.foundation, each.component, each.protocol.lower(), each.priority, each.ip, each.port]
        for each in media.ice_candidates
    ]
    ice = [media.ice.usernameFragment, media.ice.password, media.ice.iceLite]
    end = media.ice_candidates_complete
    mid, direction, port = media.rtp.muxId or "", media.direction or "", media.sctp_port or 0
    return [mid, direction, ice, dtls, candidates, end, port, size]


def text(data: bytes) -> str:
    return data.decode(errors="replace")


def make_tolerant() -> None:
    """Let parsers go on behind a part that they refuse, and return from what they would not."""

    def chunk(kind: Any) -> Callable[..., Any]:
        def make(flags: int, body: bytes) -> Any:
            try:
                return kind(flags=flags, body=body)
            except Exception:
                return Malformed(kind.type, flags)

        return make

    def value(unpack: Callable[..., Any]) -> Callable[..., Any]:
        def tolerant(*arguments: Any, **named: Any) -> Any:
            try:
                return unpack(*arguments, **named)
            except Exception:
                return Malformed()

        return tolerant

    sctp.CHUNK_TYPES = {number: chunk(kind) for number, kind in sctp.CHUNK_TYPES.items()}
    sctp.decode_params = terminating(sctp.decode_params)
    unpackers = {entry[3]: value(entry[3]) for entry in stun.ATTRIBUTES}
    stun.unpack_xor_address = unpackers[stun.unpack_xor_address]  # compared by identity
    stun.ATTRIBUTES_BY_TYPE = {
        entry[0]: (*entry[:3], unpackers[entry[3]]) for entry in stun.ATTRIBUTES
    }


def terminating(decode_params: Callable[[bytes], Json]) -> Callable[[bytes], Json]:
    """As aiortc's, which does not come back from a parameter of length 0: that is refused."""

    def decode(body: bytes) -> Json:
        position = 0
        while position <= len(body) - 4:
            length = int.from_bytes(body[position + 2 : position + 4], "big")
            if not length:
                raise ValueError("a parameter without end")
            position += length + -length % 4
        return decode_params(body)

    return decode


READERS: dict[str, Callable[[bytes], list[Json]]] = {
    "sctp": read_packet,
    "stun": read_message,
    "candidate": read_candidate,
    "dcep": read_dcep,
    "sdp": read_description,
}


def verdict(read: Callable[[bytes], list[Json]], data: bytes) -> list[Json]:
    try:
        return read(data)
    except Exception:
        return [None]


def main() -> None:
    asyncio.set_event_loop(asyncio.new_event_loop())  # event emitters of aiortc want one
    make_tolerant()
    inputs = json.load(sys.stdin)
    verdicts = {
        name: [verdict(READERS[name], bytes.fromhex(data)) for data in each]
        for name, each in inputs.items()
    }
    json.dump(verdicts, sys.stdout)


if __name__ == "__main__":
    main()
