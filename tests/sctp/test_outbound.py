"""The sending half against a peer driven by hand."""

import pytest

from tests.sctp.support import FIRST, IMMEDIATE, LAST, MIDDLE, WHOLE, Peer, kinds, sack, sent_data
from webrtc.errors import InvalidAccessError, InvalidStateError, OperationError
from webrtc.sctp import Config, SendBufferLow, State
from webrtc.sctp.chunks import ChunkType, ForwardTsn
from webrtc.sctp.queue import MESSAGE_OVERHEAD

PAYLOAD = 1160 - 12 - 16


def send(
    peer: Peer,
    size: int = 1,
    stream: int = 0,
    *,
    ordered: bool = True,
    max_retransmits: int | None = None,
    lifetime: float | None = None,
) -> None:
    peer.association.send(
        stream,
        53,
        bytes(size),
        peer.now,
        ordered=ordered,
        max_retransmits=max_retransmits,
        lifetime=lifetime,
    )


def test_message_is_cut_into_full_packets() -> None:
    """SCTP-20: B, middle and E bits, one sequence number, full packets of one size."""
    peer = Peer().connect()
    send(peer, 3 * PAYLOAD + 5)
    packets = peer.packets()
    assert [len(packet) for packet in packets] == [1160, 1160, 1160, 12 + 16 + 8]
    peer = Peer().connect()
    send(peer, 3 * PAYLOAD + 5)
    flags = [flags for _, flags, _, _, _ in sent_data(peer.read())]
    assert flags == [FIRST, MIDDLE, MIDDLE, LAST]


def test_small_messages_share_a_packet_and_are_not_cut() -> None:
    peer = Peer().connect()
    for _ in range(20):
        send(peer, 300)
    packets = peer.packets()
    assert [len(packet) for packet in packets] == [12 + 3 * 316] * 6 + [12 + 2 * 316]


def test_sequence_numbers_belong_to_streams_and_unordered_ones_have_none() -> None:
    """SCTP-16, SCTP-21."""
    peer = Peer().connect()
    for stream in (1, 2, 1):
        send(peer, stream=stream)
    send(peer, stream=2, ordered=False)
    found = sorted((stream, ssn, flags) for _, flags, stream, ssn, _ in sent_data(peer.read()))
    assert found == [(1, 0, WHOLE), (1, 1, WHOLE), (2, 0, WHOLE), (2, 0, WHOLE | 4)]


def test_initial_window_is_ten_packets() -> None:
    """SCTP-19: and what begins within it, RFC 9260 §6.1 B."""
    peer = Peer().connect()
    send(peer, 100000)
    assert len(peer.read()) == 11


def test_peers_window_limits_what_is_in_flight() -> None:
    """SCTP-04: and C-15, whatever the peer claims."""
    peer = Peer(window=3000).connect()
    send(peer, 100000)
    assert len(peer.read()) == 2
    peer = Peer(window=0xFFFFFFFF).connect()
    send(peer, 100000)
    assert len(peer.read()) == 11


def test_sack_for_what_was_not_sent_aborts() -> None:
    """C-14."""
    peer = Peer().connect()
    send(peer)
    peer.read()
    ((kind, _, value),) = peer.send(sack(peer.peer_tsn + 1))
    assert kind == ChunkType.ABORT
    assert value[:2] == b"\0\x0d"
    assert peer.state is State.ENDED


def test_old_sack_changes_nothing() -> None:
    """C-14: the cumulative TSN never goes back, nor does an old window count."""
    peer = Peer().connect()
    for _ in range(3):
        send(peer)
    peer.read()
    peer.send(sack(peer.peer_tsn + 2))
    before = peer.association.bytes_in_flight, peer.association.peer_window
    peer.send(sack(peer.peer_tsn - 1, 0))
    assert (
        (peer.association.bytes_in_flight, peer.association.peer_window) == before == (0, 1 << 20)
    )


