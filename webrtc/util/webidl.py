"""Checks that a browser's bindings make before a method runs. WebIDL §3.2."""

from collections.abc import Sequence
from dataclasses import MISSING, fields
from functools import cache
from typing import Any


def fill_in(dictionary: Any) -> None:
    """Give members of a dataclass that are None the default they have: None is `undefined`."""
    kind: Any = type(dictionary)
    for name, default in _defaults(kind):
        if getattr(dictionary, name) is None:
            object.__setattr__(dictionary, name, default)


def text(name: str, value: object) -> None:
    """Raise TypeError unless `value` is a string."""
    if not isinstance(value, str):
        raise TypeError(f"{name} is a {type(value).__name__}, not a str")


def octet(name: str, value: object) -> None:
    """Raise TypeError unless `value` is 0 to 255."""
    _whole(name, value, 0xFF)


def unsigned_short(name: str, value: object) -> None:
    """Raise TypeError unless `value` is None or 0 to 65535."""
    if value is not None:
        _whole(name, value, 0xFFFF)


def unsigned_long(name: str, value: object) -> None:
    """Raise TypeError unless `value` is 0 to 2**32 - 1."""
    _whole(name, value, 0xFFFFFFFF)


def seconds(name: str, value: object) -> None:
    """Raise TypeError unless `value` is 0 to 2**53 milliseconds, an unsigned long long."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{name} is a {type(value).__name__}, not a number of seconds")
    if not 0 <= value < 2**53 / 1000:
        raise TypeError(f"{name} is {value!r:.80}, not 0 to 2**53 milliseconds")


def number(name: str, value: object) -> None:
    """Raise TypeError unless `value` is a number, a double."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{name} is a {type(value).__name__}, not a number")


def instance(name: str, value: object, kind: type, also: str = "") -> None:
    """Raise TypeError unless `value` is of `kind`; `also` names what else is accepted."""
    if not isinstance(value, kind):
        raise TypeError(f"{name} is a {type(value).__name__}, not {kind.__name__}{also}")


def one_of(name: str, value: object, values: tuple[str, ...]) -> None:
    """Raise TypeError unless `value` is one of an enumeration's."""
    if value not in values:
        raise TypeError(f"{name} is {value!r:.80}, not one of {', '.join(values)}")


def sequence(name: str, value: object, *kinds: type) -> None:
    """Raise TypeError unless `value` is a list or the like of nothing but `kinds`."""
    if not isinstance(value, Sequence) or isinstance(value, str | bytes):
        raise TypeError(f"{name} is a {type(value).__name__}, not a list")
    for each in value:
        if not isinstance(each, kinds):
            wanted = " or ".join(kind.__name__ for kind in kinds)
            raise TypeError(f"{name} holds a {type(each).__name__}, not a {wanted}")


@cache
def _defaults(kind: Any) -> tuple[tuple[str, Any], ...]:
    """The members whose default is another than None."""
    return tuple(
        (member.name, member.default)
        for member in fields(kind)
        if member.default is not MISSING and member.default is not None
    )


def _whole(name: str, value: object, maximum: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= maximum:
        raise TypeError(f"{name} is {value!r:.80}, not 0 to {maximum}")
