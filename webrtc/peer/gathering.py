"""Candidates of ours: when addresses are asked for, and how what is found is told.

webrtc-pc §4.3.2, §4.4.1.3; RFC 9429 §4.1.19.
"""

from collections.abc import Iterator

from webrtc import ice
from webrtc.jsep import Trickle
from webrtc.peer.configuration import RTCConfiguration
from webrtc.peer.events import (
    AddressesBound,
    GatherWanted,
    IceCandidateFound,
    IceGatheringStateChanged,
    RTCIceGatheringState,
)
from webrtc.peer.transport import Transport
from webrtc.peer.transports import Transports

_Plan = tuple[bool, tuple[tuple[str, int], ...]]
"""Whether addresses are hidden, and the servers to ask."""


class Gathering:
    """The gathering of a connection as a whole.

    What is gathered ahead of a description, the candidate pool of RFC 9429 §3.5.4, is told when
    there is one: until then there is no event, and the state stays.
    """

    def __init__(self, trickle: Trickle) -> None:
        self.state = RTCIceGatheringState.NEW
        self._trickle = trickle
        self._ahead: tuple[str, _Plan] | None = None
        """The ufrag of the generation that is gathered ahead, and how."""
        self._begun = False

    def begin_ahead(
        self, transports: Transports, configuration: RTCConfiguration
    ) -> Iterator[GatherWanted]:
        """Ask for the addresses of the one transport that there can be, if the pool wants it."""
        if configuration.ice_candidate_pool_size and self._ahead is None and not self._begun:
            transport = transports.agreement().transport
            plan = _plan(configuration)
            self._ahead = transport.ice.local_ufrag, plan
            yield GatherWanted(transport, plan[1])

    def reconsider(
        self, transports: Transports, configuration: RTCConfiguration, now: float
    ) -> Iterator[GatherWanted]:
        """The configuration has changed: what was gathered ahead in another way is dropped."""
        kept = configuration.ice_candidate_pool_size > 0
        kept = kept and self._ahead is not None and self._ahead[1] == _plan(configuration)
        if not kept and self._ahead is not None:
            self._ahead = None
            transports.agreement().transport.ice.restart(now)
        yield from self.begin_ahead(transports, configuration)

    def begin(
        self, transport: Transport, configuration: RTCConfiguration
    ) -> Iterator[GatherWanted | IceCandidateFound | IceGatheringStateChanged]:
        """Ask for addresses, if the transport has not got them for its ICE generation."""
        self._begun = True
        ahead, self._ahead = self._ahead, None
        if ahead is not None and ahead[0] == transport.ice.local_ufrag:
            yield from self._surface(transport)
        elif transport.ice.gathering_state is RTCIceGatheringState.NEW:
            yield GatherWanted(transport, _plan(configuration)[1])

    def bind(
        self,
        transport: Transport,
        bound: AddressesBound,
        configuration: RTCConfiguration,
        now: float,
    ) -> None:
        """Give a transport its addresses, unless the policy hides them."""
        hidden = configuration.ice_transport_policy == "relay"
        hosts, servers = ((), ()) if hidden else (bound.hosts, bound.stun_servers)
        transport.ice.gather(hosts, servers, now, more=bound.more, subnets=bound.subnets)

    def found(self, transport: Transport, candidate: ice.Candidate) -> Iterator[IceCandidateFound]:
        """A candidate goes into the descriptions, and to the peer."""
        if self._ahead is not None:
            return
        told = self._trickle.add_local(candidate, transport.ice.local_ufrag)
        if told is not None:
            yield IceCandidateFound(told)

    def moved(
        self, transport: Transport, state: RTCIceGatheringState
    ) -> Iterator[IceCandidateFound | IceGatheringStateChanged]:
        """A transport has begun or completed."""
        if self._ahead is not None:
            return
        complete = state is RTCIceGatheringState.COMPLETE
        end = self._trickle.end_local(transport.ice.local_ufrag) if complete else None
        if end is not None:
            yield IceCandidateFound(end)
        self.state = state
        yield IceGatheringStateChanged(state)
        if complete:
            yield IceCandidateFound(None)

    def reset(self) -> Iterator[IceGatheringStateChanged]:
        """There is no transport any more."""
        if self.state is not RTCIceGatheringState.NEW:
            self.state = RTCIceGatheringState.NEW
            yield IceGatheringStateChanged(self.state)

    def _surface(
        self, transport: Transport
    ) -> Iterator[IceCandidateFound | IceGatheringStateChanged]:
        """There is a description for what was gathered ahead."""
        state = transport.ice.gathering_state
        if state is not RTCIceGatheringState.NEW:
            yield from self.moved(transport, RTCIceGatheringState.GATHERING)
            for candidate in transport.ice.local_candidates:
                yield from self.found(transport, candidate)
        if state is RTCIceGatheringState.COMPLETE:
            yield from self.moved(transport, state)


def _plan(configuration: RTCConfiguration) -> _Plan:
    hidden = configuration.ice_transport_policy == "relay"
    return hidden, () if hidden else configuration.stun_servers
