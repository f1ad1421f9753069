"""RTCIceTransport, RTCDtlsTransport and RTCSctpTransport. webrtc-pc §5.5, §5.6, §6.1."""

import asyncio
from collections.abc import AsyncIterator
from functools import partial

import pytest

from tests.support import Pair, connected, eventually, negotiate, trickle, two_hosts
from webrtc import (
    RTCIceTransport,
    RTCPeerConnection,
    RTCSctpTransport,
    RTCSessionDescription,
)
from webrtc.vnet import Link


@pytest.fixture
async def pair() -> AsyncIterator[Pair]:
    _, left, right = two_hosts(Link(delay=0.01))
    async with connected(left, right) as pair:
        yield pair


def sctp(pc: RTCPeerConnection) -> RTCSctpTransport:
    found = pc.sctp
    assert found is not None
    return found


def is_completed(ice: RTCIceTransport) -> bool:
    return ice.state == "completed"


async def test_sctp_is_there_from_the_moment_an_offer_with_it_is_set() -> None:
    """webrtc-pc §4.4.1.5: an offer of either side; neither a channel nor what is created."""
    _, left, right = two_hosts()
    async with RTCPeerConnection(network=left) as one, RTCPeerConnection(network=right) as other:
        one.create_data_channel("")
        offer = await one.create_offer()
        assert one.sctp is None
        await one.set_local_description(offer)
        mine = sctp(one)
        assert mine.state == "connecting"
        await other.set_remote_description(offer)
        first = sctp(other)
        assert first.state == "connecting"
        assert first.max_channels is None
        assert first.transport.state == "new"
        assert first.transport.ice_transport.state == "new"
        await other.set_local_description(RTCSessionDescription("pranswer"))
        await other.set_local_description()
        assert other.sctp is first
        assert other.local_description is not None
        await one.set_remote_description(other.local_description)
        assert one.sctp is mine


async def test_a_rollback_takes_sctp_back() -> None:
    _, left, _ = two_hosts()
    async with RTCPeerConnection(network=left) as one:
        one.create_data_channel("")
        for _ in range(2):
            await one.set_local_description()
            assert one.sctp is not None
            await one.set_local_description(RTCSessionDescription("rollback"))
            assert one.sctp is None


async def test_transports_of_a_connection(pair: Pair) -> None:
    for pc, role in ((pair.left, "controlling"), (pair.right, "controlled")):
        transport = sctp(pc)
        assert (transport.state, transport.transport.state) == ("connected", "connected")
        assert transport.max_message_size == 262144
        assert transport.max_channels == 65535
        ice = transport.transport.ice_transport
        await eventually(partial(is_completed, ice))
        assert (ice.role, ice.component, ice.gathering_state) == (role, "rtp", "complete")
        selected = ice.get_selected_candidate_pair()
        assert selected is not None
        assert ice.get_local_candidates() == [selected.local]
        assert ice.get_remote_candidates() == [selected.remote]
        assert (selected.local.type, selected.local.sdp_mid) == ("host", "0")
        ufrag = (ice.get_remote_parameters() or {})["usernameFragment"]
        assert selected.remote.username_fragment == ufrag


async def test_parameters_are_those_of_the_other_side(pair: Pair) -> None:
    one, other = (sctp(pc).transport.ice_transport for pc in (pair.left, pair.right))
    assert one.get_local_parameters() == other.get_remote_parameters()
    assert one.get_remote_parameters() == other.get_local_parameters()
    assert set(one.get_local_parameters() or ()) == {"usernameFragment", "password"}


async def test_certificates_of_the_peer(pair: Pair) -> None:
    """RTCDtlsTransport.getRemoteCertificates: DER, and there to be read after the end."""
    dtls = sctp(pair.left).transport
    [certificate] = dtls.get_remote_certificates()
    assert certificate[0] == 0x30
    await pair.left.close()
    assert dtls.get_remote_certificates() == [certificate]


async def test_before_there_is_anything() -> None:
    """webrtc-pc §5.6: the role is unknown, the lists are empty, the pair is null."""
    async with RTCPeerConnection() as pc:
        ice = pc._dispatch.transports.ice
        assert ice.role == "unknown"
        assert ice.get_local_candidates() == ice.get_remote_candidates() == []
        assert (
            ice.get_selected_candidate_pair(),
            ice.get_local_parameters(),
            ice.get_remote_parameters(),
        ) == (None, None, None)
        assert pc._dispatch.transports.dtls.get_remote_certificates() == []


