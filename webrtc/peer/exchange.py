"""Offer and answer: what descriptions do to lines and transports. RFC 9429 §5, webrtc-pc §4.4.1."""

from webrtc.errors import ProtocolError
from webrtc.jsep.descriptions import RTCSessionDescription
from webrtc.jsep.local import LocalGeneration, LocalLine, LocalTransport
from webrtc.jsep.negotiation import Applied, Negotiation, Side, told
from webrtc.jsep.remote import RemoteLine, read_line
from webrtc.peer.lines import Lines, Section
from webrtc.peer.transport import Transport
from webrtc.peer.transports import Transports


class Exchange:
    """Each description takes one straight line through here: read, check, apply.

    Whatever raises does so before the first change.
    """

    def __init__(self, negotiation: Negotiation, lines: Lines, transports: Transports) -> None:
        self._negotiation = negotiation
        self._lines = lines
        self._transports = transports

    def create_offer(self, *, restart: bool) -> RTCSessionDescription:
        """Describe what is wanted."""
        self._negotiation.check_create("offer")
        placed = self._lines.placed
        new = [each for each in self._lines if each.wanted and self._lines.place(each) is None]
        if not placed and not new:
            return self._negotiation.create_offer({}, ())
        transport = self._describe_offer(placed, restart=restart)
        lines = {index: LocalLine(transport, each.describe(None)) for index, each in placed}
        if lines:
            idle = self._negotiation.idle_in_offer(lines)
            lines |= {index: LocalLine(transport, each) for index, each in idle.items()}
        added = [LocalLine(transport, section.describe(None)) for section in new]
        return self._negotiation.create_offer(lines, added)

    def create_answer(self) -> RTCSessionDescription:
        """Describe what is accepted of the peer's offer."""
        self._negotiation.check_create("answer")
        offered = self._remote_lines(self._negotiation.pending_remote)
        idle = self._negotiation.idle_in_answer([line.index for line, _ in offered])
        if not offered or idle is None:
            return self._negotiation.create_answer({})
        transport = self._describe_answer(offered[0][0])
        lines = {line.index: LocalLine(transport, each.describe(line)) for line, each in offered}
        lines |= {index: LocalLine(transport, content) for index, content in idle.items()}
        return self._negotiation.create_answer(lines)

    def set_local(self, description: RTCSessionDescription | None, now: float) -> list[Transport]:
        """Set a description of ours. Gives the transports that this has ended.

        Without SDP the offer or answer that is due is made.
        """
        if description is None or not description.sdp:
            description = self._implied(description)
        applied = self._negotiation.prepare_local(description)
        current = self._negotiation.current_local
        offer = self._negotiation.pending_remote
        self._negotiation.apply("local", applied)
        if applied.type == "offer":
            self._lines.apply(self._lines.match(applied.parsed))
            for index, _ in self._lines.placed:
                if (ours := told(applied, index)) is not None:
                    self._transports.agreement().set_offer(ours, told(current, index), now)
            return []
        for line, section in self._remote_lines(offer):
            if (ours := told(applied, line.index)) is not None:
                agreement = self._transports.agreement()
                agreement.set_answer(ours, told(current, line.index), line.transport, now)
                media = applied.parsed.media[line.index]
                section.agree(media, line, agreement.transport, now)
        return self._conclude(applied, now)

    def set_remote(self, description: RTCSessionDescription, now: float) -> list[Transport]:
        """Set a description of the peer. Gives the transports that this has ended."""
        applied = self._negotiation.prepare_remote(description)
        answer = applied.type != "offer"
        places = self._lines.match(applied.parsed)
        applied.lines = tuple(
            read_line(applied.parsed, index, answer=answer)
            for index, section in enumerate(places)
            if section is not None
        )
        ours = self._negotiation.pending_local
        for line in applied.lines:
            self._check(line, places[line.index], ours if answer else None)
        self._negotiation.apply("remote", applied)
        if not answer:
            self._lines.apply(places)
            return []
        for line, section in self._remote_lines(applied):
            if ours is not None and (known := told(ours, line.index)) is not None:
                agreement = self._transports.agreement()
                agreement.set_remote_answer(known, line.transport, now)
                section.agree(ours.parsed.media[line.index], line, agreement.transport, now)
        return self._conclude(applied, now)

    def roll_back(self, side: Side, now: float) -> None:
        """Take back the offer that is pending."""
        local = self._negotiation.pending_local is not None
        self._negotiation.roll_back(side)
        self._lines.roll_back()
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

    def _describe_offer(
        self, placed: list[tuple[int, Section]], *, restart: bool
    ) -> LocalTransport:
        known = self._told(placed[0][0]) if placed else None
        restart = known is not None and (restart or self._transports.restarts(known))
        return self._transports.agreement().describe_offer(known, restart=restart)

    def _describe_answer(self, line: RemoteLine) -> LocalTransport:
        agreement = self._transports.agreement()
        return agreement.describe_answer(self._told(line.index), line.transport)

    def _check(self, line: RemoteLine, section: Section | None, ours: Applied | None) -> None:
        if section is not None:
            section.check(line)
        current = told(self._negotiation.current_local, line.index)
        if self._transports.one is not None:
            agreement = self._transports.agreement()
            agreement.check(line.transport, told(ours, line.index), current)

    def _conclude(self, answer: Applied, now: float) -> list[Transport]:
        """After an answer: which lines stand, and whether a transport is left without any."""
        local, remote = self._negotiation.current_local, self._negotiation.current_remote
        if answer.type != "answer" or local is None or remote is None:
            return []
        pairs = zip(local.parsed.media, remote.parsed.media, strict=True)
        gone = self._lines.settle([not (one.rejected or other.rejected) for one, other in pairs])
        self._transports.handle_negotiated(self._generations(local))
        for section in gone:
            section.end(ProtocolError("data channels were refused"))
        if not gone or self._lines.placed:
            return []
        ended = self._transports.end(now)
        return [ended] if ended is not None else []

    def _remote_lines(self, applied: Applied | None) -> list[tuple[RemoteLine, Section]]:
        found = [(line, self._lines.at(line.index)) for line in applied.lines] if applied else []
        return [(line, section) for line, section in found if section is not None]

    def _told(self, index: int) -> LocalGeneration | None:
        return told(self._negotiation.local, index)

    def _generations(self, applied: Applied | None) -> list[LocalGeneration]:
        found = (told(applied, index) for index, _ in self._lines.placed)
        return [each for each in found if each is not None]
