from webrtc.core import Path, Timers, Transmit, earliest


def test_a_datagram_says_where_it_goes_by_which_protocol_and_how_it_is_marked() -> None:
    """SANS-10, SANS-11: UDP and not ECN-capable where nothing else is said."""
    path = Path(("192.0.2.1", 1), ("192.0.2.2", 2))
    assert (path.local[1], path.remote[1], path.protocol) == (1, 2, "udp")
    assert path != path._replace(protocol="tcp")
    assert len({path, Path(*path), path._replace(protocol="tcp")}) == 2
    assert (Transmit(b"x", path).ecn, Transmit(b"x", path, 1).ecn) == (0, 1)


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
