"""ICE: finding and keeping a path to the peer. RFC 8445, RFC 8838, RFC 7675.

`Agent` is one component of one transport. `AgentConfig` has its settings, `Candidate` is what the
two sides tell each other, `CandidatePair` is a path with its counters.
"""

from webrtc.ice.agent import Agent
from webrtc.ice.candidate import Candidate, CandidateType, NetworkType, TcpType
from webrtc.ice.config import AgentConfig
from webrtc.ice.events import (
    CandidateFound,
    Event,
    GatheringStateChanged,
    SelectedPairChanged,
    StateChanged,
)
from webrtc.ice.pair import CandidatePair, PairState
from webrtc.ice.state import GatheringState, Role, State

__all__ = [
    "Agent",
    "AgentConfig",
    "Candidate",
    "CandidateFound",
    "CandidatePair",
    "CandidateType",
    "Event",
    "GatheringState",
    "GatheringStateChanged",
    "NetworkType",
    "PairState",
    "Role",
    "SelectedPairChanged",
    "State",
    "StateChanged",
    "TcpType",
]
