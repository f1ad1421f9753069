"""Which header extensions an offer has, and which an answer takes. RFC 8285 §7."""

from collections.abc import Iterable
from typing import Final

from webrtc.engine import HeaderExtension
from webrtc.jsep.numbers import Numbers
from webrtc.sdp import Direction
from webrtc.sdp.attributes import ExtMap

_LAST_SHORT_ID: Final = 14
_LAST_ID: Final = 255


def offered_extensions(
    wanted: Iterable[HeaderExtension], numbers: Numbers, *, mixed: bool
) -> tuple[ExtMap, ...]:
    """The header extensions of an offer under their ids in the session.

    `mixed` says that the peer allows the long form, so that there are more than 14 ids.
    """
    found = (
        (numbers.extension_id(each.uri, mixed=mixed), each)
        for each in wanted
        if each.offered and each.direction is not Direction.INACTIVE
    )
    return tuple(_extmap(id_, each.uri, each.direction) for id_, each in found if id_ is not None)


def answered_extensions(
    wanted: Iterable[HeaderExtension], offered: Iterable[ExtMap], *, mixed: bool
) -> tuple[ExtMap, ...]:
    """Those of the offer that are wanted, under its ids, each in the direction that both allow."""
    directions = {each.uri: each.direction for each in wanted}
    taken: dict[str, ExtMap] = {}
    last = _LAST_ID if mixed else _LAST_SHORT_ID
    for each in offered:
        direction = directions.get(each.uri, Direction.INACTIVE).intersect(_turned(each))
        if each.id <= last and direction is not Direction.INACTIVE:
            taken.setdefault(each.uri, _extmap(each.id, each.uri, direction))
    return tuple(taken.values())


def common_extensions(ours: Iterable[ExtMap], theirs: Iterable[ExtMap]) -> tuple[ExtMap, ...]:
    """Those that both descriptions have under one id, each in the direction as we see it."""
    turned = {(each.id, each.uri): _turned(each) for each in theirs}
    common = (
        (each, turned.get((each.id, each.uri), Direction.INACTIVE).intersect(_direction(each)))
        for each in ours
    )
    return tuple(
        ExtMap(each.id, each.uri, direction)
        for each, direction in common
        if direction is not Direction.INACTIVE
    )


def _extmap(id_: int, uri: str, direction: Direction) -> ExtMap:
    return ExtMap(id_, uri, None if direction is Direction.SENDRECV else direction)


def _direction(extension: ExtMap) -> Direction:
    return extension.direction or Direction.SENDRECV


def _turned(extension: ExtMap) -> Direction:
    """The direction of a peer's line as we see it."""
    return _direction(extension).reversed()
