import pytest
from hypothesis import given
from hypothesis import strategies as st

from webrtc.errors import DecodeError
from webrtc.rtp.packet import RtpPacket

FIXED = bytes.fromhex("80e00001000000020000cafe")


@st.composite
def packets(draw: st.DrawFn) -> RtpPacket:
    packet = RtpPacket(
        draw(st.integers(0, 127)),
        draw(st.integers(0, 0xFFFF)),
        draw(st.integers(0, 0xFFFFFFFF)),
        draw(st.integers(0, 0xFFFFFFFF)),
        draw(st.binary(max_size=50)),
        marker=draw(st.booleans()),
    )
    packet.csrcs = tuple(draw(st.lists(st.integers(0, 0xFFFFFFFF), max_size=15)))
    packet.padding = draw(st.integers(0, 255))
    for id_, value in draw(st.dictionaries(st.integers(1, 255), st.binary(max_size=20))).items():
        packet.set_extension(id_, value)
    return packet


@given(packets())
def test_a_packet_survives_the_wire(packet: RtpPacket) -> None:
    """RTP-01, RTP-11: and its length is known without encoding it."""
    data = packet.encode()
    assert len(data) == len(packet)
    assert bytes(packet) == data
    assert RtpPacket.decode(data) == packet
    assert packet.header() + packet.body() == data


def test_fields_of_the_header() -> None:
    """RTP-03 to RTP-05: RFC 3550 §5.1, every bit of the first two bytes."""
    packet = RtpPacket.decode(
        bytes.fromhex("b2e0 0001 00000002 0000cafe 00000007 00000008 bede0001 10aa0000 abcd0002")
    )
    assert packet.payload_type == 96
    assert packet.marker
    assert (packet.sequence_number, packet.timestamp, packet.ssrc) == (1, 2, 0xCAFE)
    assert packet.csrcs == (7, 8)
    assert packet.extension_profile == 0xBEDE
    assert packet.extension == bytes.fromhex("10aa0000")
    assert packet.padding == 2
    assert packet.payload == b"\xab\xcd"


def test_padding_alone_is_a_packet_without_payload() -> None:
    """RTP-12, RTP-26, P-02."""
    packet = RtpPacket.decode(b"\xa0" + FIXED[1:] + bytes(9) + b"\x0a")
    assert packet.payload == b""
    assert packet.padding == 10
    assert packet.body() == bytes(9) + b"\x0a"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        FIXED[:11],
        b"\x00" + FIXED[1:],
        b"\x40" + FIXED[1:],
        b"\xc0" + FIXED[1:],
        b"\x81" + FIXED[1:],
        b"\x8f" + FIXED[1:] + bytes(59),
        b"\x90" + FIXED[1:],
        b"\x90" + FIXED[1:] + b"\xbe\xde\x00",
        b"\x90" + FIXED[1:] + b"\xbe\xde\x00\x01",
        b"\x90" + FIXED[1:] + b"\xbe\xde\xff\xff" + bytes(100),
        b"\xa0" + FIXED[1:],
        b"\xa0" + FIXED[1:] + b"\x00",
        b"\xa0" + FIXED[1:] + b"\x02",
    ],
)
def test_what_is_not_whole_is_an_error(data: bytes) -> None:
    """P-01, P-02, RTP-22 to RTP-24."""
    with pytest.raises(DecodeError):
        RtpPacket.decode(data)


@given(st.binary(max_size=64))
def test_garbage_raises_only_decode_error(data: bytes) -> None:
    try:
        packet = RtpPacket.decode(b"\x90" + data)
        _ = packet.extensions
    except DecodeError:
        pass


def test_extensions_can_be_read_added_replaced_and_removed() -> None:
    """RTP-07 to RTP-09."""
    packet = RtpPacket(96, 1, 2, 3, b"x")
    assert packet.extensions == {}
    packet.set_extension(1, b"a")
    packet.set_extension(2, b"bb")
    packet.set_extension(1, b"c")
    assert packet.extensions == {1: b"c", 2: b"bb"}
    assert packet.get_extension(2) == b"bb"
    assert packet.get_extension(3) is None
    packet.remove_extension(1)
    packet.remove_extension(1)
    assert packet.extensions == {2: b"bb"}
    packet.remove_extension(2)
    assert packet.extension_profile == 0
    assert packet.header()[0] == 0x80


def test_a_long_value_turns_the_whole_block_to_the_two_byte_form() -> None:
    packet = RtpPacket(96, 1, 2, 3)
    packet.set_extension(1, b"a")
    packet.set_extension(2, bytes(17))
    assert packet.extension_profile == 0x1000
    assert packet.extensions == {1: b"a", 2: bytes(17)}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("sequence_number", 0x10000),
        ("timestamp", -1),
        ("ssrc", 1 << 32),
        ("payload_type", 256),
        ("csrcs", (1,) * 16),
        ("extension_profile", 0xBEDE),
    ],
)
def test_a_field_that_does_not_fit_is_refused(name: str, value: object) -> None:
    packet = RtpPacket(96, 1, 2, 3)
    packet.extension = b"abc"
    setattr(packet, name, value)
    with pytest.raises(ValueError, match=r"."):
        packet.encode()


def test_it_shows_what_it_is() -> None:
    packet = RtpPacket(96, 7, 90, 0xCAFE, b"secret", marker=True)
    assert repr(packet) == "<RtpPacket pt=96 seq=7 ts=90 ssrc=0xcafe 6 bytes marker>"
    assert packet != "packet"
    assert bool(packet)
