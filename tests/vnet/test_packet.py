"""Packets: row VNET-05."""

from webrtc.vnet import Packet


def test_size_is_that_of_the_ip_packet() -> None:
    assert Packet(b"x" * 100, ("192.0.2.1", 1), ("192.0.2.2", 2)).size == 128
    assert Packet(b"x" * 100, ("2001:db8::1", 1), ("2001:db8::2", 2)).size == 148


def test_copy_keeps_identity_and_tag_but_takes_its_own_way() -> None:
    """VNET-05: packets can be traced through copies and address translation."""
    packet = Packet(b"data", ("192.0.2.1", 1), ("2001:db8::2", 2), 3, 77, dont_fragment=True)
    packet.tag = "probe"
    copy = packet.copy()
    packet.source = ("203.0.113.1", 9)
    assert (copy.source, copy.ecn, copy.id, copy.tag) == (("192.0.2.1", 1), 3, 77, "probe")
    assert repr(packet) == "#77 203.0.113.1:9 > [2001:db8::2]:2 4 bytes probe"
