"""UDP endpoints on loopback: bursts, coalescing, and every error the system may return."""

import asyncio
import errno
import os
import re
import socket
import sys
from collections.abc import Sequence
from random import Random
from typing import Any

import pytest

from tests.aio.net.faulty import ERRORS, disturb, never
from tests.support import eventually, over_loopback
from webrtc import SettingEngine
from webrtc.aio.net.network import SystemNetwork
from webrtc.aio.net.seam import Endpoint
from webrtc.aio.net.udp import BURST, AwaitingUdpEndpoint, UdpEndpoint
from webrtc.core import Address, Burst, Path, Refused, Transmit

pytestmark = [
    pytest.mark.realtime,
    pytest.mark.skipif(sys.platform != "linux", reason="UDP_SEGMENT and UDP_GRO are Linux'"),
]
LOOPBACK: Address = ("127.0.0.1", 0)
both_kinds = pytest.mark.parametrize("kind", [UdpEndpoint, AwaitingUdpEndpoint])


class Sink:
    """Keeps what it gets, burst by burst."""

    def __init__(self) -> None:
        self.bursts: list[list[bytes]] = [[]]
        self.paths: set[Path] = set()
        self.failing = 0

    @property
    def received(self) -> list[bytes]:
        return [data for burst in self.bursts for data in burst]

    def receive(self, data: bytes, path: Path) -> None:
        if self.failing:
            self.failing -= 1
            raise KeyError("a bug above")
        self.bursts[-1].append(data)
        self.paths.add(path)

    def receive_burst(self, datagrams: Sequence[bytes], path: Path) -> None:
        assert len(datagrams) > 1
        for data in datagrams:
            self.receive(data, path)

    def flush(self) -> None:
        self.bursts.append([])


def to(sender: Endpoint, receiver: Endpoint, *data: bytes) -> list[Transmit]:
    """What `sender` has to send for `receiver` to get `data`."""
    path = Path(sender.local, receiver.local)
    return [Transmit(each, path) for each in data]


class Two:
    """A sender and a receiver that is read, and what it got."""

    def __init__(
        self, kind: type[UdpEndpoint] = UdpEndpoint, address: Address = LOOPBACK, **faults: Any
    ) -> None:
        self.sink = Sink()
        self.sender = kind(address)
        self.receiver = kind(address)
        self.sending = disturb(self.sender, faults.get("send", never))
        if kind is UdpEndpoint:  # the loop reads by itself otherwise
            self.reading = disturb(self.receiver, faults.get("receive", never))

    def __enter__(self) -> "Two":
        self.receiver.start(self.sink)
        return self

    def __exit__(self, *_: object) -> None:
        self.sender.close()
        self.receiver.close()

    def send(self, *data: bytes) -> None:
        self.sender.send_burst(Burst(data, Path(self.sender.local, self.receiver.local)))

    async def arrived(self, *data: bytes) -> None:
        await eventually(lambda: len(self.sink.received) >= len(data))
        assert self.sink.received == list(data)


def burst(count: int, size: int = 1200, last: int | None = None) -> list[bytes]:
    """Datagrams that can be told apart, of equal size but for the last."""
    data = [bytes([number & 255]) * size for number in range(count)]
    return data if last is None else [*data, bytes(last)]


@both_kinds
async def test_bursts_arrive_datagram_by_datagram(kind: type[UdpEndpoint]) -> None:
    """Sizes grow, shrink and are 0; boundaries and order stay."""
    random = Random(1)
    data = [random.randbytes(random.choice([0, 1, 100, 1200, 1200, 1200])) for _ in range(60)]
    with Two(kind) as two:
        two.send(*data)
        await two.arrived(*data)
        assert two.sink.paths == {Path(two.receiver.local, two.sender.local)}
        two.send(b"single")
        await two.arrived(*data, b"single")


async def test_a_run_of_equal_size_with_a_shorter_last_is_one_system_call() -> None:
    with Two() as two:
        two.send(*burst(30, last=300), *burst(5, 1000))
        assert two.sending.calls == [("sendmsg", 31), ("sendmsg", 5)]
        await two.arrived(*burst(30, last=300), *burst(5, 1000))


@pytest.mark.parametrize(
    ("count", "size", "calls"),
    [
        (2, 1200, [2]),
        (64, 100, [64]),
        (65, 100, [64, 1]),
        (130, 1200, [54, 54, 22]),
        (3, 40_000, [1, 1, 1]),
    ],
)
async def test_a_run_keeps_within_what_the_kernel_takes(
    count: int, size: int, calls: list[int]
) -> None:
    """At most 64 segments and 65000 bytes."""
    with Two() as two:
        two.send(*burst(count, size))
        assert [number for _, number in two.sending.calls] == calls
        await two.arrived(*burst(count, size))


