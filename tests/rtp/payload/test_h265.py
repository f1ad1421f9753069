from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rtp.payload.wire import packets_of
from tests.video import frames, packets
from webrtc.errors import DecodeError
from webrtc.rtp.frame import EncodedFrame
from webrtc.rtp.payload import annexb
from webrtc.rtp.payload.h265 import H265, H265Depacketizer, H265Packetizer

FRAMES = frames("h265")
VPS, SPS, PPS = annexb.split(FRAMES[0])[:3]
IDR, SLICE = b"\x26\x01\xaf" + b"i" * 50, b"\x02\x03\xd0" + b"p" * 50
SEI, DELIMITER, FILLER = b"\x4e\x01\x05\x01\x00\x80", b"\x46\x01\x50", b"\x4c\x01\xff\x80"
NUMBERED = {"sprop-max-don-diff": "2"}


def split(*units: bytes, size: int = 1200) -> list[bytes]:
    return H265Packetizer().split(frame(*units), size)


def frame(*units: bytes) -> EncodedFrame:
    return EncodedFrame(annexb.join(units), "H265", 0)


def join(*payloads: bytes, parameters: dict[str, str] | None = None) -> list[bytes]:
    joined = H265Depacketizer(parameters or {}).join(packets_of(payloads))
    return annexb.split(joined.data)


def sized(*units: bytes) -> bytes:
    return b"".join([len(unit).to_bytes(2, "big") + unit for unit in units])


def paci(payload: bytes, extension: bytes = b"") -> bytes:
    """RFC 7798 §4.4.4: A and cType from the payload's header, whose rest stays."""
    kind = payload[0] >> 1 & 0x3F
    fields = (payload[0] >> 7) << 15 | kind << 9 | len(extension) << 4
    head = bytes((payload[0] & 0x01 | 50 << 1, payload[1])) + fields.to_bytes(2, "big")
    return head + extension + payload[2:]


