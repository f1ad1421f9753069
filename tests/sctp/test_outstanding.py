"""Chunks in flight."""

from hypothesis import given
from hypothesis import strategies as st

from tests.work import work
from webrtc.sctp.outstanding import (
    ACKED,
    IN_FLIGHT,
    LOST,
    MAX_TAKEN_BACK,
    OutgoingChunk,
    Outstanding,
)
from webrtc.sctp.queue import OutboundMessage, OutboundStream

MESSAGE = OutboundMessage(OutboundStream(0), 53, b"x")


def filled(count: int, first: int = 100) -> Outstanding:
    outstanding = Outstanding(first)
    for n in range(count):
        outstanding.add(OutgoingChunk(first + n, bytes(10), MESSAGE, n, float(n)))
    return outstanding


def blocks(received: set[int], cumulative: int) -> list[tuple[int, int]]:
    """Gap blocks of a SACK."""
    found: list[tuple[int, int]] = []
    for tsn in sorted(n for n in received if n > cumulative):
        if found and found[-1][1] == tsn - cumulative - 1:
            found[-1] = (found[-1][0], tsn - cumulative)
        else:
            found.append((tsn - cumulative, tsn - cumulative))
    return found


@given(st.lists(st.sets(st.integers(0, 29)), max_size=6))
def test_accounts_match_a_simple_model(arrivals: list[set[int]]) -> None:
    """C-14, C-15: bytes in flight and newly acknowledged, holes, highest."""
    outstanding = filled(30)
    received: set[int] = set()
    total = 0
    for arrived in arrivals:
        received |= {100 + n for n in arrived}
        cumulative = next(n for n in range(100, 131) if n not in received) - 1
        if cumulative >= outstanding.first:
            total += outstanding.acknowledge(cumulative + 1 - outstanding.first, 99.0, 0.0)
        total += outstanding.acknowledge_gaps(blocks(received, cumulative), 99.0, 0.0)
        assert total == 10 * len(received)
        assert outstanding.flight == 300 - total
        highest = max(received, default=99)
        assert outstanding.highest == highest
        missing = [n for n in range(cumulative + 1, highest) if n not in received]
        assert outstanding.holes == missing
        assert outstanding.size == 10 * len(outstanding.chunks) == 10 * (129 - cumulative)


@given(st.lists(st.tuples(st.integers(0, 65535), st.integers(0, 65535)), max_size=10))
def test_gap_blocks_that_make_no_sense_do_no_harm(gaps: list[tuple[int, int]]) -> None:
    """C-14: overlapping, backwards, beyond, start 0, end 65535."""
    outstanding = filled(40)
    acked = outstanding.acknowledge_gaps(gaps, 99.0, 0.0)
    states = [chunk.state for chunk in outstanding.chunks]
    assert acked == 10 * states.count(ACKED)
    assert outstanding.flight == 10 * states.count(IN_FLIGHT)
    assert states[0] == IN_FLIGHT
    assert outstanding.acknowledge(40, 99.0, 0.0) == 10 * states.count(IN_FLIGHT)
    assert (outstanding.flight, outstanding.size, outstanding.holes) == (0, 0, [])


def test_peer_may_take_back_what_it_reported() -> None:
    """C-14: RFC 9260 §6.2.1 D iii; what stands where its cumulative TSN stopped is sent again."""
    outstanding = filled(6)
    outstanding.acknowledge_gaps([(2, 3), (5, 5)], 9.0, 0.0)
    assert outstanding.flight == 30
    assert outstanding.acknowledge(1, 9.0, 0.0) == 10
    assert [chunk.state for chunk in outstanding.chunks] == [
        LOST,
        LOST,
        IN_FLIGHT,
        ACKED,
        IN_FLIGHT,
    ]
    assert [chunk.tsn for chunk in outstanding.lost] == [101, 102]
    assert (outstanding.flight, outstanding.holes, outstanding.highest) == (
        20,
        [101, 102, 103],
        104,
    )
    outstanding.acknowledge_gaps([(2, 4)], 9.0, 0.0)
    assert outstanding.holes == [101]


