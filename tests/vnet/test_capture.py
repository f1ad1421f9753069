"""Captures, read back byte by byte: reliability.md asks for a file of what failed."""

import struct
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.vnet.support import Peer
from webrtc import core
from webrtc.vnet import Link, Nat, Network, Packet
from webrtc.vnet.capture import ip_packet


class Captured(NamedTuple):
    interface: str
    nanoseconds: int
    direction: int
    comment: str
    data: bytes


def options(data: bytes) -> dict[int, bytes]:
    found, offset = {}, 0
    while offset < len(data):
        code, length = struct.unpack_from("<HH", data, offset)
        found[code] = data[offset + 4 : offset + 4 + length]
        offset += 4 + length + -length % 4
    assert found.pop(0) == b""
    return found


def blocks(data: bytes) -> Iterator[tuple[int, bytes]]:
    offset = 0
    while offset < len(data):
        kind, length = struct.unpack_from("<II", data, offset)
        assert length % 4 == 0
        assert data[offset + length - 4 : offset + length] == struct.pack("<I", length)
        yield kind, data[offset + 8 : offset + length - 4]
        offset += length


def read(path: Path) -> list[Captured]:
    """A pcapng reader for what is written here; anything else fails."""
    interfaces: list[str] = []
    packets: list[Captured] = []
    for number, (kind, body) in enumerate(blocks(path.read_bytes())):
        if number == 0:
            assert (kind, struct.unpack("<IHHq", body)) == (0x0A0D0D0A, (0x1A2B3C4D, 1, 0, -1))
        elif kind == 1:
            assert struct.unpack_from("<HHI", body) == (101, 0, 0)
            found = options(body[8:])
            assert found[9] == b"\x09"
            interfaces.append(found[2].decode())
        else:
            assert kind == 6
            interface, high, low, size, original = struct.unpack_from("<5I", body)
            assert size == original
            found = options(body[20 + size + -size % 4 :])
            data, [direction] = body[20 : 20 + size], struct.unpack("<I", found[2])
            time = high << 32 | low
            packets.append(
                Captured(interfaces[interface], time, direction, found[1].decode(), data)
            )
    return packets


def words(data: bytes) -> int:
    """The sum of RFC 1071, done the slow way: 0xFFFF over a correct packet."""
    data += b"\0" * (len(data) % 2)
    total: int = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total


def parse(data: bytes) -> tuple[core.Address, core.Address, int, bytes]:
    """Source, destination, ECN, payload; checks lengths and checksums."""
    if data[0] >> 4 == 4:
        assert (data[0], data[6], data[9]) in ((0x45, 0x40, 17), (0x45, 0, 17))
        assert struct.unpack_from("!H", data, 2) == (len(data),)
        assert words(data[:20]) == 0xFFFF
        addresses, udp, ecn = data[12:20], data[20:], data[1] & 3
    else:
        assert (data[0] >> 4, data[6]) == (6, 17)
        assert struct.unpack_from("!H", data, 4) == (len(data) - 40,)
        addresses, udp, ecn = data[8:40], data[40:], data[1] >> 4 & 3
    assert words(addresses + struct.pack("!HH", 17, len(udp)) + udp) == 0xFFFF
    source_port, destination_port, length, checksum = struct.unpack_from("!4H", udp)
    assert (length, checksum != 0) == (len(udp), True)
    half = len(addresses) // 2
    source, destination = (str(ip_address(addresses[at : at + half])) for at in (0, half))
    return (source, source_port), (destination, destination_port), ecn, udp[8:]


@pytest.mark.parametrize("data", [b"", b"\xff", b"odd", b"\xff" * 1200, bytes(65507)])
@pytest.mark.parametrize("hosts", [("192.0.2.1", "198.51.100.2"), ("2001:db8::1", "2001:db8::2")])
def test_headers_and_checksums(hosts: tuple[str, str], data: bytes) -> None:
    packet = Packet(data, (hosts[0], 5000), (hosts[1], 3478), 3, 123456)
    if ":" not in hosts[0]:
        packet.dont_fragment = True
        assert ip_packet(packet)[6] == 0x40
        packet.dont_fragment = False
        assert ip_packet(packet)[6] == 0
    assert parse(ip_packet(packet)) == ((hosts[0], 5000), (hosts[1], 3478), 3, data)
    assert len(ip_packet(packet)) == packet.size


def test_udp_checksum_zero_is_sent_as_all_ones() -> None:
    """RFC 768: zero means there is none."""
    for value in range(0x10000):
        data = ip_packet(Packet(struct.pack("!H", value), ("0.0.0.1", 1), ("0.0.0.2", 2)))
        assert data[26:28] != b"\0\0"
        if data[26:28] == b"\xff\xff":
            break
    else:
        pytest.fail("no payload gave a checksum of zero")
    assert words(data[12:20] + struct.pack("!HH", 17, 10) + data[20:]) == 0xFFFF


def scenario(network: Network) -> None:
    lan = network.router("lan", "10.0.0.0/8", nat=Nat("203.0.113.1"))
    inner = Peer(network.host("inner", router=lan), 5000)
    outer = Peer(network.host("outer", "198.51.100.1"), 3478)

    def tag(packet: Packet) -> bool:
        packet.tag = "probe"
        return False

    network.filter(tag)
    inner.send(outer.local, b"hello")
    network.run(1.0)


def test_capture_shows_both_sides_of_a_nat_in_nanoseconds(tmp_path: Path) -> None:
    network = Network(Link(delay=0.123456789))
    with network.capture(tmp_path / "all.pcapng"):
        scenario(network)
    network.inject(b"after the end", ("192.0.2.1", 1), ("198.51.100.1", 3478))
    sent, received = read(tmp_path / "all.pcapng")
    assert sent[:3] == ("inner/eth0", 0, 2)
    assert received[:4] == ("outer/eth0", 123456789, 1, "#1 probe")
    assert parse(sent.data) == (("10.0.0.2", 5000), ("198.51.100.1", 3478), 0, b"hello")
    assert parse(received.data) == (("203.0.113.1", 5000), ("198.51.100.1", 3478), 0, b"hello")


def test_capture_on_failure_writes_only_then(tmp_path: Path) -> None:
    path = tmp_path / "failed.pcapng"
    with Network().capture(path, on_failure=True) as capture:
        pass
    capture.close()
    assert not path.exists()
    network = Network()

    def fail() -> None:
        with network.capture(path, on_failure=True):
            scenario(network)
            network.run_until(lambda: False, limit=1.0)

    with pytest.raises(TimeoutError, match="seed 0"):
        fail()
    assert [entry.interface for entry in read(path)] == ["inner/eth0", "outer/eth0"]
    assert parse(read(path)[0].data)[0] == ("10.0.0.2", 5000)


def test_capture_on_failure_keeps_the_most_recent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webrtc.vnet.capture.MAX_KEPT", 5)
    network, path = Network(), tmp_path / "failed.pcapng"
    one = Peer(network.host("one", "198.51.100.1"))
    capture = network.capture(path, on_failure=True)
    one.send(("198.51.100.2", 9), *[b"%d" % number for number in range(20)])
    network.run(0.1)  # the way ends in a router without a route: nothing more to capture
    capture.close(failed=True)
    payloads = [parse(entry.data)[3] for entry in read(path)]
    assert payloads == [b"15", b"16", b"17", b"18", b"19"]
