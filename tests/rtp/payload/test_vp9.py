import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rtp.payload.test_vp9_frame import keyframe
from tests.rtp.payload.wire import carried, packets_of
from webrtc.errors import DecodeError
from webrtc.rtp import EncodedFrame
from webrtc.rtp.payload.vp9 import Vp9Depacketizer, Vp9Packetizer
from webrtc.rtp.payload.vp9_descriptor import Descriptor, Structure
from webrtc.rtp.payload.vp9_frame import join_layers

KEY = keyframe() + bytes(300)
DELTA = b"\x86" + bytes(200)
modes = pytest.mark.parametrize("flexible", [True, False])


def descriptors(payloads: list[bytes]) -> list[Descriptor]:
    return [Descriptor.decode(payload)[0] for payload in payloads]


def first_of(packetizer: Vp9Packetizer, frame: EncodedFrame) -> Descriptor:
    return descriptors(packetizer.split(frame, 1200))[0]


@modes
@given(st.binary(min_size=1, max_size=5000), st.integers(20, 1500), st.booleans())
def test_a_frame_survives_the_wire(flexible: bool, data: bytes, size: int, key: bool) -> None:
    frame = EncodedFrame(data, "VP9", 7, keyframe=key)
    packetizer = Vp9Packetizer(flexible=flexible)
    for _ in range(2):
        assert carried(frame, packetizer, Vp9Depacketizer(), size) == frame


@given(
    st.lists(st.binary(min_size=1, max_size=500), min_size=2, max_size=8),
    st.integers(20, 1500),
    st.integers(0, 7),
)
def test_spatial_layers_survive_the_wire(layers: list[bytes], size: int, temporal_id: int) -> None:
    frame = EncodedFrame(join_layers(layers), "VP9", 7, keyframe=True)
    frame.spatial_id, frame.temporal_id = len(layers) - 1, temporal_id
    assert carried(frame, Vp9Packetizer(), Vp9Depacketizer(), size) == frame


@modes
def test_packets_of_a_frame_are_equal_but_the_last(flexible: bool) -> None:
    """Although the first one tells more."""
    payloads = Vp9Packetizer(flexible=flexible).split(EncodedFrame(KEY * 20, "VP9", 0), 1100)
    assert len({len(payload) for payload in payloads[:-1]}) == 1
    assert len(payloads[-1]) <= len(payloads[0]) <= 1100
    found = descriptors(payloads)
    assert [each.begins for each in found] == [True] + [False] * (len(found) - 1)
    assert [each.ends for each in found] == [False] * (len(found) - 1) + [True]


@modes
def test_a_key_frame_tells_its_size_and_needs_nothing(flexible: bool) -> None:
    packetizer = Vp9Packetizer(flexible=flexible)
    key = first_of(packetizer, EncodedFrame(KEY, "VP9", 0))
    assert not key.predicted
    assert key.structure == Structure(1, ((640, 480),))
    delta = first_of(packetizer, EncodedFrame(DELTA, "VP9", 0))
    assert delta.predicted
    assert delta.structure is None
    assert delta.differences == ((1,) if flexible else ())
    assert (delta.flexible, delta.temporal_id) == (flexible, None)


def test_picture_ids_are_15_bits_from_the_first_to_the_wrap() -> None:
    packetizer = Vp9Packetizer(picture_id=0x7FFF)
    found = [first_of(packetizer, EncodedFrame(DELTA, "VP9", 0)) for _ in range(3)]
    assert [each.picture_id for each in found] == [0x7FFF, 0, 1]
    assert [each.picture_id_bits for each in found] == [15] * 3


def test_a_picture_needs_the_newest_of_its_layer_or_a_lower_one() -> None:
    packetizer = Vp9Packetizer(flexible=True)
    found = []
    for temporal_id in [0, 2, 1, 2, 0, 2, 1]:
        frame = EncodedFrame(DELTA, "VP9", 0, temporal_id=temporal_id)
        found.append(first_of(packetizer, frame).differences)
    assert found == [(1,), (1,), (2,), (1,), (4,), (1,), (2,)]


def test_a_need_that_is_too_far_away_is_named_as_near_as_possible() -> None:
    packetizer = Vp9Packetizer(flexible=True)
    for _ in range(200):
        packetizer.split(EncodedFrame(DELTA, "VP9", 0, temporal_id=1), 1200)
    frame = EncodedFrame(DELTA, "VP9", 0, temporal_id=0)
    assert first_of(packetizer, frame).differences == (127,)


