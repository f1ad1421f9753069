"""Why a connection failed, in words with the next step."""

from collections import Counter
from collections.abc import Iterable

from webrtc.core import Address
from webrtc.ice import Agent, Candidate, CandidateType, State
from webrtc.ice.remote import LOW_PORT
from webrtc.peer import PeerConnection
from webrtc.peer.events import RTCDtlsTransportState

_REFLEXIVE = CandidateType.SERVER_REFLEXIVE

HOW_TO_TELL = (
    "the other side has to `await pc.gathered()` before it sends its description, or to trickle:"
    " pass each of its icecandidate events to add_ice_candidate()"
)


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
        what += _describe_ignored(transport.ice) + _describe_wait(core, transport.ice)
    return f"not connected after {elapsed:.1f} s: {what}"


def _describe_pairs(agent: Agent) -> str:
    if not agent.local_candidates:
        return (
            "this side has no candidates; check the interfaces, filters and port range in"
            " SettingEngine"
        )
    if not agent.remote_candidates:
        return f"the peer has sent no candidates; {HOW_TO_TELL}"
    counts = Counter(pair.local.type.value for pair in agent.pairs)
    words = [
        f"{count} {kind} pair{'s' if count > 1 else ''}" for kind, count in sorted(counts.items())
    ]
    tried = f"{' and '.join(words)} got no reply" if words else "no two candidates fit together"
    sides = {"this": agent.local_candidates, "the peer's": agent.remote_candidates}
    for whose, found in sides.items():
        if _is_symmetric(found):
            return (
                f"{tried}: the NAT on {whose} side is symmetric, it gives each destination another"
                " port; what helps is a public address, IPv6 or a forwarded port (nat_1to1_ips) on"
                " either side, or a NAT that keeps its ports on the other"
            )
    if not any(each.type is _REFLEXIVE for each in agent.local_candidates):
        return f"{tried}; add a STUN server to ice_servers when the peers are in different networks"
    return (
        f"{tried}, there are no relay candidates; check that UDP is not blocked. If both NATs are"
        " symmetric, one side needs a public address, IPv6 or a forwarded port (nat_1to1_ips)"
    )


def _is_symmetric(candidates: Iterable[Candidate]) -> bool:
    """Whether one socket was seen under several ports: mapping by destination. RFC 4787 §4.1."""
    seen: dict[Address | None, set[int]] = {}
    for each in candidates:
        if each.type is _REFLEXIVE:
            seen.setdefault(each.related_address, set()).add(each.address[1])
    return any(len(ports) > 1 for ports in seen.values())


def _describe_ignored(agent: Agent) -> str:
    low = agent.ignored_candidates.get(LOW_PORT, 0)
    if not low:
        return ""
    plural = "s of the peer were" if low > 1 else " of the peer was"
    return (
        f"; {low} candidate{plural} ignored, {LOW_PORT}: SettingEngine(ice=AgentConfig("
        "low_ports=True)) takes them"
    )


def _describe_wait(core: PeerConnection, agent: Agent) -> str:
    if agent.state is not State.FAILED or agent.contacted:
        return ""
    limit = core.settings.ice.failed_timeout
    return (
        "; the peer never tried to reach this side: if it may hear of it later than after"
        f" {limit:g} s, raise SettingEngine(ice=AgentConfig(failed_timeout=…))"
    )
