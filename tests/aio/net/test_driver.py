"""The driver: one timer, one flush a turn, and what goes wrong above or below it."""

import asyncio
import logging
from collections import deque
from collections.abc import Sequence
from typing import cast

import pytest

from tests.support import connected, two_hosts
from webrtc.aio.net.driver import RETRY, Driver
from webrtc.aio.net.seam import Receiver
from webrtc.core import Address, Burst, Path, Refused, Transmit, transmits
from webrtc.peer import PeerConnection
from webrtc.vnet import Link, VirtualTimeLoop

REMOTE: Address = ("192.0.2.9", 9)


class Core:
    """The verbs that the driver uses, with what a test wants them to say."""

    def __init__(self) -> None:
        self.deadline: float | None = None
        self.writes: deque[Transmit] = deque()
        self.read: list[tuple[bytes, float]] = []
        self.fired: list[float] = []
        self.discarded: list[Transmit] = []
        self.failing = False

    def handle_read(self, data: bytes, path: Path, now: float) -> None:
        self.read.append((data, now))

    def handle_timeout(self, now: float) -> None:
        self.fired.append(now)
        if self.failing:
            raise KeyError("a bug in the core")
        self.deadline = None

    def handle_discarded(self, transmit: Transmit) -> None:
        self.discarded.append(transmit)

    def poll_write(self) -> Transmit | None:
        return self.writes.popleft() if self.writes else None

    def poll_timeout(self) -> float | None:
        return self.deadline

    def write(self, *locals_: Address) -> None:
        self.writes += [Transmit(b"x", Path(local, REMOTE)) for local in locals_]


class Wire:
    """An endpoint that keeps what it is given."""

    def __init__(self, local: Address) -> None:
        self.local = local
        self.bursts: list[int] = []
        self.closed = 0

    def start(self, receiver: Receiver) -> None:
        self.receiver = receiver

    def send(self, transmits: Sequence[Transmit]) -> Refused | None:
        assert {each.path.local for each in transmits} == {self.local}
        self.bursts.append(len(transmits))
        return self.refuses(transmits)

    def send_burst(self, burst: Burst) -> Refused | None:
        return self.send(transmits(burst))

    def refuses(self, transmits: Sequence[Transmit]) -> Refused | None:
        return None

    def close(self) -> None:
        self.closed += 1


A, B = ("192.0.2.1", 1), ("192.0.2.2", 2)


def drive() -> tuple[Core, Driver, Wire, Wire, list[float]]:
    """A core behind two endpoints; the last is when events were delivered."""
    core, delivered = Core(), list[float]()
    loop = asyncio.get_running_loop()

    def deliver(*, reading: bool) -> bool:
        delivered.append(loop.time())
        return False

    driver = Driver(cast("PeerConnection", core), deliver)
    wires = Wire(A), Wire(B)
    for wire in wires:
        driver.add_endpoint(wire)
    return core, driver, *wires, delivered


async def test_each_run_for_one_local_address_is_one_send() -> None:
    core, driver, a, b, _ = drive()
    core.write(A, A, B, A, ("192.0.2.3", 3), ("192.0.2.3", 3), B, B)
    driver.flush()
    assert (a.bursts, b.bursts) == ([2, 1], [1, 2])
    assert driver.unroutable == 2
    driver.close()


async def test_core_hears_for_what_there_is_no_way_and_answers_in_the_same_flush() -> None:
    """As for an address that has gone; ICE then checks its next pair at once."""

    class Roaming(Core):
        def handle_unreachable(self, transmit: Transmit, now: float) -> None:
            assert now == asyncio.get_running_loop().time()
            self.write(B)

    class Cut(Wire):
        def refuses(self, transmits: Sequence[Transmit]) -> Refused | None:
            return Refused(transmits, unreachable=transmits)

    core = Roaming()
    driver = Driver(core, lambda *, reading: False)
    cut, works = Cut(A), Wire(B)
    driver.add_endpoint(cut)
    driver.add_endpoint(works)
    core.write(A)
    driver.flush()
    assert works.bursts == [1]
    core.write(A, ("192.0.2.3", 3))
    driver.flush()
    assert works.bursts == [1, 2]
    assert len(core.discarded) == 3
    driver.close()


async def test_what_an_interface_refuses_is_told_at_once_and_answered_in_the_same_flush() -> None:
    """F-25: EMSGSIZE; also when another address was sent from after it."""

    class Sizing(Core):
        def handle_too_large(self, transmit: Transmit, now: float) -> None:
            assert now == asyncio.get_running_loop().time()
            self.writes.append(transmit._replace(data=transmit.data[:-1]))

    class Narrow(Wire):
        def refuses(self, transmits: Sequence[Transmit]) -> Refused | None:
            large = [each for each in transmits if len(each.data) > 2]
            return Refused(large, large[0]) if large else None

    core = Sizing()
    driver = Driver(core, lambda *, reading: False)
    one, two = Narrow(A), Wire(B)
    driver.add_endpoint(one)
    driver.add_endpoint(two)
    core.writes.append(Transmit(b"large", Path(A, REMOTE), 0, True))
    core.write(B)
    driver.flush()
    assert (one.bursts, two.bursts) == ([1, 1, 1, 1], [1])
    driver.close()


