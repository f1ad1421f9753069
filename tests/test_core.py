from webrtc.core import Timers, earliest


def test_due_timers_come_earliest_first_and_once() -> None:
    timers = Timers[str]()
    timers.set("late", 3.0)
    timers.set("early", 1.0)
    timers.set("future", 9.0)
    assert timers.next() == 1.0
    assert timers.due(3.0) == ["early", "late"]
    assert timers.due(3.0) == []
    assert timers.get("future") == 9.0


def test_setting_again_moves_a_timer_and_stopping_disarms_it() -> None:
    timers = Timers[str]()
    timers.set("a", 1.0)
    timers.set("a", 5.0)
    assert timers.due(2.0) == []
    timers.stop("a")
    timers.stop("never armed")
    assert timers.next() is None
    timers.set("b", 1.0)
    timers.clear()
    assert timers.due(9.0) == []


def test_earliest_ignores_what_is_not_pending() -> None:
    assert earliest(None, 2.0, 1.0) == 1.0
    assert earliest(None, None) is None
