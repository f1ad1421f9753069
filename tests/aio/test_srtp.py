"""Streams of an SRTP session over any path. Rows SRTP-15 to SRTP-24."""

import asyncio
import socket
from collections.abc import Callable

import pytest

from tests.streams.support import KEYS
from webrtc import rtcp
from webrtc.aio.srtp import MAX_PACKETS, MAX_WAITING, SrtpSession
from webrtc.errors import ConnectionFailed, InvalidStateError, OperationError
from webrtc.rtp import RtpPacket
from webrtc.srtp import ProtectionProfile, SessionKeys

PROFILES = [
    ProtectionProfile.AES128_CM_SHA1_80,
    ProtectionProfile.AES128_CM_SHA1_32,
    ProtectionProfile.AEAD_AES_128_GCM,
]
PROFILE = ProtectionProfile.AEAD_AES_128_GCM


def keys(profile: ProtectionProfile) -> tuple[SessionKeys, SessionKeys]:
    one, other = (type(key)(key.key, key.salt.ljust(profile.salt_length, b"\0")) for key in KEYS)
    return SessionKeys(one, other), SessionKeys(other, one)


def pair(profile: ProtectionProfile = PROFILE, window: int = 64) -> tuple[SrtpSession, SrtpSession]:
    """Two sessions, each of whose packets is at the other at once."""
    ours, theirs = keys(profile)
    sessions: list[SrtpSession] = []

    def carry(to: int) -> Callable[[bytes], None]:
        return lambda data: sessions[to].receive(data)  # noqa: PLW0108 (not made yet)

    sessions += [
        SrtpSession(profile, ours, carry(1), window=window),
        SrtpSession(profile, theirs, carry(0), window=window),
    ]
    return sessions[0], sessions[1]


def packet(number: int, ssrc: int = 7) -> RtpPacket:
    return RtpPacket(96, number, 0, ssrc, b"payload")


@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.name)
async def test_a_source_that_comes_is_accepted_and_read(profile: ProtectionProfile) -> None:
    left, right = pair(profile)
    stream = left.open(7)
    accepting = asyncio.create_task(right.accept())
    await asyncio.sleep(0)
    stream.write(packet(1))
    stream.write(packet(2))
    other = await accepting
    assert other.ssrc == 7
    assert [await other.read(), await other.read()] == [packet(1), packet(2)]


async def test_a_source_that_was_opened_is_not_accepted() -> None:
    left, right = pair()
    stream = right.open(7)
    left.write(packet(1))
    assert await stream.read() == packet(1)
    assert right.open(7) is stream
    left.write(packet(1, ssrc=8))
    assert (await right.accept()).ssrc == 8


async def test_rtcp_goes_to_the_sources_that_it_is_about() -> None:
    left, right = pair()
    stream = right.open(7)
    pli = rtcp.PictureLossIndication(1, 7)
    left.write_rtcp([rtcp.ReceiverReport(1), pli])
    assert await stream.read_rtcp() == pli
    assert right.unread == 1


async def test_what_is_forged_or_comes_twice_is_counted() -> None:
    sent: list[bytes] = []
    left = SrtpSession(PROFILE, keys(PROFILE)[0], sent.append)
    _, right = pair()
    left.write(packet(1))
    right.receive(sent[0])
    right.receive(sent[0])
    right.receive(sent[0][:-1] + b"x")
    right.receive(b"\x80\xc8" + bytes(40))
    right.receive(b"")
    assert right.failed == 3


async def test_without_a_window_packets_may_come_twice() -> None:
    sent: list[bytes] = []
    left = SrtpSession(PROFILE, keys(PROFILE)[0], sent.append)
    _, right = pair(window=0)
    left.write(packet(1))
    stream = right.open(7)
    right.receive(sent[0])
    right.receive(sent[0])
    assert [await stream.read(), await stream.read()] == [packet(1)] * 2


async def test_what_is_not_read_is_dropped_oldest_first() -> None:
    left, right = pair()
    stream = right.open(7)
    for number in range(MAX_PACKETS + 5):
        left.write(packet(number))
        left.write_rtcp([rtcp.PictureLossIndication(number, 7)])
    assert stream.dropped == 10
    assert await stream.read() == packet(5)
    assert await stream.read_rtcp() == rtcp.PictureLossIndication(5, 7)


async def test_streams_that_nobody_accepts_are_bounded() -> None:
    left, right = pair()
    for ssrc in range(1000):
        left.write(packet(1, ssrc))
    assert len(right._streams) == MAX_WAITING
    assert (await right.accept()).ssrc == 1000 - MAX_WAITING


async def test_closing_a_stream_ends_its_readers() -> None:
    left, right = pair()
    stream = right.open(7)
    readers = [asyncio.create_task(stream.read()), asyncio.create_task(stream.read_rtcp())]
    await asyncio.sleep(0)
    stream.close()
    stream.close()
    for reader in readers:
        with pytest.raises(ConnectionFailed, match="0x7 is closed"):
            await reader
    with pytest.raises(InvalidStateError, match="closed"):
        stream.write(packet(1))
    left.write(packet(1))
    assert await right.accept() is not stream


async def test_closing_the_session_ends_all() -> None:
    left, right = pair()
    stream = right.open(7)
    accepting = asyncio.create_task(right.accept())
    await asyncio.sleep(0)
    right.close()
    with pytest.raises(ConnectionFailed, match="session is closed"):
        await accepting
    with pytest.raises(ConnectionFailed, match="closed"):
        await stream.read()
    with pytest.raises(InvalidStateError, match="closed"):
        right.open(8)
    with pytest.raises(InvalidStateError, match="closed"):
        right.write(packet(1))
    left.write(packet(1))
    assert right.failed == 0


async def test_misuse_is_told_where_it_happens() -> None:
    left, _ = pair()
    stream = left.open(7)
    with pytest.raises(InvalidStateError, match="a packet of 0x8 in the stream 0x7"):
        stream.write(packet(1, ssrc=8))
    stream.write(packet(1))
    with pytest.raises(OperationError, match="protected before"):
        stream.write(packet(1))


async def test_authentic_nonsense_is_counted() -> None:
    left, right = pair()
    left._send(left._outbound.seal_rtcp(b"\x81\xc9\x00\x01" + bytes(4)))
    assert right.malformed == 1


@pytest.mark.realtime
async def test_over_a_socket() -> None:
    loop = asyncio.get_running_loop()
    one, other = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
    with one, other:
        for each in (one, other):
            each.bind(("127.0.0.1", 0))
            each.setblocking(False)
        ours, theirs = keys(PROFILE)
        left = SrtpSession(PROFILE, ours, lambda data: _sent(one, data, other.getsockname()))
        right = SrtpSession(PROFILE, theirs, lambda data: _sent(other, data, one.getsockname()))
        loop.add_reader(other, lambda: right.receive(other.recv(2048)))
        left.write(packet(1))
        stream = await right.accept()
        assert await stream.read() == packet(1)
        loop.remove_reader(other)


def _sent(sock: socket.socket, data: bytes, address: tuple[str, int]) -> None:
    sock.sendto(data, address)
