"""Captures as other tools write them: both formats, both byte orders, five link types."""

import struct
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webrtc.errors import DecodeError
from webrtc.util.captures import Frame, Payload, frames, is_capture, payload
from webrtc.util.pcapng import Datagram, Direction, Writer, ip_packet

SOURCE, DESTINATION = ("192.0.2.1", 5000), ("198.51.100.2", 3478)
PACKET = ip_packet(Datagram(b"hello", SOURCE, DESTINATION))
SIX = ip_packet(Datagram(b"hello", ("2001:db8::1", 1), ("2001:db8::2", 2)))
EXPECTED = Payload(SOURCE, DESTINATION, b"hello", whole=True)


def pcap(link_type: int, *packets: bytes, order: str = "<", magic: int = 0xA1B2C3D4) -> bytes:
    head = struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, 65535, link_type)
    return head + b"".join(
        struct.pack(order + "IIII", 1_700_000_000, 500_000 + number, len(data), len(data)) + data
        for number, data in enumerate(packets)
    )


def block(order: str, kind: int, body: bytes) -> bytes:
    length = len(body) + 12
    return struct.pack(order + "II", kind, length) + body + struct.pack(order + "I", length)


def pcapng(order: str, *blocks: bytes) -> bytes:
    section = struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1)
    return block(order, 0x0A0D0D0A, section) + b"".join(blocks)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(("magic", "unit"), [(0xA1B2C3D4, 1e-6), (0xA1B23C4D, 1e-9)])
def test_pcap(order: str, magic: int, unit: float) -> None:
    data = pcap(101, PACKET, b"", order=order, magic=magic)
    assert is_capture(data)
    first, second = frames(data)
    assert payload(first) == EXPECTED
    assert first.time == pytest.approx(1.7e9 + 500_000 * unit, abs=1e-7)
    assert payload(second) is None


@pytest.mark.parametrize("order", ["<", ">"])
def test_pcapng_of_either_byte_order(order: str) -> None:
    options = struct.pack(order + "HH4sHHB3xHH", 2, 4, b"eth0", 9, 1, 0x94, 0, 0)
    interface = block(order, 1, struct.pack(order + "HHI", 101, 0, 0) + options)
    ticks = 3 << 20
    head = struct.pack(order + "5I", 0, ticks >> 32, ticks & 0xFFFFFFFF, len(PACKET), len(PACKET))
    flags = struct.pack(order + "HHIHH", 2, 4, 2, 0, 0)
    packet = block(order, 6, head + PACKET + b"\0" * (-len(PACKET) % 4) + flags)
    unknown = block(order, 5, b"")
    [found] = frames(pcapng(order, interface, unknown, packet))
    assert (found.time, found.interface, found.direction) == (3.0, "eth0", Direction.OUTBOUND)
    assert payload(found) == EXPECTED


def test_simple_packets_have_no_time() -> None:
    interface = block("<", 1, struct.pack("<HHI", 101, 0, 0))
    body = struct.pack("<I", len(PACKET)) + PACKET + b"\0" * (-len(PACKET) % 4)
    [found] = frames(pcapng("<", interface, block("<", 3, body)))
    assert (found.time, found.direction) == (None, None)
    assert payload(found) == EXPECTED


def test_sections_follow_each_other() -> None:
    written: list[bytes] = []
    for name in ("one", "two"):
        Writer(written.append).write(
            0.0, Direction.INBOUND, Datagram(b"hello", SOURCE, DESTINATION), name
        )
    assert [each.interface for each in frames(b"".join(written))] == ["one", "two"]


def ethernet(packet: bytes, *tags: bytes) -> bytes:
    kind = b"\x08\x00" if packet[0] >> 4 == 4 else b"\x86\xdd"
    return bytes(12) + b"".join(tags) + kind + packet


@pytest.mark.parametrize(
    ("link_type", "wrap"),
    [
        (101, lambda packet: packet),
        (0, lambda packet: b"\x02\0\0\0" + packet),
        (108, lambda packet: b"\0\0\0\x02" + packet),
        (1, ethernet),
        (1, lambda packet: ethernet(packet, b"\x81\x00\x00\x07")),
        (113, lambda packet: bytes(16) + packet),
        (276, lambda packet: bytes(20) + packet),
    ],
)
def test_link_types(link_type: int, wrap: Callable[[bytes], bytes]) -> None:
    [frame] = frames(pcap(link_type, wrap(PACKET)))
    assert payload(frame) == EXPECTED
    found = payload(Frame(0.0, link_type, wrap(SIX)))
    assert found == Payload(("2001:db8::1", 1), ("2001:db8::2", 2), b"hello", whole=True)


def test_what_is_no_udp_datagram_has_no_payload() -> None:
    tcp = PACKET[:9] + b"\x06" + PACKET[10:]
    arp = bytes(12) + b"\x08\x06" + bytes(28)
    later_fragment = PACKET[:6] + b"\x00\x07" + PACKET[8:]
    for link_type, data in (
        (101, tcp),
        (1, arp),
        (101, later_fragment),
        (101, PACKET[:25]),
        (101, PACKET[:15]),
        (101, SIX[:39]),
        (101, SIX[:6] + b"\x3a" + SIX[7:]),
        (101, b""),
        (999, PACKET),
    ):
        assert payload(Frame(0.0, link_type, data)) is None


def test_extension_headers_are_passed_over() -> None:
    udp = SIX[40:]
    hop_by_hop = bytes([44, 0]) + bytes(6)
    first_fragment = bytes([17, 0, 0, 1]) + bytes(4)
    packet = SIX[:6] + b"\0" + SIX[7:40] + hop_by_hop + first_fragment + udp
    found = payload(Frame(0.0, 101, packet))
    assert found is not None
    assert (found.data, found.whole) == (b"hello", False)


def test_a_datagram_that_was_cut_says_so() -> None:
    found = payload(Frame(0.0, 101, PACKET[:-2]))
    assert found == EXPECTED._replace(data=b"hello"[:3], whole=False)


@pytest.mark.parametrize("cut", [10, 20, 30, 60, 100])
def test_damage_is_an_error(cut: int) -> None:
    written: list[bytes] = []
    datagram = Datagram(b"hello" * 20, SOURCE, DESTINATION)
    Writer(written.append).write(0.0, Direction.INBOUND, datagram, "x")
    for data in (b"".join(written)[:-cut], pcap(101, PACKET)[:-cut]):
        with pytest.raises(DecodeError):
            list(frames(data))


def test_text_is_no_capture() -> None:
    assert not is_capture(b'{"event": "log"}')
    with pytest.raises(DecodeError, match="neither pcapng nor pcap"):
        list(frames(b"v=0\r\n"))
    with pytest.raises(DecodeError, match="damaged block"):
        list(frames(pcapng("<", block("<", 6, bytes(20)))))


@given(st.binary(max_size=120), st.sampled_from([b"", pcap(101)[:24], pcapng("<")]))
def test_garbage_raises_only_decode_error(data: bytes, start: bytes) -> None:
    try:
        for frame in frames(start + data):
            payload(frame)
    except DecodeError:
        pass


@given(st.binary(max_size=80), st.sampled_from([0, 1, 101, 108, 113, 276]))
def test_any_frame_has_a_payload_or_none(data: bytes, link_type: int) -> None:
    payload(Frame(0.0, link_type, data))
