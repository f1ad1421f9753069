"""The same bytes through our decoders and through aiortc's and aioice's."""

import json
import os
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from random import Random

import pytest

from tests.fuzz.mutator import mutate
from tests.fuzz.recording import sctp_packets
from tests.fuzz.targets import TARGETS, VECTORS
from tests.interop.differences import ALLOWED, Difference
from tests.interop.first_parser import KEY, READERS, Json, Part
from tests.interop.piped import AIORTC
from webrtc.sctp import causes, chunks, packet, reconfig
from webrtc.sctp.chunks import ChunkType
from webrtc.sctp.packet import checksum, encode_chunk, walk
from webrtc.sctp.parameters import Parameter
from webrtc.stun import Message, MessageClass, Method, attributes, integrity
from webrtc.stun.integrity import HEADER_SIZE

pytestmark = pytest.mark.interop

SECOND_PARSER = Path(__file__).with_name("second_parser.py")
SEED = int(os.environ.get("FUZZ_SEED", "1"))
RUNS = int(os.environ.get("FUZZ_RUNS", "40000"))
TRAILERS = (0x0008, 0x001C, 0x8028, 0x7F00, 0xFF00)
"""MESSAGE-INTEGRITY, MESSAGE-INTEGRITY-SHA256, FINGERPRINT, and two that nobody knows."""
ODD_MESSAGES = (
    ("0001 0005", "8022 0001 41"),  # without padding
    ("8001 0000", ""),  # with a first bit that no method has
    ("0002 0000", ""),  # of a method that was retired
    ("000a 0000", ""),  # of TURN over TCP
    ("0101 000c", "0001 0008 0001 0000 c0000201"),  # with port 0
)
"""What mutations of others seldom are: type and length, attributes."""
SHARES = {"sctp": 0.4, "stun": 0.3, "candidate": 0.15, "dcep": 0.05, "sdp": 0.1}
"""Of the inputs."""


def packets(random: Random) -> Iterator[bytes]:
    """Packets with a mutation anywhere, and single chunks whose header fits what is in them."""
    header = packet.Header(5000, 5000, 1)
    seeds = [*sctp_packets(), *(header.seal([chunk]) for chunk in rare_chunks())]
    yield from seeds
    values: dict[int, list[bytes]] = {}
    for seed in seeds:
        for kind, _, start, stop in walk(seed):
            values.setdefault(kind, []).append(seed[start:stop])
    every = [value for each in values.values() for value in each]
    while True:
        mutated = mutate(random.choice(seeds), random, seeds)
        yield mutated[:8] + checksum(mutated) + mutated[12:]
        kind = random.choice(list(values))
        value = mutate(random.choice(values[kind]), random, every)
        yield header.seal([encode_chunk(kind, random.randrange(16), value)])


def rare_chunks() -> Iterator[bytes]:
    """What the recorded association had no occasion to send."""
    text = causes.violation("no reason").cause
    yield chunks.Abort((text,)).encode()
    yield chunks.Abort((), tag_reflected=True).encode()
    yield chunks.encode_error((causes.invalid_stream(3), text))
    yield chunks.ForwardTsn(7, ((1, 2), (3, 4))).encode()
    yield chunks.Sack(7, 65535, ((2, 3), (5, 9)), (6, 7)).encode()
    yield encode_chunk(ChunkType.HEARTBEAT, 0, Parameter(1, b"nonce of a path").encode())
    yield encode_chunk(ChunkType.HEARTBEAT_ACK, 0, Parameter(1, b"nonce of a path").encode())
    requests = (reconfig.Response(1, 1), reconfig.OtherRequest(17, 2, 30))
    yield reconfig.encode_reconfig(requests)
    yield reconfig.encode_reconfig([reconfig.IncomingReset(1, (2, 3))])
    yield encode_chunk(ChunkType.RE_CONFIG, 0, Parameter(14, bytes(5)).encode())
    yield encode_chunk(ChunkType.HEARTBEAT_ACK, 0, Parameter(1, b"nonce").encode() * 2)
    yield encode_chunk(ChunkType.ECNE, 0, bytes(4))
    yield encode_chunk(ChunkType.DATA, 3, bytes.fromhex("00000007 0001 0002 00000033") + b"hello")


