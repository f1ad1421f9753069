from webrtc.ice import GatheringState, PairState, Role, State


def test_words_are_those_of_the_w3c() -> None:
    """ICETYP-22, ICETYP-23, ICETYP-25, ICETYP-27"""
    assert [*State] == [
        "new",
        "checking",
        "connected",
        "completed",
        "disconnected",
        "failed",
        "closed",
    ]
    assert [*GatheringState] == ["new", "gathering", "complete"]
    assert [*Role] == ["controlling", "controlled"]
    assert [*PairState] == ["frozen", "waiting", "in-progress", "succeeded", "failed"]
    assert Role.CONTROLLING.opposite is Role.CONTROLLED
