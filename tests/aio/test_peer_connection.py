"""RTCPeerConnection on asyncio. webrtc-pc §4.4."""

import asyncio
import gc
import json
import threading
import weakref
from collections.abc import Awaitable, Callable
from contextlib import suppress
from random import Random
from typing import Any

import pytest
import uvloop

from tests.sdp_samples import sample
from tests.support import (
    PATIENCE,
    connected,
    eventually,
    negotiate,
    over_loopback,
    trickle,
    two_hosts,
)
from webrtc import (
    ConnectionFailed,
    InvalidAccessError,
    InvalidModificationError,
    InvalidStateError,
    NotSupportedError,
    OperationError,
    RTCCertificate,
    RTCConfiguration,
    RTCDataChannel,
    RTCIceCandidate,
    RTCIceServer,
    RTCPeerConnection,
    RTCSessionDescription,
    SdpError,
)
from webrtc.vnet import Host, Link

STATES = ("signaling_state", "ice_gathering_state", "ice_connection_state", "connection_state")
EVENTS = (
    "negotiationneeded",
    "icecandidate",
    "signalingstatechange",
    "icegatheringstatechange",
    "iceconnectionstatechange",
    "connectionstatechange",
    "datachannel",
)


def hosts() -> tuple[Host, Host]:
    _, left, right = two_hosts(Link(delay=0.01))
    return left, right


def record(pc: RTCPeerConnection) -> list[str]:
    """The names of all events."""
    fired: list[str] = []
    for name in EVENTS:
        pc.on(name, lambda *_, name=name: fired.append(name))
    return fired


def signaling(pc: RTCPeerConnection) -> list[str]:
    """The state at every signalingstatechange."""
    states: list[str] = []
    pc.on("signalingstatechange", lambda: states.append(str(pc.signaling_state)))
    return states


async def offer_of_another(label: str = "") -> RTCSessionDescription:
    async with RTCPeerConnection() as pc:
        pc.create_data_channel(label)
        return await pc.create_offer()


def states(pc: RTCPeerConnection) -> tuple[str, ...]:
    return tuple(str(getattr(pc, name)) for name in STATES)


async def test_a_new_connection() -> None:
    """PC-07 to PC-11."""
    async with RTCPeerConnection() as pc:
        assert states(pc) == ("stable", "new", "new", "new")
        for side in ("local", "remote"):
            for kind in ("", "current_", "pending_"):
                assert getattr(pc, f"{kind}{side}_description") is None
        assert pc.can_trickle_ice_candidates is None
        assert pc.sctp is None
        assert {getattr(pc, f"on{name}") for name in EVENTS} == {None}


async def test_configuration_as_an_object_or_as_keywords() -> None:
    """CFG-09."""
    servers = [RTCIceServer("stun:192.0.2.9")]
    async with (
        RTCPeerConnection(RTCConfiguration(ice_servers=servers)) as one,
        RTCPeerConnection(ice_servers=servers) as other,
    ):
        assert one.get_configuration() == other.get_configuration()
        other.set_configuration(ice_transport_policy="relay")
        assert other.get_configuration() == RTCConfiguration(ice_transport_policy="relay")
        other.set_configuration()
        assert other.get_configuration() == RTCConfiguration()
        for call in (RTCPeerConnection, one.set_configuration):
            with pytest.raises(TypeError, match="not both"):
                call(RTCConfiguration(), ice_servers=servers)


async def test_an_unknown_option_is_a_type_error() -> None:
    with pytest.raises(TypeError):
        RTCPeerConnection(ice_server=[])  # type: ignore[call-arg] # what is tested


async def test_generated_certificates() -> None:
    """CFG-06: ECDSA by default, RSA on request, good for several connections."""
    certificate = await RTCPeerConnection.generate_certificate()
    for _ in range(2):
        async with RTCPeerConnection(certificates=[certificate]) as pc:
            pc.create_data_channel("")
            assert str(certificate.fingerprint()) in (await pc.create_offer()).sdp
    short = await RTCPeerConnection.generate_certificate(lifetime=-1.0)
    with pytest.raises(InvalidAccessError, match="expired"):
        RTCPeerConnection(certificates=[short])
    rsa = await RTCPeerConnection.generate_certificate("RSA")  # type: ignore[arg-type] # its value
    assert isinstance(rsa, RTCCertificate)
    with pytest.raises(NotSupportedError):
        await RTCPeerConnection.generate_certificate("invalid-algo")  # type: ignore[arg-type] # what is tested


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


