"""The m= lines of the session, and the sections that they stand for."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from webrtc.errors import ProtocolError
from webrtc.jsep.local import LocalData
from webrtc.jsep.matching import match
from webrtc.jsep.remote import RemoteLine
from webrtc.peer.transport import Transport
from webrtc.sdp import MediaDescription, SessionDescription


class Section(Protocol):
    """What one m= line can be for.

    Whatever can fail is in `check`; what follows it changes the section and cannot fail.
    """

    @property
    def kind(self) -> str:
        """`application` for data channels."""

    @property
    def takes_lines(self) -> bool:
        """Whether a line that the peer adds may be for it."""

    @property
    def wanted(self) -> bool:
        """Whether there has to be a line for it."""

    def describe(self, offered: RemoteLine | None) -> LocalData:
        """The content of an offer, or of the answer to `offered`."""

    def check(self, remote: RemoteLine) -> None:
        """Raise InvalidAccessError for a line of the peer that cannot be."""

    def agree(
        self, told: MediaDescription, remote: RemoteLine, transport: Transport, now: float
    ) -> None:
        """An answer was set: `told` is ours of the two lines, `transport` is under both."""

    def roll_back(self) -> None:
        """The offer that brought it its line was taken back."""

    def end(self, reason: ProtocolError) -> None:
        """The line was rejected."""


class Lines:
    """Which line stands for which section. An answer makes it stand, a rollback puts it back."""

    def __init__(self, *sections: Section) -> None:
        self._sections = sections
        self._stable: tuple[Section | None, ...] = ()
        self._places: tuple[Section | None, ...] = ()

    def __iter__(self) -> Iterator[Section]:
        """The sections in order of creation."""
        return iter(self._sections)

    @property
    def placed(self) -> list[tuple[int, Section]]:
        """The lines that stand for a section, with it."""
        return [(index, each) for index, each in enumerate(self._places) if each is not None]

    @property
    def lacking(self) -> bool:
        """Whether a section has no line that it needs."""
        return any(each.wanted and each not in self._stable for each in self._sections)

    def at(self, index: int) -> Section | None:
        """The section that a line stands for."""
        return self._places[index] if index < len(self._places) else None

    def place(self, section: Section) -> int | None:
        """The line that stands for a section."""
        return self._places.index(section) if section in self._places else None

    def match(self, offer: SessionDescription) -> tuple[Section | None, ...]:
        """What the lines of an offer would stand for. It changes nothing."""
        return match(offer, self._places, self._sections)

    def apply(self, places: tuple[Section | None, ...]) -> None:
        """An offer with these lines was set."""
        self._places = places

    def roll_back(self) -> None:
        """The offer was taken back."""
        for section in self._places:
            if section is not None and section not in self._stable:
                section.roll_back()
        self._places = self._stable

    def settle(self, accepted: Sequence[bool]) -> list[Section]:
        """An answer was set. Gives the sections that have lost their line."""
        before = {*self._stable, *self._places} - {None}
        self._places = tuple(
            section if kept else None for section, kept in zip(self._places, accepted, strict=True)
        )
        self._stable = self._places
        return [each for each in self._sections if each in before and each not in self._places]
