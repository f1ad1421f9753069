"""A peer that passed ICE and DTLS and then turns on us: the process and its neighbours live on."""

import asyncio
import gc
import struct
import tracemalloc
from random import Random

import pytest

from tests.attack.echo import echoing
from tests.attack.hostile import BEGINNING, MIDDLE, WHOLE, Attacked, attacked
from tests.sctp.link import both_formats
from tests.support import connected, two_hosts
from webrtc import ConnectionFailed, InvalidStateError, SettingEngine
from webrtc.sctp import Config
from webrtc.sctp.chunks import ChunkType
from webrtc.sctp.packet import encode_chunk

pytestmark = pytest.mark.interpreted  # its kit stands between the layers

INIT = struct.pack("!IIHHI", 0x01020304, 1 << 20, 65535, 65535, 1)


async def works(attack: Attacked) -> bool:
    """Whether a message still arrives and one can be sent."""
    attack.peer.read()
    message = b"still there?"
    attack.peer.send(attack.peer.data(message, stream=attack.channel.id or 0))
    async with asyncio.timeout(1.0):
        while await attack.channel.recv() != message:
            pass
    attack.channel.send("yes")
    await asyncio.sleep(0.1)
    answer = ChunkType.I_DATA if attack.peer.interleaving else ChunkType.DATA
    return {ChunkType.SACK, answer} <= set(attack.peer.read())


def malformed() -> dict[str, bytes]:
    """Chunks and parts of chunks whose lengths lie."""
    many = b"".join(struct.pack("!HHI", 0xC000, 8, each) for each in range(10_000))
    return {
        "chunk of length 0": bytes((200, 0, 0, 0)),
        "chunk of length 1": bytes((200, 0, 0, 1)),
        "chunk of length 3": bytes((3, 0, 0, 3)),
        "chunk beyond the packet": bytes((200, 0, 0xFF, 0xFF)),
        "odd chunk without padding": bytes((200, 0, 0, 5, 0)),
        "SACK with more gaps than bytes": encode_chunk(3, 0, struct.pack("!IIHH", 0, 1, 900, 9)),
        "RE-CONFIG with a parameter of length 0": encode_chunk(130, 0, bytes((0, 13, 0, 0))),
        "RE-CONFIG with a parameter of length 3": encode_chunk(130, 0, bytes((0, 13, 0, 3))),
        "HEARTBEAT without information": encode_chunk(4, 0, b""),
        "HEARTBEAT ACK that we never asked for": encode_chunk(5, 0, b"\0\1\0\4"),
        "ERROR with a cause of length 0": encode_chunk(9, 0, bytes((0, 6, 0, 0))),
        "ERROR with a cause beyond the chunk": encode_chunk(9, 0, bytes((0, 6, 0xFF, 0))),
        "FORWARD TSN cut off": encode_chunk(192, 0, b"\0\0"),
        "INIT cut off": encode_chunk(1, 0, b"\0"),
        "INIT with a parameter of length 0": encode_chunk(1, 0, INIT + bytes((192, 0, 0, 0))),
        "INIT with 10000 parameters": encode_chunk(1, 0, (INIT + many)[:16000]),
        "COOKIE ECHO of nobody": encode_chunk(10, 0, bytes(200)),
        "DATA cut off": bytes((0, 3, 0, 8)) + bytes(4),
        "I-DATA cut off": bytes((64, 3, 0, 8)) + bytes(4),
        "I-FORWARD-TSN cut off": encode_chunk(194, 0, bytes(10)),
    }


MALFORMED = malformed()


@pytest.mark.parametrize(
    ("name", "interleaving"),
    [
        *((name, False) for name in sorted(MALFORMED)),
        ("DATA cut off", True),
        ("I-DATA cut off", True),
        ("I-FORWARD-TSN cut off", True),
    ],
)
async def test_lengths_that_lie_are_discarded_or_end_the_association_once(
    name: str, *, interleaving: bool
) -> None:
    """C-03, X-03: never a loop, never an exception, and at most one ABORT."""
    async with attacked(interleaving=interleaving) as attack:
        for _ in range(20):
            attack.peer.send(MALFORMED[name])
        await asyncio.sleep(0.5)
        replies = attack.peer.read()
        assert replies.count(ChunkType.ABORT) <= 1
        if ChunkType.ABORT in replies:
            assert attack.channel.ready_state == "closed"
        else:
            assert await works(attack)


async def test_packets_that_are_none_are_discarded() -> None:
    """C-01, C-02: wrong checksums and ports, short and long packets, random bytes."""
    random = Random(4)
    async with attacked() as attack:
        good = attack.peer.tag.to_bytes(4, "big")
        for size in (*range(40), 1160, 4000, 16000):
            attack.peer.send_raw(random.randbytes(size))
            attack.peer.send_raw((b"\x13\x88\x13\x88" + good + random.randbytes(size))[:16000])
        await asyncio.sleep(0.5)
        assert await works(attack)


