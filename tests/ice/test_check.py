from dataclasses import replace

import pytest

from webrtc.core import Path, Transmit
from webrtc.ice import AgentConfig, Candidate, CandidatePair, CandidateType, Role
from webrtc.ice.check import MAX_OPEN, Check, Checks, Purpose
from webrtc.ice.credentials import Credentials

HERE, THERE = ("10.0.0.1", 1), ("10.0.0.2", 2)


def make_pair() -> CandidatePair:
    local = Candidate("1", 1, "udp", 5, HERE, CandidateType.HOST, base=HERE)
    remote = Candidate("1", 1, "udp", 5, THERE, CandidateType.HOST)
    return CandidatePair(local, remote, Path(HERE, THERE), Role.CONTROLLING)


def make_check(
    pair: CandidatePair, number: int = 0, purpose: Purpose = Purpose.CONNECTIVITY, now: float = 0.0
) -> Check:
    return Check(
        pair=pair,
        purpose=purpose,
        transaction_id=bytes([number] * 12),
        request=b"request",
        key=Credentials("ufrag", "p" * 22),
        role=Role.CONTROLLING,
        use_candidate=purpose is Purpose.NOMINATION,
        sent=now,
        rto=0.5,
        deadline=now + 0.5 if purpose.repeats else now + 17.5,
        ends=now + 17.5,
        repeating=purpose.repeats,
    )


class Bench:
    def __init__(self, config: AgentConfig | None = None) -> None:
        self.sent: list[float] = []
        self.now = 0.0
        self.checks = Checks(config or AgentConfig(), self.send)
        self.failed: list[Check] = []

    def send(self, transmit: Transmit) -> None:
        assert transmit == Transmit(b"request", Path(HERE, THERE))
        self.sent.append(self.now)

    def run(self, until: float = 100.0) -> None:
        while (due := self.checks.poll_timeout()) is not None and due <= until:
            self.now = due
            self.failed += self.checks.handle_timeout(due)


def test_unanswered_check_is_sent_seven_times_and_fails() -> None:
    """ICECFG-08, I-16: RFC 8489 §6.2.1, with a limit to the doubling."""
    bench, pair = Bench(), make_pair()
    bench.checks.start(make_check(pair), 0.0)
    bench.run()
    assert bench.sent == [0.0, 0.5, 1.5, 3.5, 5.5, 7.5, 9.5]
    assert bench.now == 17.5 == AgentConfig().transaction_time
    assert [check.pair for check in bench.failed] == [pair]
    assert (pair.requests_sent, pair.retransmissions_sent) == (7, 6)
    assert len(bench.checks) == 0


@pytest.mark.parametrize(("type_", "times"), [(CandidateType.HOST, 28), ("prflx", 7)])
def test_peer_that_was_heard_is_asked_without_backing_off(type_: str, times: int) -> None:
    """F-02: and more often, unless nothing but a check vouches for its address. I-05, I-16."""
    bench, pair = Bench(), make_pair()
    pair.remote = replace(pair.remote, type=CandidateType(type_))
    pair.requests_received = 1
    bench.checks.start(make_check(pair), 0.0)
    bench.run()
    assert bench.sent == [number / 2 for number in range(times)]
    assert len(bench.failed) == 1


def test_long_first_wait_is_kept() -> None:
    """RFC 8445 §14.3: with many pairs the first wait is longer than the limit of doubling."""
    bench, check = Bench(AgentConfig(max_binding_requests=3)), make_check(make_pair())
    check.rto = check.deadline = 5.0
    bench.checks.start(check, 0.0)
    bench.run()
    assert bench.sent == [0.0, 5.0, 10.0]


def test_consent_check_is_not_repeated_and_does_not_fail() -> None:
    """I-20: RFC 7675 §5.1."""
    bench = Bench()
    bench.checks.start(make_check(make_pair(), purpose=Purpose.CONSENT), 0.0)
    bench.run()
    assert (bench.sent, bench.failed, len(bench.checks)) == ([0.0], [], 0)


def test_newer_check_takes_the_place_of_the_older_which_may_still_be_answered() -> None:
    """RFC 8445 §7.3.1.4"""
    bench, pair = Bench(), make_pair()
    first, second = make_check(pair, 1), make_check(pair, 2, now=0.4)
    bench.checks.start(first, 0.0)
    bench.now = 0.4
    bench.checks.start(second, 0.4)
    bench.run(1.0)
    assert bench.sent == [0.0, 0.4, 0.9]
    assert bench.checks.get(second.transaction_id) is second
    bench.run(17.4)
    assert bench.checks.get(first.transaction_id) is first
    bench.run(17.5)
    assert bench.checks.get(first.transaction_id) is None
    assert bench.failed == []


def test_repetitions_prolong_the_life_of_a_check() -> None:
    """A peer that was heard is asked for longer, and may answer for as long."""
    bench, pair = Bench(), make_pair()
    pair.requests_received = 1
    bench.checks.start(first := make_check(pair, 1), 0.0)
    bench.run(13.0)
    bench.checks.start(make_check(pair, 2, now=13.0), 13.0)
    assert first.ends == 17.5
    late = Bench()
    late.checks.start(first := make_check(pair, 1), 0.0)
    late.run(13.5)
    assert first.transmissions == 28 and first.ends == 21.5


def test_answer_ends_the_repetitions_of_the_pair() -> None:
    bench, pair = Bench(), make_pair()
    first, second = make_check(pair, 1), make_check(pair, 2)
    bench.checks.start(first, 0.0)
    bench.checks.start(second, 0.0)
    bench.checks.finish(first)
    bench.run()
    assert (bench.sent, bench.failed) == ([0.0, 0.0], [])


def test_answer_to_a_check_that_does_not_nominate_ends_no_nomination() -> None:
    bench, pair = Bench(), make_pair()
    bench.checks.start(nomination := make_check(pair, 1, Purpose.NOMINATION), 0.0)
    bench.checks.start(consent := make_check(pair, 2, Purpose.CONSENT), 0.0)
    bench.checks.finish(consent)
    assert nomination.repeating


def test_answer_to_any_check_that_nominates_ends_the_nomination() -> None:
    bench, pair = Bench(), make_pair()
    bench.checks.start(nomination := make_check(pair, 1, Purpose.NOMINATION), 0.0)
    consent = replace(make_check(pair, 2, Purpose.CONSENT), use_candidate=True)
    bench.checks.start(consent, 0.0)
    bench.checks.finish(consent)
    assert not nomination.repeating


def test_nomination_that_is_taken_back_is_not_repeated_and_may_be_answered() -> None:
    bench, pair = Bench(), make_pair()
    bench.checks.start(nomination := make_check(pair, 1, Purpose.NOMINATION), 0.0)
    bench.checks.take_back(pair)
    bench.run(9.0)
    assert (bench.sent, bench.failed) == ([0.0], [])
    assert bench.checks.get(nomination.transaction_id) is nomination
    assert not nomination.use_candidate


def test_open_checks_of_a_pair_are_bounded() -> None:
    bench, pair = Bench(), make_pair()
    for number in range(200):
        bench.checks.start(make_check(pair, number, Purpose.CONSENT), 0.0)
    assert len(bench.checks) == MAX_OPEN
    bench.checks.cancel(pair)
    assert len(bench.checks) == 0
    assert bench.checks.poll_timeout() is None
