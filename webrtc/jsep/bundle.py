"""Which sections of a description share a transport, and which must stay for its sake. RFC 9143."""

from collections.abc import Collection, Container, Iterator, Mapping, Sequence, Set
from typing import Literal, NamedTuple

from webrtc.sdp import Group, MediaDescription, SessionDescription

Policy = Literal["balanced", "max-compat", "max-bundle"]


class Seat(NamedTuple):
    """Where a line of an offer of ours finds its transport."""

    line: int
    """The line whose transport it uses: itself, if that is one of its own."""
    bundle_only: bool = False


def offered_seats(
    kinds: Sequence[str | None], policy: Policy, settled: Mapping[int, int], tag: int | None
) -> dict[int, Seat]:
    """The transports of an offer; `kinds` are those of its lines, None for one that is rejected.

    `settled` lines go on as the last answer has it, which `settled_lines` reads; `tag` is the line
    that new ones join. RFC 9429 §4.1.1, §5.2.2.
    """
    seats: dict[int, Seat] = {}
    leaders: dict[str, int] = {}
    for index, kind in enumerate(kinds):
        if kind is None:
            continue
        if index in settled:
            seats[index] = Seat(settled[index])
        elif tag is not None:
            seats[index] = Seat(tag)
        elif settled or not seats or _leads(kind, policy, leaders):
            seats[index] = Seat(index)
        else:
            seats[index] = Seat(next(iter(seats)), bundle_only=True)
        leaders.setdefault(kind, index)
    return seats


def settled_lines(answer: SessionDescription) -> tuple[dict[int, int], int | None]:
    """The line whose transport each line uses that an answer has accepted, and that of a bundle."""
    settled = {
        index: transport_index(answer, index, answer=True)
        for index, media in enumerate(answer.media)
        if not media.rejected
    }
    bundled = (settled[index] for index in settled if _group_of(answer, index) is not None)
    return settled, next(bundled, None)


def answered_lines(
    offer: SessionDescription, wanted: Collection[int], policy: Policy, standing: Set[str]
) -> dict[int, int]:
    """The line whose transport each of the `wanted` lines of an offer uses.

    What is left out cannot be accepted: there is no transport, or the policy allows no further
    one. `standing` are the mids that were accepted before. RFC 9143 §7.3, RFC 9429 §4.1.1.
    """
    lines: dict[int, int] = {}
    for group in offer.groups("BUNDLE"):
        members = [index for index in _members(offer, group) if index in wanted]
        tag = _answered_tag(offer, members, standing)
        if tag is not None:
            lines |= dict.fromkeys(members, tag)
    alone = [
        index
        for index, media in enumerate(offer.media)
        if index in wanted and not _bundle_only(media) and _group_of(offer, index) is None
    ]
    leaders = {offer.media[index].kind: index for index in lines}
    for index in sorted(alone, key=lambda each: (offer.media[each].mid not in standing, each)):
        kind = offer.media[index].kind
        if not leaders or _leads(kind, policy, leaders) or offer.media[index].mid in standing:
            lines[index] = index
            leaders.setdefault(kind, index)
    return lines


def answered_groups(
    offer: SessionDescription, accepted: Container[int], standing: Set[str]
) -> list[Group]:
    """The groups of an answer that has `accepted` lines, each with its tag first."""
    groups = []
    for group in offer.groups("BUNDLE"):
        members = [index for index in _members(offer, group) if index in accepted]
        tag = _answered_tag(offer, members, standing)
        ordered = sorted(members, key=lambda each: each != tag)
        mids = (offer.media[index].mid for index in ordered)
        groups.append(Group("BUNDLE", tuple(mid for mid in mids if mid is not None)))
    return groups


def shares_transport(description: SessionDescription, one: int, other: int) -> bool:
    """Whether two sections use one transport: the same one, or both in one BUNDLE group."""
    if one == other:
        return True
    group = _group_of(description, one)
    return group is not None and description.media[other].mid in group.mids


def transport_index(description: SessionDescription, index: int, *, answer: bool) -> int:
    """Index of the section whose lines of the transport count for the one at `index`.

    In an answer that is the tagged one of its group. In an offer only the lines of the tagged one
    have to be there, and those of a section that is `bundle-only` mean nothing. §7.2, §9.
    """
    group = _group_of(description, index) if len(description.media) > 1 else None
    if group is None or (not answer and _stands_alone(description, index)):
        return index
    tag = _tag(description, group)
    return index if tag is None else tag