async def test_datagrams_to_several_destinations_leave_in_their_order() -> None:
    with Two() as two, Two() as other:
        mixed = [
            *to(two.sender, two.receiver, *burst(3)),
            *to(two.sender, other.receiver, *burst(2)),
            *to(two.sender, two.receiver, b"end"),
        ]
        two.sender.send(mixed)
        assert two.sending.calls == [("sendto", 1)] * 6
        await two.arrived(*burst(3), b"end")
        await other.arrived(*burst(2))


@pytest.mark.parametrize("number", [errno.EIO, errno.EINVAL, errno.EOPNOTSUPP, errno.ENOPROTOOPT])
async def test_coalescing_is_given_up_for_a_socket_that_cannot(number: int) -> None:
    """F-25: at run time, nothing is lost, and it is not tried again."""
    with Two(send=lambda call: number if call == "sendmsg" else None) as two:
        two.send(*burst(5))
        two.send(*burst(5))
        assert [call for call, _ in two.sending.calls] == ["sendmsg", *["sendto"] * 10]
        await two.arrived(*burst(5), *burst(5))
        assert two.sender.dropped == 0


async def test_a_run_that_is_too_large_for_the_route_goes_singly_this_time() -> None:
    """F-25: EMSGSIZE."""
    faults = iter([errno.EMSGSIZE, *[None] * 20])
    with Two(send=lambda call: next(faults)) as two:
        two.send(*burst(3))
        two.send(*burst(3))
        calls = [call for call, _ in two.sending.calls]
        assert calls == ["sendmsg", "sendto", "sendto", "sendto", "sendmsg"]
        await two.arrived(*burst(3), *burst(3))


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
async def test_fragmentation_is_forbidden_and_allowed_datagram_by_datagram(host: str) -> None:
    """F-10: IP_PMTUDISC_PROBE and _DONT."""
    with Two(address=(host, 0)) as two:
        path = Path(two.sender.local, two.receiver.local)
        option = (socket.IPPROTO_IPV6, 23) if ":" in host else (socket.IPPROTO_IP, 10)
        seen = []
        for count, flag in ((3, True), (2, False), (1, True), (1, False), (2, True)):
            two.sender.send_burst(Burst([b"x" * 1200] * count, path, flag))
            seen.append(two.sending.getsockopt(*option))
            two.sender.send([Transmit(b"x" * 1200, path, 0, not flag)])
            seen.append(two.sending.getsockopt(*option))
        assert seen == [3, 0, 0, 3, 3, 0, 0, 3, 3, 0]
        await two.arrived(*[b"x" * 1200] * 14)


async def test_what_must_not_be_fragmented_and_does_not_fit_is_named() -> None:
    """F-25: the smallest; other errors, and datagrams that may be fragmented, are only dropped."""
    with Two(send=lambda call: errno.EMSGSIZE) as two:
        path = Path(two.sender.local, two.receiver.local)
        sizes = [Transmit(bytes(size), path, 0, True) for size in (1400, 1300, 1300, 1200, 1350)]
        assert two.sender.send(sizes) == Refused(sizes, sizes[3])
        data = [transmit.data for transmit in sizes]
        assert two.sender.send_burst(Burst(data, path, True)) == Refused(sizes, sizes[3])
        assert two.sender.send(sizes[:1]) == Refused(sizes[:1], sizes[0])
        divisible = [Transmit(bytes(1400), path)] * 2
        assert two.sender.send(divisible) == Refused(divisible)
        assert two.sender.dropped == 13
    with Two(send=lambda call: errno.ENOBUFS) as two:
        assert two.sender.send(sizes) == Refused(sizes)
        assert two.sender.send_burst(Burst(data, path, True)) == Refused(sizes)


async def test_a_segment_that_is_too_large_does_not_end_coalescing() -> None:
    """Some kernels say EINVAL where EMSGSIZE is meant."""
    errors = {"sendmsg": errno.EINVAL, "sendto": errno.EMSGSIZE}
    with Two(send=errors.get) as two:
        path = Path(two.sender.local, two.receiver.local)
        assert two.sender.send_burst(Burst([bytes(1400)] * 2, path, True)) is not None
        errors.clear()
        two.sender.send_burst(Burst([b"y" * 1200] * 2, path, True))
        assert two.sending.calls[-1] == ("sendmsg", 2)
        await two.arrived(b"y" * 1200, b"y" * 1200)