def test_fast_retransmit_once_with_half_the_window() -> None:
    """SCTP-19: RFC 9260 §7.2.4."""
    peer = Peer(Config(congestion_control="reno")).connect()
    send(peer, 10 * PAYLOAD)
    peer.read()
    peer.now += 0.05
    cwnd = peer.association.cwnd
    resent = []
    for last in (2, 3, 4, 5, 6):
        resent += sent_data(peer.send(sack(peer.peer_tsn - 1, gaps=((2, last),))))
    assert [tsn for tsn, *_ in resent] == [peer.peer_tsn]
    assert peer.association.cwnd == (cwnd + 1148) // 2
    assert peer.association.counters.chunks_retransmitted == 1


def test_timeout_resends_one_packet_and_backs_off() -> None:
    """SCTP-19: RFC 9260 §6.3.3; the I bit asks the peer not to wait."""
    peer = Peer(Config(rto_initial=0.5, rto_max=4.0)).connect()
    send(peer, 10 * PAYLOAD)
    peer.read()
    moments = []
    for _ in range(5):
        moment = peer.association.poll_timeout()
        assert moment is not None
        moments.append(moment - peer.now)
        (found,) = sent_data(peer.wait(moment - peer.now))
        assert found[:2] == (peer.peer_tsn, FIRST | IMMEDIATE)
    assert moments == pytest.approx([0.5, 1.0, 2.0, 2.0, 2.0])  # nothing was acknowledged yet
    assert peer.association.cwnd == 1160


def test_one_packet_is_in_flight_after_a_timeout_however_small() -> None:
    """RFC 9260 §7.2.3: neither the next chunk that is lost nor new data follow it."""
    peer = Peer().connect()
    send(peer, 100)
    for _ in range(40):
        send(peer, PAYLOAD)
    peer.read()
    moment = peer.association.poll_timeout()
    assert moment is not None
    found = sent_data(peer.wait(moment - peer.now))
    assert [(tsn, len(body)) for tsn, _, _, _, body in found] == [(peer.peer_tsn, 100)]
    peer.now += 0.01
    assert len(sent_data(peer.send(sack(peer.peer_tsn)))) == 2


def test_peer_that_never_answers_is_given_up() -> None:
    """C-22: the number of timeouts is a setting."""
    peer = Peer(Config(max_retransmissions=3)).connect()
    send(peer)
    peer.read()
    chunks = peer.wait(60.0)
    assert kinds(chunks) == [ChunkType.DATA] * 3 + [ChunkType.ABORT]
    assert peer.state is State.ENDED
    with pytest.raises(InvalidStateError):
        send(peer)


def test_tail_is_probed_before_the_timer() -> None:
    """RFC 8985 §7: two round trips instead of the timeout, and the window stays."""
    peer = Peer().connect()
    send(peer)
    peer.read()
    peer.now += 0.02
    peer.send(sack(peer.peer_tsn))
    for _ in range(3):
        send(peer)
    peer.read()
    cwnd = peer.association.cwnd
    (probe,) = sent_data(peer.wait(0.06))
    assert probe[0] == peer.peer_tsn + 3
    peer.now += 0.02
    repairs = sent_data(peer.send(sack(peer.peer_tsn, gaps=((3, 3),))) + peer.wait(0.02))
    assert [tsn for tsn, *_ in repairs] == [peer.peer_tsn + 1, peer.peer_tsn + 2]
    assert peer.association.counters.timeouts == 0
    assert peer.association.cwnd >= cwnd // 2


def test_closed_window_is_probed_with_backoff_and_never_aborts() -> None:
    """C-15: a window of 0 for ever; RFC 9260 §6.1 A."""
    peer = Peer(Config(max_retransmissions=3)).connect()
    send(peer, 50000)
    count = len(peer.read())
    peer.send(sack(peer.peer_tsn + count - 1, 0))
    probes, times = 0, []
    while peer.now < 300.0:
        moment = peer.association.poll_timeout()
        assert moment is not None
        found = sent_data(peer.wait(moment - peer.now))
        probes += len(found)
        times.append(peer.now)
        peer.send(sack(peer.peer_tsn + count - 1, 0))
    assert peer.state is State.ESTABLISHED
    assert 10 < probes < 120
    assert len(sent_data(peer.send(sack(peer.peer_tsn + count - 1, 1 << 20)))) > 1