def messages(random: Random) -> Iterator[bytes]:
    """Messages with a mutation anywhere, and such that fit together around a mutated attribute."""
    seeds = [*_recorded("stun"), *rare_messages()]
    yield from seeds
    for head, body in ODD_MESSAGES:
        yield bytes.fromhex(head) + b"\x21\x12\xa4\x42" + bytes(12) + bytes.fromhex(body)
    twice = bytearray(seeds[-1])
    integrity.append_fingerprint(twice)
    yield bytes(twice)
    decoded = [Message.decode(seed) for seed in seeds]
    values = [item.encode(b"") for message in decoded for item in message._items]
    while True:
        yield mutate(random.choice(seeds), random, seeds)
        yield _refitted(random.choice(decoded), values, random)


def _refitted(message: Message, values: list[bytes], random: Random) -> bytes:
    """A message with a mutated attribute, in place of one or besides it, and its own length."""
    items = list(message._items)
    at = random.randrange(len(items))
    value = random.choice([items[at].encode(b""), random.choice(values)])
    kind = items[at].type if random.random() < 0.9 else random.choice(TRAILERS)
    changed = attributes.RawAttribute(kind, mutate(value, random, values))
    items[at : at + (random.random() < 0.9)] = [changed]
    head = message.method, message.message_class, message.transaction_id
    raw = bytearray(Message(*head, items).encode())
    if random.random() < 0.1:
        raw[random.randrange(HEADER_SIZE)] ^= 1 << random.randrange(8)
    if random.random() < 0.5:
        integrity.append_integrity(raw, KEY)
    if random.random() < 0.5:
        integrity.append_fingerprint(raw)
    return bytes(raw)


def rare_messages() -> Iterator[bytes]:
    """Of TURN and of behaviour discovery: every attribute that both parsers know."""
    four, six = ("192.0.2.1", 1), ("2001:db8::1", 2)
    success = Message(
        Method.ALLOCATE,
        MessageClass.SUCCESS,
        bytes(range(12)),
        (
            attributes.XorRelayedAddress(four),
            attributes.XorMappedAddress(six),
            attributes.Lifetime(600),
            attributes.MappedAddress(four),
            attributes.ResponseOrigin(six),
            attributes.OtherAddress(four),
        ),
    )
    yield success.encode(key=KEY, fingerprint=True)
    request = Message(
        Method.CHANNEL_BIND,
        MessageClass.REQUEST,
        bytes(range(12)),
        (
            attributes.ChannelNumber(0x4000),
            attributes.XorPeerAddress(four),
            attributes.RequestedTransport(17),
            attributes.Username("user"),
            attributes.Realm("realm"),
            attributes.Nonce("nonce"),
            attributes.Software("software"),
            attributes.ChangeRequest(change_ip=True),
            attributes.Data(b"data"),
        ),
    )
    yield request.encode(key=KEY, fingerprint=True)
    yield request.encode(key=KEY, integrity=integrity.Integrity.BOTH)
    yield request.error(401, "who are you?").encode(fingerprint=True)


def candidates(random: Random) -> Iterator[bytes]:
    seeds = sorted({seed.removeprefix(b"candidate:") for seed in _recorded("candidate")})
    seeds += [
        b"1 1 UDP 1 192.0.2.1 9 typ srflx raddr 192.0.2.2 rport 7 generation 0 ufrag x",
        b"2 2 tcp 4294967295 name.local 65535 typ host tcptype so",
        b"2 1 tcp 1 192.0.2.1 9 typ host tcptype other",
        b"3 1 udp 2130706431 2001:db8::1 5000 typ relay raddr :: rport 0 network-cost 10",
    ]
    yield from _mutated(seeds, random)