async def test_events_in_the_order_of_the_specification() -> None:
    """webrtc-pc §5.6: the transport's own event before those of the connection."""
    _, left, right = two_hosts(Link(delay=0.01))
    async with RTCPeerConnection(network=left) as one, RTCPeerConnection(network=right) as other:
        trickle(one, other)
        log: list[str] = []

        def watch() -> None:
            dtls, ice = sctp(one).transport, sctp(one).transport.ice_transport
            ice.onstatechange = lambda: log.append(f"ice {ice.state}")
            ice.onselectedcandidatepairchange = lambda: log.append("pair")
            ice.ongatheringstatechange = lambda: log.append(f"transport {ice.gathering_state}")
            dtls.onstatechange = lambda: log.append(f"dtls {dtls.state}")
            sctp(one).onstatechange = lambda: log.append(f"sctp {sctp(one).state}")

        one.oniceconnectionstatechange = lambda: log.append(f"path {one.ice_connection_state}")
        one.onconnectionstatechange = lambda: log.append(f"whole {one.connection_state}")
        channel = one.create_data_channel("")
        channel.onopen = lambda: log.append("open")
        await negotiate(one, other)
        watch()
        await channel.opened()
        await asyncio.sleep(0.2)
        assert log == [
            "ice checking",
            "path checking",
            "whole connecting",
            "pair",
            "ice connected",
            "path connected",
            "dtls connecting",
            "ice completed",
            "path completed",
            "dtls connected",
            "whole connected",
            "sctp connected",
            "open",
        ]


async def test_gathering_states() -> None:
    """PC-08: webrtc-pc §5.6.2, §4.4.1.4."""
    _, left, _ = two_hosts()
    async with RTCPeerConnection(network=left) as pc:
        log: list[str] = []
        pc._dispatch.transports.ice.ongatheringstatechange = lambda: log.append("transport")
        pc.onicegatheringstatechange = lambda: log.append(pc.ice_gathering_state)
        pc.onicecandidate = lambda found: log.append(repr(found and found.candidate[:9]))
        pc.create_data_channel("")
        await pc.set_local_description()
        await pc.gathered()
        assert log == [
            *("transport", "gathering"),
            "'candidate'",
            "''",
            *("transport", "complete"),
            "None",
        ]


async def test_closing_closes_all_three_and_sctp_tells(pair: Pair) -> None:
    """PC-06."""
    transport = sctp(pair.left)
    dtls, ice = transport.transport, transport.transport.ice_transport
    fired: list[str] = []
    transport.onstatechange = lambda: fired.append(f"sctp {transport.state}")
    dtls.onstatechange = lambda: fired.append(f"dtls {dtls.state}")
    ice.onstatechange = lambda: fired.append(f"ice {ice.state}")
    await pair.left.close()
    await asyncio.sleep(1.0)
    assert (transport.state, transport.transport.state) == ("closed", "closed")
    assert transport.transport.ice_transport.state == "closed"
    assert fired == ["sctp closed"]


async def test_the_peer_that_closes_is_told_by_dtls_and_sctp(pair: Pair) -> None:
    transport = sctp(pair.right)
    fired: list[str] = []
    transport.onstatechange = lambda: fired.append(f"sctp {transport.state}")
    transport.transport.onstatechange = lambda: fired.append(f"dtls {transport.transport.state}")
    await pair.left.close()
    await eventually(lambda: len(fired) == 2)
    assert sorted(fired) == ["dtls closed", "sctp closed"]


async def test_a_wrong_fingerprint_is_an_error_of_dtls() -> None:
    """D-05: webrtc-pc §5.5: failed, then error, then statechange."""
    _, left, right = two_hosts(Link(delay=0.01))
    async with RTCPeerConnection(network=left) as one, RTCPeerConnection(network=right) as other:
        trickle(one, other)
        one.create_data_channel("")
        await one.set_local_description()
        assert one.local_description is not None
        await other.set_remote_description(one.local_description)
        await other.set_local_description()
        assert other.local_description is not None
        lines = other.local_description.sdp.split("\r\n")
        forged = [
            "a=fingerprint:sha-256 " + ":".join(["AB"] * 32) if "fingerprint" in line else line
            for line in lines
        ]
        await one.set_remote_description(RTCSessionDescription("answer", "\r\n".join(forged)))
        dtls, fired = sctp(one).transport, list[str]()
        dtls.onerror = lambda error: fired.append(f"{dtls.state} {type(error).__name__}")
        dtls.onstatechange = lambda: fired.append(dtls.state)
        await eventually(lambda: one.connection_state == "failed")
        assert fired == ["connecting", "failed AuthenticationError", "failed"]
        assert dtls.get_remote_certificates() == []


async def test_refused_data_channels_leave_no_sctp(pair: Pair) -> None:
    """webrtc-pc §4.4.1.5: it becomes null; the next one is another object."""
    before = sctp(pair.right)
    closed: list[str] = []
    before.onstatechange = lambda: closed.append(before.state)
    offer = await pair.left.create_offer()
    port = offer.sdp.partition("m=application ")[2].split()[0]
    sdp = offer.sdp.replace(f"m=application {port}", "m=application 0").replace(
        "BUNDLE 0", "BUNDLE"
    )
    await pair.right.set_remote_description({"type": "offer", "sdp": sdp})
    await pair.right.set_local_description()
    assert pair.right.sctp is None
    assert closed == ["closed"]
    assert (before.transport.state, before.transport.ice_transport.state) == ("closed", "closed")
    assert (pair.right.connection_state, pair.right.ice_connection_state) == ("new", "new")
    assert pair.right.ice_gathering_state == "new"
    assert pair.right._dispatch.transports.sctp.state == "connecting"
