"""Offer and answer: what descriptions do to lines and transports. RFC 9429 §5, webrtc-pc §4.4.1."""

from collections.abc import Iterable

from webrtc.errors import ProtocolError
from webrtc.jsep import RTCSignalingState
from webrtc.jsep.checks import check_media
from webrtc.jsep.descriptions import RTCSessionDescription
from webrtc.jsep.local import LocalGeneration, LocalLine, LocalTransport
from webrtc.jsep.negotiation import Applied, Negotiation, Side, told
from webrtc.jsep.remote import RemoteLine, read_line
from webrtc.peer.agreement import Agreement
from webrtc.peer.lines import Lines, Section
from webrtc.peer.transceiver import TrackChange
from webrtc.peer.transport import Transport
from webrtc.peer.transports import Transports
from webrtc.sdp import MediaDescription


class Exchange:
    """Each description takes one straight line through here: read, check, apply.

    Whatever raises does so before the first change.
    """

    def __init__(
        self, negotiation: Negotiation, lines: Lines, transports: Transports, default_stream: str
    ) -> None:
        """`default_stream`: id of the stream of remote tracks that are in none."""
        self.changes: list[TrackChange] = []
        """What the last description has done to remote tracks."""
        self._negotiation = negotiation
        self._lines = lines
        self._transports = transports
        self._default_stream = default_stream
        self._kept: frozenset[int] = frozenset()
        self._new: list[Section] = []
        """Of the last offer created: the lines that were there, and who got the others."""
        self._refused: frozenset[int] = frozenset()
        """Of the last answer created: the lines that nobody wants. One may stay for its bundle."""

    def create_offer(self, *, restart: bool) -> RTCSessionDescription:
        """Describe what is wanted."""
        self._negotiation.check_create("offer")
        placed = self._lines.placed
        new = [each for each in self._lines if each.wanted and self._lines.place(each) is None]
        self._kept, self._new = frozenset(), new
        if not placed and not new:
            return self._negotiation.create_offer({}, ())
        transport = self._describe_offer(restart=restart)
        lines = self._describe_lines(transport, placed)
        if lines:
            idle = self._negotiation.idle_in_offer({index for index, _ in placed})
            lines |= {index: LocalLine(transport, each) for index, each in idle.items()}
        self._kept = frozenset(lines)
        contents = [(section, section.describe(None)) for section in new]
        self._new = [section for section, content in contents if content is not None]
        added = [LocalLine(transport, each) for _, each in contents if each is not None]
        return self._negotiation.create_offer(lines, added)

    def create_answer(self) -> RTCSessionDescription:
        """Describe what is accepted of the peer's offer."""
        self._negotiation.check_create("answer")
        offered = self._remote_lines(self._negotiation.pending_remote)
        self._refused = frozenset()
        if not offered:
            return self._negotiation.create_answer({})
        transport = self._describe_answer(offered[0][0])
        described = ((line, each.describe(line)) for line, each in offered)
        lines = {
            line.index: LocalLine(transport, content)
            for line, content in described
            if content is not None
        }
        self._refused = frozenset(line.index for line, _ in offered if line.index not in lines)
        idle = self._negotiation.idle_in_answer(list(lines)) if lines else {}
        if idle is None:
            return self._negotiation.create_answer({})
        lines |= {index: LocalLine(transport, content) for index, content in idle.items()}
        return self._negotiation.create_answer(lines)

    def set_local(self, description: RTCSessionDescription | None, now: float) -> list[Transport]:
        """Set a description of ours. Gives the transports that this has ended.

        Without SDP the offer or answer that is due is made.
        """
        if description is None or not description.sdp:
            description = self._implied(description)
        applied = self._negotiation.prepare_local(description)
        current, offer = self._negotiation.current_local, self._negotiation.pending_remote
        before = self._generation(current)
        media, final = applied.parsed.media, applied.type == "answer"
        self._begin(applied)
        self._negotiation.apply("local", applied)
        if applied.type == "offer":
            self._lines.apply(self._places(media))
            for index, section in self._lines.placed:
                if (ours := told(applied, index)) is not None:
                    self._transports.agreement().set_offer(ours, before, now)
                self._note(section.handle_local(media[index], answer=False, final=False))
            return []
        agreed: set[Agreement] = set()
        for line, section in self._remote_lines(offer):
            index = line.index
            if (ours := told(applied, index)) is None or index in self._refused:
                continue
            agreement = self._transports.agreement()
            if agreement not in agreed:
                agreed.add(agreement)
                agreement.set_answer(ours, before, line.transport, now)
            self._note(section.handle_local(media[index], answer=True, final=final))
            section.agree(media[index], line, agreement.transport, now)
        return self._conclude(applied, now)

    def set_remote(self, description: RTCSessionDescription, now: float) -> list[Transport]:
        """Set a description of the peer. Gives the transports that this has ended."""
        applied = self._negotiation.prepare_remote(description)
        media, answer = applied.parsed.media, applied.type != "offer"
        places = self._standing(media) if answer else self._lines.match(applied.parsed)
        applied.lines = tuple(
            read_line(applied.parsed, index, answer=answer)
            for index, section in enumerate(places)
            if section is not None
        )
        ours = self._negotiation.pending_local
        check_media(applied.lines, ours.parsed if answer and ours is not None else None)
        for line in applied.lines:
            self._check(line, places[line.index], ours if answer else None)
        self._begin(applied)
        self._negotiation.apply("remote", applied)
        if not answer:
            self._lines.apply(places)
        agreed: set[Agreement] = set()
        for line, section in self._remote_lines(applied):
            self._note(
                section.handle_remote(line, answer=answer, default_stream=self._default_stream)
            )
            if not answer or ours is None or (known := told(ours, line.index)) is None:
                continue
            agreement = self._transports.agreement()
            if agreement not in agreed:
                agreed.add(agreement)
                agreement.set_remote_answer(known, line.transport, now)
            section.agree(ours.parsed.media[line.index], line, agreement.transport, now)
        return self._conclude(applied, now) if answer else []

    def roll_back(self, side: Side, now: float) -> None:
        """Take back the offer that is pending."""
        local = self._negotiation.pending_local is not None
        self._negotiation.roll_back(side)
        self.changes = [each for each in self._lines.roll_back() if each is not None]
        if local:
            self._transports.roll_back(now)

    def restart_ice(self) -> None:
        """Replace our ICE credentials in the offers to come."""
        described = (self._negotiation.current_local, self._negotiation.pending_local)
        self._transports.restart([each for one in described for each in self._generations(one)])
        self._negotiation.outdate()

    def _implied(self, description: RTCSessionDescription | None) -> RTCSessionDescription:
        implied = self._negotiation.implied(description.type if description is not None else None)
        if implied.sdp:
            return implied
        offer = implied.type == "offer"
        created = self.create_offer(restart=False) if offer else self.create_answer()
        return RTCSessionDescription(implied.type, created.sdp)

    def _describe_lines(
        self, transport: LocalTransport, placed: Iterable[tuple[int, Section]]
    ) -> dict[int, LocalLine]:
        """Of the lines that were there those that go on."""
        described = ((index, section.describe(None)) for index, section in placed)
        return {
            index: LocalLine(transport, content)
            for index, content in described
            if content is not None
        }

    def _describe_offer(self, *, restart: bool) -> LocalTransport:
        known = self._generation(self._negotiation.local)
        restart = known is not None and (restart or self._transports.restarts(known))
        return self._transports.agreement().describe_offer(known, restart=restart)

    def _describe_answer(self, line: RemoteLine) -> LocalTransport:
        agreement = self._transports.agreement()
        known = self._generation(self._negotiation.local)
        return agreement.describe_answer(known, line.transport)

    def _places(self, media: list[MediaDescription]) -> list[Section | None]:
        """What the lines of the offer that was created last stand for."""
        new = iter(self._new)
        return [
            self._lines.at(index) if index in self._kept or line.rejected else next(new, None)
            for index, line in enumerate(media)
        ]

    def _standing(self, media: list[MediaDescription]) -> list[Section | None]:
        """What the lines of an answer stand for: nothing where it rejects."""
        return [
            None if line.rejected else self._lines.at(index) for index, line in enumerate(media)
        ]

    def _begin(self, applied: Applied) -> None:
        """All is checked: from here on everything changes."""
        self.changes = []
        if applied.type == "offer" and self._negotiation.state is RTCSignalingState.STABLE:
            self._lines.remember()

    def _note(self, change: TrackChange | None) -> None:
        if change is not None:
            self.changes.append(change)

    def _check(self, line: RemoteLine, section: Section | None, ours: Applied | None) -> None:
        if section is not None:
            section.check(line, answer=ours is not None)
        if self._transports.one is not None:
            agreement, current = self._transports.agreement(), self._negotiation.current_local
            agreement.check(line.transport, told(ours, line.index), self._generation(current))

    def _conclude(self, answer: Applied, now: float) -> list[Transport]:
        """After an answer: which lines stand, and whether a transport is left without any."""
        local, remote = self._negotiation.current_local, self._negotiation.current_remote
        if answer.type != "answer" or local is None or remote is None:
            return []
        refused = self._refused if answer is local else ()
        pairs = enumerate(zip(local.parsed.media, remote.parsed.media, strict=True))
        gone = self._lines.settle(
            [not (i in refused or one.rejected or other.rejected) for i, (one, other) in pairs]
        )
        self._transports.handle_negotiated(self._generations(local))
        for section in gone:
            self._note(section.end(ProtocolError("data channels were refused"), now))
            self._lines.drop(section)
        if not gone or self._lines.placed:
            return []
        ended = self._transports.end(now)
        return [ended] if ended is not None else []

    def _remote_lines(self, applied: Applied | None) -> list[tuple[RemoteLine, Section]]:
        found = [(line, self._lines.at(line.index)) for line in applied.lines] if applied else []
        return [(line, section) for line, section in found if section is not None]

    def _generation(self, applied: Applied | None) -> LocalGeneration | None:
        """What a description of ours says of the transport, which a line that is new shares."""
        return next(iter(self._generations(applied)), None)

    def _generations(self, applied: Applied | None) -> list[LocalGeneration]:
        found = (told(applied, index) for index, _ in self._lines.placed)
        return [each for each in found if each is not None]
