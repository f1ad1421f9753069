"""Captures of connections: everything that passes, once."""

import asyncio
from collections.abc import Sequence
from pathlib import Path as File

import pytest

from tests.support import LEFT, RIGHT, connected, two_hosts
from webrtc.aio.loop.files import SharedFile
from webrtc.aio.net.capture import CaptureFile, CapturingEndpoint, CapturingNetwork
from webrtc.aio.net.seam import Receiver
from webrtc.core import Burst, Path, Refused, Transmit, transmits
from webrtc.peer.demux import Kind, classify
from webrtc.util.captures import Payload, frames, payload
from webrtc.util.pcapng import Direction


def read(path: File) -> list[tuple[str, Direction | None, Payload]]:
    found = []
    for frame in frames(path.read_bytes()):
        inside = payload(frame)
        assert inside is not None
        found.append((frame.interface, frame.direction, inside))
    return found


async def test_every_datagram_of_both_ends_is_there(tmp_path: File) -> None:
    path = tmp_path / "all.pcapng"
    _, left, right = two_hosts()
    async with connected(
        CapturingNetwork(left, path, "one"), CapturingNetwork(right, path, "other")
    ) as pair:
        pair.channel.send("hello")
        assert await pair.remote.recv() == "hello"
        await asyncio.sleep(1)
        found = read(path)
    sent = [each for each in found if each[1] is Direction.OUTBOUND]
    received = [each for each in found if each[1] is Direction.INBOUND]
    assert len(sent) == len(received)
    assert {(name, inside.source[0]) for name, _, inside in sent} == {
        ("one", LEFT),
        ("other", RIGHT),
    }
    assert {(name, inside.source[0]) for name, _, inside in received} == {
        ("one", RIGHT),
        ("other", LEFT),
    }
    kinds = {classify(inside.data) for _, _, inside in found}
    assert kinds == {Kind.STUN, Kind.DTLS}
    assert not SharedFile._open


class Refusing:
    """An endpoint that refuses the second of two datagrams."""

    local = ("192.0.2.1", 1)
    closed = 0

    def start(self, receiver: Receiver) -> None:
        self.receiver = receiver

    def send(self, transmits: Sequence[Transmit]) -> Refused | None:
        return Refused(transmits[1:])

    def send_burst(self, burst: Burst) -> Refused | None:
        return self.send(transmits(burst))

    def close(self) -> None:
        self.closed += 1


async def test_what_the_system_refused_is_not_captured(tmp_path: File) -> None:
    inner = Refusing()
    endpoint = CapturingEndpoint(inner, tmp_path / "x.pcapng", "pc=1")
    to = Path(inner.local, ("192.0.2.2", 2))
    refused = endpoint.send([Transmit(b"went", to), Transmit(b"did not", to)])
    assert refused == Refused([Transmit(b"did not", to)])
    assert endpoint.send_burst(Burst([b"went", b"did not"], to)) == refused
    endpoint.close()
    endpoint.close()
    assert inner.closed == 1
    for name, direction, inside in (written := read(tmp_path / "x.pcapng")):
        assert (name, direction, inside.data) == ("pc=1", Direction.OUTBOUND, b"went")
    assert len(written) == 2


async def test_nothing_is_heard_before_the_start(tmp_path: File) -> None:
    inner = Refusing()
    endpoint = CapturingEndpoint(inner, tmp_path / "x.pcapng", "pc=1")
    endpoint.receive(b"early", Path(inner.local, ("192.0.2.2", 2)))
    endpoint.receive_burst((b"early", b"too"), Path(inner.local, ("192.0.2.2", 2)))
    endpoint.flush()
    endpoint.close()
    assert len(read(tmp_path / "x.pcapng")) == 3


async def test_connection_does_not_mind_a_file_that_cannot_be_written(
    tmp_path: File, caplog: pytest.LogCaptureFixture
) -> None:
    _, left, right = two_hosts()
    path = tmp_path / "nowhere" / "x.pcapng"
    async with connected(CapturingNetwork(left, path, "one"), right) as pair:
        pair.channel.send("hello")
        assert await pair.remote.recv() == "hello"
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "cannot be written" in caplog.text


async def test_names_and_interfaces_are_those_of_the_network_inside(tmp_path: File) -> None:
    _, left, _ = two_hosts()
    outer = CapturingNetwork(left, tmp_path / "x", "one")
    assert outer.interfaces() == left.interfaces()
    assert await outer.resolve(LEFT) == await left.resolve(LEFT)


def test_a_capture_begins_anew_with_each_process(tmp_path: File) -> None:
    path = tmp_path / "x.pcapng"
    path.write_bytes(b"of another run")
    file = CaptureFile.use(path)
    file.add("pc=1", Direction.INBOUND, b"data", Path(("192.0.2.1", 1), ("192.0.2.2", 2)))
    file.release()
    [(_, _, inside)] = read(path)
    assert (inside.source, inside.destination) == (("192.0.2.2", 2), ("192.0.2.1", 1))
