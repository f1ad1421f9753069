"""A description of the peer against itself and against the one before it. RFC 9429 §5.8."""

from collections.abc import Collection
from typing import Final

from webrtc.errors import InvalidAccessError
from webrtc.sdp import MediaDescription, SessionDescription

MAX_GROUPS: Final = 64
"""Groups of sections in a description; who bundles has one."""


def compare(
    description: SessionDescription,
    before: SessionDescription | None,
    *,
    answer: bool,
    free: Collection[int] = (),
) -> None:
    """Compare the media sections with those that were there before.

    `before` is what an answer must match line for line, and what a later offer must keep, but for
    the places in `free`, whose sections either side has rejected. Raises InvalidAccessError.
    """
    _check_mids(description)
    for index, media in enumerate(description.media):
        if media.is_rtp and not media.rejected and not media.has("rtcp-mux"):
            raise InvalidAccessError(
                f"media section {index} has no a=rtcp-mux: set the peer, which wrote it, to "
                'multiplex RTP and RTCP (rtcpMuxPolicy "require", here the only one)'
            )
    if before is None:
        return
    old_count, count = len(before.media), len(description.media)
    if count < old_count or (answer and count > old_count):
        raise InvalidAccessError(f"{count} media sections where there were {old_count}")
    for index, (old, new) in enumerate(zip(before.media, description.media, strict=False)):
        # What was rejected is recycled: RFC 9429 §5.2.2.
        if answer or not (old.rejected or index in free):
            _check_section(index, old, new, answer=answer)


def _check_mids(description: SessionDescription) -> None:
    mids = [media.mid for media in description.media if media.mid is not None]
    if len(set(mids)) != len(mids):
        raise InvalidAccessError(f"two media sections with one mid: {' '.join(mids)[:80]}")
    groups = len(description.get_all("group"))
    if groups > MAX_GROUPS:
        raise InvalidAccessError(f"{groups} groups, at most {MAX_GROUPS} are accepted")
    bundled = [mid for group in description.groups("BUNDLE") for mid in group.mids]
    for mid in bundled:
        if mid not in mids:
            raise InvalidAccessError(f"BUNDLE group with mid {mid:.80}, which no section has")
        if bundled.count(mid) > 1:
            raise InvalidAccessError(f"mid {mid:.80} is in two BUNDLE groups")


def _check_section(
    index: int, old: MediaDescription, new: MediaDescription, *, answer: bool
) -> None:
    if old.kind != new.kind:
        raise InvalidAccessError(f"media section {index} turned from {old.kind} to {new.kind}")
    if None not in (old.mid, new.mid) and old.mid != new.mid:
        raise InvalidAccessError(f"media section {index}: mid {new.mid} where {old.mid} was")
    if answer and old.rejected and not new.rejected:
        raise InvalidAccessError(f"media section {index} is accepted but was not offered")