async def test_core_hears_of_what_could_not_be_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    core, driver, a, *_ = drive()
    monkeypatch.setattr(a, "refuses", lambda transmits: Refused(transmits[1:], None))
    core.write(A, A, A, B, ("192.0.2.3", 3))
    driver.flush()
    assert [each.path.local for each in core.discarded] == [A, A, ("192.0.2.3", 3)]
    driver.close()


async def test_the_answer_to_a_lone_datagram_leaves_with_what_the_core_has_to_say() -> None:
    """In the same turn of the loop; a burst is acknowledged before the application has its turn."""
    core, driver, a, *_ = drive()
    told: list[list[int]] = []

    def deliver(*, reading: bool) -> bool:
        if reading:
            told.append(list(a.bursts))
            core.write(A)
            driver.flush_soon()
        return False

    driver._deliver = deliver
    driver.receive(b"one", Path(A, REMOTE))
    core.write(A)
    driver.flush()
    assert (told, a.bursts) == ([[]], [2])
    for _ in range(2):
        driver.receive(b"two", Path(A, REMOTE))
    core.write(A)
    driver.flush()
    assert (told[1:], a.bursts) == ([[2, 1]], [2, 1, 1])
    await asyncio.sleep(0)
    assert len(a.bursts) == 3
    driver.close()


async def test_what_the_application_raises_does_not_keep_the_answer_back() -> None:
    core, driver, a, *_ = drive()

    def deliver(*, reading: bool) -> bool:
        if reading:
            raise KeyboardInterrupt
        return False

    driver._deliver = deliver
    core.write(A)
    with pytest.raises(KeyboardInterrupt):
        driver.flush()
    assert a.bursts == [1]
    driver.close()


async def test_many_commands_in_a_turn_are_one_flush() -> None:
    core, driver, a, _, delivered = drive()
    for _ in range(10):
        core.write(A)
        driver.flush_soon()
    assert a.bursts == []
    await asyncio.sleep(0)
    assert a.bursts == [10]
    assert len(delivered) == 1
    driver.close()


async def test_commands_between_cork_and_uncork_are_sent_at_its_end() -> None:
    """Without a turn of the loop for each."""
    core, driver, a, _, delivered = drive()
    driver.cork()
    for _ in range(3):
        core.write(A)
        driver.flush_soon()
    assert a.bursts == []
    driver.uncork()
    assert a.bursts == [3]
    assert len(delivered) == 1
    core.write(A)
    driver.flush_soon()
    await asyncio.sleep(0)
    assert a.bursts == [3, 1]
    driver.close()


async def test_an_application_that_has_done_nothing_costs_no_flush() -> None:
    core, driver, _, _, delivered = drive()
    driver.cork()
    core.deadline = asyncio.get_running_loop().time() + 3.0
    driver.uncork()
    assert delivered == []
    await asyncio.sleep(4.0)
    assert len(core.fired) == 1
    driver.cork()
    driver.close()
    core.deadline = 0.0
    driver.uncork()
    await asyncio.sleep(1.0)
    assert len(core.fired) == 1


async def test_the_timer_waits_for_what_the_application_does_first() -> None:
    """It would be set twice otherwise."""
    core, driver, *_ = drive()
    delivering = True
    driver._deliver = lambda *, reading: delivering
    core.deadline = 2.0
    driver.flush()
    delivering = False
    await asyncio.sleep(5.0)
    assert core.fired == []
    driver.uncork()
    await asyncio.sleep(0.1)
    assert core.fired == [5.0]
    driver.close()


async def test_the_timer_moves_only_to_earlier_deadlines() -> None:
    """An early one costs an idle call; a later one costs nothing."""
    core, driver, *_ = drive()
    loop = asyncio.get_running_loop()
    for deadline in (5.0, 7.0, 2.0, 3.0):
        core.deadline = deadline
        driver.flush()
    await asyncio.sleep(10.0)
    assert core.fired == [2.0]
    core.deadline = loop.time() - 1.0
    driver.flush()
    await asyncio.sleep(0.1)
    assert core.fired == [2.0, 10.0]
    driver.close()


async def test_after_close_nothing_is_sent_and_no_timer_is_left() -> None:
    core, driver, a, b, _ = drive()
    core.deadline = 5.0
    driver.flush()
    driver.close()
    driver.close()
    assert (a.closed, b.closed) == (1, 1)
    core.write(A)
    driver.flush()
    assert a.bursts == []
    core.deadline = None
    await asyncio.sleep(10.0)
    assert core.fired == []


async def test_an_endpoint_can_be_taken_away() -> None:
    """F-14, F-15: what still wants to leave from it is counted."""
    core, driver, a, _, _ = drive()
    driver.remove_endpoint(A)
    driver.remove_endpoint(A)
    assert a.closed == 1
    core.write(A, B)
    driver.flush()
    assert driver.unroutable == 1
    driver.close()