@pytest.mark.parametrize("flags", [0, 1])
@pytest.mark.parametrize(
    "kind",
    [
        ChunkType.ABORT,
        ChunkType.SHUTDOWN,
        ChunkType.SHUTDOWN_ACK,
        ChunkType.SHUTDOWN_COMPLETE,
        ChunkType.COOKIE_ACK,
        ChunkType.DATA,
        ChunkType.INIT_ACK,
    ],
)
async def test_chunks_under_a_wrong_tag_change_nothing(kind: ChunkType, flags: int) -> None:
    """C-05: RFC 9260 §8.5; a T bit means the tag of the sender, which is not this one either."""
    async with attacked() as attack:
        body = {ChunkType.SHUTDOWN: bytes(4), ChunkType.DATA: bytes(16)}.get(kind, b"")
        for tag in (0, 1, attack.peer.tag ^ 1, attack.peer.tag ^ 0x80000000):
            attack.peer.send(encode_chunk(kind, flags, body), tag=tag)
        await asyncio.sleep(0.2)
        assert await works(attack)


async def test_an_init_flood_keeps_no_state_and_is_answered_sparingly() -> None:
    """C-04: the association that exists goes on."""
    async with attacked() as attack:
        tracemalloc.start()
        before = tracemalloc.get_traced_memory()[0]
        for _ in range(2000):
            attack.peer.send(encode_chunk(ChunkType.INIT, 0, INIT), tag=0)
        await asyncio.sleep(0.5)
        replies = attack.peer.read()
        gc.collect()
        growth = tracemalloc.get_traced_memory()[0] - before
        tracemalloc.stop()
        assert 0 < replies.count(ChunkType.INIT_ACK) <= 150
        assert growth < 1024 * 1024
        assert await works(attack)


def bomb_on_all_streams(attack: Attacked, number: int) -> bytes:
    return attack.peer.data(bytes(1100), BEGINNING, number)


def bomb_that_never_ends(attack: Attacked, number: int) -> bytes:
    return attack.peer.data(bytes(1100), MIDDLE if number else BEGINNING)


def bomb_without_beginning(attack: Attacked, number: int) -> bytes:
    return attack.peer.data(bytes(1100), MIDDLE, number % 1000)


def bomb_of_crumbs(attack: Attacked, number: int) -> bytes:
    return b"".join(
        attack.peer.data(b"\0\0", BEGINNING, (number * 55 + each) % 65535) for each in range(55)
    )


@pytest.mark.parametrize(
    ("bomb", "interleaving"),
    [
        (bomb_on_all_streams, False),
        (bomb_that_never_ends, False),
        (bomb_without_beginning, False),
        pytest.param(bomb_of_crumbs, False, marks=pytest.mark.slow),
        (bomb_on_all_streams, True),
        (bomb_that_never_ends, True),
        (bomb_without_beginning, True),
        pytest.param(bomb_of_crumbs, True, marks=pytest.mark.slow),
    ],
)
async def test_fragments_without_end_stop_at_the_receive_window(
    bomb: object, *, interleaving: bool
) -> None:
    """C-12: memory stays within a small multiple of the window, whatever the peer goes on to send.

    A chunk of two bytes costs its bookkeeping, so the multiple is above one.
    """
    assert callable(bomb)
    settings = SettingEngine(sctp=Config(receive_window=1024 * 1024, max_message_size=262144))
    async with attacked(settings, interleaving=interleaving) as attack:
        gc.collect()
        tracemalloc.start()
        before = tracemalloc.get_traced_memory()[0]
        for number in range(3000):
            attack.peer.send(bomb(attack, number))
            if not number % 100:
                await asyncio.sleep(0.02)
        await asyncio.sleep(0.5)
        gc.collect()
        attack.peer.read()
        growth = tracemalloc.get_traced_memory()[0] - before
        tracemalloc.stop()
        assert growth < 3 * 1024 * 1024


@both_formats
async def test_a_message_above_the_limit_ends_the_association_with_the_reason(
    *, interleaving: bool
) -> None:
    """C-13: as soon as the limit is passed; what waits is told why."""
    async with attacked(interleaving=interleaving) as attack:
        receiving = asyncio.create_task(attack.channel.recv())
        for number in range(300):
            attack.peer.send(bomb_that_never_ends(attack, number))
        with pytest.raises(ConnectionFailed):
            await receiving
        await asyncio.sleep(0.1)
        assert ChunkType.ABORT in attack.peer.read()
        assert attack.channel.ready_state == "closed"
        with pytest.raises(InvalidStateError):
            attack.channel.send("too late")


