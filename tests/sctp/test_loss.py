"""Loss detection."""

import pytest

from tests.sctp.test_outstanding import filled
from tests.work import work
from webrtc.sctp.loss import GAP_LIMIT, HIDDEN_ROUNDS, LossDetection
from webrtc.sctp.outstanding import Outstanding
from webrtc.sctp.rto import RetransmissionTimeout


def detector(count: int) -> tuple[Outstanding, LossDetection]:
    """Chunks 100… sent by packets 0… at times 0.0, 0.1…; the round trip is 4 s."""
    outstanding = filled(count)
    for n, chunk in enumerate(outstanding.chunks):
        chunk.sent_at = n / 10
    rto = RetransmissionTimeout(0.5, 0.3, 100.0)
    rto.measure(4.0)
    return outstanding, LossDetection(outstanding, rto)


def acknowledge(
    outstanding: Outstanding, loss: LossDetection, gaps: list[tuple[int, int]], now: float
) -> list[int]:
    outstanding.acknowledge_gaps(gaps, now, 4.0)
    loss.on_ack(now)
    return [chunk.tsn for chunk in loss.detect(now)]


def test_third_later_packet_marks_a_hole_lost() -> None:
    """SCTP-19: RFC 9260 §7.2.4, one SACK a packet."""
    outstanding, loss = detector(10)
    assert acknowledge(outstanding, loss, [(2, 2)], 4.1) == []
    assert acknowledge(outstanding, loss, [(2, 3)], 4.2) == []
    assert acknowledge(outstanding, loss, [(2, 4)], 4.3) == [100]


def test_three_later_packets_in_one_sack_count_as_three() -> None:
    """SCTP-19: peers acknowledge bursts once."""
    outstanding, loss = detector(10)
    assert acknowledge(outstanding, loss, [(2, 2), (4, 7)], 4.6) == [100, 102]


def test_fewer_than_three_are_given_a_quarter_of_a_round_trip() -> None:
    """SCTP-19: early retransmit by time, RFC 8985."""
    outstanding, loss = detector(2)
    assert acknowledge(outstanding, loss, [(2, 2)], 4.1) == []
    assert loss.deadline == 0.0 + 4.0 + 1.0
    assert loss.detect(4.9) == []
    assert [chunk.tsn for chunk in loss.detect(5.0)] == [100]


def test_a_repair_that_is_lost_is_found_by_what_was_sent_after_it() -> None:
    outstanding, loss = detector(8)
    assert acknowledge(outstanding, loss, [(2, 4)], 4.3) == [100]
    outstanding.resend(outstanding.chunks[0], 8, 4.3)
    for packet in (9, 10, 11):
        chunk = filled(1, 99 + packet).chunks[0]
        chunk.packet, chunk.sent_at = packet, packet / 2
        outstanding.add(chunk)
    assert acknowledge(outstanding, loss, [(2, 8)], 4.8) == []
    assert acknowledge(outstanding, loss, [(2, 11)], 9.5) == [100]


@pytest.mark.parametrize("blocks", [GAP_LIMIT - 1, GAP_LIMIT])
def test_what_a_full_report_had_no_room_for_is_given_another_round_trip(blocks: int) -> None:
    """SCTP-19: dcSCTP reports 20 gap blocks; what it has beyond them is not to be sent again."""
    outstanding, loss = detector(2 * blocks + 10)
    for chunk in outstanding.chunks:
        chunk.sent_at = 0.0
    gaps = [(2 * n, 2 * n) for n in range(1, blocks + 1)]
    outstanding.reported = blocks
    holes = acknowledge(outstanding, loss, gaps, 4.0)
    first = outstanding.chunks[0]
    outstanding.resend(first, 1000, 4.0)
    assert outstanding.acknowledge(2, 8.0, 4.0)
    loss.on_ack(8.0)
    beyond = {100 + n for n in range(2 * blocks, 2 * blocks + 10)}
    found = beyond & {chunk.tsn for chunk in loss.detect(8.0)}
    assert len(holes) == blocks - 1
    assert found == (beyond if blocks < GAP_LIMIT else set())
    late = 8.0 - 4.0 + 1.0
    assert found | {chunk.tsn for chunk in loss.detect(HIDDEN_ROUNDS * late)} == beyond


def test_reordering_path_is_given_more_time() -> None:
    """F-05: once a late chunk was seen, three packets prove nothing."""
    outstanding, loss = detector(10)
    assert acknowledge(outstanding, loss, [(3, 3)], 4.2) == []
    assert acknowledge(outstanding, loss, [(2, 3)], 4.3) == []
    assert acknowledge(outstanding, loss, [(2, 9)], 4.9) == []
    assert loss.deadline == 0.0 + (4.9 - 0.8) + 1.0


def test_window_grows_with_spurious_repairs_and_shrinks_when_they_stop() -> None:
    """F-05: RFC 8985 §6.2."""
    outstanding, loss = detector(1)
    sizes = []
    for now in (10.0, 20.0, 30.0):
        outstanding.spurious = True
        loss.on_ack(now)
        sizes.append(loss._window())
    assert sizes == [1.0, 2.0, 3.0]
    for _ in range(17):
        loss.on_recovery()
    assert loss._window() == 1.0


def test_nothing_is_looked_at_again_that_was_found_lost() -> None:
    """C-14: ten thousand holes, and a SACK costs what it says that is new."""
    outstanding, loss = detector(20_000)
    acknowledge(outstanding, loss, [(n, n) for n in range(2, 20_000, 2)], 2000.0)
    loss.on_ack(2000.0)
    assert work(lambda: loss.detect(2000.0)) < 60
    assert len(outstanding.lost) == 9998  # the last was overtaken by too little
