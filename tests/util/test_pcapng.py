"""Captures as they are written; tests/vnet/test_capture.py looks at each byte of a block."""

import struct

import pytest

from webrtc.util.captures import frames, payload
from webrtc.util.pcapng import Datagram, Direction, Writer, ip_packet

FOUR = ("192.0.2.1", 5000), ("198.51.100.2", 3478)
SIX = ("fe80::1%eth0", 5000), ("fe80::2%eth0", 3478)


def test_what_is_written_can_be_read() -> None:
    written: list[bytes] = []
    writer = Writer(written.append)
    writer.write(1.7e9 + 0.25, Direction.OUTBOUND, Datagram(b"one", *FOUR), "pc=1", "a comment")
    writer.write(1.7e9 + 0.5, Direction.INBOUND, Datagram(b"", *FOUR), "pc=2")
    writer.write(1.7e9 + 1.0, Direction.INBOUND, Datagram(b"three", *FOUR), "pc=1")
    found = list(frames(b"".join(written)))
    assert [(each.interface, each.direction, each.comment) for each in found] == [
        ("pc=1", Direction.OUTBOUND, "a comment"),
        ("pc=2", Direction.INBOUND, ""),
        ("pc=1", Direction.INBOUND, ""),
    ]
    assert [each.time for each in found] == pytest.approx([1.7e9 + 0.25, 1.7e9 + 0.5, 1.7e9 + 1])
    assert [each and each.data for each in map(payload, found)] == [b"one", b"", b"three"]
    assert len(written) == 6  # a section, two interfaces, three packets


def test_zone_of_an_address_is_not_on_the_wire() -> None:
    packet = ip_packet(Datagram(b"x", *SIX))
    assert (packet[0] >> 4, len(packet)) == (6, 49)
    assert struct.unpack_from("!HHH", packet, 40) == (5000, 3478, 9)
