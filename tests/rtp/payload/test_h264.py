from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rtp.payload.wire import packets_of
from tests.video import frames, packets
from webrtc.errors import DecodeError
from webrtc.rtp.frame import EncodedFrame
from webrtc.rtp.payload import annexb
from webrtc.rtp.payload.h264 import H264, H264Depacketizer, H264Packetizer

CUTTING = {"packetization-mode": "1"}
FRAMES = frames("h264")
SPS, PPS = annexb.split(FRAMES[0])[:2]
IDR, SLICE = b"\x65\x88" + b"i" * 50, b"\x41\x9a" + b"p" * 50
SEI, DELIMITER, FILLER = b"\x06\x05\x01\x00\x80", b"\x09\x10", b"\x0c\xff\xff\x80"


def split(*units: bytes, size: int = 1200, parameters: dict[str, str] = CUTTING) -> list[bytes]:
    return H264Packetizer(parameters).split(frame(*units), size)


def frame(*units: bytes) -> EncodedFrame:
    return EncodedFrame(annexb.join(units), "H264", 0)


def join(*payloads: bytes, parameters: dict[str, str] | None = None) -> list[bytes]:
    joined = H264Depacketizer(parameters or {}).join(packets_of(payloads))
    return annexb.split(joined.data)


def sized(*units: bytes, between: bytes = b"") -> bytes:
    return b"".join([len(unit).to_bytes(2, "big") + between + unit for unit in units])


units = st.lists(
    st.builds(
        lambda kind, body: bytes((0x60 | kind,)) + body.replace(b"\0", b"\1") + b"\x80",
        st.sampled_from([1, 5, 6, 12]),
        st.binary(max_size=300),
    ),
    min_size=1,
    max_size=6,
)


@given(units, st.integers(10, 200))
def test_units_survive_the_wire(units: list[bytes], size: int) -> None:
    payloads = split(*units, size=size)
    assert all(len(payload) <= size for payload in payloads)
    assert join(*payloads) == units


@pytest.mark.parametrize("size", [60, 300, 1200])
def test_recorded_frames_survive_the_wire(size: int) -> None:
    depacketizer, packetizer = H264Depacketizer({}), H264Packetizer(CUTTING)
    for number, data in enumerate(FRAMES):
        payloads = packetizer.split(EncodedFrame(data, "h264", 7), size)
        joined = depacketizer.join(packets_of(payloads, 7))
        assert joined.data == annexb.join(annexb.split(data))
        assert (joined.codec, joined.timestamp) == ("H264", 7)
        assert joined.keyframe == (number % 6 == 0)
        assert (joined.width, joined.height) == ((150, 90) if joined.keyframe else (None, None))
        assert depacketizer.begins(payloads[0])
        assert depacketizer.is_keyframe(payloads[0]) == joined.keyframe


def test_what_ffmpeg_sends_is_read() -> None:
    depacketizer = H264Depacketizer({})
    for data, sent in zip(FRAMES, packets("h264"), strict=True):
        joined = depacketizer.join(sent)
        assert annexb.split(joined.data) == annexb.split(data)
        assert depacketizer.begins(sent[0].payload)
        assert depacketizer.ends(sent[-1])
        assert not any(depacketizer.ends(packet) for packet in sent[:-1])
        assert depacketizer.is_keyframe(sent[0].payload) == joined.keyframe


def test_small_units_go_together_and_large_ones_in_equal_parts() -> None:
    payloads = split(SPS, PPS, SEI, b"\x65\x88" + bytes(range(1, 251)) * 20, size=1200)
    assert payloads[0] == b"\x78" + sized(SPS, PPS, SEI)  # the highest NRI, which is 3
    assert [len(payload) for payload in payloads[1:]] == [1003, 1003, 1003, 1003, 999]
    assert [payload[:2].hex() for payload in payloads[1:]] == ["7c85", *["7c05"] * 3, "7c45"]