units = st.lists(
    st.builds(
        lambda kind, body: bytes((kind << 1, 1)) + body.replace(b"\0", b"\1") + b"\x80",
        st.sampled_from([0, 1, 19, 39, 38]),
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
    assert join(*[paci(payload, b"ext") for payload in payloads]) == units


@pytest.mark.parametrize("size", [60, 300, 1200])
def test_recorded_frames_survive_the_wire(size: int) -> None:
    depacketizer, packetizer = H265Depacketizer({}), H265Packetizer()
    for number, data in enumerate(FRAMES):
        payloads = packetizer.split(EncodedFrame(data, "h265", 7), size)
        joined = depacketizer.join(packets_of(payloads, 7))
        assert joined.data == annexb.join(annexb.split(data))
        assert (joined.codec, joined.timestamp, joined.temporal_id) == ("H265", 7, 0)
        assert joined.keyframe == (number % 6 == 0)
        assert (joined.width, joined.height) == ((150, 90) if joined.keyframe else (None, None))
        assert depacketizer.begins(payloads[0])
        assert depacketizer.is_keyframe(payloads[0]) == joined.keyframe


def test_what_ffmpeg_sends_is_read() -> None:
    depacketizer = H265Depacketizer({})
    for data, sent in zip(FRAMES, packets("h265"), strict=True):
        joined = depacketizer.join(sent)
        assert annexb.split(joined.data) == annexb.split(data)
        assert depacketizer.begins(sent[0].payload)
        assert depacketizer.ends(sent[-1])
        assert not any(depacketizer.ends(packet) for packet in sent[:-1])
        assert depacketizer.is_keyframe(sent[0].payload) == joined.keyframe


def test_small_units_go_together_and_large_ones_in_equal_parts() -> None:
    payloads = split(VPS, SPS, PPS, b"\x26\x01" + bytes(range(128, 228)) * 50, size=1200)
    assert payloads[0] == b"\x60\x01" + sized(VPS, SPS, PPS)
    assert [len(payload) for payload in payloads[1:]] == [1003, 1003, 1003, 1003, 1003]
    assert [payload[:3].hex() for payload in payloads[1:]] == [
        "620193",
        *["620113"] * 3,
        "620153",
    ]


def test_an_aggregate_has_the_lowest_layers_of_its_units_and_any_forbidden_bit() -> None:
    """RFC 7798 §4.4.2."""
    payload, *rest = split(b"\x02\x0b\xd0", b"\x82\x11\xd0", b"\x02\x12\xd0")
    assert not rest
    assert payload[:2] == bytes((0x80 | 48 << 1, 1 << 3 | 1))


def test_the_temporal_layer_is_that_of_the_slices() -> None:
    joined = H265Depacketizer({}).join(packets_of([SEI, SLICE]))
    assert joined.temporal_id == 2
    assert H265Depacketizer({}).join(packets_of([SEI])).temporal_id is None
    assert H265Depacketizer({}).join(packets_of([b"\x02\x00\xd0"])).temporal_id == 0


def test_delimiters_are_left_out_and_filler_stays() -> None:
    assert join(*split(DELIMITER, SLICE, FILLER)) == [SLICE, FILLER]
    assert join(DELIMITER, SLICE, FILLER) == [SLICE, FILLER]


def test_parameter_sets_are_repeated_before_a_picture_of_random_access() -> None:
    packetizer = H265Packetizer()
    packetizer.split(frame(VPS, SPS, PPS, IDR), 1200)
    assert join(*packetizer.split(frame(SLICE), 1200)) == [SLICE]
    for kind in (16, 19, 20, 21):
        picture = bytes((kind << 1,)) + IDR[1:]
        assert join(*packetizer.split(frame(picture), 1200)) == [VPS, SPS, PPS, picture]
    newer = SPS + b"\x80"
    assert join(*packetizer.split(frame(newer, IDR), 1200)) == [VPS, newer, PPS, IDR]


def test_parameter_sets_of_the_stream_are_repeated_on_the_way_in() -> None:
    depacketizer = H265Depacketizer({})
    depacketizer.join(packets_of([VPS, SPS, PPS, SLICE]))
    joined = depacketizer.join(packets_of([IDR]))
    assert annexb.split(joined.data) == [VPS, SPS, PPS, IDR]
    assert (joined.width, joined.height) == (150, 90)


def test_parameter_sets_of_the_description_are_repeated_on_the_way_in() -> None:
    described = {
        f"sprop-{name}": b64encode(unit).decode()
        for name, unit in (("vps", VPS), ("sps", SPS), ("pps", PPS))
    }
    assert join(IDR, parameters=described) == [VPS, SPS, PPS, IDR]
    assert join(SLICE, parameters=described) == [SLICE]


def test_a_paci_packet_is_what_it_carries() -> None:
    depacketizer = H265Depacketizer({})
    for payload in (IDR, b"\xa6" + IDR[1:], b"\x60\x01" + sized(SEI, IDR), b"\x62\x01\x93\xaf"):
        assert depacketizer.is_keyframe(paci(payload))
        assert depacketizer.begins(paci(payload))
    assert join(paci(b"\x83\x03\xd0p", b"abc")) == [b"\x83\x03\xd0p"]


def test_units_come_out_by_their_decoding_order_numbers() -> None:
    """RFC 7798 §4.4.1 to §4.4.3: in front of a unit, of an aggregate, of the first fragment."""
    alone = IDR[:2] + b"\0\1" + IDR[2:]
    together = b"\x60\x01\xff\xff" + sized(SEI) + b"\0" + sized(PPS)
    parts = [b"\x62\x03\x81\0\4\xd0a", b"\x62\x03\x41b"]
    last = b"\x4c\x01\0\3\xff\x80"
    found = join(*parts, last, alone, together, parameters=NUMBERED)
    assert found == [SEI, PPS, IDR, FILLER, b"\x02\x03\xd0ab"]
    depacketizer = H265Depacketizer(NUMBERED)
    assert [depacketizer.begins(each) for each in (alone, together, *parts)] == [True] * 3 + [False]
    assert [depacketizer.is_keyframe(each) for each in (alone, together)] == [True, False]
    assert H265Depacketizer({"sprop-max-don-diff": "x"}).begins(IDR)


def test_types_that_are_not_defined_are_ignored() -> None:
    assert join(b"\x66\x01x", b"", b"\x7e\x01x", SLICE) == [SLICE]


@pytest.mark.parametrize(
    ("payload", "begins"),
    [
        (IDR, True),
        (SLICE, True),
        (SPS, True),
        (b"\x02\x01\x5a", False),
        (b"\x02\x01", False),
        (b"\x62\x01\x81\x9a", True),
        (b"\x62\x01\x81\x5a", False),
        (b"\x62\x01\x01\x9a", False),
        (b"\x62\x01", False),
        (b"\x60\x01" + sized(SLICE), True),
        (b"\x60\x01" + sized(b"\x02\x01\x5a"), False),
        (b"\x60\x01", False),
        (b"\x66\x01", False),
        (b"\x02", False),
        (b"", False),
    ],
)
def test_a_frame_begins_with_its_first_slice_or_what_stands_before_one(
    payload: bytes, begins: bool
) -> None:
    assert H265Depacketizer({}).begins(payload) is begins


@pytest.mark.parametrize(
    ("payload", "key"),
    [
        (IDR, True),
        (b"\x2a\x01\xaf", True),
        (VPS, True),
        (SPS, True),
        (PPS, False),
        (SLICE, False),
        (b"\x62\x01\x13x", True),
        (b"\x62\x01\x41x", False),
        (b"\x62\x01", False),
        (b"\x60\x01" + sized(SPS, PPS), True),
        (b"\x60\x01" + sized(SEI, SLICE), False),
        (b"\x60\x01" + sized(SEI) + b"\0", False),
        (b"\x64\x01", False),
        (b"", False),
    ],
)
def test_key_frames_are_told_from_any_of_their_packets(payload: bytes, key: bool) -> None:
    assert H265Depacketizer({}).is_keyframe(payload) is key


@pytest.mark.parametrize(
    "payloads",
    [
        [b""],
        [b"\x02"],
        [b"\x62\x01\x13x"],
        [b"\x62\x01\x93x"],
        [b"\x62\x01\x93x", b"\x62\x01\x93x"],
        [b"\x62\x01\x93x", b"\x62\x01\x41x"],
        [b"\x62\x01\x93x", SLICE],
        [b"\x62\x01\xb0x", b"\x62\x01\x70x"],
        [b"\x62\x01\x93"],
        [b"\x60\x01"],
        [b"\x60\x01\0\1\x26"],
        [b"\x60\x01\0\5\x26\x01"],
        [b"\x60\x01\0\2\x60\x01"],
        [b"\x60\x01" + sized(SLICE) + b"\0"],
        [b"\x64\x01"],
        [b"\x64\x01\x26\x10"],
        [paci(paci(IDR))],
        [DELIMITER],
    ],
)
def test_what_is_malformed_is_an_error(payloads: list[bytes]) -> None:
    """P-07: no start or two, nothing inside, one thing inside another."""
    with pytest.raises(DecodeError):
        H265Depacketizer({}).join(packets_of(payloads))


@pytest.mark.parametrize("payload", [b"\x26\x01\0\1", b"\x60\x01\0\1", b"\x62\x01\x93\0\1"])
def test_a_payload_that_ends_behind_its_number_is_an_error(payload: bytes) -> None:
    with pytest.raises(DecodeError):
        H265Depacketizer(NUMBERED).join(packets_of([payload]))
    assert not H265Depacketizer(NUMBERED).begins(payload[:2])


@pytest.mark.parametrize(
    "data",
    [b"", b"\x26\x01", b"\0\0\0\1", annexb.join([DELIMITER]), annexb.join([b"\x26"])],
    ids=lambda data: data.hex(),
)
def test_a_frame_that_cannot_be_sent_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"frame|NAL"):
        H265Packetizer().split(EncodedFrame(data, "H265", 0), 1200)


def test_a_frame_of_another_codec_or_no_room_is_refused() -> None:
    with pytest.raises(ValueError, match="H264"):
        H265Packetizer().split(EncodedFrame(annexb.join([IDR]), "H264", 0), 1200)
    with pytest.raises(ValueError, match="room"):
        split(IDR, size=3)


def test_lengths_instead_of_start_codes_are_accepted() -> None:
    data = b"".join([len(unit).to_bytes(4, "big") + unit for unit in (VPS, SPS, PPS, IDR)])
    payloads = H265Packetizer().split(EncodedFrame(data, "H265", 0), 100)
    assert join(*payloads) == [VPS, SPS, PPS, IDR]


def test_the_format() -> None:
    assert (H265.encoding_name, H265.kind, H265.clock_rate) == ("H265", "video", 90_000)
    assert isinstance(H265.packetizer({}), H265Packetizer)
    assert isinstance(H265.depacketizer({}), H265Depacketizer)
