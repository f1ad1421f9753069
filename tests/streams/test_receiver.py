"""What a receiver is told, and whom it asks."""

from webrtc.streams import Receiver, ReceiveTerms


class Asked:
    def __init__(self, rid: str | None) -> None:
        self.ssrc = 1
        self.rid = rid
        self.gone = False
        self.times: list[float] = []

        self.limit: float | None = None

    def wait_at_most(self, seconds: float | None) -> None:
        self.limit = seconds

    def request_keyframe(self, now: float) -> None:
        self.times.append(now)


def test_a_key_frame_of_every_encoding_or_of_one() -> None:
    receiver = Receiver("video")
    high, low = Asked("h"), Asked("l")
    receiver.sources.update({1: high, 2: low})
    receiver.request_keyframe(1.0)
    receiver.request_keyframe(2.0, "l")
    assert high.times == [1.0]
    assert low.times == [1.0, 2.0]


def test_it_is_muted_and_without_terms_at_first() -> None:
    receiver = Receiver("audio")
    assert receiver.muted
    assert receiver.terms == ReceiveTerms()
    receiver.configure(ReceiveTerms("0"))
    assert receiver.terms.mid == "0"


def test_patience_is_told_to_what_is_being_received() -> None:
    receiver, source = Receiver("video"), Asked(None)
    receiver.sources[1] = source
    receiver.patience = 0.2
    assert source.limit == receiver.patience == 0.2
