"""Two sides that negotiate media by pure functions, with transports that are only names."""

from dataclasses import dataclass, replace

from tests.jsep.lines import local
from tests.jsep.terms import wishes
from webrtc.engine import Kind
from webrtc.ice.credentials import Credentials
from webrtc.jsep import Negotiation, RTCSessionDescription
from webrtc.jsep.agreed import AgreedMedia, agree
from webrtc.jsep.bundle import Policy, answered_lines, offered_seats, settled_lines
from webrtc.jsep.checks import check_media
from webrtc.jsep.local import LocalGeneration, LocalLine, LocalTransport
from webrtc.jsep.matching import match, unmatched
from webrtc.jsep.media import MediaTerms, read_media
from webrtc.jsep.remote import RemoteLine, read_line
from webrtc.jsep.wishes import Wishes, answered_terms, offered_terms
from webrtc.sdp import Direction, SessionDescription, Setup


@dataclass(eq=False)
class Track:
    """Stands for a transceiver."""

    wishes: Wishes
    takes_lines: bool = True
    stopped: bool = False
    agreed: AgreedMedia | None = None
    answered: MediaTerms | None = None

    @property
    def kind(self) -> Kind:
        return self.wishes.kind


class Side:
    """A connection without anything below descriptions."""

    def __init__(self, name: str, policy: Policy = "balanced") -> None:
        self.negotiation = Negotiation(1)
        self.tracks: list[Track] = []
        self.places: list[Track | None] = []
        self.transports: dict[int, str] = {}
        """The name of the transport of each line."""
        self.policy = policy
        self._name = name

    def add(self, kind: Kind, direction: Direction = Direction.SENDRECV) -> Track:
        track = Track(wishes(kind, direction))
        self.tracks.append(track)
        return track

    def offer(self) -> RTCSessionDescription:
        """Create and set an offer."""
        standing = {
            index: track
            for index, track in enumerate(self.places)
            if track is not None and not track.stopped
        }
        new = [each for each in self.tracks if each not in self.places and not each.stopped]
        free = self.negotiation.new_places(standing)
        placed = standing | dict(zip(free, new, strict=False))
        count = max([len(self.places), *(index + 1 for index in placed)])
        kinds = [placed[index].kind if index in placed else None for index in range(count)]
        answer = self._last_answer()
        settled, tag = settled_lines(answer) if answer is not None else ({}, None)
        settled = {index: line for index, line in settled.items() if index in standing}
        seats = offered_seats(kinds, self.policy, settled, tag)
        lines = {}
        for index, track in placed.items():
            name = self.transports.get(seats[index].line, f"{self._name}{seats[index].line}")
            self.transports[index] = name
            numbers = self.negotiation.numbers
            terms = offered_terms(track.wishes, numbers, track.answered)
            lines[index] = LocalLine(transport(name), terms, seats[index].bundle_only)
        kept = {index: line for index, line in lines.items() if index in standing}
        added = [lines[index] for index in lines if index not in standing]
        created = self.negotiation.create_offer(kept, added)
        self.negotiation.apply("local", self.negotiation.prepare_local(created))
        self.places = [placed.get(index) for index in range(count)]
        return created

    def answer(self, offer: RTCSessionDescription) -> RTCSessionDescription:
        """Set an offer of the peer, create and set the answer."""
        applied = self.negotiation.prepare_remote(offer)
        parsed = applied.parsed
        places = list(match(parsed, self.places, self.tracks))
        remote = self._read(parsed, None)
        self.negotiation.apply("remote", applied)
        for index in unmatched(parsed, places):
            kind: Kind = "audio" if parsed.media[index].kind == "audio" else "video"
            places[index] = self.add(kind, Direction.RECVONLY)
        for track in self.places:
            if track is not None and track not in places:
                track.stopped = True
        self.places = places
        contents = {
            index: terms
            for index, track in enumerate(places)
            if track is not None
            and not track.stopped
            and (terms := answered_terms(track.wishes, remote[index].media)) is not None
        }
        idle = self.negotiation.idle_in_answer(contents) or {}
        lines = answered_lines(parsed, contents | idle, self.policy, self.negotiation.standing)
        self.transports = {
            index: self.transports.get(line, f"{self._name}{line}") for index, line in lines.items()
        }
        told = {
            index: LocalLine(
                transport(self.transports[index], Setup.ACTIVE), contents.get(index) or idle[index]
            )
            for index in lines
        }
        created = self.negotiation.create_answer(told)
        self._conclude("local", self.negotiation.prepare_local(created).parsed, parsed, created)
        return created

    def accept(self, answer: RTCSessionDescription) -> None:
        """Set the answer of the peer."""
        parsed = self.negotiation.prepare_remote(answer).parsed
        assert self.negotiation.pending_local is not None
        ours = self.negotiation.pending_local.parsed
        self._read(parsed, ours)
        settled, _ = settled_lines(parsed)
        self.transports = {index: self.transports[line] for index, line in settled.items()}
        self._conclude("remote", ours, parsed, answer)

    def _conclude(
        self,
        side: str,
        ours: SessionDescription,
        theirs: SessionDescription,
        answer: RTCSessionDescription,
    ) -> None:
        negotiation = self.negotiation
        if side == "local":
            negotiation.apply("local", negotiation.prepare_local(answer))
        else:
            negotiation.apply("remote", negotiation.prepare_remote(answer))
        for index, track in enumerate(self.places):
            if track is None:
                continue
            one, other = ours.media[index], theirs.media[index]
            if one.rejected or other.rejected:
                self.places[index], track.stopped = None, True
                continue
            mine, yours = read_media(ours, one), read_media(theirs, other)
            track.agreed = agree(mine, yours)
            track.answered = mine if side == "local" else yours

    def _read(
        self, parsed: SessionDescription, offer: SessionDescription | None
    ) -> dict[int, RemoteLine]:
        lines = {
            index: read_line(parsed, index, answer=offer is not None)
            for index, media in enumerate(parsed.media)
            if not media.rejected
        }
        check_media(lines.values(), offer)
        return lines

    def _last_answer(self) -> SessionDescription | None:
        for applied in (self.negotiation.current_local, self.negotiation.current_remote):
            if applied is not None and applied.type == "answer":
                return applied.parsed
        return None


def transport(name: str, setup: Setup = Setup.ACTPASS) -> LocalTransport:
    """One whose credentials are its name."""
    generation = LocalGeneration(Credentials(f"{name:_<4}", "p" * 24))
    return replace(local(setup).transport, generation=generation)


def exchange(one: Side, other: Side) -> tuple[SessionDescription, SessionDescription]:
    """One offers and the other answers: what both read."""
    offer = one.offer()
    answer = other.answer(offer)
    one.accept(answer)
    return SessionDescription.parse(offer.sdp), SessionDescription.parse(answer.sdp)
