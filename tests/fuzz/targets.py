"""Every decoder with its seeds. A decoder returns or raises DecodeError; nothing else."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random

from tests.fuzz import files, peers, rtp, sound, video
from tests.fuzz.association import association
from tests.fuzz.media import negotiate
from tests.fuzz.recording import datagrams, sctp_packets
from tests.fuzz.session import session_under
from webrtc.datachannel import dcep
from webrtc.dtls import Fingerprint, fragments, record
from webrtc.ice.candidate import CandidateType
from webrtc.peer.demux import classify
from webrtc.peer.describe import describe
from webrtc.sctp import Config, Counters
from webrtc.sctp.causes import Violation, decode_causes
from webrtc.sctp.chunks import (
    Abort,
    ChunkType,
    ForwardTsn,
    IForwardTsn,
    Init,
    Sack,
    decode_shutdown,
)
from webrtc.sctp.cookie import Peering
from webrtc.sctp.interleaved import InterleavedInbound
from webrtc.sctp.packet import walk
from webrtc.sctp.parameters import decode_parameters
from webrtc.sctp.reconfig import decode_reconfig
from webrtc.sdp import SessionDescription, format_candidate, parse_candidate
from webrtc.stun import Message, attributes, is_stun
from webrtc.util import captures, pcapng

VECTORS = Path(__file__).parent.parent / "vectors"
STUN_CLASSES = [
    value
    for value in vars(attributes).values()
    if isinstance(value, type) and hasattr(value, "type")
]


@dataclass(frozen=True)
class Target:
    """One decoder."""

    name: str
    decode: Callable[[bytes], object]
    seeds: Callable[[], list[bytes]]


def _text(parse: Callable[[str], object]) -> Callable[[bytes], object]:
    return lambda data: parse(data.decode("utf-8", "surrogateescape"))


def _stun(data: bytes) -> None:
    message = Message.decode(data)
    message.verify(b"key")
    _ = message.fingerprint_ok
    for kind in STUN_CLASSES:
        message.get(kind)
    repr(message)


def _sdp(text: str) -> None:
    description = SessionDescription.parse(text)
    str(description)
    description.groups("BUNDLE")
    for media in description.media:
        _ = (media.mid, media.codecs, media.candidates, media.simulcast, media.sctp_init)
        _ = (media.max_message_size, media.sources, media.extmaps, media.rids, media.frame_rate)
        description.fingerprints(media)
        description.setup(media)
        description.ice_ufrag(media)


@cache
def _peering() -> Peering:
    """What the recorded packets from the first sender belong to."""
    init = Init.decode(_chunks()[0])
    return Peering(1, init.tag, 1, init.initial_tsn, 1 << 20, 65535, 65535, 0)


def _interleaved(packet: bytes) -> None:
    """I-DATA and I-FORWARD-TSN into messages; a violation ends the association as it should."""
    inbound = InterleavedInbound(Config(), _peering(), Counters(), deque())
    try:
        for kind, flags, start, stop in walk(packet):
            if kind == ChunkType.I_DATA:
                inbound.handle_data(packet, flags, start, stop)
            elif kind == ChunkType.I_FORWARD_TSN:
                inbound.handle_forward_tsn(packet[start:stop])
    except Violation:
        inbound.forget()
    assert inbound.held >= sum(len(message.data) for message in inbound.messages)


@cache
def _datagrams() -> list[bytes]:
    return datagrams()


@cache
def _chunks() -> list[bytes]:
    return [packet[start:stop] for packet in sctp_packets() for _, _, start, stop in walk(packet)]


@cache
def _descriptions() -> list[bytes]:
    return [path.read_bytes() for path in sorted((VECTORS / "sdp").glob("*.sdp"))]


@cache
def _candidates() -> list[bytes]:
    found = [
        line.removeprefix(b"a=")
        for text in _descriptions()
        for line in text.splitlines()
        if line.startswith(b"a=candidate:")
    ]
    tcp = b"candidate:1 1 TCP 1 192.0.2.1 9 typ host tcptype active raddr ::1 rport 1 ufrag x"
    return [*found, tcp]


def _candidate(text: str) -> None:
    candidate = parse_candidate(text)
    assert candidate.type in CandidateType
    format_candidate(candidate)


def _capture(data: bytes) -> None:
    for frame in captures.frames(data):
        captures.payload(frame)


def _captures() -> list[bytes]:
    written: list[bytes] = []
    writer = pcapng.Writer(written.append)
    for data in _datagrams()[:5]:
        for hosts in (("192.0.2.1", "192.0.2.2"), ("2001:db8::1", "2001:db8::2")):
            datagram = pcapng.Datagram(data, (hosts[0], 1), (hosts[1], 2))
            writer.write(0.0, pcapng.Direction.INBOUND, datagram, hosts[0])
    return [b"".join(written)]


TARGETS = [
    Target("demux", classify, _datagrams),
    Target("describe", describe, _datagrams),
    Target("capture", _capture, _captures),
    Target("stun", _stun, lambda: [data for data in _datagrams() if is_stun(data)]),
    Target("candidate", _text(_candidate), _candidates),
    Target("sdp", _text(_sdp), _descriptions),
    Target(
        "fingerprint", _text(Fingerprint.parse), lambda: [b"sha-256 " + b":".join([b"AB"] * 32)]
    ),
    Target("dtls-record", lambda data: list(record.split(data)), _datagrams),
    Target(
        "dtls-fragment",
        lambda data: list(fragments.decode(data)),
        lambda: [data[13:] for data in _datagrams()],
    ),
    Target("sctp-packet", lambda data: list(walk(data)), sctp_packets),
    Target("sctp-init", Init.decode, _chunks),
    Target("sctp-sack", Sack.decode, _chunks),
    Target("sctp-abort", lambda data: Abort.decode(0, data), _chunks),
    Target("sctp-shutdown", decode_shutdown, _chunks),
    Target("sctp-forward-tsn", ForwardTsn.decode, _chunks),
    Target("sctp-i-forward-tsn", IForwardTsn.decode, _chunks),
    Target("sctp-interleaved", _interleaved, sctp_packets),
    Target("sctp-parameters", decode_parameters, lambda: [chunk[16:] for chunk in _chunks()]),
    Target("sctp-causes", decode_causes, _chunks),
    Target("sctp-reconfig", decode_reconfig, _chunks),
    Target("dcep", dcep.decode, lambda: [bytes.fromhex("0381020000000003000400026368617470 31")]),
    *[
        Target(*decoder)
        for decoder in [*video.DECODERS, *sound.DECODERS, *files.READERS, *rtp.DECODERS]
    ],
]


def _fates(seed: int) -> Callable[[], list[bytes]]:
    return lambda: [Random(seed + size).randbytes(size) for size in (20, 100, 300)]


PEERS = [
    Target("peer", peers.peer, _fates(1)),
    Target("handshake", peers.handshake, _fates(2)),
    Target("hostile", peers.hostile, _fates(3)),
    Target("association", association, _fates(4)),
    Target("rtp-session", session_under, _fates(5)),
    Target("media", _text(negotiate), _descriptions),
]
"""Whole peers; their input says what happens to them. What takes as long is among them."""