def test_an_aggregate_has_the_forbidden_bit_of_its_units() -> None:
    assert H264Packetizer(CUTTING).split(frame(SEI, b"\xe1\x9a"), 100)[0][0] == 0xF8


def test_mode_0_sends_units_alone_and_cuts_none() -> None:
    assert split(SPS, PPS, IDR, parameters={}) == [SPS, PPS, IDR]
    with pytest.raises(ValueError, match="52 bytes"):
        split(SPS, PPS, IDR, size=51, parameters={"packetization-mode": "0"})


def test_delimiters_are_left_out_and_filler_stays() -> None:
    assert join(*split(DELIMITER, SLICE, FILLER)) == [SLICE, FILLER]
    assert join(DELIMITER, SLICE, FILLER) == [SLICE, FILLER]


def test_parameter_sets_are_repeated_before_an_idr_picture_that_comes_without() -> None:
    packetizer = H264Packetizer(CUTTING)
    packetizer.split(frame(SPS, PPS, IDR), 1200)
    assert join(*packetizer.split(frame(SLICE), 1200)) == [SLICE]
    assert join(*packetizer.split(frame(SEI, IDR), 1200)) == [SPS, PPS, SEI, IDR]
    newer = PPS + b"\x80"
    assert join(*packetizer.split(frame(newer, IDR), 1200)) == [SPS, newer, IDR]
    assert join(*packetizer.split(frame(IDR), 1200)) == [SPS, newer, IDR]


def test_parameter_sets_of_the_stream_are_repeated_on_the_way_in() -> None:
    depacketizer = H264Depacketizer({})
    depacketizer.join(packets_of([SPS, PPS, SLICE]))
    joined = depacketizer.join(packets_of([IDR]))
    assert annexb.split(joined.data) == [SPS, PPS, IDR]
    assert (joined.width, joined.height) == (150, 90)


def test_parameter_sets_of_the_description_are_repeated_on_the_way_in() -> None:
    sets = ",".join(b64encode(unit).decode() for unit in (SPS, PPS))
    assert join(IDR, parameters={"sprop-parameter-sets": sets}) == [SPS, PPS, IDR]
    assert join(SLICE, parameters={"sprop-parameter-sets": sets}) == [SLICE]
    assert join(IDR, parameters={"sprop-parameter-sets": "no,base64"}) == [IDR]


@pytest.mark.parametrize(
    "payload",
    [
        b"\x78" + sized(SEI, IDR),
        b"\x79\0\7" + sized(SEI, IDR),
        b"\x7a\0\7" + sized(SEI, IDR, between=b"\0\0\0"),
        b"\x7b\0\7" + sized(SEI, IDR, between=b"\0\0\0\0"),
    ],
    ids=["STAP-A", "STAP-B", "MTAP16", "MTAP24"],
)
def test_aggregation_packets_of_every_kind(payload: bytes) -> None:
    """RFC 6184 §5.7."""
    assert join(payload) == [SEI, IDR]
    depacketizer = H264Depacketizer({})
    assert depacketizer.is_keyframe(payload)
    assert depacketizer.begins(payload)


def test_fragments_of_both_kinds() -> None:
    """RFC 6184 §5.8: a FU-B begins what FU-As go on with; one alone has both bits."""
    assert join(b"\x7d\x85\0\7\x88a", b"\x7c\x05b", b"\x7c\x45c") == [b"\x65\x88abc"]
    assert join(b"\x7c\xc5\x88a") == [b"\x65\x88a"]
    assert H264Depacketizer({}).begins(b"\x7d\x85\0\7\x88a")


def test_types_that_are_not_defined_are_ignored() -> None:
    """RFC 6184 §5.2."""
    assert join(b"\x60x", b"\x7ex", b"", b"\x7fx", SLICE) == [SLICE]


