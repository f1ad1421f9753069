"""The dependency descriptor of the AV1 RTP specification, Appendix A."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webrtc.errors import DecodeError
from webrtc.rtp.dependency_descriptor import DependencyDescriptor, Structure, Template

L1T2 = Structure(
    id_offset=0,
    decode_targets=2,
    templates=(
        Template(0, 0, (2, 2), (), (0,)),
        Template(0, 0, (2, 3), (2,), (2,)),
        Template(0, 1, (0, 1), (1,), (1,)),
    ),
    protected_by=(0, 0),
    resolutions=((640, 360),),
)
"""The structure of A.8.1 of the specification: one spatial and two temporal layers."""


def test_the_short_form_is_three_bytes() -> None:
    descriptor = DependencyDescriptor(start=True, end=False, frame_number=0x1234, template_id=2)
    assert descriptor.encode(L1T2) == bytes.fromhex("821234")
    assert DependencyDescriptor.decode(bytes.fromhex("821234"), L1T2) == descriptor
    assert descriptor.template(L1T2) == L1T2.templates[2]


def test_a_key_frame_brings_the_structure() -> None:
    """Bit by bit: flags, offset 0, 2 targets, layers, indications, differences, chain, size."""
    digits = (
        "1 1 000000 0000000000000001  1 0 0 0 0  000000 00001"
        " 00 01 11  10 10  10 11  00 01  0  1 0001 0  1 0000 0"
        " 10  0000 0010 0001  1 0000001001111111 0000000101100111"
    ).replace(" ", "")
    digits += "0" * (-len(digits) % 8)
    wire = int(digits, 2).to_bytes(len(digits) // 8, "big")
    descriptor = DependencyDescriptor(
        start=True, end=True, frame_number=1, template_id=0, structure=L1T2
    )
    assert DependencyDescriptor.decode(wire) == descriptor
    assert descriptor.encode() == wire


def test_template_ids_wrap() -> None:
    structure = Structure(62, 1, tuple(Template(0, 0, (number,)) for number in range(4)))
    found = DependencyDescriptor.decode(bytes.fromhex("c10000"), structure)
    assert found.template(structure).indications == (3,)


@pytest.mark.parametrize(
    ("wire", "known"), [("8000", L1T2), ("800000", None), ("830000", L1T2), ("80000088", L1T2)]
)
def test_what_cannot_be_read(wire: str, known: Structure | None) -> None:
    with pytest.raises(DecodeError):
        DependencyDescriptor.decode(bytes.fromhex(wire), known)


def test_templates_are_bounded() -> None:
    with pytest.raises(DecodeError, match="more than 64"):
        DependencyDescriptor.decode(bytes.fromhex("80000080") + bytes(100))


@pytest.mark.parametrize(
    "structure",
    [
        Structure(0, 1, (Template(0, 1, (0,)),)),
        Structure(0, 1, (Template(0, 0, (0,)), Template(2, 0, (0,)))),
        Structure(0, 2, (Template(0, 0, (0,)),)),
        Structure(0, 1, (Template(0, 0, (4,)),)),
        Structure(0, 1, (Template(0, 0, (0,), (17,)),)),
        Structure(0, 1, (Template(0, 0, (0,), (), (0, 0, 0)),)),
        Structure(0, 1, (Template(0, 0, (0,), (), (0,)),)),
        Structure(0, 1, (Template(0, 0, (0,), (), (0,)), Template(0, 0, (0,))), (0,)),
        Structure(0, 1, (Template(0, 0, (0,)),), (), ((1, 1), (2, 2))),
    ],
)
def test_what_does_not_fit_is_an_error(structure: Structure) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        DependencyDescriptor(True, True, 1, 0, structure).encode()


def test_without_a_structure_nothing_is_written() -> None:
    with pytest.raises(ValueError, match="without a structure"):
        DependencyDescriptor(True, True, 1, 0).encode()


@st.composite
def structures(draw: st.DrawFn) -> Structure:
    targets, chains = draw(st.integers(1, 5)), draw(st.integers(0, 3))
    chains = min(chains, targets)
    layer, templates = (0, 0), []
    for _ in range(draw(st.integers(1, 8))):
        dti = tuple(draw(st.integers(0, 3)) for _ in range(targets))
        fdiffs = tuple(draw(st.lists(st.integers(1, 16), max_size=3)))
        chain = tuple(draw(st.integers(0, 15)) for _ in range(chains))
        templates.append(Template(*layer, dti, fdiffs, chain))
        spatial, temporal = layer
        layer = draw(st.sampled_from([layer, (spatial, temporal + 1), (spatial + 1, 0)]))
    protected = tuple(draw(st.integers(0, chains - 1)) for _ in range(targets)) if chains else ()
    sizes = tuple((draw(st.integers(1, 65536)), 1) for _ in range(templates[-1].spatial_id + 1))
    resolutions = sizes if draw(st.booleans()) else ()
    return Structure(draw(st.integers(0, 63)), targets, tuple(templates), protected, resolutions)


@given(structures(), st.data())
def test_round_trips(structure: Structure, data: st.DataObject) -> None:
    number = data.draw(st.integers(0, len(structure.templates) - 1))
    optional = st.lists(st.integers(1, 4096), max_size=4).map(tuple)
    descriptor = DependencyDescriptor(
        data.draw(st.booleans()),
        data.draw(st.booleans()),
        data.draw(st.integers(0, 65535)),
        structure.id_offset + number & 63,
        data.draw(st.sampled_from([structure, None])),
        data.draw(st.none() | st.integers(0, (1 << structure.decode_targets) - 1)),
        data.draw(st.none() | st.just((3,) * structure.decode_targets)),
        data.draw(st.none() | optional),
        data.draw(st.none() | st.just((255,) * structure.chains)),
    )
    wire = descriptor.encode(structure)
    assert DependencyDescriptor.decode(wire, structure) == descriptor


@given(st.binary(max_size=60), st.sampled_from([None, L1T2]))
def test_garbage_raises_nothing_else(data: bytes, known: Structure | None) -> None:
    try:
        DependencyDescriptor.decode(data, known).template(known)
    except DecodeError:
        pass