@pytest.mark.parametrize("number", ERRORS, ids=errno.errorcode.__getitem__)
async def test_no_error_of_a_send_is_fatal(number: int) -> None:
    """F-25, A-02: dropped, counted, named if there is no way; the next one goes out."""
    failing = True
    no_way = number in {errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EADDRNOTAVAIL}
    with Two(send=lambda call: number if failing else None) as two:
        lost = to(two.sender, two.receiver, b"lost")
        assert two.sender.send(lost) == Refused(lost, None, tuple(lost) if no_way else ())
        assert two.sender.dropped == 1
        three = to(two.sender, two.receiver, *burst(3))
        refused = two.sender.send_burst(Burst(burst(3), three[0].path))
        assert refused == Refused(three, None, tuple(three) if no_way else ())
        assert two.sender.dropped == 4
        failing = False
        two.send(b"one", b"two")
        await two.arrived(b"one", b"two")


@pytest.mark.parametrize(
    "number",
    [errno.ECONNREFUSED, errno.ECONNRESET, errno.ENOTCONN, errno.ETIMEDOUT, errno.EHOSTUNREACH],
    ids=errno.errorcode.__getitem__,
)
@pytest.mark.parametrize("coalescing", [False, True])
async def test_no_error_of_a_read_stops_the_reader(number: int, *, coalescing: bool) -> None:
    """F-26."""
    faults = iter([number] * 5)
    with Two(receive=lambda call: next(faults, None)) as two:
        if coalescing:
            two.receiver._start_coalescing()
        two.send(b"one", b"two")
        await two.arrived(b"one", b"two")


async def test_a_socket_that_does_nothing_but_fail_does_not_hold_the_loop() -> None:
    """F-26, F-24: at most 64 reads a turn."""
    with Two(receive=lambda call: errno.ENOTCONN) as two:
        two.send(b"x")
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert 0 < len(two.reading.calls) <= 3 * BURST


async def test_coalesced_reads_are_taken_apart() -> None:
    """With a shorter last segment, an only one, and an empty datagram between."""
    with Two() as two:
        two.receiver._start_coalescing()
        data = [*burst(10, last=300), b"", b"alone", *burst(20, 500)]
        two.send(*data)
        await two.arrived(*data)
        assert len(two.reading.calls) < len(data)
        assert {call for call, _ in two.reading.calls} == {"recvmsg"}


async def test_where_datagrams_come_one_by_one_no_second_is_asked_for() -> None:
    """A read that finds nothing costs an exception; a burst is read whole again soon."""
    with Two() as two:
        for number in range(1, 41):
            two.send(b"%d" % number)
            await eventually(lambda wanted=number: len(two.sink.received) == wanted)  # type: ignore[misc]
        assert len(two.reading.calls) < 40 + 10
        two.send(*burst(60, size=100))
        await eventually(lambda: len(two.sink.received) == 100)
        assert max(map(len, two.sink.bursts)) > 40


async def test_coalesced_reading_begins_with_the_first_large_burst() -> None:
    with Two() as two:
        two.send(*burst(3))
        await two.arrived(*burst(3))
        assert not two.receiver._coalescing
        two.send(*burst(20))
        await two.arrived(*burst(3), *burst(20))
        await asyncio.sleep(0.01)
        two.send(*burst(20))
        await two.arrived(*burst(3), *burst(20), *burst(20))
        assert two.reading.calls[-1] == ("recvmsg", 1)


@pytest.mark.interpreted
@both_kinds
async def test_others_get_their_turn_while_much_is_to_be_read(kind: type[UdpEndpoint]) -> None:
    """At most 64 datagrams a turn of the loop, and one flush for each turn."""
    with Two(kind) as two:
        two.receiver._start_coalescing = lambda: None  # type: ignore[method-assign] # one by one
        for data in burst(200, 100):
            two.send(data)
        await eventually(lambda: len(two.sink.received) == 200)
        sizes = [len(each) for each in two.sink.bursts if each]
        assert max(sizes) <= BURST + 1
        assert len(sizes) >= 3


@both_kinds
async def test_a_bug_above_is_shown_and_stops_nothing(kind: type[UdpEndpoint]) -> None:
    """A-01: the exception reaches the loop's handler, what was read before is flushed."""
    shown: list[object] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: shown.append(context["exception"]))
    with Two(kind) as two:
        two.sink.failing = 1
        two.send(b"first")
        await eventually(lambda: shown)
        two.send(b"second")
        await eventually(lambda: two.sink.received == [b"second"])
        assert [type(each) for each in shown] == [KeyError]
        assert len(two.sink.bursts) > 1