def ufrag_in_effect(description: SessionDescription, index: int) -> str | None:
    """`a=ice-ufrag` of the section at `index`, or of the one whose transport it uses."""
    own = description.ice_ufrag(description.media[index])
    if own is not None:
        return own
    tag = transport_index(description, index, answer=False)
    return description.ice_ufrag(description.media[tag])


def negotiated_mids(local: SessionDescription, remote: SessionDescription) -> frozenset[str]:
    """The sections that both descriptions in effect have in a BUNDLE group."""
    ours, theirs = (
        {
            media.mid
            for index, media in enumerate(one.media)
            if not media.rejected and _group_of(one, index) is not None
        }
        for one in (local, remote)
    )
    return frozenset(mid for mid in ours & theirs if mid is not None)


def idle_sections(
    offer: SessionDescription, used: Collection[int], negotiated: Set[str]
) -> frozenset[int] | None:
    """The sections that an answer accepts beside `used` ones, though nothing is sent in them.

    Those are what was accepted before, since no section leaves a group; of a group that is new the
    tagged one, when no used section can stand alone. None when one of them cannot be accepted,
    which rejects the whole group. §7.3.1, §7.3.3, RFC 9429 §5.3.1.
    """
    found: set[int] = set()
    for group in offer.groups("BUNDLE"):
        members = [index for index, media in enumerate(offer.media) if media.mid in group.mids]
        inside = [index for index in members if index in used]
        if not inside:
            continue
        known = [index for index in members if offer.media[index].mid in negotiated]
        found.update(index for index in known if not offer.media[index].rejected)
        tag = _tag(offer, group)
        # A new section may come before those that stand: Chromium's does, on a transport of its
        # own, which the others are not to move to.
        if tag is None or known or any(_stands_alone(offer, each) for each in inside):
            continue
        found.add(tag)
    found.difference_update(used)
    if not all(_can_be_idle(offer, index) for index in found):
        return None
    return frozenset(found)


def _leads(kind: str, policy: Policy, leaders: Container[str]) -> bool:
    """Whether a line has a transport of its own, after those of the kinds in `leaders`."""
    return policy == "max-compat" or (policy == "balanced" and kind not in leaders)


def _answered_tag(
    offer: SessionDescription, members: Sequence[int], standing: Container[str | None]
) -> int | None:
    """The line whose transport an answer gives to accepted `members` of a group.

    A line that stands is one in any case: Chromium puts a new one before it, on a transport of its
    own. Else it is the first that has a transport. §7.3.1.
    """
    known = (index for index in members if offer.media[index].mid in standing)
    able = (index for index in members if not _bundle_only(offer.media[index]))
    return next(known, next(able, None))


def _members(description: SessionDescription, group: Group) -> Iterator[int]:
    """The lines of a group that are not rejected, in its order."""
    indices = {media.mid: index for index, media in enumerate(description.media)}
    for mid in group.mids:
        if mid in indices and not description.media[indices[mid]].rejected:
            yield indices[mid]


def _stands_alone(offer: SessionDescription, index: int) -> bool:
    """Whether a section can be accepted without the tagged one of its bundle.

    With the credentials of that one it has no transport of its own: Chromium under `max-bundle`,
    which knows no `bundle-only`.
    """
    media, group = offer.media[index], _group_of(offer, index)
    tag = _tag(offer, group) if group is not None else None
    if tag in (None, index):
        return True
    own = offer.ice_ufrag(media)
    return own not in (None, offer.ice_ufrag(offer.media[tag or 0])) and not _bundle_only(media)


def _can_be_idle(offer: SessionDescription, index: int) -> bool:
    media = offer.media[index]
    return media.is_rtp and bool(media.formats) and not _bundle_only(media)


def _bundle_only(media: MediaDescription) -> bool:
    """With another port than 0 the line has no meaning. §6."""
    return media.bundle_only and media.port == 0


def _group_of(description: SessionDescription, index: int) -> Group | None:
    mid = description.media[index].mid
    groups = description.groups("BUNDLE")
    return next((group for group in groups if mid is not None and mid in group.mids), None)


def _tag(description: SessionDescription, group: Group) -> int | None:
    """The first section of a group that is there: some answers list what they reject."""
    return next(_members(description, group), None)
