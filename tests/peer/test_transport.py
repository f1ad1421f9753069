"""Demultiplexing, and which datagrams may come through when. RFC 7983, RFC 8842."""

from random import Random

import pytest

from tests.peer.hands import LEFT, RIGHT, Hand, Hands
from webrtc.core import Path, Transmit
from webrtc.datachannel import ChannelState
from webrtc.ice import AgentConfig
from webrtc.peer import PeerConnection, SettingEngine
from webrtc.peer.demux import Kind
from webrtc.peer.events import DtlsStateChanged, SctpStateChanged
from webrtc.peer.transport import Transport, child
from webrtc.vnet import Link, Packet

DTLS = bytes([22, 254, 253]) + bytes(20)
KINDS = {
    Kind.STUN: bytes(20),
    Kind.DTLS: DTLS,
    Kind.SRTP: b"\x80\x60" + bytes(20),
    Kind.SRTCP: b"\x80\xc8" + bytes(20),
    Kind.UNKNOWN: b"\x50" + bytes(20),
}


def transport(hand: Hand) -> Transport:
    found = hand.core.transports.one
    assert found is not None
    return found


@pytest.fixture
def hands() -> Hands:
    hands = Hands()
    hands.connect()
    return hands


def test_datagrams_of_strangers_are_dropped_whatever_they_look_like(hands: Hands) -> None:
    """M-01, M-02, M-04: 256 first bytes from where no check succeeded."""
    path = Path(LEFT, ("203.0.113.66", 6))
    left = hands.left.core
    before = hands.network.now
    for first in range(256):
        for length in (0, 1, 2, 3, 4, 12, 19, 20, 1500):
            left.handle_read((bytes([first]) * length)[:length], path, before)
    assert left.poll_write() is None
    assert left.poll_event() is None
    assert sum(transport(hands.left).dropped.values()) > 1000
    assert left.connection_state.value == "connected"


def test_each_kind_is_counted_where_it_is_dropped(hands: Hands) -> None:
    dropped = transport(hands.left).dropped
    for kind, datagram in KINDS.items():
        if kind is Kind.STUN:
            continue
        before = dropped[kind]
        hands.left.core.handle_read(datagram, Path(LEFT, ("203.0.113.66", 6)), hands.network.now)
        assert dropped[kind] == before + 1


def test_media_over_a_good_path_goes_nowhere(hands: Hands) -> None:
    """M-03: there is no section for it."""
    for kind in (Kind.SRTP, Kind.SRTCP):
        hands.left.core.handle_read(KINDS[kind], Path(LEFT, RIGHT), hands.network.now)
        assert transport(hands.left).dropped[kind] == 1


def test_garbage_over_a_good_path_harms_nobody(hands: Hands) -> None:
    """M-05: by the first byte alone, and each layer drops what it cannot read."""
    random = Random(5)
    channel = hands.right.announced[0]
    for length in (1, 5, 13, 20, 40, 200, 1200):
        for first in (0, 1, 20, 21, 22, 23, 24, 63, 128):
            datagram = bytes([first]) + random.randbytes(length - 1)
            hands.left.core.handle_read(datagram, Path(LEFT, RIGHT), hands.network.now)
    hands.network.run(1.0)
    assert hands.talk(hands.right, channel, "still here") == ["still here"]


def held_hands() -> Hands:
    """The left peer has offered, and the answer is known; no check has come through yet."""
    hands = Hands()
    hands.left.core.create_data_channel("", 0.0)
    hands.network.filter(lambda packet: packet.data[:1] <= b"\3")
    hands.negotiate()
    hands.network.run(0.3)
    return hands


