from hypothesis import given
from hypothesis import strategies as st

from tests.rtp.payload.wire import carried, packets_of
from webrtc.rtp import EncodedFrame
from webrtc.rtp.payload import generic_format

FORMAT = generic_format("x-own", "video", 90000)


@given(st.binary(min_size=1, max_size=5000), st.integers(1, 1500))
def test_a_frame_survives_the_wire(data: bytes, size: int) -> None:
    frame = EncodedFrame(data, "x-own", 7, keyframe=True)
    assert carried(frame, FORMAT.packetizer({}), FORMAT.depacketizer({}), size) == frame


def test_the_marker_ends_a_frame() -> None:
    depacketizer = FORMAT.depacketizer({})
    packets = packets_of([b"a", b"b"])
    assert [depacketizer.ends(packet) for packet in packets] == [False, True]


def test_every_frame_is_one_to_begin_with_as_far_as_anyone_knows() -> None:
    """Or none would ever be handed on."""
    assert FORMAT.depacketizer({}).is_keyframe(b"x")
