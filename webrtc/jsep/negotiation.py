"""The offer/answer state machine: which description may be set when. RFC 9429 §3.2, §4.1."""

from collections.abc import Collection, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal

from webrtc.errors import InvalidModificationError, InvalidStateError
from webrtc.jsep.answer import build_answer
from webrtc.jsep.bundle import idle_sections, negotiated_mids
from webrtc.jsep.checks import compare
from webrtc.jsep.descriptions import ReadDescription, RTCSdpType, RTCSessionDescription
from webrtc.jsep.local import LocalGeneration, LocalIdle, LocalLine, read_generation, read_idle
from webrtc.jsep.numbers import Numbers
from webrtc.jsep.offer import build_offer, new_places
from webrtc.jsep.remote import RemoteLine
from webrtc.sdp import SessionDescription
from webrtc.sdp.fields import Origin

Side = Literal["local", "remote"]


class RTCSignalingState(StrEnum):
    """webrtc-pc §4.3.1."""

    STABLE = "stable"
    HAVE_LOCAL_OFFER = "have-local-offer"
    HAVE_REMOTE_OFFER = "have-remote-offer"
    HAVE_LOCAL_PRANSWER = "have-local-pranswer"
    HAVE_REMOTE_PRANSWER = "have-remote-pranswer"
    CLOSED = "closed"


State = RTCSignalingState

_TRANSITIONS: dict[tuple[State, Side, RTCSdpType], State] = {
    (State.STABLE, "local", "offer"): State.HAVE_LOCAL_OFFER,
    (State.STABLE, "remote", "offer"): State.HAVE_REMOTE_OFFER,
    (State.HAVE_LOCAL_OFFER, "local", "offer"): State.HAVE_LOCAL_OFFER,
    (State.HAVE_LOCAL_OFFER, "remote", "answer"): State.STABLE,
    (State.HAVE_LOCAL_OFFER, "remote", "pranswer"): State.HAVE_REMOTE_PRANSWER,
    (State.HAVE_LOCAL_OFFER, "local", "rollback"): State.STABLE,
    (State.HAVE_LOCAL_OFFER, "remote", "rollback"): State.STABLE,
    (State.HAVE_REMOTE_OFFER, "remote", "offer"): State.HAVE_REMOTE_OFFER,
    (State.HAVE_REMOTE_OFFER, "local", "answer"): State.STABLE,
    (State.HAVE_REMOTE_OFFER, "local", "pranswer"): State.HAVE_LOCAL_PRANSWER,
    (State.HAVE_REMOTE_OFFER, "local", "rollback"): State.STABLE,
    (State.HAVE_REMOTE_OFFER, "remote", "rollback"): State.STABLE,
    (State.HAVE_LOCAL_PRANSWER, "local", "pranswer"): State.HAVE_LOCAL_PRANSWER,
    (State.HAVE_LOCAL_PRANSWER, "local", "answer"): State.STABLE,
    (State.HAVE_REMOTE_PRANSWER, "remote", "pranswer"): State.HAVE_REMOTE_PRANSWER,
    (State.HAVE_REMOTE_PRANSWER, "remote", "answer"): State.STABLE,
}
_OWN_MIDS: Final = tuple(map(str, range(1000)))
"""At most 3 bytes: RFC 9429 §5.2.1."""
_SHORT_MIDS: Final = frozenset(_OWN_MIDS)
_OFFERING = {State.STABLE, State.HAVE_LOCAL_OFFER}
_ANSWERING = {State.HAVE_REMOTE_OFFER, State.HAVE_LOCAL_PRANSWER}


@dataclass(slots=True)
class Applied:
    """A description that was set, with its parsed form."""

    type: RTCSdpType
    parsed: SessionDescription
    lines: tuple[RemoteLine, ...] = ()
    """What the peer says in the sections that stand for ours."""

    @property
    def description(self) -> RTCSessionDescription:
        """As the application sees it, candidates added since included."""
        return RTCSessionDescription(self.type, str(self.parsed))