def test_dtls_waits_for_the_check_of_its_path() -> None:
    """M-04, D-01: at most 8 datagrams or 12 KiB, and only of candidate pairs."""
    hands = held_hands()
    left = transport(hands.left)
    assert left.dtls is not None
    for _ in range(10):
        hands.left.core.handle_read(DTLS, Path(LEFT, RIGHT), hands.network.now)
    assert left.dropped[Kind.DTLS] == 2
    hands.left.core.handle_read(DTLS, Path(LEFT, ("203.0.113.66", 6)), hands.network.now)
    assert left.dropped[Kind.DTLS] == 3
    assert left.dtls.counters.malformed == left.dtls.counters.unexpected == 0


def test_large_datagrams_fill_the_room_sooner() -> None:
    """M-04."""
    hands = held_hands()
    for _ in range(8):
        hands.left.core.handle_read(DTLS + bytes(4000), Path(LEFT, RIGHT), hands.network.now)
    assert transport(hands.left).dropped[Kind.DTLS] == 5


def test_a_flight_that_overtakes_the_check_is_not_lost() -> None:
    """D-01: the answerer's own checks are late; the offerer speaks DTLS as soon as its are done."""
    hands = Hands(right=SettingEngine(random=Random(9), dtls_role="server"))
    flights: list[float] = []

    def is_late(packet: Packet) -> bool:
        if packet.source == LEFT and packet.data[0] == 22:
            flights.append(hands.network.now)
        return packet.source == RIGHT and packet.data[:2] == b"\0\1" and hands.network.now < 0.2

    hands.network.filter(is_late)
    channel = hands.left.core.create_data_channel("", 0.0)
    hands.negotiate()
    hands.network.run(0.15)
    waiting = transport(hands.right)
    assert flights
    assert waiting.dtls_state.value == "new"
    hands.network.run_until(lambda: channel.state is ChannelState.OPEN, limit=10.0)
    assert waiting.dropped[Kind.DTLS] == 0
    assert waiting.dtls is not None
    assert waiting.dtls.counters.timeouts == 0


def test_a_flight_that_overtakes_the_answer_is_not_lost() -> None:
    """D-01: the answerer checks and speaks DTLS while its answer is still on its way."""
    hands = Hands()
    channel = hands.left.core.create_data_channel("", 0.0)
    answer = hands.right.answer(hands.left.offer())
    hands.network.run(0.1)
    waiting, client = transport(hands.left), transport(hands.right)
    assert client.dtls_state.value == "connecting"
    assert waiting.dtls is None
    hands.left.accept(answer)
    hands.network.run_until(lambda: channel.state is ChannelState.OPEN, limit=10.0)
    assert waiting.dropped[Kind.DTLS] == 0
    assert client.dtls is not None
    assert client.dtls.counters.retransmissions == 0


def test_a_flight_that_came_before_the_nomination_is_repeated_after_it() -> None:
    """Some peers drop DTLS until their own ICE is connected (webrtc-rs)."""
    hands = Hands(link=Link(delay=0.002))
    nominated: list[float] = []

    def refuse(packet: Packet) -> bool:
        if packet.source == RIGHT and packet.data[0] == 22:
            pair = transport(hands.right).ice.selected_pair
            if pair is None or not pair.nominated:
                return True
            nominated.append(hands.network.now)
        return False

    hands.network.filter(refuse)
    channel = hands.left.core.create_data_channel("", 0.0)
    hands.negotiate()
    hands.network.run_until(lambda: channel.state is ChannelState.OPEN, limit=10.0)
    dtls = transport(hands.right).dtls
    assert nominated and dtls is not None
    assert dtls.counters.retransmissions == 1
    assert hands.network.now < 0.05


@pytest.mark.parametrize(("failed_timeout", "connects"), [(600.0, True), (25.0, False)])
def test_the_answer_to_a_lite_offerer_may_be_late(failed_timeout: float, *, connects: bool) -> None:
    """ICECFG-05: it never checks, so DTLS waits as long as ICE would, 30 s at least."""
    lite = SettingEngine(random=Random(1), ice=AgentConfig(lite=True))
    patient = AgentConfig(failed_timeout=failed_timeout)
    hands = Hands(left=lite, right=SettingEngine(random=Random(2), ice=patient))
    channel = hands.left.core.create_data_channel("", 0.0)
    answer = hands.right.answer(hands.left.offer())
    hands.network.run(100.0)
    hands.left.accept(answer)
    hands.network.run(5.0)
    assert (channel.state is ChannelState.OPEN) is connects