@both_kinds
async def test_close_releases_the_port_and_can_be_repeated(kind: type[UdpEndpoint]) -> None:
    two = Two(kind)
    with two:
        two.send(b"x")
        await two.arrived(b"x")
    for _ in range(3):
        await asyncio.sleep(0)
    two.receiver.close()
    two.sender.send(to(two.sender, two.receiver, b"y", b"z"))
    assert two.sender.dropped == 2
    again = kind(two.receiver.local)
    again.close()
    unstarted = kind(LOOPBACK)
    unstarted.close()
    unstarted.close()


def test_an_address_that_is_taken_or_foreign_raises_and_leaves_nothing_open() -> None:
    """F-15."""
    taken = UdpEndpoint(LOOPBACK)
    before = os.listdir("/proc/self/fd")
    for address in (taken.local, ("192.0.2.99", 0), ("fe80::1%nowhere", 0)):
        with pytest.raises(OSError, match=r".+"):
            UdpEndpoint(address)
    assert os.listdir("/proc/self/fd") == before
    taken.close()


@pytest.mark.parametrize(
    ("call", "number"),
    [
        ("socket", errno.EAFNOSUPPORT),
        ("bind", errno.EADDRNOTAVAIL),
        ("setsockopt", errno.ENOPROTOOPT),
    ],
)
async def test_without_ipv6_in_the_kernel_ipv4_connects(
    call: str, number: int, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """F-48: whichever call it is that fails; each end warns once."""
    working = getattr(socket.socket, "__init__" if call == "socket" else call)

    def failing(sock: socket.socket, *arguments: Any, **named: Any) -> Any:
        family = arguments[0] if call == "socket" else sock.family
        if family == socket.AF_INET6 and (
            call != "setsockopt" or arguments[1] == socket.IPV6_V6ONLY
        ):
            raise OSError(number, os.strerror(number))
        return working(sock, *arguments, **named)

    monkeypatch.setattr(socket.socket, "__init__" if call == "socket" else call, failing)
    before = os.listdir("/proc/self/fd")
    with pytest.raises(OSError, match=re.escape(os.strerror(number))):
        UdpEndpoint(("::1", 0))
    assert os.listdir("/proc/self/fd") == before
    async with over_loopback(SettingEngine(bind_addresses=("::1", "127.0.0.1"))) as pair:
        await pair.channel.send(b"x")
        assert await pair.remote.recv() == b"x"
    assert [each.getMessage()[:22] for each in caplog.records] == ["no UDP socket on ::1: "] * 2


def test_buffers_are_enlarged_as_far_as_the_system_lets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where asking for too much is an error."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as plain:
        usual = plain.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)
    endpoint = UdpEndpoint(LOOPBACK)
    assert endpoint._socket.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF) >= usual
    endpoint.close()
    asked: list[int] = []

    def refuse(sock: socket.socket, level: int, option: int, value: int) -> None:
        asked.append(option)
        raise OSError(errno.ENOBUFS, "too much")

    monkeypatch.setattr(socket.socket, "setsockopt", refuse)
    UdpEndpoint(LOOPBACK).close()
    assert asked == [socket.SO_RCVBUF, socket.SO_SNDBUF]


@pytest.mark.parametrize("numeric", [False, True])
async def test_link_local_addresses_keep_their_zone(*, numeric: bool) -> None:
    """IPv6: the zone of the socket is the zone of what it sends and gets."""
    hosts = [each.host for each in SystemNetwork().interfaces() if each.host.startswith("fe80:")]
    if not hosts:
        pytest.skip("no link-local address here")
    host = hosts[0]
    if numeric:
        bare, _, zone = host.partition("%")
        host = f"{bare}%{socket.if_nametoindex(zone)}"
    with Two(address=(host, 0)) as two:
        two.send(b"x", b"y")
        await two.arrived(b"x", b"y")
        assert two.sink.paths == {Path(two.receiver.local, two.sender.local)}
        bare_remote = (host.partition("%")[0], two.receiver.local[1])
        two.sender.send([Transmit(b"z", Path(two.sender.local, bare_remote))])
        await two.arrived(b"x", b"y", b"z")


async def test_destinations_that_cannot_be_are_dropped() -> None:
    """F-25: the other family, a zone that is not there, no address at all."""
    with Two() as two, Two(address=("::1", 0)) as six:
        six.send(b"x")
        await six.arrived(b"x")
        for remote in (("::1", 9), ("fe80::1%nowhere", 9), ("::1", 0)):
            before = two.sender.dropped + six.sender.dropped
            for end in (two, six):
                end.sender.send([Transmit(b"x", Path(end.sender.local, remote))] * 2)
            assert two.sender.dropped + six.sender.dropped > before
