"""Ordered lines with typed access to the attributes that both levels know. RFC 8866 §5."""

from collections.abc import Callable, Iterable
from typing import Any, Self, TypeVar

from webrtc.errors import SdpError
from webrtc.sdp.attributes import Direction, ExtMap, Fingerprint
from webrtc.sdp.fields import Bandwidth, ConnectionInformation
from webrtc.sdp.grammar import Attribute, Line, require_safe, split_line, to_line

MAX_FINGERPRINTS = 32
MAX_EXTMAPS = 512
"""Lines of a kind that are looked at in one section; further ones are ignored."""

_DIRECTIONS = frozenset(Direction)

T = TypeVar("T")


class Section:
    """Part of a description: its lines in order are the state, all else is read from them.

    Lines nobody understands therefore survive. Where an attribute is given twice and may be given
    once, the first counts. Reading a malformed value raises SdpError, except where the docstring
    says that it is ignored.
    """

    def __init__(self, lines: Iterable[Line | Attribute] = ()) -> None:
        self._lines: list[str] = []
        self._fields: dict[str, list[str]] = {}
        self._attributes: dict[str, list[str | None]] = {}
        self._directions: dict[str, None] = {}
        """Those given, the first first. Sections that give none ask the session level."""
        self._values: dict[str, Any] = {}
        """What the first line of an attribute was parsed into."""
        for line in lines:
            self.append(line)

    @property
    def lines(self) -> tuple[Line | Attribute, ...]:
        """Every line in its order."""
        return tuple(map(to_line, self._lines))

    @property
    def attributes(self) -> list[Attribute]:
        """The `a=` lines in their order. Changing the list changes nothing."""
        return [line for line in self.lines if isinstance(line, Attribute)]

    def append(self, line: Line | Attribute) -> None:
        """Put a line at the end. Raises ValueError when it holds CR, LF, NUL or a surrogate."""
        text = require_safe(str(line))
        if isinstance(line, Attribute):
            self.accept_attribute(text, line.name, line.value)
        else:
            self.accept_field(text, line.type, line.value)

    def accept_attribute(
        self, text: str, name: str, value: str | None, parsed: object = None
    ) -> int:
        """Put an `a=` line that is known to be safe at the end; returns how many share its name.

        `parsed` is what its value was found to mean.
        """
        self._lines.append(text)
        if name in _DIRECTIONS:
            self._directions[name] = None
        values = self._attributes.setdefault(name, [])
        if parsed is not None and not values:
            self._values[name] = parsed
        values.append(value)
        return len(values)

    def accept_field(self, text: str, kind: str, value: str) -> int:
        """The same for another line."""
        self._lines.append(text)
        values = self._fields.setdefault(kind, [])
        values.append(value)
        return len(values)

    def set_field(self, kind: str, value: str) -> Self:
        """Give the first `kind=` line this value; where there is none, put one at the end."""
        text = require_safe(f"{kind}={value}")
        if kind not in self._fields:
            self.accept_field(text, kind, value)
            return self
        index = next(i for i, each in enumerate(self._lines) if each[0] == kind)
        self._lines[index] = text
        self._fields[kind][0] = value
        return self

    def add(self, name: str, value: object = None) -> Self:
        """Add `a=name`, or `a=name:value` with the text of `value`."""
        given = None if value is None else str(value)
        text = f"a={name}" if given is None else f"a={name}:{given}"
        self.accept_attribute(require_safe(text), name, given)
        return self

    def replace(self, name: str, value: object = None) -> Self:
        """Give attribute `name` this one value, at the place of its first line if there is one."""
        attribute = Attribute(name, None if value is None else str(value))
        text = require_safe(str(attribute))
        if name not in self._attributes:
            return self.add(name, value)
        lines: list[str] = []
        placed = False
        for line in self._lines:
            if not _has_name(line, name):
                lines.append(line)
            elif not placed:
                lines.append(text)
                placed = True
        self._lines = lines
        self._attributes[name] = [attribute.value]
        self._values.pop(name, None)
        return self

    def remove(self, name: str) -> Self:
        """Remove every attribute `name`."""
        if self._attributes.pop(name, None) is not None:
            self._directions.pop(name, None)
            self._values.pop(name, None)
            self._lines = [line for line in self._lines if not _has_name(line, name)]
        return self

    def has(self, name: str) -> bool:
        """Whether there is an attribute `name`, with or without a value."""
        return name in self._attributes

    def get(self, name: str) -> str | None:
        """Value of the first attribute `name`, or None when it is absent or a property."""
        return self._attributes.get(name, (None,))[0]

    def get_all(self, name: str) -> list[str]:
        """Values of all attributes `name` in order, properties left out."""
        return [value for value in self._attributes.get(name, ()) if value is not None]

    def field(self, kind: str) -> str | None:
        """Value of the first `kind=` line, for any letter but `a` and `m`."""
        return self._fields.get(kind, (None,))[0]

    def fields(self, kind: str) -> list[str]:
        """Values of all `kind=` lines in order."""
        return list(self._fields.get(kind, ()))

    @property
    def information(self) -> str | None:
        """The i= line."""
        return self.field("i")

    @property
    def encryption_key(self) -> str | None:
        """The k= line, which is obsolete and never acted upon."""
        return self.field("k")

    @property
    def connection_information(self) -> ConnectionInformation | None:
        """The c= line."""
        value = self.field("c")
        return None if value is None else ConnectionInformation.parse(value)

    @property
    def bandwidths(self) -> list[Bandwidth]:
        """The b= lines; malformed and excessive ones are ignored."""
        return parse_each(Bandwidth.parse, self.fields("b"))

    @property
    def identity(self) -> str | None:
        """`a=identity`: an assertion nobody here verifies. RFC 8827 §7."""
        return self.get("identity")

    @property
    def extmap_allow_mixed(self) -> bool:
        """Whether one-byte and two-byte extensions may be mixed. RFC 8285 §6."""
        return self.has("extmap-allow-mixed")

    def _direction(self) -> Direction | None:
        first = next(iter(self._directions), None)
        return None if first is None else Direction(first)

    def _fingerprints(self) -> list[Fingerprint]:
        return [Fingerprint.parse(value) for value in self._first("fingerprint", MAX_FINGERPRINTS)]

    def _extmaps(self) -> list[ExtMap]:
        return parse_each(ExtMap.parse, self._first("extmap", MAX_EXTMAPS))

    def _first(self, name: str, count: int) -> list[str]:
        values = self._attributes.get(name, [])[:count]
        return [value for value in values if value is not None]

    def _parsed(self, name: str, parse: Callable[[str], T]) -> T | None:
        found: T | None = self._values.get(name)
        if found is None and (value := self.get(name)) is not None:
            found = self._values[name] = parse(value.strip(" "))
        return found


def _has_name(line: str, name: str) -> bool:
    return line.startswith(f"a={name}") and split_line(line)[1] == name


def parse_each(
    parse: Callable[[str], T], values: Iterable[str], limit: int | None = None
) -> list[T]:
    """Parse the values, leaving out malformed ones and those after the first `limit` good ones."""
    parsed: list[T] = []
    for value in values:
        if len(parsed) == limit:
            break
        try:
            parsed.append(parse(value))
        except SdpError:
            continue
    return parsed
