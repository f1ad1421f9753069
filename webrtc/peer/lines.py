"""The m= lines of the session, and the sections that they stand for."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from webrtc.errors import ProtocolError
from webrtc.jsep.local import LocalData
from webrtc.jsep.matching import match, unmatched
from webrtc.jsep.media import MediaTerms
from webrtc.jsep.remote import RemoteLine
from webrtc.peer.transceiver import TrackChange
from webrtc.peer.transport import Transport
from webrtc.sdp import MediaDescription, SessionDescription


class Section(Protocol):
    """What one m= line can be for.

    Whatever can fail is in `check`; what follows it changes the section and cannot fail. What a
    description does to a remote track is given back.
    """

    @property
    def kind(self) -> str:
        """`audio`, `video`, or `application` for data channels."""

    @property
    def wanted(self) -> bool:
        """Whether there has to be a line for it."""

    @property
    def takes_lines(self) -> bool:
        """Whether a line that the peer adds may be for it."""

    def describe(self, offered: RemoteLine | None) -> LocalData | MediaTerms | None:
        """The content of an offer, or of the answer to `offered`; None rejects the line."""

    def check(self, remote: RemoteLine, *, answer: bool) -> None:
        """Raise InvalidAccessError for a line of the peer that cannot be."""

    def remember(self) -> None:
        """An offer is about to be set: a rollback comes back to this."""

    def handle_local(
        self, told: MediaDescription, *, answer: bool, final: bool
    ) -> TrackChange | None:
        """Our description was set; `told` is the line. `final` unless it is provisional."""

    def handle_remote(
        self, remote: RemoteLine, *, answer: bool, default_stream: str
    ) -> TrackChange | None:
        """The peer's description was set. `default_stream` is that of tracks without one."""

    def agree(
        self, told: MediaDescription, remote: RemoteLine, transport: Transport, now: float
    ) -> None:
        """An answer was set: `told` is ours of the two lines, `transport` is under both."""

    def roll_back(self, *, placed: bool) -> TrackChange | None:
        """An offer was taken back; `placed` says that it was the one that had brought its line."""

    def end(self, reason: ProtocolError, now: float) -> TrackChange | None:
        """The line was rejected."""

    def outdated(self, local: SessionDescription, offered: RemoteLine | None, index: int) -> bool:
        """Whether the line at `index` of our description in effect says no longer what is wanted.

        `offered` is the peer's line where ours is an answer.
        """


class Sections(Protocol):
    """Those that come and go: audio and video."""

    @property
    def default_stream(self) -> str:
        """Id of the stream of remote tracks that are in none."""

    def __iter__(self) -> Iterator[Section]:
        """In order of creation."""

    def make(self, kind: str) -> Section:
        """One for a line that the peer offers and that no other is for."""

    def adopt(self, section: Section) -> None:
        """Its line was set."""

    def drop(self, section: Section) -> None:
        """It has lost its line for good, or its offer was taken back."""


class Lines:
    """Which line stands for which section. An answer makes it stand, a rollback puts it back."""

    def __init__(self, media: Sections, data: Section) -> None:
        self._media = media
        self._data = data
        self._stable: tuple[Section | None, ...] = ()
        self._places: tuple[Section | None, ...] = ()

    def __iter__(self) -> Iterator[Section]:
        """The sections in the order of a first offer: data comes last."""
        yield from self._media
        yield self._data

    @property
    def placed(self) -> list[tuple[int, Section]]:
        """The lines that stand for a section, with it."""
        return [(index, each) for index, each in enumerate(self._places) if each is not None]

    @property
    def settled(self) -> list[tuple[int, Section]]:
        """The same as the last answer has it."""
        return [(index, each) for index, each in enumerate(self._stable) if each is not None]

    @property
    def lacking(self) -> bool:
        """Whether a section has no line that it needs."""
        return any(each.wanted and each not in self._stable for each in self)

    def at(self, index: int) -> Section | None:
        """The section that a line stands for."""
        return self._places[index] if index < len(self._places) else None

    def place(self, section: Section) -> int | None:
        """The line that stands for a section."""
        return self._places.index(section) if section in self._places else None

    def match(self, offer: SessionDescription) -> tuple[Section | None, ...]:
        """What the lines of the peer's offer would stand for. It changes nothing."""
        places = list(match(offer, self._places, tuple(self)))
        for index in unmatched(offer, places):
            places[index] = self._media.make(offer.media[index].kind)
        return tuple(places)

    def remember(self) -> None:
        """An offer is about to be set."""
        for each in self:
            each.remember()

    def apply(self, places: Sequence[Section | None]) -> None:
        """An offer with these lines was set."""
        known = set(self)
        for each in places:
            if each is not None and each not in known:
                self._media.adopt(each)
        self._places = tuple(places)

    def roll_back(self) -> list[TrackChange | None]:
        """The offer was taken back; who was there only for it is dropped."""
        changes = []
        for _, each in self.placed:
            placed = each not in self._stable
            changes.append(each.roll_back(placed=placed))
            if placed and not each.wanted:
                self.drop(each)
        self._places = self._stable
        return changes

    def settle(self, accepted: Sequence[bool]) -> list[Section]:
        """An answer was set. Gives the sections that have lost their line."""
        before = {*self._stable, *self._places} - {None}
        self._places = tuple(
            section if kept else None for section, kept in zip(self._places, accepted, strict=True)
        )
        self._stable = self._places
        return [each for each in self if each in before and each not in self._places]

    def drop(self, section: Section) -> None:
        """Forget a section that has lost its line for good; that of data stays."""
        if section is not self._data:
            self._media.drop(section)
