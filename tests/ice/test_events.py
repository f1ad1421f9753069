"""What an agent tells."""

from webrtc.ice import (
    Candidate,
    CandidateFound,
    CandidateType,
    GatheringState,
    GatheringStateChanged,
    State,
    StateChanged,
)


def test_events_are_values() -> None:
    candidate = Candidate("1", 1, "udp", 1, ("192.0.2.1", 99), CandidateType.HOST)
    assert CandidateFound(candidate) == CandidateFound(candidate)
    told = {StateChanged(State.NEW), StateChanged(State.NEW)}
    assert len(told | {GatheringStateChanged(GatheringState.NEW)}) == 2
