"""Which section of ours each m= line of an offer is for. RFC 9429 §5.10."""

from collections.abc import Sequence
from typing import Protocol, TypeVar

from webrtc.sdp import MediaDescription


class Matched(Protocol):
    """What a line can be for."""

    @property
    def kind(self) -> str:
        """`application` for data channels."""


SectionT = TypeVar("SectionT", bound=Matched)


def match(
    media: Sequence[MediaDescription],
    before: Sequence[SectionT | None],
    sections: Sequence[SectionT],
) -> tuple[SectionT | None, ...]:
    """The section for each line of an offer; None for a line that is rejected or not understood.

    A line that stood for one of `sections` in `before` goes on to, the others take the first of
    their kind that has no line.
    """
    kept = [
        section if section is not None and _suits(line, section) else None
        for line, section in zip(media, before, strict=False)
    ]
    places = kept + [None] * (len(media) - len(kept))
    free = [section for section in sections if section not in kept]
    for index, line in enumerate(media):
        if places[index] is None:
            places[index] = next((each for each in free if _suits(line, each)), None)
            free = [each for each in free if each is not places[index]]
    return tuple(places)


def _suits(line: MediaDescription, section: Matched) -> bool:
    return line.is_data and not line.rejected and line.kind == section.kind
