import pytest

from webrtc import rtcp
from webrtc.errors import DecodeError
from webrtc.rtcp.sources import ItemType


def test_source_description_by_its_figure() -> None:
    """RTCP-09, RTCP-10: RFC 3550 §6.5; each chunk is padded by at least one zero."""
    data = bytes.fromhex(
        "82ca0006 00000001 0103 616263 0000 0000 00000002 0102 6162 0f01 30 00".replace(" ", "")
    )
    data = data[:3] + bytes((len(data) // 4 - 1,)) + data[4:]
    description = rtcp.SourceDescription(
        (
            rtcp.Chunk(1, ((ItemType.CNAME, b"abc"),)),
            rtcp.Chunk(2, ((ItemType.CNAME, b"ab"), (ItemType.MID, b"0"))),
        )
    )
    assert description.encode() == bytes.fromhex(
        "82ca0006 00000001 01036162 63000000 00000002 01026162 0f013000".replace(" ", "")
    )
    assert rtcp.decode(description.encode()) == [description]
    assert description.chunks[1].get(ItemType.MID) == b"0"
    assert description.chunks[0].get(ItemType.MID) is None
    assert description.destinations == (1, 2)


@pytest.mark.parametrize(
    "body",
    [
        "00000001 01036162",
        "00000001 01ff6162",
        "00000001 01026162",
        "00000001",
        "000000",
        "",
    ],
)
def test_a_chunk_that_does_not_end_is_an_error(body: str) -> None:
    """P-12: also without its zero."""
    content = bytes.fromhex(body.replace(" ", ""))
    content += bytes(-len(content) % 4) if len(content) < 4 else b""
    with pytest.raises(DecodeError):
        rtcp.decode(bytes((0x81, 202, 0, len(content) // 4)) + content[: len(content) // 4 * 4])


def test_goodbye_has_a_reason() -> None:
    """RTCP-11: RFC 3550 §6.6."""
    goodbye = rtcp.Goodbye((1, 2), "camera malfunction")
    data = goodbye.encode()
    assert data[12:31] == b"\x12camera malfunction"
    assert len(data) % 4 == 0
    assert rtcp.decode(data) == [goodbye]
    assert rtcp.decode(bytes.fromhex("80cb0000")) == [rtcp.Goodbye(())]


@pytest.mark.parametrize("body", ["00000001 05616263", "00000001 ff000000"])
def test_a_reason_longer_than_the_packet_is_an_error(body: str) -> None:
    """P-12."""
    content = bytes.fromhex(body.replace(" ", ""))
    with pytest.raises(DecodeError):
        rtcp.decode(bytes((0x81, 203, 0, len(content) // 4)) + content)


def test_a_reason_that_is_no_utf_8_is_shown_all_the_same() -> None:
    [goodbye] = rtcp.decode(bytes.fromhex("81cb0002 00000001 01ff0000".replace(" ", "")))
    assert goodbye == rtcp.Goodbye((1,), "\N{REPLACEMENT CHARACTER}")


def test_application_packet() -> None:
    """RTCP-19: RFC 3550 §6.7."""
    packet = rtcp.ApplicationDefined(3, 1, b"test", b"data")
    assert packet.encode().hex() == "83cc0003" + "00000001" + b"testdata".hex()
    assert rtcp.decode(packet.encode()) == [packet]
    with pytest.raises(DecodeError):
        rtcp.decode(bytes.fromhex("80cc000100000001"))


@pytest.mark.parametrize(
    "packet",
    [
        rtcp.Goodbye((1,), "x" * 256),
        rtcp.ApplicationDefined(0, 1, b"abc"),
        rtcp.ApplicationDefined(0, 1, b"abcd", b"x"),
        rtcp.SourceDescription.cname(1, "x" * 256),
        rtcp.SourceDescription((rtcp.Chunk(1, ((0, b""),)),)),
    ],
)
def test_what_does_not_fit_is_refused(packet: rtcp.RtcpPacket) -> None:
    with pytest.raises(ValueError, match=r"bytes|APP name"):
        packet.encode()
