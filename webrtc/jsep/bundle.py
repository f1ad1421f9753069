"""Which sections of a description share a transport, and which must stay for its sake. RFC 9143."""

from collections.abc import Collection, Set

from webrtc.sdp import Group, MediaDescription, SessionDescription


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
    group = _group_of(description, index)
    if group is None or (not answer and _stands_alone(description, index)):
        return index
    tag = _tag(description, group)
    return index if tag is None else tag


def ufrag_in_effect(description: SessionDescription, index: int) -> str | None:
    """`a=ice-ufrag` of the section at `index`, or of the one whose transport it uses."""
    own = description.ice_ufrag(description.media[index])
    tag = transport_index(description, index, answer=False)
    return own or description.ice_ufrag(description.media[tag])


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
    indices = {media.mid: index for index, media in enumerate(description.media)}
    members = [indices[mid] for mid in group.mids if mid in indices]
    return next((index for index in members if not description.media[index].rejected), None)