async def test_a_bug_in_the_core_neither_stops_the_timer_nor_spins() -> None:
    """A-01: each time it is shown, and a second later it is tried again."""
    core, driver, *_ = drive()
    shown: list[object] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: shown.append(context["exception"]))
    core.failing, core.deadline = True, 1.0
    driver.flush()
    await asyncio.sleep(4.5)
    assert core.fired == [1.0, 1.0 + RETRY, 1.0 + 2 * RETRY, 1.0 + 3 * RETRY]
    assert [type(each) for each in shown] == [KeyError] * 4
    core.failing = False
    await asyncio.sleep(3 * RETRY)
    assert len(core.fired) == 5
    driver.close()


@pytest.mark.interpreted
async def test_a_connection_survives_bugs_in_the_way_of_its_datagrams() -> None:
    """A-01: every seventh datagram raises; each is shown, the others go through."""
    _, left, right = two_hosts(Link(delay=0.01))
    shown: list[object] = []
    async with connected(left, right) as pair:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, context: shown.append(context["exception"]))
        handle, count = pair.right._core.handle_read, 0

        def raising(data: bytes, path: Path, now: float) -> None:
            nonlocal count
            count += 1
            if count % 7 == 0:
                raise KeyError("a bug in the core")
            handle(data, path, now)

        pair.right._core.handle_read = raising  # type: ignore[method-assign] # the fault
        for number in range(50):
            pair.channel.send(str(number))
            await asyncio.sleep(0.05)
        async with asyncio.timeout(10.0):
            assert [await pair.remote.recv() for _ in range(50)] == [str(n) for n in range(50)]
        assert len(shown) == count // 7 > 3


async def test_a_loop_that_stood_still_is_named_once(caplog: pytest.LogCaptureFixture) -> None:
    """F-22: one warning however many connections are late, another for the next time."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualTimeLoop)
    drivers = [drive() for _ in range(5)]
    with caplog.at_level(logging.WARNING, "webrtc.aio"):
        for stall in (0.5, 3.0, 8.0):
            for core, driver, *_ in drivers:
                core.deadline = loop.time() + 0.1
                driver.flush()
            loop.skip(stall)
            await asyncio.sleep(1.0)
    assert [record.getMessage() for record in caplog.records] == [
        "the event loop stood still for 2.9 s: something blocks it",
        "the event loop stood still for 7.9 s: something blocks it",
    ]
    for _, driver, *_ in drivers:
        driver.close()


class Bursts(Core):
    """A core that takes and gives several datagrams at once."""

    def __init__(self) -> None:
        super().__init__()
        self.together: list[tuple[list[bytes], float]] = []
        self.bursts: deque[Burst] = deque()
        self.too_large: list[Transmit] = []

    def handle_reads(self, datagrams: Sequence[bytes], path: Path, now: float) -> None:
        self.together.append((list(datagrams), now))

    def poll_burst(self) -> Burst | None:
        return self.bursts.popleft() if self.bursts else None

    def handle_too_large(self, transmit: Transmit, now: float) -> None:
        self.too_large.append(transmit)
        self.bursts.append(Burst([b"small"] * 2, transmit.path))


async def test_a_burst_goes_through_the_core_as_one() -> None:
    """Both ways, and in the order in which the core gives it."""
    core, wire = Bursts(), Wire(A)
    driver = Driver(core, lambda *, reading: False)
    driver.add_endpoint(wire)
    driver.receive_burst([b"one", b"two"], Path(A, REMOTE))
    core.bursts += [Burst([b"x"] * 3, Path(A, REMOTE)), Burst([b"x"] * 2, Path(B, REMOTE))]
    core.write(A)
    driver.flush()
    assert core.together == [([b"one", b"two"], asyncio.get_running_loop().time())]
    assert wire.bursts == [3, 1]
    assert driver.unroutable == 2
    assert [each.path.local for each in core.discarded] == [B, B]
    driver.close()


async def test_a_core_that_knows_the_five_verbs_gets_a_burst_one_by_one() -> None:
    core, driver, *_ = drive()
    driver.receive_burst([b"one", b"two"], Path(A, REMOTE))
    assert [data for data, _ in core.read] == [b"one", b"two"]
    driver.close()


async def test_a_burst_that_is_too_large_is_told_and_answered_in_the_same_flush() -> None:
    """RFC 8899 §4.6.1: the path-MTU search hears of it."""

    class Narrow(Wire):
        def refuses(self, transmits: Sequence[Transmit]) -> Refused | None:
            large = [each for each in transmits if each.data == b"large"]
            return Refused(large, large[0]) if large else None

    core, wire = Bursts(), Narrow(A)
    driver = Driver(core, lambda *, reading: False)
    driver.add_endpoint(wire)
    core.bursts.append(Burst([b"large", b"large", b"tail"], Path(A, REMOTE), True))
    driver.flush()
    large = Transmit(b"large", Path(A, REMOTE), 0, True)
    assert (core.too_large, core.discarded) == ([large], [large, large])
    assert wire.bursts == [3, 2]
    driver.close()
