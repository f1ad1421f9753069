"""Text as data channels carry it: UTF-8 of what W3C calls a USVString. WebIDL §3.2.12."""


def scalar(value: str) -> str:
    """`value` with U+FFFD in place of every lone surrogate, which has no UTF-8."""
    return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def to_utf8(value: str) -> bytes:
    """UTF-8 of `value`, made a USVString if it is none."""
    try:
        return value.encode()
    except UnicodeEncodeError:
        return scalar(value).encode()
