import pytest

from tests.rtp.payload.wire import carried
from webrtc.rtp import EncodedFrame
from webrtc.rtp.payload import DEFAULT_FORMATS
from webrtc.rtp.payload.samples import SamplesPacketizer

each_codec = pytest.mark.parametrize("codec", ["PCMU", "PCMA", "G722", "L16"])


@pytest.mark.parametrize("codec", ["PCMU", "PCMA", "G722"])
def test_a_byte_is_a_tick_of_8_khz(codec: str) -> None:
    """RFC 3551 §4.5.14, §4.5.2; any number of them is a frame."""
    format_ = DEFAULT_FORMATS[codec]
    packetizer = format_.packetizer({})
    assert format_.clock_rate == 8000
    assert isinstance(packetizer, SamplesPacketizer)
    assert packetizer.split(EncodedFrame(bytes(161), codec, 0), 1200) == [bytes(161)]
    first, second = packetizer.cut(EncodedFrame(bytes(161), codec, 0))
    assert (len(first.data), second.timestamp) == (160, 160)


@each_codec
def test_a_frame_survives_the_wire(codec: str) -> None:
    """RTPPAY-03, RTPPAY-04."""
    format_ = DEFAULT_FORMATS[codec]
    frame = EncodedFrame(bytes(range(160)), codec, 320, keyframe=True)
    assert carried(frame, format_.packetizer({}), format_.depacketizer({})) == frame


def test_the_clock_of_g722_is_half_its_sampling_rate() -> None:
    """RFC 3551 §4.5.2: 20 ms are 320 samples, 160 bytes and 160 ticks."""
    assert DEFAULT_FORMATS["G722"].clock_rate == 8000
    packetizer = SamplesPacketizer("G722", 8000, 1)
    frames = list(packetizer.cut(EncodedFrame(bytes(480), "G722", 0)))
    assert [(len(each.data), each.timestamp) for each in frames] == [
        (160, 0),
        (160, 160),
        (160, 320),
    ]


def test_long_frames_are_cut_into_packet_times() -> None:
    """RFC 3551 §4.2: and the timestamps go on by samples, whatever the wrap."""
    packetizer = SamplesPacketizer("PCMU", 8000, 1)
    frame = EncodedFrame(bytes(1000), "PCMU", 2**32 - 240, captured=5.0)
    frames = list(packetizer.cut(frame, 0.03))
    assert [len(each.data) for each in frames] == [240, 240, 240, 240, 40]
    assert [each.timestamp for each in frames] == [2**32 - 240, 0, 240, 480, 720]
    assert [each.captured for each in frames] == pytest.approx([5.0, 5.03, 5.06, 5.09, 5.12])
    assert b"".join(each.data for each in frames) == frame.data
    assert all(packetizer.split(each, 240) == [each.data] for each in frames)


def test_samples_of_all_channels_stay_together() -> None:
    """RFC 3551 §4.5.11, §4.1: 16 bits for each channel, and parameters tell the rate."""
    packetizer = DEFAULT_FORMATS["L16"].packetizer({"rate": "48000", "channels": "2"})
    assert isinstance(packetizer, SamplesPacketizer)
    first, second = packetizer.cut(EncodedFrame(bytes(7680), "L16", 0))
    assert (len(first.data), second.timestamp) == (960 * 4, 960)
    with pytest.raises(ValueError, match="L16 with 2 bytes of a sample"):
        packetizer.split(EncodedFrame(bytes(6), "L16", 0), 1200)


def test_what_is_more_than_a_packet_is_refused() -> None:
    packetizer = DEFAULT_FORMATS["PCMU"].packetizer({})
    with pytest.raises(ValueError, match="a frame of 1600 bytes of PCMU"):
        packetizer.split(EncodedFrame(bytes(1600), "PCMU", 0), 1200)


@pytest.mark.parametrize("ptime", [0.0, -1.0, 0.00001])
def test_packets_of_no_time_are_refused(ptime: float) -> None:
    with pytest.raises(ValueError, match="packets of"):
        list(SamplesPacketizer("PCMU", 8000, 1).cut(EncodedFrame(b"x", "PCMU", 0), ptime))


def test_no_channels_are_refused() -> None:
    with pytest.raises(ValueError, match="0 channels"):
        DEFAULT_FORMATS["L16"].packetizer({"channels": "0"})
