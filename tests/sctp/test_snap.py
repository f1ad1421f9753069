"""Associations that begin established, from INITs that signalling has carried."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sctp.link import Host, Link, Pair
from tests.sctp.support import Peer, data, kinds, sent_data
from webrtc.errors import ProtocolError
from webrtc.sctp import Association, Config, Connected, Handshake, Restarted, State, read_init
from webrtc.sctp.chunks import COOKIE_ACK, ChunkType, Init
from webrtc.sctp.packet import encode_chunk
from webrtc.sctp.parameters import Parameter, ParameterType, find


class SnapPair(Pair):
    """Two hosts whose INITs are known before there is any association."""

    def __init__(self, seed: int = 0, link: Link | None = None) -> None:
        super().__init__(seed, link)
        self.config = Config(rto_initial=0.5)
        shakes = [Handshake(self.config, Random(seed * 2 + n)) for n in (1, 2)]
        self.told = [shake.init() for shake in shakes]
        self.a, self.b = (
            Host(Association(self.config, Random(seed * 2 + n), shake))
            for n, shake in enumerate(shakes, 3)
        )

    def establish(self, *hosts: Host) -> "SnapPair":
        for host in hosts or self.hosts:
            host.association.establish(read_init(self.told[host is self.a]), self.now)
        return self


def established() -> Peer:
    """A peer by hand and an association that has its INIT."""
    handshake = Handshake(Config(), Random(1))
    peer = Peer()
    peer.association = Association(Config(), Random(2), handshake)
    peer.peer_init = read_init(handshake.init())
    peer.association.establish(peer.init, peer.now)
    assert peer.packets() == []
    assert peer.state is State.ESTABLISHED
    return peer


def test_it_is_established_without_a_packet() -> None:
    """SCTP-01: draft-hancke-tsvwg-snap §6: streams, windows and extensions are those of INITs."""
    pair = SnapPair().establish()
    for host in pair.hosts:
        assert host.association.state is State.ESTABLISHED
        assert host.association.peer_window == pair.config.announced_window
        pair.flush()
        assert host.events == [Connected(65535, 65535)]
        assert host.sent == 0
    pair.a.association.send(0, 53, b"x", pair.now, max_retransmits=0)
    assert pair.run(lambda: bool(pair.b.received))
    assert pair.now == pytest.approx(pair.link.delay)
    pair.b.association.reset_streams((0,), pair.now)
    assert pair.run(lambda: len(pair.a.events) > 1)


@pytest.mark.parametrize("seed", range(5))
def test_first_data_may_be_lost(seed: int) -> None:
    """F-01: it is sent again, as any other."""
    pair = SnapPair(seed, Link(loss=0.4)).establish()
    for host in pair.hosts:
        for number in range(20):
            host.association.send(0, 53, bytes([number]) * 1000, pair.now)
    assert pair.run(lambda: all(len(host.received) == 20 for host in pair.hosts), 60.0)


def test_connect_afterwards_changes_nothing() -> None:
    peer = established()
    peer.association.connect(peer.now)
    assert peer.packets() == []
    assert peer.state is State.ESTABLISHED


def test_a_handshake_that_has_begun_goes_on() -> None:
    """The peer's INIT is not taken from two places."""
    peer = Peer().begin()
    peer.association.establish(peer.init, peer.now)
    assert peer.state is State.COOKIE_WAIT
    assert kinds(peer.send(peer.init_ack())) == [ChunkType.COOKIE_ECHO]


def test_peer_that_never_got_our_init_shakes_hands() -> None:
    """C-09: RFC 9260 §5.2.1, §5.2.2: as if both INITs were under way; tags and TSNs stay."""
    pair = SnapPair(1)
    pair.establish(pair.a)
    pair.a.association.send(0, 53, b"early", pair.now)
    pair.run(limit=0.2)
    assert pair.b.received == []
    pair.b.association.connect(pair.now)
    assert pair.run(lambda: bool(pair.b.received), 10.0)
    pair.b.association.send(0, 53, b"back", pair.now)
    assert pair.run(lambda: bool(pair.a.received), 1.0)
    assert not pair.a.ends(Restarted)
    assert not pair.b.ends(Restarted)
    assert pair.b.association.state is State.ESTABLISHED


