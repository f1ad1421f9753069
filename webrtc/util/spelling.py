"""Names that somebody has mistyped, or written as a browser has them."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

_SHORTEST = 4
"""Characters below which names are near to too many others."""


def meant(name: str, known: Iterable[str]) -> str | None:
    """The one of `known` that `name` is with other case and underscores, or one typing error."""
    plain = _plain(name)
    near: str | None = None
    for each in known:
        if each == name:
            return None
        if _plain(each) == plain:
            return each
        if near is None and len(each) >= _SHORTEST and _one_error(name, each):
            near = each
    return near


def members(kind: type[Any]) -> frozenset[str]:
    """Names of a class that are for everyone."""
    return frozenset(name for name in dir(kind) if not name.startswith("_"))


def missing(value: object, name: str) -> AttributeError:
    """What to raise for an attribute that does not exist."""
    kind = type(value)
    found = meant(name, members(kind)) if not name.startswith("_") else None
    hint = f"; did you mean {found!r}?" if found is not None else ""
    return AttributeError(f"{kind.__name__!r} object has no attribute {name!r}{hint}")


class Hinting:
    """Says what may have been meant when an attribute is got that does not exist."""

    __slots__ = ()

    if not TYPE_CHECKING:  # it would let through what it is there to tell

        def __getattr__(self, name: str) -> object:
            raise missing(self, name)


def _plain(name: str) -> str:
    return name.replace("_", "").lower()


def _one_error(one: str, other: str) -> bool:
    """Whether one character is wrong, missing, too many, or swapped with the next."""
    shorter, longer = sorted((one, other), key=len)
    if len(longer) - len(shorter) > 1:
        return False
    start = 0
    while start < len(shorter) and shorter[start] == longer[start]:
        start += 1
    if len(shorter) < len(longer):
        return shorter[start:] == longer[start + 1 :]
    swapped = one[start : start + 2] == other[start : start + 2][::-1]
    if swapped and one[start + 2 :] == other[start + 2 :]:
        return True
    return one[start + 1 :] == other[start + 1 :]