class Negotiation:
    """Makes, checks and keeps descriptions, and moves between the signalling states.

    It decides nothing about sections and transports: it is told what is to be described.
    """

    def __init__(self, session_id: int) -> None:
        self.state = State.STABLE
        self.current_local: Applied | None = None
        self.current_remote: Applied | None = None
        self.pending_local: Applied | None = None
        self.pending_remote: Applied | None = None
        self.numbers = Numbers()
        """What payload types and ids of header extensions stand for in this session."""
        self._origin = Origin(session_id, 0)
        self._mids: set[str] = set()
        self._last_offer = ""
        self._last_answer = ""
        self._built: dict[RTCSdpType, SessionDescription] = {}
        self._outdated = False

    @property
    def local(self) -> Applied | None:
        return self.pending_local or self.current_local

    @property
    def remote(self) -> Applied | None:
        return self.pending_remote or self.current_remote

    @property
    def local_description(self) -> RTCSessionDescription | None:
        return _description(self.local)

    @property
    def current_local_description(self) -> RTCSessionDescription | None:
        return _description(self.current_local)

    @property
    def pending_local_description(self) -> RTCSessionDescription | None:
        return _description(self.pending_local)

    @property
    def remote_description(self) -> RTCSessionDescription | None:
        return _description(self.remote)

    @property
    def current_remote_description(self) -> RTCSessionDescription | None:
        return _description(self.current_remote)

    @property
    def pending_remote_description(self) -> RTCSessionDescription | None:
        return _description(self.pending_remote)

    @property
    def can_trickle_ice_candidates(self) -> bool | None:
        """Whether the peer takes trickled candidates; None before its description."""
        if self.remote is None:
            return None
        parsed = self.remote.parsed
        return any("trickle" in parsed.ice_options(each) for each in parsed.media)

    @property
    def standing(self) -> frozenset[str]:
        """The mids of the sections that both sides have accepted."""
        ours, theirs = (
            {media.mid for media in each.parsed.media if not media.rejected} if each else set()
            for each in (self.current_local, self.current_remote)
        )
        return frozenset(mid for mid in ours & theirs if mid is not None)

    @property
    def offers_data(self) -> bool:
        """Whether an offer of either side, yet to be answered, has data channels."""
        return any(
            media.is_data and not media.rejected
            for applied in (self.pending_local, self.pending_remote)
            if applied is not None and applied.type == "offer"
            for media in applied.parsed.media
        )

    def check_create(self, type_: Literal["offer", "answer"]) -> None:
        """Raise InvalidStateError unless such a description can be created now."""
        if self.state not in (_OFFERING if type_ == "offer" else _ANSWERING):
            raise InvalidStateError(f'create_{type_}() in signaling state "{self.state}"')

    def create_offer(
        self, lines: Mapping[int, LocalLine], new: Sequence[LocalLine]
    ) -> RTCSessionDescription:
        """Describe what is wanted: `lines` in their places, and `new` ones."""
        before = self.local.parsed if self.local is not None else None
        mids = self._new_mids()
        offer = build_offer(self._next_origin(), before, lines, new, self._free, mids)
        self._last_offer, self._outdated = str(offer), False
        self._built["offer"] = offer
        return RTCSessionDescription("offer", self._last_offer)

    def new_places(self, kept: Container[int]) -> Iterator[int]:
        """Where `create_offer` puts new sections beside those in the `kept` places."""
        count = len(self.local.parsed.media) if self.local is not None else 0
        return new_places(count, kept, self._free)

    def create_answer(self, lines: Mapping[int, LocalLine]) -> RTCSessionDescription:
        """Describe what is accepted of the peer's offer. Raises InvalidStateError without one."""
        offer = self.pending_remote
        if offer is None:
            raise InvalidStateError("create_answer() without an offer")
        answer = build_answer(self._next_origin(), offer.parsed, lines, self.standing)
        self._last_answer, self._outdated = str(answer), False
        self._built["answer"] = answer
        return RTCSessionDescription("answer", self._last_answer)

    def outdate(self) -> None:
        """What was created describes no longer what is wanted; it can still be set."""
        self._outdated = True

    def implied(self, type_: RTCSdpType | None) -> RTCSessionDescription:
        """What `set_local_description` without SDP means; its SDP is empty if yet to be created.

        Raises InvalidStateError when no such description is due.
        """
        if type_ is None:
            type_ = "answer" if self.state in _ANSWERING else "offer"
        self._check("local", type_)
        created = self._last_offer if type_ == "offer" else self._last_answer
        return RTCSessionDescription(type_, "" if self._outdated else created)

    def prepare_local(self, description: RTCSessionDescription) -> Applied:
        """Check a description of ours before it is set.

        Raises InvalidModificationError when it is not the last one created, InvalidStateError
        when it cannot be set now.
        """
        created = self._last_offer if description.type == "offer" else self._last_answer
        if description.sdp != created:
            raise InvalidModificationError(
                f"the {description.type} is not the one that was created last"
            )
        self._check("local", description.type)
        # Candidates will be added to it: what is set a second time begins without them.
        built = self._built.pop(description.type, None)
        return Applied(description.type, built or SessionDescription.parse(created))

    def prepare_remote(self, description: RTCSessionDescription) -> Applied:
        """Read and check a description of the peer before it is set.

        Raises SdpError, InvalidStateError when it cannot be set now, InvalidAccessError when it
        contradicts itself or what went before.
        """
        self._check("remote", description.type)
        if not isinstance(description, ReadDescription):
            description = ReadDescription.read(description)
        parsed = description.parsed
        answer = description.type != "offer"
        before = self.pending_local if answer else self.remote
        old = before.parsed if before is not None else None
        compare(parsed, old, answer=answer, free=self._free)
        return Applied(description.type, parsed)

    def allows(self, side: Side, type_: RTCSdpType) -> bool:
        """Whether a description of this type can be set now."""
        return (self.state, side, type_) in _TRANSITIONS

    def apply(self, side: Side, applied: Applied) -> None:
        """Set a description that was prepared."""
        state = self._check(side, applied.type)
        self.numbers.note(applied.parsed)
        self._mids.update(mid for each in applied.parsed.media if (mid := each.mid) in _SHORT_MIDS)
        if applied.type == "answer":
            self._complete(side, applied)
        elif side == "local":
            self.pending_local = applied
        else:
            self.pending_remote = applied
            if applied.type == "offer":
                self._last_answer = ""
        self.state = state

    def roll_back(self, side: Side) -> None:
        """Forget the pending descriptions. Raises InvalidStateError unless there is an offer."""
        self.state = self._check(side, "rollback")
        self.pending_local = self.pending_remote = None
        self.outdate()

    def idle_in_offer(self, used: Collection[int]) -> dict[int, LocalIdle]:
        """What stands in the descriptions of both sides beside the places that are `used`."""
        standing = self.local.parsed.media if self.local is not None else ()
        taken = {*used, *self._free}
        return {
            index: read_idle(media)
            for index, media in enumerate(standing)
            if index not in taken and not media.rejected
        }

    def idle_in_answer(self, used: Collection[int]) -> dict[int, LocalIdle] | None:
        """What has to be accepted of the peer's offer beside the places that are `used`.

        None when that is impossible, so that all of the bundle has to be rejected.
        """
        offer = self.pending_remote
        if offer is None:
            return None
        if len(used) == len(offer.parsed.media):
            return {}
        local, remote = self.current_local, self.current_remote
        bundled: frozenset[str] = frozenset()
        if local is not None and remote is not None:
            bundled = negotiated_mids(local.parsed, remote.parsed)
        found = idle_sections(offer.parsed, used, bundled)
        return None if found is None else {i: read_idle(offer.parsed.media[i]) for i in found}

    @property
    def _free(self) -> set[int]:
        """The places whose sections one side has rejected: they can be used again."""
        return {
            index
            for applied in (self.current_local, self.current_remote)
            for index, media in enumerate(applied.parsed.media if applied is not None else ())
            if media.rejected
        }

    def _check(self, side: Side, type_: RTCSdpType) -> State:
        state = _TRANSITIONS.get((self.state, side, type_))
        if state is None:
            raise InvalidStateError(
                f'set_{side}_description("{type_}") in signaling state "{self.state}"'
            )
        return state

    def _complete(self, side: Side, answer: Applied) -> None:
        if side == "local":
            self.current_local, self.current_remote = answer, self.pending_remote
        else:
            self.current_remote, self.current_local = answer, self.pending_local
        self.pending_local = self.pending_remote = None
        self._last_offer = self._last_answer = ""

    def _next_origin(self) -> Origin:
        self._origin = self._origin._replace(session_version=self._origin.session_version + 1)
        return self._origin

    def _new_mids(self) -> Iterator[str]:
        """The numbers that no section of either side has ever had as its mid, smallest first."""
        return (mid for mid in _OWN_MIDS if mid not in self._mids)


def told(applied: Applied | None, index: int) -> LocalGeneration | None:
    """The ICE generation that the section at `index` of a description of ours tells of."""
    if applied is None or index >= len(applied.parsed.media):
        return None
    return read_generation(applied.parsed.media[index])


def _description(applied: Applied | None) -> RTCSessionDescription | None:
    return applied.description if applied is not None else None
