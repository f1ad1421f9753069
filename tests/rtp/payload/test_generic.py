from hypothesis import given
from hypothesis import strategies as st

from tests.rtp.payload.wire import carried, packets_of
from webrtc.rtp import EncodedFrame
from webrtc.rtp.payload import generic_format

FORMAT = generic_format("x-own", "video", 90000)


@given(st.binary(min_size=1, max_size=5000), st.integers(1, 1500))
def test_a_frame_survives_the_wire(data: bytes, size: int) -> None:
    frame = EncodedFrame(data, "x-own", 7)
    assert carried(frame, FORMAT.packetizer({}), FORMAT.depacketizer({}), size) == frame


def test_the_marker_ends_a_frame() -> None:
    depacketizer = FORMAT.depacketizer({})
    packets = packets_of([b"a", b"b"])
    assert [depacketizer.ends(packet) for packet in packets] == [False, True]


def test_nothing_is_known_of_key_frames() -> None:
    assert not FORMAT.depacketizer({}).is_keyframe(b"x")