async def test_negotiationneeded_fires_once_and_not_at_once() -> None:
    """PC-25: a handler attached after the call still gets it."""
    async with RTCPeerConnection() as pc:
        pc.create_data_channel("")
        pc.create_data_channel("")
        fired = record(pc)
        await asyncio.sleep(0.1)
        pc.create_data_channel("")
        await asyncio.sleep(0.1)
        assert fired == ["negotiationneeded"]


async def test_negotiationneeded_waits_for_the_operations() -> None:
    """PC-25: webrtc-pc §4.7.3: and looks again when they are done."""
    async with RTCPeerConnection() as pc:
        fired = record(pc)
        pc.create_data_channel("")
        await pc.set_local_description()
        await asyncio.sleep(0.1)
        assert "negotiationneeded" not in fired
        await pc.set_local_description({"type": "rollback"})
        assert "negotiationneeded" not in fired
        await asyncio.sleep(0.1)
        assert fired.count("negotiationneeded") == 1


async def test_negotiationneeded_comes_after_the_description_is_set() -> None:
    """PC-25: signalingstatechange, then the call returns, then the event."""
    left, right = hosts()
    async with RTCPeerConnection(network=left) as one, RTCPeerConnection(network=right) as other:
        await one.set_local_description()
        one.create_data_channel("")
        assert one.local_description is not None
        await other.set_remote_description(one.local_description)
        await other.set_local_description()
        log: list[str] = []
        one.onnegotiationneeded = lambda: log.append("negotiationneeded")
        one.onsignalingstatechange = lambda: log.append("signalingstatechange")
        assert other.local_description is not None
        await one.set_remote_description(other.local_description)
        log.append("returned")
        await asyncio.sleep(0.1)
        assert log == ["signalingstatechange", "returned", "negotiationneeded"]


async def test_an_operation_begun_at_once_is_not_interrupted_by_the_event() -> None:
    """PC-25: the need is looked at again, and has gone."""
    left, right = hosts()
    async with RTCPeerConnection(network=left) as one, RTCPeerConnection(network=right) as other:
        await one.set_local_description()
        one.create_data_channel("")
        assert one.local_description is not None
        await other.set_remote_description(one.local_description)
        await other.set_local_description()
        fired: list[int] = []
        one.onnegotiationneeded = lambda: fired.append(1)
        assert other.local_description is not None
        await one.set_remote_description(other.local_description)
        await one.set_local_description()
        await asyncio.sleep(0.1)
        assert fired == []


class Polite:
    """Perfect negotiation as the specification has it. webrtc-pc §10.7."""

    def __init__(self, pc: RTCPeerConnection, *, polite: bool, random: Random) -> None:
        self.pc = pc
        self.peer: Polite
        self._polite = polite
        self._random = random
        self._making = self._ignores = False
        self._last: asyncio.Future[None] | None = None
        self._line = asyncio.Lock()
        pc.onnegotiationneeded = self._offer
        pc.onicecandidate = self.send

    def send(self, signal: RTCSessionDescription | RTCIceCandidate | None) -> None:
        """Signalling takes its time and keeps the order."""
        before = self._last
        self._last = asyncio.ensure_future(self._carry(signal, before))

    async def _carry(
        self,
        signal: RTCSessionDescription | RTCIceCandidate | None,
        before: asyncio.Future[None] | None,
    ) -> None:
        await asyncio.sleep(self._random.random() * 0.05)
        if before is not None:
            await before
        await self.peer.take(signal)

    async def take(self, signal: RTCSessionDescription | RTCIceCandidate | None) -> None:
        pc = self.pc
        if not isinstance(signal, RTCSessionDescription):
            try:
                await pc.add_ice_candidate(signal)
            except (OperationError, InvalidStateError):
                assert self._ignores
            return
        collision = signal.type == "offer" and (self._making or pc.signaling_state != "stable")
        self._ignores = not self._polite and collision
        if not self._ignores:
            await pc.set_remote_description(signal)
            if signal.type == "offer":
                await pc.set_local_description()
                assert pc.local_description is not None
                self.send(pc.local_description)

    async def _offer(self) -> None:
        self._making = True
        try:
            await self.pc.set_local_description()
            assert self.pc.local_description is not None
            self.send(self.pc.local_description)
        finally:
            self._making = False


