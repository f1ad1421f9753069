import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rtp.payload.wire import carried, packets_of
from tests.video import frames, packets
from tests.work import work
from webrtc.errors import DecodeError
from webrtc.rtp.frame import EncodedFrame
from webrtc.rtp.payload import obu
from webrtc.rtp.payload.av1 import AV1, Av1Depacketizer, Av1Packetizer

FRAMES = frames("av1")
SEQUENCE = next(unit for unit in obu.split(FRAMES[0]) if obu.unit_type(unit) == 1)
KEY, DELTA = b"\x30\x10" + b"k" * 40, b"\x30\x30" + b"d" * 40
DELIMITER, TILES, PADDING, METADATA = b"\x10", b"\x40tl", b"\x78pad", b"\x28m"
ENDLESS = b"\xff" * 9


def encoded(*units: bytes) -> EncodedFrame:
    return EncodedFrame(b"".join([obu.with_size(unit) for unit in units]), "AV1", 0)


def split(*units: bytes, size: int = 1200) -> list[bytes]:
    return Av1Packetizer().split(encoded(*units), size)


def join(*payloads: bytes) -> list[bytes]:
    return list(obu.split(Av1Depacketizer().join(packets_of(payloads)).data))


def wanted(data: bytes) -> bytes:
    units = [unit for unit in obu.split(data) if unit != DELIMITER]
    return b"".join([obu.with_size(unit) for unit in units])


units = st.lists(
    st.builds(
        lambda kind, body: bytes((kind << 3,)) + body,
        st.sampled_from([1, 3, 4, 5, 6, 7]),
        st.binary(max_size=400),
    ),
    min_size=1,
    max_size=8,
)


@given(units, st.integers(5, 300))
def test_units_survive_the_wire(units: list[bytes], size: int) -> None:
    frame = encoded(*units)
    assert carried(frame, Av1Packetizer(), Av1Depacketizer(), size).data == frame.data


@given(units, st.integers(5, 300))
def test_packets_are_full_but_for_what_no_element_fits_into(units: list[bytes], size: int) -> None:
    """And but for the last of a frame, or before a sequence header: here there is one frame."""
    units = [bytes((4 << 3,)) + unit[1:] for unit in units]
    payloads = split(DELTA, *units, size=size)
    assert all(len(payload) >= size - 3 for payload in payloads[:-1])


@pytest.mark.parametrize("size", [60, 300, 1200])
def test_recorded_frames_survive_the_wire(size: int) -> None:
    for number, data in enumerate(FRAMES):
        packetizer, depacketizer = Av1Packetizer(), Av1Depacketizer()
        frame = EncodedFrame(data, "av1", 7)
        joined = carried(frame, packetizer, depacketizer, size)
        assert joined.data == wanted(data)
        assert (joined.codec, joined.timestamp) == ("AV1", 7)
        assert joined.keyframe == (number % 6 == 0)
        assert (joined.width, joined.height) == ((150, 90) if joined.keyframe else (None, None))
        first = packetizer.split(frame, size)[0]
        assert depacketizer.is_keyframe(first) == joined.keyframe


def test_what_ffmpeg_sends_is_read() -> None:
    depacketizer = Av1Depacketizer()
    for data, sent in zip(FRAMES, packets("av1"), strict=True):
        joined = depacketizer.join(sent)
        assert joined.data == wanted(data)
        assert depacketizer.ends(sent[-1])
        assert [depacketizer.begins(packet.payload) for packet in sent] == [
            number == 0 for number in range(len(sent))
        ]
        assert depacketizer.is_keyframe(sent[0].payload) == joined.keyframe


def test_what_is_not_for_the_network_is_left_out() -> None:
    assert split(DELIMITER, TILES, METADATA, PADDING, DELTA) == [b"\x20\x02" + METADATA + DELTA]


def test_units_without_sizes_are_taken() -> None:
    frame = EncodedFrame(obu.with_size(SEQUENCE) + KEY, "AV1", 0)
    assert join(*Av1Packetizer().split(frame, 1200)) == [SEQUENCE, KEY]


def test_three_elements_are_counted_and_more_have_lengths() -> None:
    assert split(METADATA, METADATA, DELTA) == [b"\x30\2(m\2(m" + DELTA]
    assert split(*[METADATA] * 4) == [b"\0" + b"\2(m" * 4]
    assert split(*[METADATA] * 4, size=10) == [b"\x30\2(m\2(m(m", b"\x10(m"]


def test_parts_say_that_they_are_parts() -> None:
    payloads = split(SEQUENCE, KEY, size=25)
    assert [payload[0] for payload in payloads] == [0x40 | 0x20 | 0x08, 0xC0 | 0x10, 0x80 | 0x10]
    assert [len(payload) for payload in payloads[:-1]] == [25, 25]
    assert split(DELTA)[0][0] == 0x10


