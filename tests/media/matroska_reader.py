"""Elements of a Matroska file, read strictly: what players overlook is an error here."""

from collections.abc import Iterator
from typing import NamedTuple

MASTERS = {0x1A45DFA3, 0x18538067, 0x114D9B74, 0x4DBB, 0x1549A966, 0x1654AE6B, 0xAE, 0xE0, 0xE1}
MASTERS |= {0x1F43B675, 0x1C53BB6B, 0xBB, 0xB7}
SEGMENT, CLUSTER = 0x18538067, 0x1F43B675
UNKNOWN = 2**56 - 1


class Element(NamedTuple):
    """One element with those in it, or with its data."""

    id: int
    place: int
    """Of its first byte in the file."""
    content: int
    """Where what it contains begins."""
    data: bytes
    children: "list[Element]"
    sized: bool

    def all(self, id_: int) -> "Iterator[Element]":
        """Those with this id, at any depth, in order."""
        for child in self.children:
            if child.id == id_:
                yield child
            yield from child.all(id_)

    def one(self, id_: int) -> "Element":
        (found,) = self.all(id_)
        return found

    @property
    def uint(self) -> int:
        return int.from_bytes(self.data, "big")


def elements(data: bytes, place: int = 0, end: int | None = None) -> list[Element]:
    """All elements of a file, or between two places of it."""
    found: list[Element] = []
    end = len(data) if end is None else end
    while place < end:
        element, following = _element(data, place, end)
        found.append(element)
        place = following
    assert place == end
    return found


def _element(data: bytes, place: int, end: int) -> tuple[Element, int]:
    id_length = 9 - data[place].bit_length()
    id_ = int.from_bytes(data[place : place + id_length], "big")
    at = place + id_length
    size_length = 9 - data[at].bit_length()
    size = int.from_bytes(data[at : at + size_length], "big") & (1 << 7 * size_length) - 1
    content = at + size_length
    sized = size != UNKNOWN
    stop = content + size
    if not sized:
        following = data.find(CLUSTER.to_bytes(4, "big"), content) if id_ == CLUSTER else -1
        stop = end if following < 0 else following
    assert stop <= end
    children = elements(data, content, stop) if id_ in MASTERS else []
    return Element(id_, place, content, data[content:stop], children, sized), stop
