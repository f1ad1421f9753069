import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rtp.payload.wire import carried
from webrtc.errors import DecodeError
from webrtc.rtp import EncodedFrame
from webrtc.rtp.payload.opus import OPUS, duration, is_silence, is_stereo

MS = 48


@pytest.mark.parametrize(
    ("toc", "milliseconds"),
    [
        *zip(range(12), [10, 20, 40, 60] * 3, strict=True),
        *zip(range(12, 16), [10, 20] * 2, strict=True),
        *zip(range(16, 32), [2.5, 5, 10, 20] * 4, strict=True),
    ],
)
def test_the_first_byte_tells_how_long_a_frame_is(toc: int, milliseconds: float) -> None:
    """RFC 6716 §3.1, table 2."""
    assert duration(bytes([toc << 3, 0])) == milliseconds * MS
    if milliseconds <= 60:
        assert duration(bytes([toc << 3 | 1, 0])) == 2 * milliseconds * MS
        assert duration(bytes([toc << 3 | 2, 0])) == 2 * milliseconds * MS


def test_a_packet_of_any_number_of_frames_counts_them() -> None:
    """RFC 6716 §3.2.5; the bits above the count say other things."""
    assert duration(bytes([1 << 3 | 3, 0xC0 | 3])) == 60 * MS
    assert duration(bytes([16 << 3 | 3, 48])) == 120 * MS


@pytest.mark.parametrize(
    "data",
    [b"", b"\x0b", b"\x0b\x00", b"\x0b\x07", bytes([16 << 3 | 3, 49])],
    ids=["empty", "no count", "none", "140 ms", "122.5 ms"],
)
def test_what_has_no_frames_or_more_than_120_ms_is_an_error(data: bytes) -> None:
    with pytest.raises(DecodeError):
        duration(data)


@given(st.binary(max_size=3))
def test_no_packet_is_longer_than_120_ms(data: bytes) -> None:
    try:
        assert 120 <= duration(data) <= 120 * MS
    except DecodeError:
        pass


def test_channels_and_silence() -> None:
    assert is_stereo(b"\xfc")
    assert not is_stereo(b"\xf8")
    assert not is_stereo(b"")
    assert is_silence(b"\xf8")
    assert is_silence(b"\x0b\x01")
    assert not is_silence(b"\xf8\xff\xfe")
    assert not is_silence(b"")


def test_a_frame_survives_the_wire() -> None:
    """RTPPAY-09, RTPPAY-10."""
    frame = EncodedFrame(b"\xfc\x01\x02\x03", "opus", 960, keyframe=True)
    assert carried(frame, OPUS.packetizer({}), OPUS.depacketizer({})) == frame


def test_the_clock_and_the_channels_are_always_those() -> None:
    """RFC 7587 §4.1, §7."""
    assert (OPUS.clock_rate, OPUS.channels) == (48000, 2)
