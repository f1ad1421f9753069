import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rtp.payload.wire import carried, packets_of
from webrtc.errors import DecodeError
from webrtc.rtp import EncodedFrame
from webrtc.rtp.payload.picture_id import SHORT
from webrtc.rtp.payload.vp8 import (
    Descriptor,
    Vp8Depacketizer,
    Vp8Packetizer,
    dimensions,
    is_keyframe,
)

KEY = bytes.fromhex("d0 0200 9d012a 8002 e041") + bytes(range(200))
"""RFC 6386 §9.1: the header of a key frame of 640 x 480, scaled up by 5/4 in height."""
DELTA = bytes.fromhex("b1 0200") + bytes(range(100))


@pytest.mark.parametrize(
    ("payload", "descriptor"),
    [
        ("10", Descriptor()),
        ("00", Descriptor(start=False)),
        ("27", Descriptor(start=False, partition=7, non_reference=True)),
        ("80 00", Descriptor(start=False)),
        ("90 80 7f", Descriptor(picture_id=127, picture_id_bits=SHORT)),
        ("90 80 8100", Descriptor(picture_id=256)),
        ("90 80 ffff", Descriptor(picture_id=0x7FFF)),
        ("90 40 09", Descriptor(tl0_picture_index=9)),
        ("90 20 e0", Descriptor(temporal_id=3, layer_sync=True)),
        ("90 10 ff", Descriptor(key_index=31)),
        (
            "90 f0 9234 56 97",
            Descriptor(
                picture_id=0x1234,
                tl0_picture_index=0x56,
                temporal_id=2,
                key_index=0x17,
            ),
        ),
    ],
)
def test_bits_of_the_descriptor(payload: str, descriptor: Descriptor) -> None:
    """RFC 7741 §4.2, and the examples of its §4.5."""
    data = bytes.fromhex(payload)
    assert Descriptor.decode(data + b"x") == (descriptor, len(data))


maybe = st.none
descriptors = st.builds(
    Descriptor,
    start=st.booleans(),
    partition=st.integers(0, 7),
    non_reference=st.booleans(),
    picture_id=maybe() | st.integers(0, 0x7FFF),
    tl0_picture_index=maybe() | st.integers(0, 255),
    temporal_id=maybe() | st.integers(0, 3),
    key_index=maybe() | st.integers(0, 31),
)


@given(descriptors, st.booleans())
def test_a_descriptor_survives_the_wire(descriptor: Descriptor, layer_sync: bool) -> None:
    descriptor.layer_sync = layer_sync and descriptor.temporal_id is not None
    data = descriptor.encode()
    assert Descriptor.decode(data + b"x") == (descriptor, len(data))


@given(st.binary(max_size=8))
def test_garbage_raises_only_decode_error(payload: bytes) -> None:
    """RTPPAY-12, P-06."""
    try:
        _, length = Descriptor.decode(payload)
    except DecodeError:
        return
    assert length < len(payload)


@pytest.mark.parametrize("whole", ["10", "9000", "90800f", "90808000", "90f080000000"])
def test_every_descriptor_without_payload_is_an_error(whole: str) -> None:
    data = bytes.fromhex(whole)
    for length in range(len(data) + 1):
        with pytest.raises(DecodeError):
            Descriptor.decode(data[:length])


@given(st.binary(min_size=1, max_size=5000), st.integers(20, 1500))
def test_a_frame_survives_the_wire(data: bytes, size: int) -> None:
    frame = carried(EncodedFrame(data, "VP8", 7), Vp8Packetizer(), Vp8Depacketizer(), size)
    assert (frame.data, frame.codec, frame.timestamp) == (data, "VP8", 7)