def test_a_peer_that_takes_back_and_reports_again_moves_little() -> None:
    """C-14: ten thousand chunks, and a SACK costs what it says that is new."""
    outstanding = filled(10_000)
    outstanding.acknowledge_gaps([(2, 10_000)], 9.0, 0.0)

    def game() -> None:
        outstanding.acknowledge(1, 9.0, 0.0)
        outstanding.acknowledge_gaps([(2, len(outstanding.chunks))], 9.0, 0.0)

    game()
    assert work(game) < 60 + 20 * MAX_TAKEN_BACK


def test_acknowledging_one_of_ten_thousand_holes_leaves_the_others_alone() -> None:
    """C-14."""
    outstanding = filled(20_000)
    outstanding.acknowledge_gaps([(n, n) for n in range(2, 20_000, 2)], 9.0, 0.0)
    assert len(outstanding.holes) == 9999
    assert work(lambda: outstanding.acknowledge_gaps([(5001, 5001)], 9.0, 0.0)) < 40
    assert work(lambda: outstanding.acknowledge(1, 9.0, 0.0)) < 40 + 20 * MAX_TAKEN_BACK
    assert len(outstanding.holes) == 9998


def test_what_is_lost_again_goes_before_what_was_not_sent_again_yet() -> None:
    """SCTP-19."""
    outstanding = filled(5)
    outstanding.lose_all()
    for packet in (10, 11):
        outstanding.resend(outstanding.lost[0], packet, 9.0)
    outstanding.lose_all()
    assert [chunk.tsn for chunk in outstanding.lost] == [100, 101, 102, 103, 104]
    assert outstanding.flight == 0


def test_after_a_timeout_the_earliest_is_the_first_to_be_sent_again() -> None:
    """RFC 9260 §6.3.3 E3: though it waits since before the last one that was."""
    outstanding = filled(5)
    outstanding.lose(outstanding.chunks[3])
    outstanding.resend(outstanding.lost[0], 10, 9.0)
    outstanding.lose(outstanding.chunks[0])
    outstanding.acknowledge_gaps([(2, 2)], 9.0, 0.0)
    assert outstanding.time_out(room=10) == 40
    assert [chunk.tsn for chunk in outstanding.lost] == [100, 102, 103, 104]
    assert outstanding.flight == 0


def test_after_a_timeout_it_is_told_how_much_of_what_is_lost_fits_into_packets() -> None:
    outstanding = filled(3)
    assert outstanding.time_out(room=10) == 30
    assert outstanding.time_out(room=9) == 0


def test_lost_chunk_that_arrives_after_all_is_not_sent_again() -> None:
    outstanding = filled(3)
    outstanding.lose_all()
    assert outstanding.flight == 0
    assert outstanding.acknowledge(1, 9.0, 0.0) == 10
    outstanding.acknowledge_gaps([(2, 2)], 9.0, 0.0)
    chunk = outstanding.next_lost()
    assert chunk is not None
    assert (chunk.tsn, chunk.state) == (101, LOST)
    outstanding.resend(chunk, 9, 9.0)
    assert (outstanding.flight, chunk.transmissions) == (10, 2)
    assert outstanding.next_lost() is None


def test_latest_is_the_last_sent_and_not_ambiguous() -> None:
    """RFC 8985 §6.2: an answer too fast for the second transmission was to the first."""
    outstanding = filled(3)
    outstanding.lose(outstanding.chunks[0])
    outstanding.resend(outstanding.chunks[0], 7, 10.0)
    outstanding.acknowledge(2, 10.01, 0.05)
    assert outstanding.latest is not None
    assert outstanding.latest.tsn == 101
    assert outstanding.spurious


def test_abandoned_message_leaves_the_flight() -> None:
    outstanding = filled(4)
    MESSAGE.first_tsn, MESSAGE.last_tsn = 101, 102
    outstanding.abandon(MESSAGE)
    assert outstanding.flight == 20
    assert outstanding.acknowledge(4, 9.0, 0.0) == 20
    assert outstanding.flight == 0


def test_a_chunk_has_passed_when_one_as_large_arrived_beyond_a_hole() -> None:
    """F-10: then what is lost again and again is not lost for its size."""
    outstanding = filled(3)
    size = outstanding.chunks[0].size
    assert not outstanding.has_passed(size)
    outstanding.acknowledge_gaps([(2, 2)], 0.1, 0.0)
    assert outstanding.has_passed(size)
    assert not outstanding.has_passed(size + 4)