@pytest.mark.parametrize(
    ("payload", "begins"),
    [
        (IDR, True),
        (SLICE, True),
        (SPS, True),
        (SEI, True),
        (b"\x41\x5a", False),
        (b"\x41", False),
        (b"\x7c\x81\x9a", True),
        (b"\x7c\x81\x5a", False),
        (b"\x7c\x01\x9a", False),
        (b"\x7c\x81", False),
        (b"\x7c", False),
        (b"\x78" + sized(SLICE), True),
        (b"\x78" + sized(b"\x41\x5a"), False),
        (b"\x78", False),
        (b"\x7e", False),
        (b"", False),
    ],
)
def test_a_frame_begins_with_its_first_slice_or_what_stands_before_one(
    payload: bytes, begins: bool
) -> None:
    assert H264Depacketizer({}).begins(payload) is begins


@pytest.mark.parametrize(
    ("payload", "key"),
    [
        (IDR, True),
        (SPS, True),
        (PPS, False),
        (SLICE, False),
        (b"\x7c\x05x", True),
        (b"\x7c\x41x", False),
        (b"\x7c", False),
        (b"\x78" + sized(SPS, PPS), True),
        (b"\x78" + sized(SEI, SLICE), False),
        (b"\x78" + sized(SEI) + b"\0", False),
        (b"", False),
    ],
)
def test_key_frames_are_told_from_any_of_their_packets(payload: bytes, key: bool) -> None:
    assert H264Depacketizer({}).is_keyframe(payload) is key


@pytest.mark.parametrize(
    "payloads",
    [
        [],
        [b""],
        [b"\x7c\x05x"],
        [b"\x7c\x85x"],
        [b"\x7c\x85x", b"\x7c\x85x"],
        [b"\x7c\x85x", b"\x7c\x41x"],
        [b"\x7c\x85x", SLICE],
        [b"\x7c\x9cx", b"\x7c\x5cx"],
        [b"\x7c\x80x", b"\x7c\x40x"],
        [b"\x7c\x85"],
        [b"\x7d\x85\0\7"],
        [b"\x78"],
        [b"\x78\0\0"],
        [b"\x78\0\5\x65"],
        [b"\x78\0\1\x78"],
        [b"\x78\0\1\x60"],
        [b"\x78" + sized(SLICE) + b"\0"],
        [b"\x7a\0\7\0\1\0\0\0"],
        [DELIMITER],
    ],
)
def test_what_is_malformed_is_an_error(payloads: list[bytes]) -> None:
    """P-07: no start or two, nothing inside, one thing inside another."""
    packets = packets_of(payloads) or packets_of([b""])
    with pytest.raises(DecodeError):
        H264Depacketizer({}).join(packets)


@pytest.mark.parametrize(
    "data", [b"", b"\x65\x88", b"\0\0\0\1", annexb.join([DELIMITER])], ids=lambda data: data.hex()
)
def test_a_frame_that_cannot_be_sent_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="frame"):
        H264Packetizer(CUTTING).split(EncodedFrame(data, "H264", 0), 1200)


def test_a_frame_of_another_codec_or_no_room_is_refused() -> None:
    with pytest.raises(ValueError, match="VP8"):
        H264Packetizer(CUTTING).split(EncodedFrame(annexb.join([IDR]), "VP8", 0), 1200)
    with pytest.raises(ValueError, match="room"):
        split(IDR, size=2)


def test_lengths_instead_of_start_codes_are_accepted() -> None:
    data = b"".join([len(unit).to_bytes(4, "big") + unit for unit in (SPS, PPS, IDR)])
    assert join(*H264Packetizer(CUTTING).split(EncodedFrame(data, "H264", 0), 100)) == [
        SPS,
        PPS,
        IDR,
    ]


def test_the_format() -> None:
    assert (H264.encoding_name, H264.kind, H264.clock_rate, H264.channels) == (
        "H264",
        "video",
        90_000,
        None,
    )
    assert isinstance(H264.packetizer({}), H264Packetizer)
    assert isinstance(H264.depacketizer({}), H264Depacketizer)
