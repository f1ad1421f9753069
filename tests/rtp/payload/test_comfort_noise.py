import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rtp.payload.wire import carried
from webrtc.errors import DecodeError
from webrtc.rtp import EncodedFrame
from webrtc.rtp.payload.comfort_noise import CN, ComfortNoise


@pytest.mark.parametrize(
    ("payload", "level", "reflection"),
    [
        ("00", 0, ()),
        ("7f", 127, ()),
        ("ff", 127, ()),
        ("28 7f", 40, (0.0,)),
        ("28 00 fe", 40, (-258 * 127 / 32768, 258 * 127 / 32768)),
        ("28 80 7e", 40, (258 / 32768, -258 / 32768)),
    ],
    ids=["loudest", "most silent", "unused bit", "flat", "ends of the scale", "one step"],
)
def test_level_and_colour(payload: str, level: int, reflection: tuple[float, ...]) -> None:
    """RFC 3389 §3.1 to §3.3."""
    noise = ComfortNoise(level, reflection)
    assert ComfortNoise.decode(bytes.fromhex(payload)) == noise
    assert noise.encode() == bytes([level]) + bytes.fromhex(payload)[1:]


@given(st.integers(0, 127), st.binary(max_size=12).filter(lambda each: 255 not in each))
def test_a_payload_survives_being_read(level: int, coefficients: bytes) -> None:
    payload = bytes([level]) + coefficients
    noise = ComfortNoise.decode(payload)
    assert noise.encode() == payload
    assert all(-1 < each < 1 for each in noise.reflection)


@given(st.binary(max_size=20))
def test_garbage_raises_only_decode_error(payload: bytes) -> None:
    try:
        ComfortNoise.decode(payload)
    except DecodeError:
        pass


@pytest.mark.parametrize("payload", [b"", b"\x28\xff"], ids=["empty", "coefficient of 1"])
def test_what_says_nothing_is_an_error(payload: bytes) -> None:
    with pytest.raises(DecodeError):
        ComfortNoise.decode(payload)


@pytest.mark.parametrize("noise", [ComfortNoise(128), ComfortNoise(-1), ComfortNoise(1, (1.5,))])
def test_what_does_not_fit_is_refused(noise: ComfortNoise) -> None:
    with pytest.raises(ValueError, match="ComfortNoise"):
        noise.encode()


def test_a_frame_survives_the_wire() -> None:
    frame = EncodedFrame(ComfortNoise(60).encode(), "CN", 160)
    assert carried(frame, CN.packetizer({}), CN.depacketizer({})) == frame
