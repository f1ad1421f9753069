"""Which frames a frame needs, and who needs it: the dependency descriptor.

https://aomediacodec.github.io/av1-rtp-spec/#appendix-a-dependency-descriptor-rtp-header-extension
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Self

from webrtc.errors import DecodeError
from webrtc.rtp.payload.bits import Bits

MAX_TEMPLATES: Final = 64
MAX_DECODE_TARGETS: Final = 32
MANDATORY: Final = 3
"""Bytes of a descriptor that adds nothing to its template."""
_SAME_LAYER, _NEXT_TEMPORAL, _NEXT_SPATIAL, _END = range(4)


@dataclass(frozen=True, slots=True)
class Template:
    """What many frames have in common."""

    spatial_id: int
    temporal_id: int
    indications: tuple[int, ...]
    """For each decode target: 0 not present, 1 discardable, 2 switch, 3 required."""
    frame_differences: tuple[int, ...] = ()
    """How many frames ago those were that it refers to."""
    chain_differences: tuple[int, ...] = ()
    """For each chain: how many frames ago its last one was."""


@dataclass(frozen=True, slots=True)
class Structure:
    """The templates of a stream. A key frame brings it, and the frames behind it use it."""

    id_offset: int
    """Of the first template, 6 bits."""
    decode_targets: int
    templates: tuple[Template, ...]
    protected_by: tuple[int, ...] = ()
    """For each decode target the chain that protects it; empty without chains."""
    resolutions: tuple[tuple[int, int], ...] = ()
    """Width and height of each spatial layer; empty when they are not told."""

    @property
    def chains(self) -> int:
        """How many there are."""
        return len(self.templates[0].chain_differences)


@dataclass(frozen=True, slots=True)
class DependencyDescriptor:
    """What a packet tells of its frame."""

    start: bool
    """Whether it is the first packet of the frame."""
    end: bool
    frame_number: int
    """16 bits."""
    template_id: int
    """6 bits."""
    structure: Structure | None = None
    """The templates, where this packet brings them."""
    active_decode_targets: int | None = None
    """A bit for each target, where this packet tells."""
    indications: tuple[int, ...] | None = None
    """Those of the template, unless given."""
    frame_differences: tuple[int, ...] | None = None
    chain_differences: tuple[int, ...] | None = None

    @classmethod
    def decode(cls, value: bytes, known: Structure | None = None) -> Self:
        """Read it with the structure of an earlier packet, if it brings none.

        Raises DecodeError, also for one that needs a structure nobody has sent.
        """
        if len(value) < MANDATORY:
            raise DecodeError(f"dependency descriptor of {len(value)} bytes")
        bits = Bits(value)
        start, end, template_id, number = bool(bits.u(1)), bool(bits.u(1)), bits.u(6), bits.u(16)
        if len(value) == MANDATORY:
            _find(known, template_id)
            return cls(start, end, number, template_id)
        has_structure, has_targets, dtis, fdiffs, chains = (bits.u(1) for _ in range(5))
        structure = _read_structure(bits) if has_structure else None
        used, _ = _find(structure or known, template_id)
        return cls(
            start,
            end,
            number,
            template_id,
            structure,
            bits.u(used.decode_targets) if has_targets else None,
            tuple(bits.u(2) for _ in range(used.decode_targets)) if dtis else None,
            _read_differences(bits) if fdiffs else None,
            tuple(bits.u(8) for _ in range(used.chains)) if chains else None,
        )

    def encode(self, known: Structure | None = None) -> bytes:
        """Inverse of `decode`. Raises ValueError for what does not fit."""
        used = self.structure or known
        if used is None:
            raise ValueError("a dependency descriptor without a structure")
        writer = _Writer()
        writer.u(1, self.start)
        writer.u(1, self.end)
        writer.u(6, self.template_id)
        writer.u(16, self.frame_number)
        options = (
            self.structure,
            self.active_decode_targets,
            self.indications,
            self.frame_differences,
            self.chain_differences,
        )
        if any(option is not None for option in options):
            for option in options:
                writer.u(1, option is not None)
            if self.structure is not None:
                _write_structure(writer, self.structure)
            if self.active_decode_targets is not None:
                writer.u(used.decode_targets, self.active_decode_targets)
            writer.all(2, self.indications or ())
            if self.frame_differences is not None:
                _write_differences(writer, self.frame_differences)
            writer.all(8, self.chain_differences or ())
        return writer.encoded()

    def template(self, known: Structure | None = None) -> Template:
        """The template that the frame has. Raises DecodeError when it is in neither structure."""
        return _find(self.structure or known, self.template_id)[1]


class _Writer:
    def __init__(self) -> None:
        self._digits: list[str] = []

    def u(self, count: int, value: int) -> None:
        if not 0 <= value < 1 << count:
            raise ValueError(f"{value} in {count} bits")
        if count:
            self._digits.append(f"{value:0{count}b}")

    def all(self, count: int, values: Iterable[int]) -> None:
        for value in values:
            self.u(count, value)

    def encoded(self) -> bytes:
        digits = "".join(self._digits)
        digits += "0" * (-len(digits) % 8)
        return int(digits, 2).to_bytes(len(digits) // 8, "big")


def _find(structure: Structure | None, template_id: int) -> tuple[Structure, Template]:
    if structure is None:
        raise DecodeError("dependency descriptor before its structure")
    index = template_id - structure.id_offset & 63
    if index >= len(structure.templates):
        raise DecodeError(f"dependency template {template_id} of {len(structure.templates)}")
    return structure, structure.templates[index]


def _read_structure(bits: Bits) -> Structure:
    id_offset, targets = bits.u(6), bits.u(5) + 1
    layers = _read_layers(bits)
    indications = [tuple(bits.u(2) for _ in range(targets)) for _ in layers]
    differences = [_read_template_differences(bits) for _ in layers]
    chains = _read_unsigned(bits, targets + 1)
    protected_by: tuple[int, ...] = ()
    chain_differences: list[tuple[int, ...]] = [()] * len(layers)
    if chains:
        protected_by = tuple(_read_unsigned(bits, chains) for _ in range(targets))
        chain_differences = [tuple(bits.u(4) for _ in range(chains)) for _ in layers]
    resolutions: tuple[tuple[int, int], ...] = ()
    if bits.u(1):
        spatial_layers = layers[-1][0] + 1
        resolutions = tuple((bits.u(16) + 1, bits.u(16) + 1) for _ in range(spatial_layers))
    templates = tuple(
        Template(*layer, dti, fdiff, chain)
        for layer, dti, fdiff, chain in zip(
            layers, indications, differences, chain_differences, strict=True
        )
    )
    return Structure(id_offset, targets, templates, protected_by, resolutions)


def _read_layers(bits: Bits) -> list[tuple[int, int]]:
    """Spatial and temporal layer of each template, in rising order."""
    spatial = temporal = 0
    layers = [(0, 0)]
    while (step := bits.u(2)) != _END:
        if step == _NEXT_TEMPORAL:
            temporal += 1
        elif step == _NEXT_SPATIAL:
            spatial, temporal = spatial + 1, 0
        layers.append((spatial, temporal))
        if len(layers) > MAX_TEMPLATES:
            raise DecodeError(f"more than {MAX_TEMPLATES} dependency templates")
    return layers


def _read_template_differences(bits: Bits) -> tuple[int, ...]:
    found: list[int] = []
    while bits.u(1):
        found.append(bits.u(4) + 1)
    return tuple(found)


def _read_differences(bits: Bits) -> tuple[int, ...]:
    found: list[int] = []
    while size := bits.u(2):
        found.append(bits.u(4 * size) + 1)
    return tuple(found)


def _read_unsigned(bits: Bits, count: int) -> int:
    """One of `count` numbers, in no more bits than it takes: ns(n) of the AV1 specification."""
    width = count.bit_length()
    short = (1 << width) - count
    value = bits.u(width - 1)
    return value if value < short else (value << 1) - short + bits.u(1)


def _write_structure(writer: _Writer, structure: Structure) -> None:
    writer.u(6, structure.id_offset)
    writer.u(5, structure.decode_targets - 1)
    templates = structure.templates
    _write_layers(writer, templates)
    for template in templates:
        if len(template.indications) != structure.decode_targets:
            raise ValueError(f"{len(template.indications)} indications in a template")
        writer.all(2, template.indications)
    for template in templates:
        for difference in template.frame_differences:
            writer.u(1, 1)
            writer.u(4, difference - 1)
        writer.u(1, 0)
    chains = structure.chains
    _check(structure)
    _write_unsigned(writer, structure.decode_targets + 1, chains)
    if chains:
        for chain in structure.protected_by:
            _write_unsigned(writer, chains, chain)
        for template in templates:
            writer.all(4, template.chain_differences)
    writer.u(1, bool(structure.resolutions))
    for width, height in structure.resolutions:
        writer.u(16, width - 1)
        writer.u(16, height - 1)


def _check(structure: Structure) -> None:
    """Raise ValueError for parts of a structure that do not fit each other."""
    chains = structure.chains
    if len(structure.protected_by) != (structure.decode_targets if chains else 0):
        raise ValueError(f"{len(structure.protected_by)} decode targets with chains")
    if any(len(template.chain_differences) != chains for template in structure.templates):
        raise ValueError(f"templates with and without {chains} chains")
    if (
        structure.resolutions
        and len(structure.resolutions) != structure.templates[-1].spatial_id + 1
    ):
        raise ValueError(f"{len(structure.resolutions)} resolutions")


def _write_layers(writer: _Writer, templates: tuple[Template, ...]) -> None:
    before = (0, 0)
    for number, template in enumerate(templates):
        layer = (template.spatial_id, template.temporal_id)
        spatial, temporal = before
        steps = {
            before: _SAME_LAYER,
            (spatial, temporal + 1): _NEXT_TEMPORAL,
            (spatial + 1, 0): _NEXT_SPATIAL,
        }
        if layer not in steps or (not number and layer != before):
            raise ValueError(f"a template of layer {layer} behind one of {before}")
        if number:
            writer.u(2, steps[layer])
        before = layer
    writer.u(2, _END)


def _write_differences(writer: _Writer, differences: tuple[int, ...]) -> None:
    for difference in differences:
        size = max(1, ((difference - 1).bit_length() + 3) // 4)
        writer.u(2, size)
        writer.u(4 * size, difference - 1)
    writer.u(2, 0)


def _write_unsigned(writer: _Writer, count: int, value: int) -> None:
    if not 0 <= value < count:
        raise ValueError(f"{value} of {count}")
    width = count.bit_length()
    short = (1 << width) - count
    if value < short:
        writer.u(width - 1, value)
    else:
        value += short
        writer.u(width - 1, value >> 1)
        writer.u(1, value & 1)
