"""The values of header extensions. Rows RTPEXT-01 to RTPEXT-08."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webrtc.errors import DecodeError
from webrtc.rtp import header_values as values

ROUND_TRIPS: list[tuple[Any, Callable[[Any], bytes], Callable[[bytes], Any], str]] = [
    ("0", values.encode_text, values.decode_text, "30"),
    (0x1234, values.encode_transport_sequence, values.decode_transport_sequence, "1234"),
    (-5, values.encode_time_offset, values.decode_time_offset, "fffffb"),
    ((0, 127), values.encode_csrc_audio_levels, values.decode_csrc_audio_levels, "007f"),
    (1, values.encode_content_type, values.decode_content_type, "01"),
    (None, values.encode_inband_cn, values.decode_inband_cn, "00"),
    (70, values.encode_inband_cn, values.decode_inband_cn, "c6"),
]
TYPES: list[tuple[Any, str]] = [
    (values.AudioLevel(0), "00"),
    (values.AudioLevel(127, voice=True), "ff"),
    (values.VideoOrientation(270, flip=True, back_camera=True), "0f"),
    (values.VideoOrientation(90), "01"),
    (values.PlayoutDelay(0.0, 40.95), "000fff"),
    (values.PlayoutDelay(0.1, 0.2), "00a014"),
    (values.AbsCaptureTime(0x0123456789ABCDEF), "0123456789abcdef"),
    (values.AbsCaptureTime(1, -1), "0000000000000001ffffffffffffffff"),
    (values.VideoTiming(1, 2, 3, 4, 5), "01000200030004000500000000"),
    (values.ColorSpace(1, 13, 6, 0x12), "010d0612"),
    (values.CorruptionDetection(5, most_significant=True), "85"),
    (values.CorruptionDetection(5, False, 255, 2, 3, b"ab"), "05ff236162"),
    (
        values.ColorSpace(9, 16, 9, 0, tuple(range(12))),
        "09100900" + "".join(f"{number:04x}" for number in range(12)),
    ),
]


@pytest.mark.parametrize(("value", "encode", "decode", "wire"), ROUND_TRIPS)
def test_plain_values(
    value: Any, encode: Callable[[Any], bytes], decode: Callable[[bytes], Any], wire: str
) -> None:
    assert encode(value) == bytes.fromhex(wire)
    assert decode(bytes.fromhex(wire)) == value


@pytest.mark.parametrize(("value", "wire"), TYPES)
def test_values_of_several_fields(value: Any, wire: str) -> None:
    assert value.encode() == bytes.fromhex(wire)
    assert type(value).decode(bytes.fromhex(wire)) == value


def test_the_time_of_sending_is_seconds_modulo_64() -> None:
    ntp = (3_900_000_000 << 32) | (1 << 31)
    value = values.encode_abs_send_time(ntp)
    assert len(value) == 3
    assert values.decode_abs_send_time(value) == 3_900_000_000 % 64 + 0.5


def test_a_transport_wide_number_may_ask_for_feedback() -> None:
    assert values.decode_transport_sequence(bytes.fromhex("12348001")) == 0x1234


@pytest.mark.parametrize(
    "fail",
    [
        lambda: values.encode_text(""),
        lambda: values.encode_text("x" * 256),
        lambda: values.AudioLevel(128).encode(),
        lambda: values.encode_csrc_audio_levels([]),
        lambda: values.VideoOrientation(45).encode(),
        lambda: values.encode_time_offset(1 << 23),
        lambda: values.PlayoutDelay(1.0, 0.5).encode(),
        lambda: values.PlayoutDelay(0.0, 41.0).encode(),
        lambda: values.AbsCaptureTime(-1).encode(),
        lambda: values.VideoTiming(0, 70_000, 0, 0, 0).encode(),
        lambda: values.encode_content_type(256),
        lambda: values.encode_inband_cn(128),
        lambda: values.ColorSpace(1, 1, 1, 256).encode(),
        lambda: values.CorruptionDetection(128).encode(),
        lambda: values.CorruptionDetection(1, samples=bytes(14)).encode(),
        lambda: values.CorruptionDetection(1, chroma_threshold=16, samples=b"x").encode(),
        lambda: values.CorruptionDetection(1, luma_threshold=16, samples=b"x").encode(),
        lambda: values.ColorSpace(1, 1, 1, 1, (1,)).encode(),
    ],
)
def test_what_does_not_fit_is_an_error(fail: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        fail()


DECODERS: list[Callable[[bytes], object]] = [
    values.decode_text,
    values.decode_abs_send_time,
    values.decode_transport_sequence,
    values.decode_time_offset,
    values.decode_csrc_audio_levels,
    values.decode_content_type,
    values.decode_inband_cn,
    values.AudioLevel.decode,
    values.VideoOrientation.decode,
    values.PlayoutDelay.decode,
    values.AbsCaptureTime.decode,
    values.VideoTiming.decode,
    values.ColorSpace.decode,
    values.CorruptionDetection.decode,
]


@given(st.sampled_from(DECODERS), st.binary(max_size=40))
def test_garbage_raises_nothing_else(decode: Callable[[bytes], object], data: bytes) -> None:
    try:
        decode(data)
    except DecodeError:
        pass
