"""Why a connection failed, in words with the next step."""

from collections import Counter

from webrtc.ice import Agent, CandidateType
from webrtc.peer import PeerConnection
from webrtc.peer.events import RTCDtlsTransportState


def describe_failure(core: PeerConnection, dtls_error: Exception | None, elapsed: float) -> str:
    """Say how far the connection came in `elapsed` seconds and what to do about it."""
    transport = core.transports.one
    if core.local_description is None or transport is None:
        what = "no offer or answer was set on this side"
    elif core.remote_description is None:
        what = "no description of the peer was set"
    elif transport.dtls_state is RTCDtlsTransportState.FAILED:
        what = f"the DTLS handshake failed: {dtls_error}"
    elif transport.ice.selected_pair is not None:
        what = (
            "a candidate pair works but the DTLS handshake did not finish on it: check that the"
            " peer speaks DTLS there, and that the path carries datagrams of 1200 bytes"
        )
    else:
        what = f"no candidate pair worked: {_describe_pairs(transport.ice)}"
    return f"not connected after {elapsed:.1f} s: {what}"


def _describe_pairs(agent: Agent) -> str:
    if not agent.local_candidates:
        return (
            "this side has no candidates; check the interfaces, filters and port range in"
            " SettingEngine"
        )
    if not agent.remote_candidates:
        return (
            "the peer has sent no candidates; pass each of its icecandidate events to"
            " add_ice_candidate()"
        )
    counts = Counter(pair.local.type.value for pair in agent.pairs)
    words = [
        f"{count} {kind} pair{'s' if count > 1 else ''}" for kind, count in sorted(counts.items())
    ]
    tried = f"{' and '.join(words)} got no reply" if words else "no two candidates fit together"
    if any(each.type is CandidateType.SERVER_REFLEXIVE for each in agent.local_candidates):
        return f"{tried}, there are no relay candidates; check that UDP is not blocked"
    return f"{tried}; add a STUN server to ice_servers when the peers are in different networks"
