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


class Gathering:
    """The gathering of a connection as a whole."""

    def __init__(self, trickle: Trickle) -> None:
        self.state = RTCIceGatheringState.NEW
        self._trickle = trickle

    def begin(
        self, transport: Transport, configuration: RTCConfiguration
    ) -> Iterator[GatherWanted]:
        """Ask for addresses, if the transport has not got them for its ICE generation."""
        if transport.ice.gathering_state is RTCIceGatheringState.NEW:
            hidden = configuration.ice_transport_policy == "relay"
            yield GatherWanted(transport, () if hidden else configuration.stun_servers)

    def bind(
        self,
        transport: Transport,
        bound: AddressesBound,
        configuration: RTCConfiguration,
        now: float,
    ) -> None:
        """Give a transport its addresses, unless the policy hides them."""
        if configuration.ice_transport_policy == "relay":
            transport.ice.gather((), (), now, more=bound.more)
        else:
            transport.ice.gather(bound.hosts, bound.stun_servers, now, more=bound.more)

    def found(self, transport: Transport, candidate: ice.Candidate) -> Iterator[IceCandidateFound]:
        """A candidate goes into the descriptions, and to the peer."""
        told = self._trickle.add_local(candidate, transport.ice.local_ufrag)
        if told is not None:
            yield IceCandidateFound(told)

    def moved(
        self, transport: Transport, state: RTCIceGatheringState
    ) -> Iterator[IceCandidateFound | IceGatheringStateChanged]:
        """A transport has begun or completed."""
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
