"""The peer's candidates: which are believed, and how many. RFC 8445 §5.3, §7.3.1.3."""

import logging
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace

from webrtc.core import Address
from webrtc.ice.address import (
    is_low_port,
    normalize,
    why_unreachable_port,
    why_unusable,
    without_zone,
)
from webrtc.ice.candidate import Candidate, CandidateType, TcpType
from webrtc.ice.config import AgentConfig

LOW_PORT = "port below 1024 other than 80 and 443"
"""Why a signalled candidate is ignored unless `AgentConfig.low_ports` is set."""

_log = logging.getLogger("webrtc.ice")


class RemoteCandidates:
    """Remote candidates of one generation, signalled and peer-reflexive, at most so many."""

    def __init__(self, config: AgentConfig, in_use: Callable[[Candidate], bool]) -> None:
        """`in_use` says which candidates must not be given up for better ones."""
        self.ignored: Counter[str] = Counter()
        """How many candidates were not taken, by reason."""
        self._config = config
        self._in_use = in_use
        self._by_address: dict[Address, Candidate] = {}
        self._discovered = 0

    def __iter__(self) -> Iterator[Candidate]:
        return iter(list(self._by_address.values()))

    def __len__(self) -> int:
        return len(self._by_address)

    def get(self, address: Address) -> Candidate | None:
        """The candidate at `address`."""
        return self._by_address.get(without_zone(address))

    def add(self, candidate: Candidate, ufrag: str | None) -> Candidate | None:
        """Take a signalled candidate and return it as it is kept, or None when it is ignored.

        It takes the place of a peer-reflexive one at its address. `ufrag` is the peer's; a
        candidate that names another belongs to another generation. RFC 8838 §5.
        """
        reason = self._objection(candidate, ufrag)
        if reason is None:
            host, port = without_zone(candidate.address)
            address = (normalize(host) or host, port)
            kept = (
                candidate if candidate.address == address else replace(candidate, address=address)
            )
            known = self._by_address.get(kept.address)
            if known is not None and known.type is not CandidateType.PEER_REFLEXIVE:
                reason = "known already"
            elif known is None and not self._has_room(kept):
                reason = "too many candidates"
            else:
                self._by_address[kept.address] = kept
                return kept
        self.ignored[reason] += 1
        _log.debug("remote candidate ignored: %s", reason)
        return None

    def discover(self, source: Address, priority: int) -> Candidate | None:
        """Peer-reflexive candidate of a check from `source`, or None when there is no room."""
        address = without_zone(source)
        self._discovered += 1
        foundation = f"prflx{self._discovered}"  # unlike that of any signalled candidate
        type_ = CandidateType.PEER_REFLEXIVE
        candidate = Candidate(foundation, 1, "udp", priority, address, type_)
        if why_unusable(address[0]) is not None or not self._has_room(candidate):
            self.ignored["too many candidates"] += 1
            return None
        self._by_address[address] = candidate
        return candidate

    def drop(self, candidate: Candidate, reason: str) -> None:
        """Ignore `candidate` after all."""
        del self._by_address[candidate.address]
        self.ignored[reason] += 1

    def retain(self, ufrag: str) -> None:
        """Drop what names another generation than that of `ufrag`, which has become known."""
        for address, candidate in list(self._by_address.items()):
            if candidate.extension("ufrag") not in {None, ufrag}:
                del self._by_address[address]
                self.ignored["other generation"] += 1

    def _objection(self, candidate: Candidate, ufrag: str | None) -> str | None:
        host, port = candidate.address
        reason = why_unusable(host.partition("%")[0])
        if reason is None and candidate.tcp_type is not TcpType.ACTIVE:  # whose port means nothing
            reason = why_unreachable_port(port)
            if reason is None and is_low_port(port) and not self._config.low_ports:
                reason = LOW_PORT
        if reason is not None:
            return reason
        if candidate.component != 1:
            return "component other than 1"
        if candidate.protocol != "udp" or candidate.network_type not in self._config.network_types:
            return "network type not in use"
        if ufrag is not None and candidate.extension("ufrag") not in {None, ufrag}:
            return "other generation"
        return None

    def _has_room(self, candidate: Candidate) -> bool:
        """Whether `candidate` may be added, giving up the least of lower priority if need be."""
        if len(self._by_address) < self._config.max_remote_candidates:
            return True
        for one in sorted(self._by_address.values(), key=lambda one: one.priority):
            if one.priority >= candidate.priority:
                break
            if not self._in_use(one):
                del self._by_address[one.address]
                return True
        return False
