import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.work import work
from webrtc import rtcp
from webrtc.errors import DecodeError
from webrtc.rtcp.twcc import TransportFeedback

HEAD = "00000001 00000002"


def decoded(rest: str, *, padding: bool = False) -> TransportFeedback:
    body = bytes.fromhex(HEAD + rest)
    first = 0xAF if padding else 0x8F
    [packet] = rtcp.decode(bytes((first, 205, 0, len(body) // 4)) + body)
    assert isinstance(packet, TransportFeedback)
    return packet


@st.composite
def feedbacks(draw: st.DrawFn) -> TransportFeedback:
    arrivals, ticks = [], 0
    packets = draw(st.integers(1, 300))
    for packet in sorted(draw(st.sets(st.integers(0, packets - 1)))):
        ticks += draw(st.integers(-0x8000, 0x7FFF) | st.integers(0, 255))
        arrivals.append((packet, ticks))
    return TransportFeedback(
        draw(st.integers(0, 0xFFFFFFFF)),
        draw(st.integers(0, 0xFFFFFFFF)),
        draw(st.integers(0, 0xFFFF)),
        draw(st.integers(-(1 << 23), (1 << 23) - 1)),
        draw(st.integers(0, 255)),
        packets,
        tuple(arrivals),
    )


@given(feedbacks())
def test_any_feedback_survives(sent: TransportFeedback) -> None:
    """RTCP-17."""
    data = sent.encode()
    assert len(data) % 4 == 0
    assert rtcp.decode(data) == [sent]


def test_run_length_chunk() -> None:
    """Figure of §3.1.3: four small deltas."""
    packet = decoded("0005 0004 000003 07 2004 04 08 0c 10 0000")
    assert (packet.base, packet.reference, packet.count, packet.packets) == (5, 3, 7, 4)
    assert packet.arrivals == ((0, 4), (1, 12), (2, 24), (3, 40))


def test_vector_of_one_bit_symbols() -> None:
    """Figure of §3.1.4: 14 packets, of which the first and the last came."""
    packet = decoded("0000 000e 000000 00 a001 01 02")
    assert packet.arrivals == ((0, 1), (13, 3))


def test_vector_of_two_bit_symbols() -> None:
    """Figure of §3.1.4: seven packets; a large delta is signed, symbol 3 is reserved."""
    packet = decoded("0000 0007 000000 00 d9c0 01 ffff 0000 00")
    assert packet.arrivals == ((0, 1), (1, 0), (2, 0))
    assert packet.packets == 7


def test_reference_time_is_signed_and_padding_is_none() -> None:
    packet = decoded("0000 0001 ffffff 00 2001 01 01", padding=True)
    assert packet.reference == -1
    assert packet.arrivals == ((0, 1),)


def test_symbols_beyond_the_last_packet_mean_nothing() -> None:
    assert decoded("0000 0001 000000 00 3fff 01 00").arrivals == ((0, 1),)
    assert decoded("0000 0001 000000 00 bfff 01 00").arrivals == ((0, 1),)


@pytest.mark.parametrize(
    "rest",
    [
        "0000 0001 000000 00",
        "0000 0001 000000 00 0000 0000",
        "0000 0003 000000 00 4003 0000",
        "0000 ffff 000000 00 1fff 1fff",
    ],
)
def test_what_is_not_whole_is_an_error(rest: str) -> None:
    with pytest.raises(DecodeError):
        decoded(rest)


def test_work_is_bounded_by_the_bytes() -> None:
    """P-13, P-14: 65 535 lost packets in 16 bytes of runs cost no more than a few."""
    many = "0000 ffff 000000 00" + "1fff" * 8 + "0007 0000"
    few = "0000 0007 000000 00 0007 0000"
    assert decoded(many).arrivals == decoded(few).arrivals == ()
    assert work(lambda: decoded(many)) < 3 * work(lambda: decoded(few))


def test_arrivals_too_far_apart_are_refused() -> None:
    with pytest.raises(ValueError, match="32768 ticks"):
        TransportFeedback(1, 2, 0, 0, 0, 2, ((0, 0), (1, 0x8000))).encode()


def test_encoding_is_compact() -> None:
    """Long runs take two bytes, mixed symbols two bytes for 14 or 7 packets."""
    all_came = TransportFeedback(1, 2, 0, 0, 0, 100, tuple((n, n) for n in range(100)))
    assert len(all_came.encode()) == 20 + 2 + 100 + 2
    half = TransportFeedback(1, 2, 0, 0, 0, 28, tuple((n, n) for n in range(0, 28, 2)))
    assert len(half.encode()) == 20 + 4 + 14 + 2