def test_a_check_for_which_there_is_no_way_fails_its_pair() -> None:
    """What else is refused says nothing about the pair."""
    hands = Hands()
    hands.network.filter(lambda _: True)
    hands.left.core.create_data_channel("", 0.0)
    hands.negotiate()
    path = Path(LEFT, RIGHT)
    hands.left.core.handle_unreachable(Transmit(DTLS, path), hands.network.now)
    (pair,) = transport(hands.left).ice.pairs
    assert pair.state == "in-progress"
    hands.left.core.handle_unreachable(Transmit(bytes([0, 1]) + bytes(18), path), 0.0)
    assert [each.state for each in transport(hands.left).ice.pairs] == ["failed"]
    PeerConnection().handle_unreachable(Transmit(DTLS, path), 0.0)


def test_dtls_that_fails_ends_the_channels() -> None:
    """D-05, PC-07: a wrong fingerprint fails closed."""
    hands = Hands()
    channel = hands.left.core.create_data_channel("", 0.0)
    answer = hands.right.answer(hands.left.offer())
    forged = answer.to_json()
    forged["sdp"] = "\r\n".join(
        line
        if not line.startswith("a=fingerprint")
        else "a=fingerprint:sha-256 " + ":".join(["AB"] * 32)
        for line in forged["sdp"].split("\r\n")
    )
    hands.left.accept(type(answer).from_json(forged))
    hands.network.run(5.0)
    assert hands.left.core.connection_state.value == "failed"
    failed = hands.left.of(DtlsStateChanged)[-1]
    assert failed.state.value == "failed"
    assert "fingerprint" in str(failed.error)
    assert [event.state.value for event in hands.left.of(SctpStateChanged)] == ["closed"]
    assert channel.state is ChannelState.CLOSED
    assert hands.right.announced == []


def test_sctp_rests_while_there_is_no_path(hands: Hands) -> None:
    """F-21: its timers do not run out; what was sent arrives when the path is back."""
    channel = hands.right.announced[0]
    stop = hands.network.filter(lambda packet: True)
    hands.right.core.send(channel, "in between", hands.network.now)
    hands.network.run(60.0)
    assert hands.right.core.connection_state.value == "failed"
    assert hands.right.core.data.state.value == "connected"
    stop()
    hands.negotiate(ice_restart=True)
    hands.network.run(20.0)
    assert hands.left.messages() == ["in between"]


def test_the_peer_that_closes_is_noticed_at_once(hands: Hands) -> None:
    """SANS-09: SCTP's ABORT and close_notify."""
    hands.right.core.close(hands.network.now)
    hands.network.run(0.1)
    assert [event.state.value for event in hands.left.of(DtlsStateChanged)][-1] == "closed"
    assert [event.state.value for event in hands.left.of(SctpStateChanged)][-1] == "closed"


def test_checks_go_before_data(hands: Hands) -> None:
    channel = hands.right.announced[0]
    for _ in range(10):
        hands.right.core.send(channel, bytes(1000), hands.network.now)
    deadline = transport(hands.right).ice.poll_timeout()
    assert deadline is not None
    hands.right.core.handle_timeout(deadline + 10.0)
    first = hands.right.core.poll_write()
    assert first is not None
    assert first.data[0] <= 3


def test_each_layer_has_its_own_randomness() -> None:
    """A draw more in one layer does not shift another's."""
    parent = Random(1)
    assert child(parent).random() != child(parent).random()
    assert child(Random(1)).random() == child(Random(1)).random()