@pytest.mark.parametrize("kind", [ChunkType.DATA, ChunkType.FORWARD_TSN])
@both_formats
async def test_chunks_of_the_format_that_was_not_agreed_end_the_association(
    kind: ChunkType, *, interleaving: bool
) -> None:
    """C-16, C-17: RFC 8260 §2.2.1, §2.3.1, both ways."""
    async with attacked(interleaving=interleaving) as attack:
        tsn = attack.peer.tsn.to_bytes(4, "big")
        if not interleaving:
            kind = {ChunkType.DATA: ChunkType.I_DATA}.get(kind, ChunkType.I_FORWARD_TSN)
        body = tsn + bytes(16) if kind in (ChunkType.DATA, ChunkType.I_DATA) else tsn
        attack.peer.send(encode_chunk(kind, 7, body))
        await asyncio.sleep(0.1)
        assert attack.peer.read().count(ChunkType.ABORT) == 1
        assert attack.channel.ready_state == "closed"


@both_formats
async def test_odd_lists_of_skipped_messages_change_nothing(*, interleaving: bool) -> None:
    """C-16: old, empty, of thousands of streams, unsorted, twice the same."""
    async with attacked(interleaving=interleaving) as attack:
        kind, entry = (194, "!HHI") if interleaving else (192, "!HH")
        for ahead in (-5, -1, 0, 1):
            for streams in ((), range(1900), (9, 3, 9, 65535, 3)):
                tsn = (attack.peer.tsn + ahead) & 0xFFFFFFFF
                items = [
                    (each, *((1,) if interleaving else ()), 1)
                    for each in streams
                    if each != attack.channel.id
                ]
                body = b"".join([struct.pack(entry, *item) for item in items])
                attack.peer.send(encode_chunk(kind, 0, tsn.to_bytes(4, "big") + body))
            attack.peer.tsn += max(ahead + 1, 0)
        assert await works(attack)


async def test_an_acknowledgement_of_what_was_never_sent_ends_the_association() -> None:
    """C-14."""
    async with attacked() as attack:
        attack.peer.send(encode_chunk(3, 0, struct.pack("!IIHH", 0x77777777, 1 << 20, 0, 0)))
        attack.peer.send(encode_chunk(3, 0, struct.pack("!IIHH", 0xF7777777, 1 << 20, 0, 0)))
        await asyncio.sleep(0.2)
        assert attack.channel.ready_state == "closed"


async def test_a_storm_of_heartbeats_and_unknown_chunks_is_answered_sparingly() -> None:
    """C-19, C-20: no amplification."""
    async with attacked() as attack:
        attack.peer.read()
        for _ in range(500):
            attack.peer.send(encode_chunk(ChunkType.HEARTBEAT, 0, b"\0\1\0\x64" + bytes(96)))
            attack.peer.send(encode_chunk(0xFE, 0, bytes(100)))
        await asyncio.sleep(0.1)
        replies = attack.peer.read()
        assert replies.count(ChunkType.HEARTBEAT_ACK) <= 20
        assert replies.count(ChunkType.ERROR) <= 20
        assert await works(attack)


@pytest.mark.parametrize(
    ("ppid", "body"),
    [
        (50, b""),
        (50, b"\x03"),
        (50, b"\x03\0\0\0\0\0\0\0\xff\xff\xff\xff"),
        (50, b"\x03\x7f\0\0\0\0\0\0\0\x02\0\0\xff\xfe"),
        (50, b"\x99" * 64),
        (51, b"\xff\xfe\xfd"),
        (52, b"x"),
        (54, b"x"),
        (56, b"full"),
        (57, b"full"),
        (0, b"x"),
        (0xFFFFFFFF, b"x"),
    ],
)
async def test_odd_data_channel_messages_harm_one_channel_at_most(ppid: int, body: bytes) -> None:
    """DC-01, DC-03, DC-04: on the application's channel, on strange and on impossible streams."""
    async with attacked() as attack:
        other = attack.pc.create_data_channel("other")
        await asyncio.sleep(0.1)
        for stream in (2, 1000, 1001, 65534, 65535, attack.channel.id or 0):
            attack.peer.send(attack.peer.data(body or b"\0", WHOLE, stream, ppid))
        await asyncio.sleep(0.5)
        assert attack.pc.connection_state == "connected"
        assert other.ready_state in ("connecting", "open")


async def test_a_hostile_peer_does_not_touch_another_connection() -> None:
    """A connection beside the attacked one, in the same process, keeps its pace."""
    _, left, right = two_hosts()
    random = Random(5)
    async with attacked() as attack, connected(left, right) as pair, echoing(pair):
        names = sorted(MALFORMED)
        for number in range(500):
            attack.peer.send(MALFORMED[random.choice(names)])
            if not number % 10:
                await asyncio.sleep(0.01)
