"""Descriptions and candidates of an RTCPeerConnection, and the chain of operations.

webrtc-pc §4.4.1.2, §4.4.2.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tests.aio.connections import hosts, offer_of_another, record, signaling
from tests.sdp_samples import sample
from tests.support import (
    two_hosts,
)
from webrtc import (
    InvalidModificationError,
    InvalidStateError,
    OperationError,
    RTCIceCandidate,
    RTCIceServer,
    RTCPeerConnection,
    RTCSessionDescription,
    SdpError,
)


async def test_descriptions_of_an_offer_and_its_answer() -> None:
    """PC-01 to PC-04, PC-10, PC-11."""
    left, right = hosts()
    async with RTCPeerConnection(network=left) as one, RTCPeerConnection(network=right) as other:
        seen = [signaling(pc) for pc in (one, other)]
        one.create_data_channel("")
        offer = await one.create_offer()
        assert (offer.type, one.local_description) == ("offer", None)
        await one.set_local_description(offer)
        assert one.local_description == one.pending_local_description == offer
        assert one.current_local_description is None
        await other.set_remote_description(offer)
        assert other.remote_description == other.pending_remote_description == offer
        answer = await other.create_answer()
        await other.set_local_description(answer)
        assert other.local_description == other.current_local_description == answer
        assert other.current_remote_description == offer
        await one.set_remote_description(answer)
        assert one.remote_description == one.current_remote_description == answer
        for pc in (one, other):
            assert pc.pending_local_description is None
            assert pc.pending_remote_description is None
        assert seen == [["have-local-offer", "stable"], ["have-remote-offer", "stable"]]


async def test_json_is_taken_in_every_place() -> None:
    """CFG-12, CFG-19: what a signalling channel brings."""
    left, right = hosts()
    async with RTCPeerConnection(network=left) as one, RTCPeerConnection(network=right) as other:

        def carry(to: RTCPeerConnection) -> Callable[[RTCIceCandidate | None], Awaitable[None]]:
            async def send(candidate: RTCIceCandidate | None) -> None:
                text = json.dumps(candidate and candidate.to_json())
                await to.add_ice_candidate(json.loads(text))

            return send

        one.onicecandidate, other.onicecandidate = carry(other), carry(one)
        channel = one.create_data_channel("")
        await one.set_local_description({"type": "offer"})
        assert one.local_description is not None
        await other.set_remote_description(one.local_description.to_json())
        await other.set_local_description({})
        assert other.local_description is not None
        await one.set_remote_description(other.local_description.to_json())
        await asyncio.wait_for(channel.opened(), 10.0)


async def test_signalingstatechange_comes_before_the_call_returns() -> None:
    """PC-24: and the descriptions are there when it fires."""
    offer = await offer_of_another()
    async with RTCPeerConnection() as pc:
        log: list[object] = []
        pc.onsignalingstatechange = lambda: log.append(
            (str(pc.signaling_state), pc.pending_remote_description == offer)
        )
        call = asyncio.ensure_future(pc.set_remote_description(offer))
        call.add_done_callback(lambda _: log.append("returned"))
        assert pc.signaling_state == "stable"
        await call
        await asyncio.sleep(0)
        assert log == [("have-remote-offer", True), "returned"]


async def test_setting_a_description_does_not_wait_for_candidates() -> None:
    """PC-03."""
    network, left, _ = two_hosts()
    network.name("stun.example", "198.51.100.1", delay=3.0)
    servers = [RTCIceServer("stun:stun.example")]
    async with RTCPeerConnection(network=left, ice_servers=servers) as pc:
        pc.create_data_channel("")
        started = asyncio.get_running_loop().time()
        await pc.set_local_description()
        assert asyncio.get_running_loop().time() == started
        await pc.gathered()
        assert asyncio.get_running_loop().time() >= started + 3.0
        assert pc.local_description is not None
        assert "a=end-of-candidates" in pc.local_description.sdp


async def test_calls_without_await_between_them_run_in_order() -> None:
    """webrtc-pc §4.4.1.2, the operations chain."""
    left, right = hosts()
    async with RTCPeerConnection(network=left) as one, RTCPeerConnection(network=right) as other:
        one.create_data_channel("")
        offer = await one.create_offer()
        answers = await asyncio.gather(
            one.set_local_description(offer),
            other.set_remote_description(offer),
            other.create_answer(),
            other.add_ice_candidate(None),
            other.set_local_description(),
        )
        assert other.local_description is not None
        assert other.local_description.sdp.startswith(answers[2].sdp.partition("m=")[0])
        assert other.signaling_state == "stable"


async def test_an_error_does_not_break_the_calls_behind_it() -> None:
    offer = await offer_of_another()
    async with RTCPeerConnection() as pc:
        results = await asyncio.gather(
            pc.create_answer(),
            pc.set_remote_description({"type": "answer", "sdp": offer.sdp}),
            pc.set_remote_description({"type": "offer", "sdp": "nonsense"}),
            pc.add_ice_candidate({"candidate": "x", "sdpMid": "0"}),
            pc.set_remote_description(offer),
            pc.create_answer(),
            return_exceptions=True,
        )
        assert [type(each) for each in results] == [
            InvalidStateError,
            InvalidStateError,
            SdpError,
            InvalidStateError,
            type(None),
            RTCSessionDescription,
        ]


async def test_calls_that_wait_while_the_connection_closes() -> None:
    """S-12: none of them hangs, none has an effect."""
    offer = await offer_of_another()
    pc = RTCPeerConnection()
    fired = record(pc)
    calls = [
        asyncio.ensure_future(call)
        for call in (
            pc.set_remote_description(offer),
            pc.create_answer(),
            pc.set_local_description(),
            pc.add_ice_candidate(),
        )
    ]
    await asyncio.sleep(0)
    await pc.close()
    results = await asyncio.wait_for(asyncio.gather(*calls, return_exceptions=True), 1.0)
    assert results[0] is None
    assert [type(each) for each in results[1:]] == [InvalidStateError] * 3
    assert fired == []
    assert pc.signaling_state == "closed"


@pytest.mark.parametrize("turns", range(4))
async def test_a_call_that_is_cancelled_half_way_is_done_or_not(turns: int) -> None:
    """S-12, F-31: never in between, and the next call works."""
    offer = await offer_of_another()
    async with RTCPeerConnection() as pc:
        calls = [asyncio.ensure_future(pc.set_remote_description(offer)) for _ in range(2)]
        for _ in range(turns):
            await asyncio.sleep(0)
        for call in calls:
            call.cancel()
        await asyncio.gather(*calls, return_exceptions=True)
        described = pc.remote_description is not None
        assert pc.signaling_state == ("have-remote-offer" if described else "stable")
        await pc.set_remote_description(offer)
        await pc.set_local_description()
        assert pc.signaling_state == "stable"


async def test_implicit_rollback_passes_through_stable() -> None:
    """S-11: webrtc-pc §4.4.2; descriptions match the state in each handler."""
    offer = await offer_of_another()
    async with RTCPeerConnection() as pc:
        pc.create_data_channel("")
        await pc.set_local_description()
        log: list[object] = []
        pc.onsignalingstatechange = lambda: log.append(
            (
                str(pc.signaling_state),
                pc.pending_local_description is None,
                pc.pending_remote_description is None,
            )
        )
        await pc.set_remote_description(offer)
        assert log == [("stable", True, True), ("have-remote-offer", True, False)]


async def test_implicit_rollback_is_one_operation() -> None:
    """S-11: a call made when the state is stable in between waits for the offer."""
    offer = await offer_of_another()
    async with RTCPeerConnection() as pc:
        pc.create_data_channel("")
        await pc.set_local_description()
        added: list[asyncio.Future[None]] = []

        def once() -> None:
            pc.onsignalingstatechange = None
            added.append(asyncio.ensure_future(pc.add_ice_candidate()))

        pc.onsignalingstatechange = once
        await pc.set_remote_description(offer)
        await added[0]
        assert pc.signaling_state == "have-remote-offer"


async def test_a_rollback_of_ones_own_is_not_glare_proof() -> None:
    """S-11: the control of the test before."""
    async with RTCPeerConnection() as pc:
        pc.create_data_channel("")
        await pc.set_local_description()
        await pc.set_local_description({"type": "rollback"})
        with pytest.raises(InvalidStateError):
            await pc.add_ice_candidate()


async def test_an_invalid_offer_does_not_undo_the_rollback() -> None:
    async with RTCPeerConnection() as pc:
        pc.create_data_channel("")
        await pc.set_local_description()
        seen = signaling(pc)
        with pytest.raises(SdpError) as caught:
            await pc.set_remote_description({"type": "offer", "sdp": "Invalid SDP"})
        assert caught.value.sdp_line_number == 1
        assert seen == ["stable"]
        assert pc.pending_local_description is None


async def test_changed_sdp_is_refused() -> None:
    """PC-03."""
    async with RTCPeerConnection() as pc:
        pc.create_data_channel("")
        offer = await pc.create_offer()
        with pytest.raises(InvalidModificationError):
            await pc.set_local_description({"type": "offer", "sdp": offer.sdp + "a=x\r\n"})
        with pytest.raises(InvalidModificationError):
            await pc.set_local_description(await offer_of_another())
        await pc.set_local_description(offer)


@pytest.mark.parametrize("description", [None, "offer", 3, {}, {"sdp": ""}, {"type": "x"}])
async def test_remote_descriptions_of_the_wrong_type(description: Any) -> None:
    async with RTCPeerConnection() as pc:
        with pytest.raises((TypeError, AttributeError)):
            await pc.set_remote_description(description)


CANDIDATE = "candidate:1 1 udp 2113929471 203.0.113.100 10100 typ host"


@pytest.mark.parametrize(
    ("candidate", "error"),
    [
        ({"candidate": CANDIDATE}, TypeError),
        ({"candidate": CANDIDATE, "sdpMid": None, "sdpMLineIndex": None}, TypeError),
        ({"candidate": "(Invalid) candidate \r\n string"}, TypeError),
        ({"candidate": CANDIDATE, "sdpMid": "invalid", "sdpMLineIndex": 0}, OperationError),
        ({"candidate": CANDIDATE, "sdpMLineIndex": 3}, OperationError),
        ({"candidate": CANDIDATE, "sdpMid": "0", "usernameFragment": "invalid"}, OperationError),
        ({"candidate": "(Invalid) candidate \r\n string", "sdpMid": "0"}, OperationError),
        (None, None),
        ({}, None),
        ({"candidate": ""}, None),
        ({"candidate": "", "sdpMid": None, "sdpMLineIndex": None}, None),
        ({"sdpMid": "0"}, None),
        ({"sdpMLineIndex": 0}, None),
        ({"candidate": CANDIDATE, "sdpMid": "0", "sdpMLineIndex": 99}, None),
        ({"candidate": CANDIDATE, "sdpMid": "0", "usernameFragment": "sevA"}, None),
        (RTCIceCandidate(CANDIDATE, "2"), None),
    ],
)
async def test_add_ice_candidate(candidate: Any, error: type[Exception] | None) -> None:
    """PC-05."""
    async with RTCPeerConnection() as pc:
        if error is None:
            with pytest.raises(InvalidStateError):
                await pc.add_ice_candidate(candidate)
        await pc.set_remote_description({"type": "offer", "sdp": sample("offer-chromium")})
        assert pc.can_trickle_ice_candidates
        if error is None:
            await pc.add_ice_candidate(candidate)
            return
        before = pc.remote_description
        with pytest.raises(error):
            await pc.add_ice_candidate(candidate)
        assert pc.remote_description == before


async def test_what_is_no_candidate_is_not_taken_for_the_end_of_them() -> None:
    """WebIDL: a member of the wrong type is a TypeError, also where it is false in Python."""
    offer = await offer_of_another()
    async with RTCPeerConnection() as pc:
        await pc.set_remote_description(offer)
        wrongs: tuple[object, ...] = (0, False, [], b"")
        for wrong in wrongs:
            with pytest.raises(TypeError):
                await pc.add_ice_candidate({"candidate": wrong})
        await pc.add_ice_candidate({"candidate": ""})
        await pc.add_ice_candidate({})
