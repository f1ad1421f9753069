"""Sans-IO cores in the network: rows VNET-01 and VNET-08."""

import asyncio

import pytest

from tests.vnet.support import Answer, Peer, Retry, trace
from webrtc.core import Path, Transmit
from webrtc.vnet import Link, Nat, Network

CLIENT, SERVER = ("198.51.100.1", 5000), ("198.51.100.2", 3478)
ROUGH = Link(delay=0.1, jitter=0.05, loss=0.1, duplicate=0.1)


@pytest.mark.parametrize("seed", range(20))
def test_cores_talk_over_a_bad_link(seed: int) -> None:
    """VNET-01: time goes from deadline to deadline."""
    network = Network(ROUGH, seed=seed)
    client = Retry(CLIENT, SERVER)
    network.add(CLIENT, client)
    network.add(SERVER, Answer())
    network.run_until(lambda: client.done, limit=40.0)
    assert 0.2 <= network.now < 40.0
    assert client.poll_event() == ("done", network.now)


def test_events_go_to_the_handler_and_commands_it_gives_are_seen() -> None:
    network = Network(Link(delay=0.1))
    events: list[object] = []
    first, second = Retry(CLIENT, SERVER), Retry(("198.51.100.1", 5001), SERVER)
    second._deadline = None

    def on_event(event: object) -> None:
        events.append(event)
        second._deadline = 0.0

    client = network.host("client", CLIENT[0])
    client.attach(first, CLIENT, on_event=on_event)
    client.attach(second, ("198.51.100.1", 5001))
    network.add(SERVER, Answer())
    network.run_until(lambda: second.done, limit=1.0)
    assert events == [("done", 0.2)]
    assert network.now == pytest.approx(0.4)


def test_core_behind_a_nat_with_two_sockets() -> None:
    network = Network()
    lan = network.router("lan", "10.0.0.0/8", nat=Nat("203.0.113.1"))
    host = network.host("client", "10.0.0.2", "10.0.0.3", router=lan)
    client = Retry(("10.0.0.3", 5000), SERVER)
    host.attach(client, ("10.0.0.2", 5000), ("10.0.0.3", 5000))
    network.add(SERVER, Answer())
    network.run_until(lambda: client.done, limit=1.0)


def test_what_a_core_sends_from_an_unbound_address_is_dropped() -> None:
    network = Network()
    client = Retry(("198.51.100.77", 5000), SERVER)
    network.add(CLIENT, client)
    log = trace(network)
    network.run(1.2)
    assert (client.sent, log) == (3, [])


def test_closed_core_is_left_alone_and_its_port_is_free() -> None:
    network = Network(Link(delay=0.1))
    host = network.host("client", CLIENT[0])
    client = Retry(CLIENT, SERVER)
    driver = host.attach(client, CLIENT)
    network.add(SERVER, Answer())
    network.run(0.15)
    driver.close()
    host.bind(CLIENT)
    network.run(5.0)
    assert (client.sent, client.done) == (1, False)


def test_core_is_told_what_was_too_large() -> None:
    class Prober(Answer):
        """Halves what does not fit."""

        def handle_too_large(self, transmit: Transmit, now: float) -> None:
            self.told = len(transmit.data), now
            half = transmit.data[: len(transmit.data) // 2]
            self._writes.append(transmit._replace(data=half))

    network = Network()
    prober, listener = Prober(), Peer(network.host("two", "192.0.2.2"), 2)
    network.add(("192.0.2.1", 1), prober)
    prober._writes.append(Transmit(bytes(2000), Path(("192.0.2.1", 1), listener.local), 0, True))
    network.run(0.1)
    assert prober.told == (2000, 0.0)
    assert [len(data) for data, _ in listener.take()] == [1000]


def test_core_is_told_for_what_there_is_no_way() -> None:
    class Roamer(Answer):
        """Sends to the next destination when there is no way to one."""

        def handle_unreachable(self, transmit: Transmit, now: float) -> None:
            assert now == 0.0
            self._writes.append(transmit._replace(path=Path(("192.0.2.1", 1), listener.local)))

    network = Network()
    roamer, listener = Roamer(), Peer(network.host("two", "192.0.2.2"), 2)
    network.add(("192.0.2.1", 1), roamer)
    other_family = Path(("192.0.2.1", 1), ("2001:db8::1", 1))
    roamer._writes.append(Transmit(b"found", other_family))
    network.run(0.1)
    assert [data for data, _ in listener.take()] == [b"found"]


def test_core_that_stays_due_is_called_a_bug() -> None:
    class Stuck(Retry):
        def handle_timeout(self, now: float) -> None: ...

    network = Network()
    network.add(CLIENT, Stuck(CLIENT, SERVER))
    with pytest.raises(RuntimeError, match="again and again"):
        network.run(1.0)


async def test_cores_run_on_a_loop_without_a_task() -> None:
    """VNET-08: the same heap on asyncio's time."""
    network = Network(Link(delay=0.1))
    client = Retry(CLIENT, SERVER)
    network.add(CLIENT, client)
    network.add(SERVER, Answer())
    assert len(asyncio.all_tasks()) == 1
    await asyncio.sleep(0.25)
    assert client.done
    client.done, client._deadline = False, 0.3
    network.flush()
    await asyncio.sleep(1.0)
    assert client.done