def test_restart_by_the_peer_is_one_as_ever() -> None:
    """C-09: RFC 9260 §5.2.2: an INIT under another tag."""
    peer = established()
    peer.send(data(1000))
    assert len(peer.messages()) == 1
    old = peer.peer_init
    peer.init = Init(0x55667788, 1 << 20, 100, 100, 5000)
    ((kind, _, value),) = peer.send(peer.init.encode(), tag=0)
    assert kind == ChunkType.INIT_ACK
    peer.peer_init = Init.decode(value)
    assert peer.peer_tag != old.tag
    cookie = find(peer.peer_init.parameters, ParameterType.STATE_COOKIE)
    assert cookie is not None
    chunks = peer.send(encode_chunk(ChunkType.COOKIE_ECHO, 0, cookie), data(5000, body=b"new"))
    assert kinds(chunks)[-1] == ChunkType.COOKIE_ACK
    assert peer.events() == [Connected(65535, 65535), Restarted(100, 100)]
    assert [message.data for message in peer.messages()] == [b"new"]


def test_cookies_that_belong_to_nothing_do_no_harm() -> None:
    """C-09"""
    peer = established()
    assert peer.send(encode_chunk(ChunkType.COOKIE_ECHO, 0, bytes(80))) == []
    assert peer.send(COOKIE_ACK) == []
    assert peer.send(peer.init_ack()) == []
    peer.association.send(0, 53, b"x", peer.now)
    assert [body for *_, body in sent_data(peer.read())] == [b"x"]


def test_zero_checksum_is_agreed_in_the_same_way() -> None:
    """C-01: RFC 9653."""
    pair = SnapPair().establish()
    pair.a.association.send(0, 53, b"x", pair.now)
    packet = pair.a.association.poll_write()
    assert packet is not None
    assert packet[8:12] == bytes(4)
    pair.b.association.handle_read(packet, pair.now)
    assert pair.b.association.poll_data() is not None


OVER_DTLS = Parameter(ParameterType.ZERO_CHECKSUM, b"\0\0\0\1")
GOOD = Init(7, 1 << 20, 10, 10, 99, (OVER_DTLS, Parameter(0x8008, b"\x82\xc0"))).encode()


def test_padding_of_the_chunk_may_be_missing() -> None:
    """draft-hancke-tsvwg-snap §4.2: accepted with and without."""
    short = GOOD[:2] + (len(GOOD) - 2).to_bytes(2, "big") + GOOD[4:]
    assert read_init(GOOD) == read_init(short) == read_init(short[:-2])


@pytest.mark.parametrize(
    ("chunk", "what"),
    [
        (b"", "0 bytes"),
        (GOOD[:3], "3 bytes"),
        (GOOD[:-4], "length"),
        (GOOD + bytes(4), "length"),
        (b"\1\0\0\3" + GOOD[4:], "length"),
        (b"\1\0\0\3", "INIT of 0 bytes"),
        (b"\2" + GOOD[1:], "chunk 2"),
        (GOOD[:4] + bytes(4) + GOOD[8:], "tag 0"),
        (Init(7, 100, 10, 10, 99).encode(), "window"),
        (Init(7, 1 << 20, 0, 10, 99).encode(), "streams"),
        (GOOD[:22] + b"\xff\xff" + GOOD[24:], "parameter"),
    ],
)
def test_chunks_that_are_no_good_init(chunk: bytes, what: str) -> None:
    """C-03, C-06."""
    with pytest.raises(ProtocolError, match=what):
        read_init(chunk)


@given(st.binary(max_size=60), st.integers(0, len(GOOD)))
def test_garbage_is_an_init_or_a_protocol_error(garbage: bytes, kept: int) -> None:
    """X-01: nothing else is raised, and what is read can be agreed upon."""
    try:
        init = read_init(GOOD[:kept] + garbage)
    except ProtocolError:
        return
    peering = Handshake(Config(), Random(1)).agree(init)
    assert peering.outbound_streams and peering.inbound_streams
