"""Checks that a browser's bindings make before a method runs. WebIDL §3.2."""


def text(name: str, value: object) -> None:
    """Raise TypeError unless `value` is a string."""
    if not isinstance(value, str):
        raise TypeError(f"{name} is a {type(value).__name__}, not a str")


def unsigned_short(name: str, value: object) -> None:
    """Raise TypeError unless `value` is None or 0 to 65535."""
    if value is not None and not (isinstance(value, int) and 0 <= value <= 0xFFFF):
        raise TypeError(f"{name} is {value!r:.80}, not 0 to 65535")


def unsigned_long(name: str, value: object) -> None:
    """Raise TypeError unless `value` is 0 to 2**32 - 1."""
    if not isinstance(value, int) or not 0 <= value < 2**32:
        raise TypeError(f"{name} is {value!r:.80}, not 0 to {2**32 - 1}")


def one_of(name: str, value: object, values: tuple[str, ...]) -> None:
    """Raise TypeError unless `value` is one of an enumeration's."""
    if value not in values:
        raise TypeError(f"{name} is {value!r:.80}, not one of {', '.join(values)}")
