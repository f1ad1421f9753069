"""Which section of ours each m= line of an offer is for. RFC 9429 §5.10."""

from collections.abc import Sequence
from typing import Protocol, TypeVar

from webrtc.jsep.media import carries_media
from webrtc.sdp import SessionDescription


class Matched(Protocol):
    """What a line can be for."""

    @property
    def kind(self) -> str:
        """`audio`, `video`, or `application` for data channels."""

    @property
    def takes_lines(self) -> bool:
        """Whether a line that the peer adds may be for it.

        Of transceivers only one that `add_track` has made, and that is not stopped.
        """


SectionT = TypeVar("SectionT", bound=Matched)


def match(
    offer: SessionDescription,
    before: Sequence[SectionT | None],
    sections: Sequence[SectionT],
) -> tuple[SectionT | None, ...]:
    """The section for each line of an offer; None for a line that has none, as `unmatched` says.

    A line that stood for one of `sections` in `before` goes on to; the others take the first of
    their kind that has no line. A section of media whose line is rejected takes no other, since
    that ends it. Those that media come to are not matched unless the peer wants to receive in them.
    """
    kept = [
        section if section is not None and _suits(offer, index, section) else None
        for index, section in enumerate(before[: len(offer.media)])
    ]
    places = kept + [None] * (len(offer.media) - len(kept))
    taken = [*kept, *(each for each in before if each is not None and each.kind != "application")]
    free = [section for section in sections if section not in taken and section.takes_lines]
    for index, line in enumerate(offer.media):
        if places[index] is not None or not (line.is_data or _receives(offer, index)):
            continue
        places[index] = next((each for each in free if _suits(offer, index, each)), None)
        free = [each for each in free if each is not places[index]]
    return tuple(places)


def unmatched(offer: SessionDescription, places: Sequence[object]) -> list[int]:
    """The lines of media that nothing stands for: each is for a new transceiver.

    What is rejected, in the clear or of an unknown kind gets none.
    """
    return [
        index
        for index, section in enumerate(places)
        if section is None and carries_media(offer, index)
    ]


def _suits(offer: SessionDescription, index: int, section: Matched) -> bool:
    line = offer.media[index]
    if line.kind != section.kind:
        return False
    return carries_media(offer, index) or (line.is_data and not line.rejected)


def _receives(offer: SessionDescription, index: int) -> bool:
    return offer.direction(offer.media[index]).receives
