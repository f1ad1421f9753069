"""What carries a connection, in words."""

from webrtc import RTCPeerConnection
from webrtc.aio.transports import RTCIceCandidatePair


def kind_of_path(pc: RTCPeerConnection) -> str:
    """`host/udp`."""
    pair = _selected(pc)
    return "no path" if pair is None else f"{pair.local.type}/{pair.local.protocol}"


def describe_path(pc: RTCPeerConnection) -> str:
    """`host udp 192.0.2.1 → 192.0.2.2`."""
    pair = _selected(pc)
    if pair is None:
        return "no path"
    ends = f"{pair.local.address} → {pair.remote.address}"
    return f"{pair.local.type} {pair.local.protocol} {ends}"


def _selected(pc: RTCPeerConnection) -> RTCIceCandidatePair | None:
    return pc.sctp.transport.ice_transport.get_selected_candidate_pair() if pc.sctp else None
