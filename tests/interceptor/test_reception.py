"""Losses and jitter of a source, as RFC 3550 has them."""

import pytest

from tests.interceptor.support import STREAM, End, packet
from webrtc.interceptor.reception import Reception
from webrtc.rtcp import SenderReport


def fed(*sequences: int) -> Reception:
    reception = Reception(STREAM, End().take)
    for sequence in sequences:
        reception.take(packet(sequence), 0.0)
    return reception


def test_losses_are_counted_since_the_beginning_and_since_the_last_report() -> None:
    reception = fed(10, 11, 13, 14)
    block = reception.block(1.0)
    assert (block.total_lost, block.fraction_lost, block.highest_sequence) == (1, 51, 14)
    for sequence in (15, 16):
        reception.take(packet(sequence), 1.0)
    block = reception.block(2.0)
    assert (block.total_lost, block.fraction_lost, block.highest_sequence) == (1, 0, 16)


def test_the_highest_number_counts_its_wraps() -> None:
    reception = fed(65534, 65535, 0, 1, 65533)
    assert reception.block(0.0).highest_sequence == 0x10001
    assert reception.lost == -1  # the first that came was not the first that was sent


def test_jitter_is_that_of_the_example() -> None:
    """RFC 3550 §A.8, two packets 10 ms too late and too early."""
    reception = Reception(STREAM, End().take)
    for sequence, at in enumerate([0.0, 0.03, 0.05]):
        reception.take(packet(sequence, sequence * 1800), at)
    assert reception.jitter_ticks == pytest.approx(900 / 16 + (0 - 900 / 16) / 16)
    assert reception.jitter == pytest.approx(reception.jitter_ticks / 90000)


def test_packets_of_one_frame_say_nothing_of_jitter() -> None:
    reception = Reception(STREAM, End().take)
    for sequence in range(10):
        reception.take(packet(sequence, 1000), sequence * 0.01)
    assert reception.jitter == 0.0


def test_a_jump_of_the_clock_is_no_jitter() -> None:
    reception = Reception(STREAM, End().take)
    for sequence, timestamp in enumerate([0, 0x7FFFFFFF, 100]):
        reception.take(packet(sequence, timestamp), sequence * 0.02)
    assert reception.jitter == 0.0


def test_the_wrap_of_the_timestamp_is_no_jump() -> None:
    reception = Reception(STREAM, End().take)
    reception.take(packet(0, 0xFFFFFFFF - 899), 0.0)
    reception.take(packet(1, 900), 0.02)
    assert reception.jitter == pytest.approx(0.0, abs=1e-9)


def test_a_report_gives_back_when_the_senders_came() -> None:
    reception = fed(1)
    reception.handle_report(SenderReport(STREAM.ssrc, 0x1234_5678_9ABC_DEF0, 0, 0, 0), 1.0)
    block = reception.block(1.5)
    assert (block.last_report, block.delay) == (0x5678_9ABC, 32768)


def test_bytes_are_counted_by_what_they_are() -> None:
    reception = Reception(STREAM, End().take)
    plain, named = packet(1), packet(2)
    named.set_extension(1, b"m")
    reception.take(plain, 0.0)
    reception.take(named, 0.0)
    assert reception.octets == 14
    assert reception.header_octets == 12 + 20