@pytest.mark.parametrize("seed", range(25))
async def test_perfect_negotiation(seed: int) -> None:
    """S-11: channels and restarts of both sides at any time; all of it works in the end."""
    random = Random(seed)
    left, right = hosts()
    async with RTCPeerConnection(network=left) as one, RTCPeerConnection(network=right) as other:
        peers = [
            Polite(one, polite=True, random=random),
            Polite(other, polite=False, random=random),
        ]
        peers[0].peer, peers[1].peer = peers[1], peers[0]
        announced: list[RTCDataChannel] = []
        channels: list[RTCDataChannel] = []
        for pc in (one, other):
            pc.on("datachannel", announced.append)
        for _ in range(random.randint(1, 6)):
            pc = random.choice([one, other])
            if random.random() < 0.6 or not channels:
                channels.append(pc.create_data_channel(str(len(channels))))
            else:
                pc.restart_ice()
            await asyncio.sleep(random.random() * 0.2)
        async with asyncio.timeout(30.0):
            for channel in channels:
                await channel.opened()
        await eventually(lambda: len(announced) == len(channels))
        await asyncio.sleep(20.0)
        assert (one.signaling_state, other.signaling_state) == ("stable", "stable")
        assert (one.connection_state, other.connection_state) == ("connected", "connected")
        for channel in channels:
            channel.send(channel.label)
        for channel in announced:
            assert await asyncio.wait_for(channel.recv(), 5.0) == channel.label


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


async def test_closing() -> None:
    """PC-06: every state is closed, no event fires, and the descriptions stay."""
    left, right = hosts()
    async with connected(left, right) as pair:
        await asyncio.sleep(1.0)
        fired = record(pair.left)
        before = pair.left.local_description
        await pair.left.close()
        await pair.left.close()
        assert states(pair.left) == ("closed", "complete", "closed", "closed")
        assert pair.channel.ready_state == "closed"
        assert pair.left.local_description == before
        await asyncio.sleep(10.0)
        assert fired == []


async def test_memory_of_a_closed_connection_is_free_at_once() -> None:
    """F-34: no cycle is left for the garbage collector, even of handlers that know their object."""
    left, _ = hosts()
    pc = RTCPeerConnection(network=left)
    channel = pc.create_data_channel("")
    pc.on("connectionstatechange", pc.restart_ice)
    channel.on("open", channel.close)
    await pc.set_local_description()
    await pc.gathered()
    gone: list[Callable[[], object]] = [weakref.ref(pc), weakref.ref(channel)]
    gc.disable()
    try:
        await pc.close()
        del pc, channel
        await asyncio.sleep(0)
        assert [each() for each in gone] == [None, None]
    finally:
        gc.enable()


async def test_no_command_works_on_a_closed_connection() -> None:
    """PC-06."""
    offer = await offer_of_another()
    pc = RTCPeerConnection()
    await pc.close()
    calls: list[Callable[[], Awaitable[object]]] = [
        pc.create_offer,
        pc.create_answer,
        pc.set_local_description,
        lambda: pc.set_remote_description(offer),
        pc.add_ice_candidate,
    ]
    for call in calls:
        with pytest.raises(InvalidStateError, match="closed peer connection"):
            await call()
    with pytest.raises(InvalidStateError):
        pc.create_data_channel("")
    with pytest.raises(InvalidStateError):
        pc.set_configuration()
    pc.restart_ice()
    assert pc.get_configuration() == RTCConfiguration()
    for wait in (pc.gathered, pc.wait_connected):
        with pytest.raises(ConnectionFailed):
            await wait()


@pytest.mark.parametrize("name", ["connectionstatechange", "datachannel", "signalingstatechange"])
@pytest.mark.parametrize("how", ["task", "handler"])
async def test_closing_inside_a_handler(name: str, how: str) -> None:
    """PC-06: events that wait are dropped."""
    left, right = hosts()
    async with RTCPeerConnection(network=left) as one, RTCPeerConnection(network=right) as other:
        trickle(one, other)
        closed = asyncio.Event()

        async def close(*_: object) -> None:
            await other.close()
            closed.set()

        def start(*args: object) -> None:
            tasks.append(asyncio.ensure_future(close(*args)))

        tasks: list[asyncio.Future[None]] = []
        other.on(name, close if how == "handler" else start)
        one.create_data_channel("")
        with suppress(InvalidStateError):
            await negotiate(one, other)
        await asyncio.wait_for(closed.wait(), 10.0)
        assert states(other)[0] == "closed"