def test_without_flexible_mode_the_lowest_layer_is_counted() -> None:
    packetizer = Vp9Packetizer(flexible=False)
    found = []
    for temporal_id in [0, 2, 1, 2, 0]:
        frame = EncodedFrame(DELTA, "VP9", 0, temporal_id=temporal_id)
        found.append(first_of(packetizer, frame).tl0_picture_index)
    assert found == [1, 1, 1, 1, 2]


@pytest.mark.parametrize("temporal_id", [None, 0])
def test_the_mode_goes_by_whether_a_key_frame_tells_its_layer(temporal_id: int | None) -> None:
    """And changes with key frames alone: RFC 9628 §4.2, F."""
    packetizer = Vp9Packetizer()
    first = EncodedFrame(DELTA, "VP9", 0, temporal_id=0)
    assert not first_of(packetizer, first).flexible
    told = [temporal_id, None, 1]
    frames = [EncodedFrame(DELTA, "VP9", 0, temporal_id=each) for each in told]
    frames[0].keyframe = True
    found = [first_of(packetizer, frame).flexible for frame in frames]
    assert found == [temporal_id is not None] * 3


def test_layers_of_a_picture_are_told_apart() -> None:
    frame = EncodedFrame(join_layers([KEY, DELTA, DELTA]), "VP9", 0, keyframe=True, spatial_id=2)
    found = descriptors(Vp9Packetizer().split(frame, 1200))
    assert [each.spatial_id for each in found] == [0, 1, 2]
    assert [each.inter_layer for each in found] == [False, True, True]
    assert {each.picture_id for each in found} == {0}
    assert [each.structure for each in found] == [Structure(3), None, None]


@pytest.mark.parametrize("layers", [(8, 0), (0, 8), (0, -1), (1, 0)])
def test_layers_that_cannot_be_are_refused(layers: tuple[int, int]) -> None:
    spatial_id, temporal_id = layers
    data = join_layers([KEY] * 3) if spatial_id == 1 else KEY
    frame = EncodedFrame(data, "VP9", 0, spatial_id=spatial_id, temporal_id=temporal_id)
    with pytest.raises(ValueError, match="layer"):
        Vp9Packetizer().split(frame, 1200)


def test_too_little_room_is_refused() -> None:
    with pytest.raises(ValueError, match="room"):
        Vp9Packetizer().split(EncodedFrame(KEY, "VP9", 0), 8)


def payload(first: str, data: bytes = b"data") -> bytes:
    return bytes.fromhex(first) + data


@pytest.mark.parametrize(
    ("head", "begins", "key"),
    [
        ("88 01", True, True),
        ("80 01", False, True),
        ("c8 01", True, False),
        ("a8 8001 0000", True, True),
        ("a8 01 0200", True, False),
        ("a8 01 0300", False, False),
        ("b8 01 01", False, True),
        ("08", True, False),
        ("08 824983420000000000", True, True),
    ],
    ids=[
        "alone",
        "middle",
        "inter",
        "lowest layer",
        "upper",
        "upper needs lower",
        "flexible",
        "no id",
        "no id, key",
    ],
)
def test_beginnings_and_key_frames(head: str, begins: bool, key: bool) -> None:
    """RFC 9628 §4.2: B, P, SID and D; RTPPAY-15."""
    depacketizer = Vp9Depacketizer()
    assert depacketizer.begins(payload(head)) is begins
    assert depacketizer.is_keyframe(payload(head)) is key


def test_the_size_of_the_highest_layer_is_the_pictures() -> None:
    structure = Structure(2, ((320, 180), (640, 360)))
    low = Descriptor(temporal_id=1, structure=structure).encode() + b"low"
    high = Descriptor(temporal_id=1, spatial_id=1, inter_layer=True).encode() + b"high"
    both = Vp9Depacketizer().join(packets_of([low, high]))
    assert (both.width, both.height, both.spatial_id, both.temporal_id) == (640, 360, 1, 1)
    assert both.data == join_layers([b"low", b"high"])
    one = Vp9Depacketizer().join(packets_of([low]))
    assert (one.width, one.height, one.spatial_id) == (320, 180, 0)


def test_what_lacks_its_beginning_is_no_frame() -> None:
    with pytest.raises(DecodeError, match="beginning"):
        Vp9Depacketizer().join(packets_of([payload("04")]))
