"""Priorities of candidates and pairs. RFC 8445 §5.1.2, §6.1.2.3; RFC 8421 §4 for two families."""

from webrtc.ice.address import Scope, family, is_transitional, scope
from webrtc.ice.candidate import CandidateType

TYPE_PREFERENCES = {
    CandidateType.HOST: 126,
    CandidateType.PEER_REFLEXIVE: 110,
    CandidateType.SERVER_REFLEXIVE: 100,
    CandidateType.RELAYED: 0,
}
"""RFC 8445 §5.1.2.2."""

MAX_LOCAL_PREFERENCE = 0xFFFF
PREFERENCE_STEP = 64
"""Room below a host's preference for what is derived from it: one number for each server."""


def candidate_priority(type_: CandidateType, local_preference: int, component: int = 1) -> int:
    """The recommended formula. RFC 8445 §5.1.2.1."""
    return TYPE_PREFERENCES[type_] << 24 | local_preference << 8 | 256 - component


def pair_priority(controlling: int, controlled: int) -> int:
    """Priority of a pair by the candidate priorities of the two agents. RFC 8445 §6.1.2.3."""
    low, high = sorted((controlling, controlled))
    return (low << 32) + 2 * high + (controlling > controlled)


class LocalPreferences:
    """Hands out local preferences: families take turns, IPv6 first, so that neither can stall.

    Addresses that rarely are the better choice come after all others: transitional IPv6, then
    link-local, then loopback.
    """

    def __init__(self) -> None:
        self._given: dict[str, int] = {}
        self._counts: dict[int, int] = {}

    def of(self, host: str) -> int:
        """16-bit preference of a local address; the same one each time."""
        preference = self._given.get(host)
        if preference is None:
            start = _first(host)
            count = self._counts.get(start, 0)
            self._counts[start] = count + 1
            preference = max(start - 2 * PREFERENCE_STEP * count, PREFERENCE_STEP)
            self._given[host] = preference
        return preference


def _first(host: str) -> int:
    """Preference of the first address of the kind of `host`."""
    interleave = PREFERENCE_STEP if family(host) == 4 else 0
    match scope(host):
        case Scope.LOOPBACK:
            return (MAX_LOCAL_PREFERENCE >> 3) - interleave
        case Scope.LINK_LOCAL:
            return MAX_LOCAL_PREFERENCE >> 2
        case Scope.GLOBAL:
            transitional = is_transitional(host)
            return (MAX_LOCAL_PREFERENCE >> transitional) - interleave
