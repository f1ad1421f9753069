"""Outbox and rate limit."""

from webrtc.sctp import Config
from webrtc.sctp.packet import Header, checksum, decode_header
from webrtc.sctp.state import Outbox, RateLimit


def test_rate_limit_counts_anew_each_second() -> None:
    limit = RateLimit(3)
    assert [limit.allows(0.1 * n) for n in range(5)] == [True] * 3 + [False] * 2
    assert [limit.allows(1.0 + 0.1 * n) for n in range(5)] == [True] * 3 + [False] * 2


def test_lone_chunk_goes_under_the_peers_tag_or_a_given_one() -> None:
    outbox = Outbox(Config(local_port=1, remote_port=2))
    outbox.set_tag(7)
    outbox.send_alone(b"\x0b\0\0\4")
    outbox.send_alone(b"\x0b\0\0\4", 9)
    assert [decode_header(packet) for packet in outbox.packets] == [(1, 2, 7), (1, 2, 9)]
    assert outbox.header.data == Header(1, 2, 7).data


def test_checksum_is_left_out_of_bundles_but_not_under_a_given_tag() -> None:
    """C-01: RFC 9653 §5.2: an INIT ACK or an answer to a stranger has one."""
    outbox = Outbox(Config())
    outbox.set_tag(7, zero_checksum=True)
    outbox.send_alone(b"\x0b\0\0\4")
    outbox.send_alone(b"\x0b\0\0\4", 9)
    zero, full = outbox.packets
    assert zero[8:12] == bytes(4)
    assert full[8:12] == checksum(full)
