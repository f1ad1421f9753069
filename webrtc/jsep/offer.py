"""Offers: every section in its place. RFC 9429 §5.2."""

from collections.abc import Collection, Container, Iterator, Mapping, Sequence
from itertools import count as counted

from webrtc.jsep.local import LocalLine
from webrtc.jsep.sections import accepted, lip_sync, rejected, session
from webrtc.sdp import Group, MediaDescription, SessionDescription
from webrtc.sdp.fields import Origin


def build_offer(
    origin: Origin,
    before: SessionDescription | None,
    lines: Mapping[int, LocalLine],
    new: Sequence[LocalLine],
    free: Collection[int],
    mids: Iterator[str],
) -> SessionDescription:
    """Keep the places of `before`: `lines` are the sections there that go on.

    `new` sections take the places in `free`, whose sections were rejected, and then places behind
    the others, each under the next of `mids`. §5.2.2. All share one bundle.
    """
    standing = before.media if before is not None else []
    added = dict(zip(new_places(len(standing), lines, free), new, strict=False))
    media = []
    for index, old in enumerate(standing):
        if index in lines:
            media.append(accepted(lines[index], old.mid))
        elif index in added:
            media.append(accepted(added.pop(index), next(mids)))
        else:
            media.append(rejected(old))
    media += [accepted(line, next(mids)) for line in added.values()]
    return session(
        origin, media, [*lines.values(), *new], [_bundle(before, media), *lip_sync(media)]
    )


def new_places(count: int, kept: Container[int], free: Collection[int]) -> Iterator[int]:
    """Where new sections go: places of rejected ones that are not `kept`, then behind `count`."""
    yield from (index for index in range(count) if index in free and index not in kept)
    yield from counted(count)


def _bundle(before: SessionDescription | None, media: Sequence[MediaDescription]) -> Group:
    """All sections, those that were bundled before in their order: the tag stays the tag."""
    known = [mid for group in before.groups("BUNDLE") for mid in group.mids] if before else []
    mids = [*known, *(each.mid for each in media if each.mid is not None)]
    return Group("BUNDLE", tuple(dict.fromkeys(mids)))