async def test_closing_at_once_from_several_places() -> None:
    left, right = hosts()
    async with connected(left, right) as pair:
        await asyncio.gather(*(pair.left.close() for _ in range(5)))
        assert pair.left.connection_state == "closed"


async def test_closing_before_anything_and_while_gathering() -> None:
    """PC-06: no task, timer or endpoint is left."""
    network, left, _ = two_hosts()
    network.name("stun.example", "198.51.100.1", delay=100.0)
    before = asyncio.all_tasks()
    async with RTCPeerConnection(network=left):
        pass
    async with RTCPeerConnection(network=left, ice_servers=[{"urls": "stun:stun.example"}]) as pc:
        pc.create_data_channel("")
        await pc.set_local_description()
        await asyncio.sleep(1.0)
    assert asyncio.all_tasks() == before
    left.bind(("192.0.2.1", 49152)).close()


async def test_waiting_for_a_connection() -> None:
    """It returns, or raises what was tried; it can be cancelled and called again."""
    left, right = hosts()
    async with RTCPeerConnection(network=left) as one, RTCPeerConnection(network=right) as other:
        with pytest.raises(ConnectionFailed):
            await one.wait_connected(0.5)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(one.wait_connected(), 0.5)
        trickle(one, other)
        one.create_data_channel("")
        waiting = [asyncio.ensure_future(one.wait_connected(10.0)) for _ in range(3)]
        await asyncio.sleep(0)
        await negotiate(one, other)
        await asyncio.gather(*waiting)
        await one.wait_connected(0.0)


async def test_a_connection_that_failed_is_not_waited_for() -> None:
    network, left, right = two_hosts()
    async with connected(left, right) as pair:
        network.filter(lambda packet: True)
        await eventually(lambda: pair.left.connection_state == "failed", limit=120.0)
        with pytest.raises(ConnectionFailed):
            await pair.left.wait_connected()


async def test_restart_ice_asks_for_a_negotiation() -> None:
    """PC-27: and the channels go on."""
    left, right = hosts()
    async with connected(left, right) as pair:
        fired = record(pair.left)
        pair.left.restart_ice()
        await eventually(lambda: "negotiationneeded" in fired)
        before = pair.left.local_description
        await negotiate(pair.left, pair.right)
        await eventually(lambda: pair.left.ice_connection_state == "completed", limit=20.0)
        assert pair.left.local_description != before
        pair.channel.send("goes on")
        assert await pair.remote.recv() == "goes on"
        assert fired.count("negotiationneeded") == 1


async def test_states_and_events_of_a_whole_connection() -> None:
    """PC-20 to PC-24: webrtc-pc §4.3, each state once and in order."""
    left, right = hosts()
    async with RTCPeerConnection(network=left) as one, RTCPeerConnection(network=right) as other:
        trickle(one, other)
        seen: dict[str, list[str]] = {name: [] for name in STATES}
        for name in STATES:
            event = name.replace("_", "") + "change"
            one.on(event, lambda name=name: seen[name].append(str(getattr(one, name))))
        channel = one.create_data_channel("")
        await negotiate(one, other)
        await channel.opened()
        await asyncio.sleep(1.0)
        assert seen == {
            "signaling_state": ["have-local-offer", "stable"],
            "ice_gathering_state": ["gathering", "complete"],
            "ice_connection_state": ["checking", "connected", "completed"],
            "connection_state": ["connecting", "connected"],
        }


async def test_names_tell_connections_apart() -> None:
    async with RTCPeerConnection() as one, RTCPeerConnection() as other:
        assert repr(one) != repr(other)
        assert "new" in repr(one)


def test_a_connection_needs_a_running_loop() -> None:
    with pytest.raises(RuntimeError, match="no running event loop"):
        RTCPeerConnection()


async def talk() -> None:
    """A whole life on real sockets."""
    async with over_loopback() as pair:
        await pair.channel.send("over the loopback")
        assert await pair.remote.recv() == "over the loopback"
        for _ in range(20):
            await pair.remote.send(bytes(50_000))
        for _ in range(20):
            assert await pair.channel.recv() == bytes(50_000)


def test_on_uvloop() -> None:
    """SYS-12: the same on another loop."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(asyncio.wait_for(talk(), PATIENCE))


def test_in_threads_that_are_not_the_main_one() -> None:
    """SYS-12: several loops at a time, nothing shared between them."""
    failures: list[BaseException] = []

    def run() -> None:
        try:
            asyncio.run(asyncio.wait_for(talk(), PATIENCE))
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(2 * PATIENCE)
    assert failures == []
