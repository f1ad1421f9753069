import inspect

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rtp.payload.wire import packets_of
from webrtc.errors import DecodeError
from webrtc.rtp import EncodedFrame
from webrtc.rtp.payload import (
    DEFAULT_FORMATS,
    Depacketizer,
    Packetizer,
    PayloadFormat,
    generic_format,
)

FORMATS = [*DEFAULT_FORMATS.values(), generic_format("x-own", "video", 90000)]
each_format = pytest.mark.parametrize("format_", FORMATS, ids=lambda each: each.encoding_name)


def parameters_of(of: type) -> dict[str, list[str]]:
    """Public methods with the names of their parameters."""
    return {
        name: list(inspect.signature(method).parameters)
        for name, method in inspect.getmembers(of, inspect.isfunction)
        if not name.startswith("_")
    }


@pytest.mark.interpreted  # compiled methods have no signature
@each_format
def test_every_format_names_its_parameters_as_the_seam_does(format_: PayloadFormat) -> None:
    made = [(Packetizer, format_.packetizer({})), (Depacketizer, format_.depacketizer({}))]
    for protocol, implementation in made:
        has = parameters_of(type(implementation))
        for name, parameters in parameters_of(protocol).items():
            assert has[name] == parameters


@each_format
@given(st.lists(st.binary(max_size=40), min_size=1, max_size=5))
def test_garbage_raises_only_decode_error(format_: PayloadFormat, payloads: list[bytes]) -> None:
    """And what is asked of a single payload never raises."""
    depacketizer = format_.depacketizer({})
    packets = packets_of(payloads)
    for packet in packets:
        assert depacketizer.begins(packet.payload) in {True, False}
        assert depacketizer.is_keyframe(packet.payload) in {True, False}
        assert depacketizer.ends(packet) in {True, False}
    try:
        frame = depacketizer.join(packets)
    except DecodeError:
        return
    assert frame.codec == format_.encoding_name
    assert frame.timestamp == packets[0].timestamp


@each_format
def test_no_payload_begins_nothing(format_: PayloadFormat) -> None:
    """Padding alone, as senders probe with it."""
    depacketizer = format_.depacketizer({})
    assert not depacketizer.begins(b"")
    assert not depacketizer.is_keyframe(b"")


@each_format
@pytest.mark.parametrize("data", [b"", bytes(8 * 1024 * 1024 + 1)], ids=["empty", "over 8 MiB"])
def test_no_format_splits_a_frame_of_no_use(format_: PayloadFormat, data: bytes) -> None:
    with pytest.raises(ValueError, match="frame"):
        format_.packetizer({}).split(EncodedFrame(data, format_.encoding_name, 0), 1200)


@each_format
def test_no_format_splits_a_frame_of_another_codec(format_: PayloadFormat) -> None:
    with pytest.raises(ValueError, match="theora"):
        format_.packetizer({}).split(EncodedFrame(b"x", "theora", 0), 1200)
