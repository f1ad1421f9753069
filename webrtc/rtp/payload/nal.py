"""NAL units into payloads, as far as H.264 and H.265 do the same."""

from collections.abc import Callable, Iterable


def pack(
    units: Iterable[bytes],
    size: int,
    header: int,
    aggregate: Callable[[list[bytes]], bytes],
    cut: Callable[[bytes, int], Iterable[bytes]],
) -> list[bytes]:
    """Payloads of at most `size` bytes, each with as many units as fit, or with a part of one.

    `aggregate` puts units behind a payload header of `header` bytes, each behind its length in two
    bytes; `cut` makes the payloads of a unit that is longer than `size`.
    """
    payloads: list[bytes] = []
    together: list[bytes] = []
    length = header

    def close() -> None:
        if together:
            payloads.append(together[0] if len(together) == 1 else aggregate(together))
            together.clear()

    for unit in units:
        if length + 2 + len(unit) > size:
            close()
            length = header
        if len(unit) > size:
            payloads += cut(unit, size)
        else:
            together.append(unit)
            length += 2 + len(unit)
    close()
    return payloads
