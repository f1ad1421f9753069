"""Which sections of a description share a transport. RFC 9143."""

from webrtc.sdp import SessionDescription


def shares_transport(description: SessionDescription, one: int, other: int) -> bool:
    """Whether two sections use one transport: the same one, or both in one BUNDLE group."""
    if one == other:
        return True
    mids = {description.media[one].mid, description.media[other].mid}
    return any(mids <= set(group.mids) for group in description.groups("BUNDLE"))
