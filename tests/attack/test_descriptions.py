"""Hostile descriptions and candidates given to a whole connection, as signalling brings them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from random import Random

import pytest

from tests.support import negotiate, trickle, two_hosts
from tests.work import Text, Work
from webrtc import RTCPeerConnection, RTCSessionDescription, WebRTCError
from webrtc.sdp.grammar import Limits
from webrtc.vnet import Host


@asynccontextmanager
async def offered() -> AsyncIterator[tuple[str, RTCPeerConnection, RTCPeerConnection]]:
    """A valid offer, who made it, and who is to get it changed."""
    _, left, right = two_hosts()
    async with peer(left) as one, peer(right) as other:
        trickle(one, other)
        one.create_data_channel("data")
        await one.set_local_description()
        assert one.local_description is not None
        yield one.local_description.sdp, one, other


def peer(host: Host) -> RTCPeerConnection:
    return RTCPeerConnection(network=host)


async def refused(pc: RTCPeerConnection, sdp: str) -> bool:
    """Whether `sdp` is refused with a declared error; if so nothing has changed."""
    try:
        await pc.set_remote_description(RTCSessionDescription("offer", sdp))
    except (WebRTCError, TypeError):
        assert pc.signaling_state == "stable"
        assert pc.remote_description is None
        return True
    return False


BOMBS = {
    "10 MB in one line": "a=x:" + "y" * 10_000_000 + "\r\n",
    "10 MB of lines": "a=x\r\n" * 2_000_000,
    "1e6 empty lines": "\r\n" * 1_000_000,
    "10000 media sections": "m=audio 9 UDP/TLS/RTP/SAVPF 0\r\n" * 10_000,
    "formats": f"m=audio 9 UDP/TLS/RTP/SAVPF {' '.join(['111'] * 10_000)}\r\n",
    "fmtp": "a=fmtp:111 " + ";" * 1_100_000 + "\r\n",
}


@pytest.mark.parametrize("name", sorted(BOMBS))
async def test_bombs_are_refused_before_much_is_done(name: str) -> None:
    """S-01, S-02: a declared error, and the peer may try again."""
    async with offered() as (offer, one, other):
        bomb = Text(offer + BOMBS[name])
        with Work() as work:
            assert await refused(other, bomb)
        assert work.done < 8 * Limits().size
        await negotiate(one, other)
        await other.wait_connected(5.0)


@pytest.mark.parametrize(
    "lines",
    [
        "".join(f"a=candidate:{n} 1 udp 1 192.0.2.9 {n + 1} typ host\r\n" for n in range(5000)),
        "a=candidate:1 1 udp 1" + " " * 100_000 + "192.0.2.9 9 typ host\r\n",
        "".join(f"a=ssrc:{number} cname:x\r\n" for number in range(20_000)),
        "".join(f"a=extmap:{number % 255 + 1} urn:x:{number}\r\n" for number in range(10_000)),
        "a=fmtp:111 " + "=" * 100_000 + "\r\n",
        "a=fmtp:111 " + "a=b;" * 50_000 + "\r\n",
        "".join(f"a=fingerprint:sha-256 {'AA:' * 31}{n % 256:02X}\r\n" for n in range(10_000)),
        "".join(f"a=ice-options:{'x' * 50}{number}\r\n" for number in range(5000)),
    ],
    ids=["candidates", "spaces", "ssrc", "extmap", "equals", "fmtp", "fingerprints", "options"],
)
async def test_many_of_one_kind_are_refused_or_cut_in_linear_time(lines: str) -> None:
    """S-02, S-03: and what is kept is bounded."""
    async with offered() as (offer, _, other):
        sdp = Text(offer + lines)
        with Work() as work:
            if not await refused(other, sdp):
                await other.set_local_description()
                transport = other._core.transports.one
                assert transport is not None
                assert len(transport.ice.remote_candidates) <= 64
        assert work.done < 20 * len(sdp)


TRAPS = ["\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029", "\ufeff"]


@pytest.mark.parametrize("trap", TRAPS, ids=[f"{ord(trap):04x}" for trap in TRAPS])
async def test_only_crlf_and_lf_end_a_line(trap: str) -> None:
    """S-04: a forged line behind another separator is no line."""
    async with offered() as (offer, _, other):
        forged = offer.replace("s=-", f"s=-{trap}a=ice-ufrag:evil{trap}a=ice-pwd:{'e' * 24}")
        if not await refused(other, forged):
            await other.set_local_description()
            transport = other._core.transports.one
            assert transport is not None
            assert transport.ice.remote_credentials is not None
            assert transport.ice.remote_credentials.ufrag != "evil"


NUMBERS = ["1_000", "1 2", "٣٤", "+5", "-1", "0x10", "1e3", "9" * 5000, "5000\0", "", "65536"]


@pytest.mark.parametrize("number", NUMBERS)
async def test_numbers_are_ascii_digits_in_range(number: str) -> None:
    """S-04: what `int()` would take is no number here."""
    async with offered() as (offer, _, other):
        assert await refused(other, offer.replace("a=sctp-port:5000", f"a=sctp-port:{number}"))


async def test_nul_and_lone_surrogates_are_refused() -> None:
    """S-04."""
    async with offered() as (offer, _, other):
        for odd in ("\0", "\ud800"):
            sdp = offer.replace("s=-", f"s=-{odd}")
            try:
                await other.set_remote_description({"type": "offer", "sdp": sdp})
            except (WebRTCError, TypeError):
                assert other.remote_description is None
            else:
                assert "\0" not in sdp


async def test_mutated_offers_are_taken_or_refused_and_never_raise_anything_else() -> None:
    """X-01, S-12: set_remote_description is atomic."""
    random = Random(7)
    async with offered() as (offer, one, other):
        for _ in range(500):
            lines = offer.split("\r\n")
            for _ in range(random.randint(1, 3)):
                index = random.randrange(len(lines))
                match random.randrange(4):
                    case 0:
                        del lines[index]
                    case 1:
                        lines.insert(index, random.choice(lines))
                    case 2:
                        lines[index] = lines[index][: random.randrange(len(lines[index]) + 1)]
                    case _:
                        lines[index] = lines[index].replace(
                            random.choice("0123456789:= "), random.choice("\t 09:=aZ\xe9")
                        )
                if not lines:
                    lines = [""]
            if not await refused(other, "\r\n".join(lines)):
                await other.set_remote_description({"type": "rollback"})
                assert other.signaling_state == "stable"
        await negotiate(one, other)
        await other.wait_connected(5.0)


@pytest.mark.parametrize(
    "line",
    [
        "candidate:",
        "candidate:1 1 udp",
        "candidate:1 1 udp 1 192.0.2.9 65536 typ host",
        "candidate:1 1 udp 4294967296 192.0.2.9 9 typ host",
        "candidate:1 1 udp 1 192.0.2.9 9 typ wormhole",
        "candidate:1 1 udp 1 " + "x" * 5000 + " 9 typ host",
        "candidate:1 1 udp 1 999.0.0.1 9 typ host",
        "candidate:1 1 udp 1 192.0.2.9 9 typ host\r\na=ice-pwd:x",
        "\x00" * 50,
    ],
)
async def test_bad_candidates_are_refused_or_ignored(line: str) -> None:
    """I-17, N-03: a declared error, or none and no pair."""
    async with offered() as (_, one, other):
        await negotiate(one, other)
        await other.wait_connected(5.0)
        transport = other._core.transports.one
        assert transport is not None
        before = len(transport.ice.pairs)
        try:
            await other.add_ice_candidate(
                {"candidate": line, "sdpMid": "0", "sdpMLineIndex": 0, "usernameFragment": None}
            )
        except WebRTCError:
            pass
        assert len(transport.ice.pairs) == before
        assert other.connection_state == "connected"


@pytest.mark.parametrize(
    "host",
    ["0.0.0.0", "255.255.255.255", "224.0.0.1", "::", "ff02::1", "localhost.local", "a.b.local"],
)
async def test_candidates_that_nobody_can_have_are_never_contacted(host: str) -> None:
    """I-17, N-03: nor looked up."""
    network, left, right = two_hosts()
    contacted: list[str] = []
    network.watch(
        lambda now, action, packet, place: (
            contacted.append(packet.destination[0]) if action == "send" else None
        )
    )
    async with peer(left) as one, peer(right) as other:
        trickle(one, other)
        one.create_data_channel("data")
        await negotiate(one, other)
        await one.add_ice_candidate(
            {
                "candidate": f"candidate:1 1 udp 2130706431 {host} 4000 typ host",
                "sdpMid": "0",
                "sdpMLineIndex": 0,
            }
        )
        await other.wait_connected(5.0)
    assert host not in contacted