def test_a_packet_has_one_frame() -> None:
    """§1; and a sequence header is the first in its packet: §5."""
    assert split(KEY, DELTA) == [b"\x10" + KEY, b"\x10" + DELTA]
    assert split(METADATA, SEQUENCE, KEY) == [
        b"\x18" + METADATA,
        b"\x20" + bytes((len(SEQUENCE),)) + SEQUENCE + KEY,
    ]


def test_a_packet_has_one_layer() -> None:
    """§5: OBUs of one packet that have extension headers agree in them."""
    assert split(b"\x2c\x00m", b"\x2c\x08m") == [b"\x10\x2c\x00m", b"\x10\x2c\x08m"]
    low, high = b"\x34\x00\x10low", b"\x34\x08\x10high"
    payloads = split(SEQUENCE, low, METADATA, high)
    assert payloads == [
        b"\x38" + bytes((len(SEQUENCE),)) + SEQUENCE + b"\6" + low + METADATA,
        b"\x10" + high,
    ]


def test_the_highest_layer_counts() -> None:
    joined = Av1Depacketizer().join(packets_of(split(b"\x34\x20\x30", b"\x34\x28\x30")))
    assert (joined.temporal_id, joined.spatial_id) == (1, 1)
    joined = Av1Depacketizer().join(packets_of(split(DELTA)))
    assert (joined.temporal_id, joined.spatial_id) == (None, None)


def test_what_a_receiver_must_ignore() -> None:
    assert join(b"\0\1\x10\3\x40tl\1\x78\2\x30d\0") == [b"\x78", b"\x30d"]


def test_units_that_kept_their_sizes_are_read() -> None:
    assert join(b"\x10" + obu.with_size(DELTA)) == [DELTA]


@pytest.mark.parametrize(
    ("payload", "key"),
    [
        (b"\x18" + KEY, True),
        (b"\x10" + SEQUENCE, True),
        (b"\x20\2(m" + SEQUENCE, True),
        (b"\x10" + DELTA, False),
        (b"\x88" + KEY, False),
        (b"\x00\x05(", False),
        (b"\x08", False),
        (b"", False),
    ],
)
def test_key_frames_are_told_from_their_first_packet(payload: bytes, key: bool) -> None:
    assert Av1Depacketizer().is_keyframe(payload) is key


@pytest.mark.parametrize(
    ("payload", "begins"), [(b"\x10(", True), (b"\x90(", False), (b"\x10", False), (b"", False)]
)
def test_a_frame_begins_with_what_continues_nothing(payload: bytes, begins: bool) -> None:
    assert Av1Depacketizer().begins(payload) is begins


@pytest.mark.parametrize(
    "payloads",
    [
        [b""],
        [b"\x10"],
        [b"\x00"],
        [b"\x10\x10"],
        [b"\x90\x30d"],
        [b"\x50\x30d"],
        [b"\x50\x30d", b"\x10\x30d"],
        [b"\x10\x30d", b"\x90\x30d"],
        [b"\x20\x05\x30d"],
        [b"\x20\x02\x30d"],
        [b"\x30\x02\x30d\x01\x30"],
        [b"\x00" + ENDLESS],
        [b"\x10\x80"],
        [b"\x10\x32\x05d"],
        [b"\x10" + DELIMITER],
    ],
)
def test_what_is_malformed_is_an_error(payloads: list[bytes]) -> None:
    """P-06: counts that lie, sizes beyond the rest, parts of nothing."""
    with pytest.raises(DecodeError):
        Av1Depacketizer().join(packets_of(payloads))


@pytest.mark.parametrize(
    "data", [b"", b"\x80", b"\x32\x05d", obu.with_size(DELIMITER)], ids=lambda data: data.hex()
)
def test_a_frame_that_cannot_be_sent_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="frame"):
        Av1Packetizer().split(EncodedFrame(data, "AV1", 0), 1200)


def test_a_frame_of_another_codec_or_no_room_is_refused() -> None:
    with pytest.raises(ValueError, match="VP9"):
        Av1Packetizer().split(EncodedFrame(b"\x32\0", "VP9", 0), 1200)
    with pytest.raises(ValueError, match="room"):
        split(DELTA, size=1)


def test_work_grows_linearly_with_the_frame() -> None:
    def spent(length: int) -> int:
        return work(lambda: split(b"\x30" + bytes(length)))

    assert spent(400_000) <= 4.5 * spent(100_000)


def test_the_format() -> None:
    assert (AV1.encoding_name, AV1.kind, AV1.clock_rate) == ("AV1", "video", 90_000)
    assert isinstance(AV1.packetizer({}), Av1Packetizer)
    assert isinstance(AV1.depacketizer({}), Av1Depacketizer)
