import pytest
from hypothesis import given
from hypothesis import strategies as st

from webrtc.errors import DecodeError
from webrtc.rtp.payload.picture_id import SHORT
from webrtc.rtp.payload.vp9_descriptor import (
    Descriptor,
    GroupPicture,
    Structure,
    descriptor_length,
    layer_indices,
)


@pytest.mark.parametrize(
    ("payload", "descriptor"),
    [
        ("0c", Descriptor()),
        ("08", Descriptor(ends=False)),
        ("45", Descriptor(begins=False, predicted=True, not_reference=True)),
        ("8c 7f", Descriptor(picture_id=127, picture_id_bits=SHORT)),
        ("8c 8123", Descriptor(picture_id=0x123)),
        (
            "ac 8123 55 09",
            Descriptor(
                picture_id=0x123,
                temporal_id=2,
                switching_up=True,
                spatial_id=2,
                inter_layer=True,
                tl0_picture_index=9,
            ),
        ),
        ("3c 20", Descriptor(flexible=True, temporal_id=1)),
        ("5c 02", Descriptor(predicted=True, flexible=True, differences=(1,))),
        ("5c 03 05 fe", Descriptor(predicted=True, flexible=True, differences=(1, 2, 127))),
        ("0e 00", Descriptor(structure=Structure())),
        ("0e 30 0140 00b4 0280 0168", Descriptor(structure=Structure(2, ((320, 180), (640, 360))))),
        (
            "0e 08 02 00 380102",
            Descriptor(
                structure=Structure(
                    1, (), (GroupPicture(0, False, ()), GroupPicture(1, True, (1, 2)))
                )
            ),
        ),
        ("0e e8 00", Descriptor(structure=Structure(8, (), ()))),
    ],
)
def test_bits_of_the_descriptor(payload: str, descriptor: Descriptor) -> None:
    """RFC 9628 §4.2 and §4.2.1."""
    data = bytes.fromhex(payload)
    assert Descriptor.decode(data + b"x") == (descriptor, len(data))
    assert descriptor_length(data + b"x") == len(data)


pictures = st.builds(
    GroupPicture,
    st.integers(0, 7),
    st.booleans(),
    st.lists(st.integers(0, 255), max_size=3).map(tuple),
)


@st.composite
def structures(draw: st.DrawFn) -> Structure:
    layers = draw(st.integers(1, 8))
    side = st.integers(0, 0xFFFF)
    sizes = draw(st.lists(st.tuples(side, side), min_size=layers, max_size=layers).map(tuple))
    group = draw(st.none() | st.lists(pictures, max_size=255).map(tuple))
    return Structure(layers, sizes if draw(st.booleans()) else (), group)


@st.composite
def descriptors(draw: st.DrawFn) -> Descriptor:
    flags = st.booleans()
    made = Descriptor(draw(flags), draw(flags), draw(flags), draw(flags), draw(flags))
    made.picture_id = draw(st.none() | st.integers(0, 0x7FFF))
    if draw(st.booleans()):
        made.temporal_id, made.spatial_id = draw(st.integers(0, 7)), draw(st.integers(0, 7))
        made.switching_up, made.inter_layer = draw(st.booleans()), draw(st.booleans())
        made.tl0_picture_index = 0 if made.flexible else draw(st.integers(0, 255))
    if made.flexible and made.predicted:
        distances = st.lists(st.integers(0, 127), min_size=1, max_size=3)
        made.differences = tuple(draw(distances))
    made.structure = draw(st.none() | structures())
    return made


@given(descriptors())
def test_a_descriptor_survives_the_wire(descriptor: Descriptor) -> None:
    data = descriptor.encode()
    assert Descriptor.decode(data + b"x") == (descriptor, len(data))
    assert descriptor_length(data + b"x") == len(data)
    for length in range(len(data) + 1):
        with pytest.raises(DecodeError):
            Descriptor.decode(data[:length])
        with pytest.raises(DecodeError):
            descriptor_length(data[:length])


@given(st.binary(max_size=12))
def test_garbage_raises_only_decode_error_and_lengths_agree(payload: bytes) -> None:
    """RTPPAY-14, P-06."""
    try:
        _, length = Descriptor.decode(payload)
    except DecodeError:
        with pytest.raises(DecodeError):
            descriptor_length(payload)
        return
    assert descriptor_length(payload) == length < len(payload)
    assert layer_indices(payload) is not None


def test_a_fourth_reference_is_an_error() -> None:
    for take in (Descriptor.decode, descriptor_length):
        with pytest.raises(DecodeError, match="more than 3"):
            take(bytes.fromhex("5c 03 03 03 02 00"))


def test_the_largest_structure_is_read() -> None:
    """P-06: 8 layers and 255 pictures with 3 references each."""
    picture = GroupPicture(7, True, (255, 254, 253))
    descriptor = Descriptor(structure=Structure(8, ((65535, 65535),) * 8, (picture,) * 255))
    data = descriptor.encode()
    assert len(data) == 1 + 1 + 32 + 1 + 255 * 4
    assert Descriptor.decode(data + b"x")[0] == descriptor
