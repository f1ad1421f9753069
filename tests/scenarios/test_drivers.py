"""One core, several ways to run it: blocking sockets and a virtual clock, both without asyncio.

asyncio and uvloop are in test_process.py.
"""

import select
import socket
import time
from collections.abc import Callable

from tests.support import PATIENCE
from webrtc import RTCIceCandidate
from webrtc.core import Path
from webrtc.datachannel import Announced, ChannelOpened
from webrtc.peer import PeerConnection
from webrtc.peer.events import AddressesBound, GatherWanted
from webrtc.vnet import Link, Network


class End:
    """A core with its socket, fed by hand."""

    def __init__(self) -> None:
        self.core = PeerConnection(unix_time=time.time())
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.received: list[bytes | str] = []
        self.opened = False

    def work(self, now: float) -> float:
        """Do all that is due; the deadline of the next."""
        core = self.core
        core.handle_timeout(now)
        while (event := core.poll_event()) is not None:
            if isinstance(event, GatherWanted):
                core.handle_event(AddressesBound((self.socket.getsockname(),)), now)
            self.opened |= isinstance(event, ChannelOpened | Announced)
        while (transmit := core.poll_write()) is not None:
            self.socket.sendto(transmit.data, transmit.path.remote)
        while (message := core.poll_data()) is not None:
            self.received.append(message.data)
        deadline = core.poll_timeout()
        return now + 1.0 if deadline is None else deadline

    def read(self, now: float) -> None:
        data, remote = self.socket.recvfrom(2048)
        self.core.handle_read(data, Path(self.socket.getsockname(), remote), now)


def run(ends: tuple[End, End], done: Callable[[], object]) -> None:
    """A loop of ten lines."""
    limit = time.monotonic() + PATIENCE
    while not done():
        now = time.monotonic()
        assert now < limit
        deadline = min(end.work(now) for end in ends)
        sockets = [end.socket for end in ends]
        ready, _, _ = select.select(sockets, [], [], max(0.0, min(deadline - now, 0.05)))
        for end in ends:
            if end.socket in ready:
                end.read(time.monotonic())


def negotiate(one: PeerConnection, other: PeerConnection, now: float) -> None:
    """One offer and its answer; candidates are learnt from checks or later descriptions."""
    one.set_local_description(None, now)
    assert one.local_description is not None
    other.set_remote_description(one.local_description, now)
    other.set_local_description(None, now)
    assert other.local_description is not None
    one.set_remote_description(other.local_description, now)


def trickle(one: End, other: End, now: float) -> None:
    """Tell each the candidates of the other."""
    for source, sink in ((one, other), (other, one)):
        source.work(now)
        local = source.core.local_description
        assert local is not None
        for line in local.sdp.split("\r\n"):
            if line.startswith("a=candidate:"):
                sink.core.add_ice_candidate(_candidate(line[2:]), now)


def _candidate(line: str) -> RTCIceCandidate:
    return RTCIceCandidate(line, sdp_mid="0", sdp_m_line_index=0)


def test_blocking_sockets_and_select_are_enough() -> None:
    """SYS-05, SYS-06: the application owns sockets, clock and loop."""
    ends = End(), End()
    channel = ends[0].core.create_data_channel("data", time.monotonic())
    negotiate(ends[0].core, ends[1].core, time.monotonic())
    trickle(*ends, time.monotonic())
    run(ends, lambda: ends[0].opened and ends[1].opened)
    for number in range(10):
        ends[0].core.send(channel, str(number), time.monotonic())
    run(ends, lambda: len(ends[1].received) == 10)
    assert ends[1].received == [str(number) for number in range(10)]
    for end in ends:
        end.core.close(time.monotonic())
        end.work(time.monotonic())
        end.socket.close()


def test_a_virtual_clock_without_asyncio_runs_the_same_core() -> None:
    """SYS-05: on the virtual network, moved by the test."""
    network = Network(Link(delay=0.05, loss=0.02), seed=3)
    addresses = ("192.0.2.1", 5000), ("192.0.2.2", 5000)
    cores = PeerConnection(), PeerConnection()
    seen: list[object] = []

    def take(core: PeerConnection, number: int) -> Callable[[object], None]:
        def on_event(event: object) -> None:
            seen.append(event)
            if isinstance(event, GatherWanted):
                core.handle_event(AddressesBound((addresses[number],)), network.now)

        return on_event

    for number, core in enumerate(cores):
        network.add(addresses[number], core, on_event=take(core, number))
    channel = cores[0].create_data_channel("data", 0.0)
    cores[0].set_local_description(None, 0.0)
    network.flush()
    assert cores[0].local_description is not None
    cores[1].set_remote_description(cores[0].local_description, 0.0)
    cores[1].set_local_description(None, 0.0)
    network.flush()
    assert cores[1].local_description is not None
    cores[0].set_remote_description(cores[1].local_description, 0.0)
    network.run_until(lambda: any(isinstance(each, ChannelOpened) for each in seen), limit=10.0)
    cores[0].send(channel, "hello", network.now)
    network.run_until(cores[1].channels.poll_data, limit=10.0)
    assert 0.29 < network.now < 10.0
