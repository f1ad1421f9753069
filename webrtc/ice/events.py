"""What an agent tells its owner."""

from dataclasses import dataclass

from webrtc.ice.candidate import Candidate
from webrtc.ice.pair import CandidatePair
from webrtc.ice.state import GatheringState, State


@dataclass(frozen=True, slots=True)
class CandidateFound:
    """A local candidate to tell the peer about."""

    candidate: Candidate


@dataclass(frozen=True, slots=True)
class GatheringStateChanged:
    """Gathering began or ended. `COMPLETE` is the moment to signal end-of-candidates."""

    state: GatheringState


@dataclass(frozen=True, slots=True)
class StateChanged:
    """The connection state is another."""

    state: State


@dataclass(frozen=True, slots=True)
class SelectedPairChanged:
    """Data goes over another pair."""

    pair: CandidatePair


Event = CandidateFound | GatheringStateChanged | StateChanged | SelectedPairChanged