def test_closed_window_gets_one_probe_at_a_time() -> None:
    """C-15: whatever was lost when it closed."""
    peer = Peer().connect()
    send(peer, 8 * PAYLOAD)
    peer.read()
    peer.now += 0.05
    peer.send(sack(peer.peer_tsn, 0))
    probes = sent_data(peer.wait(0.3))
    assert [tsn for tsn, *_ in probes] == [peer.peer_tsn + 7]
    for n in range(1, 7):
        moment = peer.association.poll_timeout()
        assert moment is not None
        assert len(sent_data(peer.wait(moment - peer.now))) == 1
        assert len(sent_data(peer.send(sack(peer.peer_tsn + n, 0)))) <= 1


def test_send_buffer_is_bounded() -> None:
    """DC-06: OperationError, and the association stays."""
    config = Config(max_send_buffer=100000)
    peer = Peer(config).connect()
    for _ in range(100000 // (1 + MESSAGE_OVERHEAD)):
        send(peer)
    with pytest.raises(OperationError, match="send buffer is full"):
        send(peer)
    assert peer.state is State.ESTABLISHED
    assert len(peer.read()) > 0


def test_low_send_buffer_is_reported_once() -> None:
    """SCTP-13, SCTP-22."""
    peer = Peer().connect()
    peer.association.set_send_buffer_low(1000)
    send(peer, 5000)
    peer.read()
    assert peer.events() == []
    peer.send(sack(peer.peer_tsn + 3))
    assert peer.association.send_buffer_size < 1000
    assert peer.events() == [SendBufferLow()]


@pytest.mark.parametrize("size", [0, 262145])
def test_message_that_the_peer_does_not_take(size: int) -> None:
    """SCTP-05."""
    peer = Peer().connect()
    with pytest.raises(InvalidAccessError):
        send(peer, size)


def test_idle_path_loses_its_window() -> None:
    """SCTP-19: RFC 9260 §7.2.1."""
    peer = Peer().connect()
    for _ in range(6):
        send(peer, 200000)
        while found := sent_data(peer.read()):
            peer.now += 0.01
            peer.send(sack(found[-1][0]))
            break
    last = peer.association._session.outbound.outstanding.next_tsn - 1
    peer.send(sack(last & 0xFFFFFFFF))
    before = peer.association.cwnd
    while found := sent_data(peer.read()):
        peer.send(sack(found[-1][0]))
    peer.wait(20.0)
    send(peer, 1)
    peer.read()
    assert peer.association.cwnd < before


def test_acknowledgements_that_are_read_together_allow_what_they_allow_one_by_one() -> None:
    """SCTP-19: a process that comes late to read many of them must not be slowed by it."""
    peer = Peer(Config(initial_window=100, max_burst=4)).connect()
    send(peer, 60 * PAYLOAD)
    first = [tsn for tsn, *_ in sent_data(peer.read())]
    flight = [tsn for tsn, *_ in sent_data(peer.send(sack(first[-1])))]
    assert len(flight) > 2 * len(first)
    answer = sent_data(peer.send(*(sack(tsn) for tsn in flight)))
    assert len(answer) > 2 * len(flight)


def test_message_without_retransmissions_is_given_up_at_the_first_loss() -> None:
    """SCTP-17: RFC 3758, RFC 7496."""
    peer = Peer().connect()
    send(peer, stream=5, max_retransmits=0)
    for _ in range(4):
        send(peer, stream=6)
        peer.read()
    chunks = peer.send(sack(peer.peer_tsn - 1, gaps=((2, 5),))) + peer.wait(0.05)
    assert sent_data(chunks) == []
    (forward,) = {value for kind, _, value in chunks if kind == ChunkType.FORWARD_TSN}
    assert ForwardTsn.decode(forward) == ForwardTsn(peer.peer_tsn, ((5, 0),))
    peer.send(sack(peer.peer_tsn + 4))
    assert peer.association.bytes_in_flight == 0
    assert peer.association.counters.messages_abandoned == 1


def test_lost_forward_tsn_is_sent_again() -> None:
    """SCTP-17: RFC 3758 §3.5 C3 and F2."""
    peer = Peer().connect()
    send(peer, max_retransmits=0)
    peer.read()
    chunks = peer.wait(5.0)
    assert kinds(chunks).count(ChunkType.FORWARD_TSN) >= 2
    assert sent_data(chunks) == []


def test_expired_message_is_given_up() -> None:
    """SCTP-17: timed; the rest of a half-sent one is dropped too."""
    peer = Peer(window=3000).connect()
    send(peer, 20000, lifetime=0.4)
    assert len(peer.read()) == 2
    send(peer, 10, stream=1)
    chunks = peer.wait(1.2)
    assert ChunkType.FORWARD_TSN in kinds(chunks)
    assert [found[2] for found in sent_data(chunks)][:1] == [1]
    assert peer.association.buffered_amount(0) == 0


def test_message_given_up_in_its_middle_leaves_nothing_behind() -> None:
    """SCTP-17: the peer has all that was sent, and would wait for the rest for ever."""
    peer = Peer(window=3000).connect()
    send(peer, 20000, max_retransmits=0)
    assert len(peer.read()) == 2
    forwards = [value for kind, _, value in peer.wait(0.6) if kind == ChunkType.FORWARD_TSN]
    assert ForwardTsn.decode(forwards[0]) == ForwardTsn(peer.peer_tsn + 2, ((0, 0),))
    chunks = peer.send(sack(peer.peer_tsn + 1))
    assert ForwardTsn(peer.peer_tsn + 2, ((0, 0),)).encode()[4:] in [
        value for _, _, value in chunks
    ]
    send(peer, 10)
    chunks = peer.send(sack(peer.peer_tsn + 2))
    assert [(tsn, ssn) for tsn, _, _, ssn, _ in sent_data(chunks)] == [(peer.peer_tsn + 3, 1)]


def test_peer_without_partial_reliability_gets_everything() -> None:
    """C-16: FORWARD-TSN is never sent to who does not know it."""
    peer = Peer(parameters=()).connect()
    send(peer, max_retransmits=0)
    peer.read()
    chunks = peer.wait(3.0)
    assert set(kinds(chunks)) == {ChunkType.DATA}


def test_what_is_held_behind_a_hole_leaves_half_of_the_buffer_to_the_application() -> None:
    """DC-06: who goes by the buffered amount never finds the buffer full."""
    size = 64 * PAYLOAD
    peer = Peer(Config(max_send_buffer=2 * size, initial_window=1000, max_burst=1000)).connect()
    held = 0
    for _ in range(40):
        while peer.association.buffered_amount(0) < size // 4:
            send(peer, PAYLOAD)
        sent = sent_data(peer.read())
        held += len(sent)
        if held > 2:
            peer.now += 0.001
            peer.send(sack(peer.peer_tsn - 1, gaps=((2, held),)))
    assert held <= 66


def test_message_that_is_allowed_to_goes_beyond_the_send_buffer_once() -> None:
    config = Config(max_send_buffer=10000)
    peer = Peer(config).connect()
    send(peer, 9000)
    assert peer.association.send_room == 10000 - peer.association.send_buffer_size
    peer.association.allow_excess(0)
    send(peer, 9000)
    assert peer.association.send_room < 0
    with pytest.raises(OperationError, match="send buffer is full"):
        send(peer, 9000)
    peer.association.allow_excess(1)
    with pytest.raises(OperationError, match="send buffer is full"):
        send(peer, 9000)
