"""A hundred thousand packets that want an answer: memory stays, and answers are few."""

import gc
import struct
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random

import pytest

from tests.attack import packets
from tests.peer.hands import LEFT, RIGHT, Hands
from tests.scenarios.soak import resident
from tests.sctp.support import Peer
from webrtc.core import Path
from webrtc.sctp.chunks import ChunkType
from webrtc.sctp.packet import Header, encode_chunk

STRANGER = ("198.51.100.66", 4444)
COUNT = 100_000
few_and_many = pytest.mark.parametrize(
    "count", [2000, pytest.param(COUNT, marks=pytest.mark.slow)], ids="{} packets".format
)


@contextmanager
def flat(count: int) -> Iterator[None]:
    """Fail when memory grows: every allocation is counted in small floods, pages in large ones."""
    gc.collect()
    if count >= COUNT:  # counting takes as long as all the rest
        before = resident()
        yield
        gc.collect()
        assert resident() - before < 4 * 1024 * 1024  # 42 bytes a packet
        return
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    try:
        yield
        gc.collect()
        assert tracemalloc.get_traced_memory()[0] - before < 96 * 1024
        assert tracemalloc.get_traced_memory()[1] - before < 1024 * 1024
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("count", "established"),
    [(2000, False), (2000, True), pytest.param(COUNT, True, marks=pytest.mark.slow)],
)
def test_a_flood_of_inits_leaves_no_state(count: int, *, established: bool) -> None:
    """C-04: stateless, few answers a second, none much larger than what it answers."""
    peer = Peer()
    if established:
        peer.connect()
    random, answers, asked, answered = Random(1), 0, 0, 0
    body = struct.Struct("!IIHHI")
    header = Header(5000, 5000, 0)

    values = [body.pack(random.getrandbits(32) | 1, 1 << 20, 65535, 65535, n) for n in range(999)]
    pool = [header.seal([encode_chunk(ChunkType.INIT, 0, value)]) for value in values]

    def flood(times: int) -> None:
        nonlocal answers, asked, answered
        for number in range(times):
            packet = pool[number % len(pool)]
            asked += len(packet)
            peer.association.handle_read(packet, peer.now)
            while (answer := peer.association.poll_write()) is not None:
                answers += 1
                answered += len(answer)
                assert len(answer) <= len(packet) + 150
            peer.now += 0.0005
            peer.association.handle_timeout(peer.now)

    flood(200)
    answers = answered = asked = 0
    with flat(count):
        flood(count)
    assert answers <= 100 * (count * 0.0005 + 1) + 20
    assert answered < 2 * asked
    if established:
        assert peer.state.name == "ESTABLISHED"


def bad_requests(hands: Hands, count: int) -> Iterator[tuple[bytes, Path]]:
    """Binding requests with every kind of wrong credentials, from strangers and in their name."""
    transport = hands.left.core.transports.one
    assert transport is not None
    ufrag, pwd = transport.ice.local_ufrag, transport.ice.local_pwd
    random = Random(1)
    names = [f"{ufrag}:{'x' * 4}", f"{ufrag}:", ufrag, None, "a:b", "x" * 500, f"{ufrag}:{ufrag}"]
    pool = [
        packets.check(name, key, random)
        for name in names
        for key in ("wrong", "w" * 24, pwd[:-1] + "!")
        for _ in range(20)
    ]
    for number in range(count):
        source = (STRANGER[0], 1024 + number % 60_000) if number % 2 else RIGHT
        yield random.choice(pool), Path(LEFT, source)


@few_and_many
@pytest.mark.parametrize("connected", [False, True])
def test_a_flood_of_bad_checks_leaves_no_state(count: int, *, connected: bool) -> None:
    """I-04, I-01, I-02, I-03: no pair, no candidate, no answer that is larger, and it connects."""
    hands = Hands()
    if connected:
        hands.connect()
    else:
        hands.left.core.create_data_channel("data", 0.0)
        hands.left.offer()
        hands.network.flush()
    transport = hands.left.core.transports.one
    assert transport is not None
    pairs = len(transport.ice.pairs)
    now, sent, asked = hands.network.now, 0, 0

    def flood(times: int) -> None:
        nonlocal sent, asked
        for data, path in bad_requests(hands, times):
            asked += len(data)
            hands.left.core.handle_read(data, path, now)
            while (transmit := hands.left.core.poll_write()) is not None:
                if transmit.path.remote[0] == STRANGER[0]:
                    sent += len(transmit.data)

    flood(200)
    with flat(count):
        flood(count)
    assert len(transport.ice.pairs) == pairs
    assert sent <= asked
    if connected:
        hands.network.run(1.0)
        assert hands.left.core.connection_state == "connected"
