import pytest

from tests.rtp.payload.wire import packets_of
from webrtc.errors import DecodeError
from webrtc.rtp import EncodedFrame
from webrtc.rtp.payload.whole import whole_format

SPEEX = whole_format("speex", 16000)


def test_a_frame_is_a_packet() -> None:
    """And the packet is all of it: nobody has to wait for a marker or for the next one."""
    [payload] = SPEEX.packetizer({}).split(EncodedFrame(b"sound", "speex", 1), 5)
    depacketizer = SPEEX.depacketizer({})
    [packet] = packets_of([payload], timestamp=1)
    packet.marker = False
    assert depacketizer.begins(payload)
    assert depacketizer.ends(packet)
    assert depacketizer.is_keyframe(payload)
    assert depacketizer.join([packet]) == EncodedFrame(b"sound", "speex", 1, keyframe=True)


def test_a_frame_that_no_packet_holds_is_refused() -> None:
    with pytest.raises(ValueError, match="6 bytes of speex, which has one packet a frame, in 5"):
        SPEEX.packetizer({}).split(EncodedFrame(b"sounds", "speex", 1), 5)


@pytest.mark.parametrize("payloads", [[b""], [b"a", b"b"]], ids=["empty", "two"])
def test_what_is_not_one_packet_is_no_frame(payloads: list[bytes]) -> None:
    with pytest.raises(DecodeError):
        SPEEX.depacketizer({}).join(packets_of(payloads))


def test_what_stands_beside_sound_is_nothing_to_begin_with() -> None:
    depacketizer = whole_format("CN", 8000, sound=False).depacketizer({})
    assert not depacketizer.is_keyframe(b"x")
    assert not depacketizer.join(packets_of([b"x"])).keyframe