def test_packets_of_a_frame_are_equal_but_the_last() -> None:
    """What the kernel sends as one (GSO)."""
    payloads = Vp8Packetizer().split(EncodedFrame(KEY * 20, "VP8", 0), 1100)
    assert len({len(payload) for payload in payloads[:-1]}) == 1
    assert len(payloads[0]) - len(payloads) < len(payloads[-1]) <= len(payloads[0])
    assert [payload[0] for payload in payloads] == [0x90] + [0x80] * (len(payloads) - 1)


def test_picture_ids_are_15_bits_from_the_first_to_the_wrap() -> None:
    packetizer = Vp8Packetizer(picture_id=0x7FFE)
    found = []
    for _ in range(4):
        [payload] = packetizer.split(EncodedFrame(DELTA, "VP8", 0), 1200)
        descriptor, length = Descriptor.decode(payload)
        assert length == 4
        found.append(descriptor.picture_id)
    assert found == [0x7FFE, 0x7FFF, 0, 1]


def test_temporal_layers_are_told_when_the_frame_tells_its_own() -> None:
    packetizer = Vp8Packetizer()
    found = []
    for number, temporal_id in enumerate([0, 2, 1, 2, 0]):
        frame = EncodedFrame(DELTA, "VP8", 0, keyframe=not number, temporal_id=temporal_id)
        descriptor, _ = Descriptor.decode(packetizer.split(frame, 1200)[0])
        found.append((descriptor.temporal_id, descriptor.tl0_picture_index, descriptor.layer_sync))
    assert found == [(0, 1, True), (2, 1, False), (1, 1, False), (2, 1, False), (0, 2, False)]


def test_a_frame_that_is_refused_takes_no_picture_id() -> None:
    packetizer = Vp8Packetizer()
    with pytest.raises(ValueError, match="room"):
        packetizer.split(EncodedFrame(KEY, "VP8", 0), 4)
    descriptor, _ = Descriptor.decode(packetizer.split(EncodedFrame(KEY, "VP8", 0), 1200)[0])
    assert descriptor.picture_id == 0


def test_a_key_frame_tells_its_size() -> None:
    assert dimensions(KEY) == (640, 480)
    assert is_keyframe(KEY)
    frame = carried(EncodedFrame(KEY, "VP8", 0), Vp8Packetizer(), Vp8Depacketizer())
    assert (frame.keyframe, frame.width, frame.height) == (True, 640, 480)


@pytest.mark.parametrize("data", [b"", KEY[:9], DELTA, KEY[:3] + b"\x9d\x01\x2b" + KEY[6:]])
def test_other_frames_tell_none(data: bytes) -> None:
    assert dimensions(data) is None
    assert not is_keyframe(data)


def test_layer_and_key_frame_are_read_from_the_first_packet() -> None:
    depacketizer = Vp8Depacketizer()
    payloads = [bytes.fromhex("90a00540") + KEY[:50], bytes.fromhex("80a00540") + KEY[50:]]
    frame = depacketizer.join(packets_of(payloads))
    assert frame == EncodedFrame(KEY, "VP8", 0, True, 1, None, 640, 480)
    assert [depacketizer.is_keyframe(payload) for payload in payloads] == [True, False]
    assert not depacketizer.is_keyframe(b"\x10" + DELTA)


@pytest.mark.parametrize(
    ("payload", "begins"),
    [("1000", True), ("0000", False), ("1100", False), ("3000", True), ("", False)],
)
def test_a_frame_begins_with_the_start_of_its_first_partition(payload: str, begins: bool) -> None:
    """RFC 7741 §4.2, S and PID; RTPPAY-15."""
    assert Vp8Depacketizer().begins(bytes.fromhex(payload)) is begins


def test_what_lacks_its_beginning_is_no_frame() -> None:
    with pytest.raises(DecodeError, match="beginning"):
        Vp8Depacketizer().join(packets_of([b"\x00" + DELTA]))


def test_a_torn_payload_within_a_frame_is_an_error() -> None:
    with pytest.raises(DecodeError, match="1 bytes"):
        Vp8Depacketizer().join(packets_of([b"\x10" + DELTA, b"\x00"]))