def dcep_messages(random: Random) -> Iterator[bytes]:
    """DATA_CHANNEL_OPEN of every type, and DATA_CHANNEL_ACK."""
    seeds = [*_recorded("dcep"), b"\2", b"\2\0"]
    for kind in (0, 1, 2, 0x80, 0x81, 0x82, 3):
        header = bytes([3, kind]) + bytes.fromhex("0100 000003e8 0005 0003")
        seeds.append(header + "größe".encode()[:5] + b"abc")
    yield from _mutated(seeds, random)


def descriptions(random: Random) -> Iterator[bytes]:
    """Those without media, of which aiortc wants to understand every codec."""
    seeds = [path.read_bytes() for path in sorted((VECTORS / "sdp").glob("data-only-*.sdp"))]
    seeds.append(seeds[0].replace(b"a=candidate:", b"a=candidate:candidate:"))
    yield from _mutated(seeds, random)


def _recorded(name: str) -> list[bytes]:
    return next(target.seeds() for target in TARGETS if target.name == name)


def _mutated(seeds: list[bytes], random: Random) -> Iterator[bytes]:
    yield from seeds
    while True:
        yield mutate(random.choice(seeds), random, seeds)


SOURCES: dict[str, Callable[[Random], Iterator[bytes]]] = {
    "sctp": packets,
    "stun": messages,
    "candidate": candidates,
    "dcep": dcep_messages,
    "sdp": descriptions,
}


@pytest.fixture(scope="module")
def inputs() -> dict[str, list[bytes]]:
    """By format, the same in every run with one seed."""
    return {
        name: list(islice(source(Random(f"{name} {SEED}")), int(RUNS * SHARES[name])))
        for name, source in SOURCES.items()
    }


@pytest.fixture(scope="module")
def second_verdicts(inputs: dict[str, list[bytes]]) -> dict[str, list[list[Json]]]:
    """What the other parsers say, all of it from one process."""
    if not AIORTC.exists():
        raise FileNotFoundError(f"no {AIORTC}: run scripts/install-peers")
    told = {name: [data.hex() for data in each] for name, each in inputs.items()}
    done = subprocess.run(
        [str(AIORTC), str(SECOND_PARSER)],
        input=json.dumps(told),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    verdicts: dict[str, list[list[Json]]] = json.loads(done.stdout)
    return verdicts


@pytest.mark.parametrize("name", SOURCES)
def test_both_parsers_say_the_same_or_the_difference_is_known(
    name: str, inputs: dict[str, list[bytes]], second_verdicts: dict[str, list[list[Json]]]
) -> None:
    """X-07: and each known difference is still there."""
    seen: Counter[str] = Counter()
    unknown: list[Difference] = []
    for data, theirs in zip(inputs[name], second_verdicts[name], strict=True):
        for found in differences(READERS[name](data), data, theirs):
            reasons = [each.reason for each in ALLOWED[name] if each.applies(found)]
            seen.update(reasons)
            if not reasons:
                unknown.append(found)
    assert not unknown, f"{len(unknown)} unknown differences, such as {unknown[0]}"
    assert [each.reason for each in ALLOWED[name] if not seen[each.reason]] == []


@pytest.mark.parametrize("name", SOURCES)
def test_both_take_enough_to_be_compared(
    name: str, inputs: dict[str, list[bytes]], second_verdicts: dict[str, list[list[Json]]]
) -> None:
    """X-07: every kind of part was taken by both, and refused by both if it can be malformed."""
    both: Counter[tuple[str, bool]] = Counter()
    for data, theirs in zip(inputs[name], second_verdicts[name], strict=True):
        for part, other in zip(READERS[name](data), theirs, strict=False):
            if (part.value is None) == (other is None):
                both[part.kind, other is not None] += 1
    taken = {kind: both[kind, True] for kind, _ in both}
    assert min(taken.values()) >= 10, taken


def differences(parts: list[Part], whole: bytes, theirs: list[Json]) -> Iterator[Difference]:
    """The parts are compared when the wholes are the same."""
    for part, other in zip(parts, theirs, strict=False):
        if part.value != other:
            yield Difference(part.kind, part.data, whole, part.value, other)
            if part is parts[0]:
                return
    assert len(parts) == len(theirs)
