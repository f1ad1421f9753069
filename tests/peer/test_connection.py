"""The whole peer as a sans-IO core, driven by hand on a virtual network."""

from collections.abc import Callable
from random import Random
from typing import Any

import pytest

from tests.peer.hands import Hand, Hands
from tests.peer.sdp_samples import ANSWERS, OFFERS, only_data, sample, sections
from tests.work import work
from webrtc.core import Path
from webrtc.datachannel import ChannelClosed, ChannelState
from webrtc.errors import (
    InvalidAccessError,
    InvalidModificationError,
    InvalidStateError,
    OperationError,
    SdpError,
)
from webrtc.ice import AgentConfig
from webrtc.peer import (
    DataMessage,
    PeerConnection,
    RTCConfiguration,
    RTCDataChannelInit,
    RTCIceCandidate,
    RTCIceServer,
    RTCSessionDescription,
    SettingEngine,
)
from webrtc.peer.events import (
    AddressesBound,
    ConnectionStateChanged,
    GatherWanted,
    IceCandidateFound,
    IceConnectionStateChanged,
    IceGatheringStateChanged,
    NegotiationNeeded,
    RTCSignalingState,
    SelectedPairChanged,
    SignalingStateChanged,
)
from webrtc.sdp import SessionDescription

EMPTY = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"
ROLLBACK = RTCSessionDescription("rollback")
PATH = Path(("192.0.2.1", 1), ("192.0.2.2", 2))


def drained(peer: PeerConnection) -> list[object]:
    """Every event that waits."""
    found: list[object] = []
    while (event := peer.poll_event()) is not None:
        found.append(event)
    return found


def with_channel() -> PeerConnection:
    peer = PeerConnection(settings=SettingEngine(random=Random(1)))
    peer.create_data_channel("data", 0.0)
    return peer


def test_nothing_has_to_be_given() -> None:
    """SANS-01, SANS-02, SANS-03, SANS-04, SANS-05, SANS-06, SANS-13: nothing to do, say or send."""
    peer = PeerConnection()
    peer.handle_read(b"", PATH, 0.0)
    peer.handle_read(b"\0" * 100, PATH, 0.0)
    peer.handle_timeout(0.0)
    peer.handle_event(AddressesBound((("192.0.2.1", 1),)), 0.0)
    polled = (peer.poll_write(), peer.poll_event(), peer.poll_data(), peer.poll_timeout())
    assert polled == (None, None, None, None)
    assert (peer.signaling_state, peer.connection_state) == ("stable", "new")


def test_two_cores_connect_and_talk() -> None:
    """SANS-14, PC-37, PC-38, PC-39: without asyncio.

    SANS-01, SANS-02, SANS-03, SANS-04, SANS-05, SANS-06, SANS-07, SANS-08.
    """
    hands = Hands()
    channel, remote = hands.connect()
    assert hands.talk(hands.left, channel, "hello") == ["hello"]
    hands.right.core.handle_write(DataMessage(remote, b"back"), hands.network.now)
    hands.network.run(0.5)
    assert hands.left.messages() == [b"back"]


def test_an_hour_of_idling_is_as_little_work_in_its_last_minutes_as_in_its_first() -> None:
    """SANS-15: consent and heartbeats go on, and the connection works afterwards."""
    hands = Hands()
    channel, _ = hands.connect()
    first = work(lambda: hands.network.run(300.0))
    hands.network.run(3000.0)
    last = work(lambda: hands.network.run(300.0))
    assert hands.network.now >= 3600.0
    assert last < 1.1 * first
    assert first < 300 * 5000
    assert hands.left.core.connection_state.value == "connected"
    assert hands.talk(hands.left, channel, "still here") == ["still here"]


def test_the_same_seed_gives_the_same_connection() -> None:
    """SANS-15: but for the keys of the certificates, whose size is the same or nearly."""
    runs = []
    for _ in range(2):
        hands = Hands(seed=3)
        hands.connect()
        transport = hands.left.core.transport
        assert transport is not None
        runs.append((transport.ice.local_ufrag, hands.right.core.create_offer().sdp.split()[1]))
    assert runs[0] == runs[1]


def test_a_slow_reader_of_events_or_data_loses_nothing() -> None:
    hands = Hands()
    channel, _ = hands.connect()
    for number in range(50):
        hands.left.core.send(channel, str(number), hands.network.now)
    hands.network.run(1.0)
    assert hands.right.messages() == [str(number) for number in range(50)]


def test_events_come_in_the_order_of_the_specification() -> None:
    """PC-20 to PC-24: webrtc-pc §4.4.1.3, §5.6."""
    hands = Hands()
    hands.connect()
    hands.network.run(1.0)

    def states(kind: type[Any]) -> list[str]:
        return [event.state for event in hands.left.of(kind)]

    assert states(SignalingStateChanged) == ["have-local-offer", "stable"]
    assert states(IceGatheringStateChanged) == ["gathering", "complete"]
    assert states(IceConnectionStateChanged) == ["checking", "connected", "completed"]
    assert states(ConnectionStateChanged) == ["connecting", "connected"]
    kinds = [type(event).__name__ for event in hands.left.events]
    assert kinds.index("SelectedPairChanged") < kinds.index("DtlsStateChanged")
    assert kinds.index("SctpStateChanged") < kinds.index("ChannelOpened")
    found = [event.candidate for event in hands.left.of(IceCandidateFound)]
    assert [None if each is None else bool(each.candidate) for each in found] == [True, False, None]
    complete = max(n for n, kind in enumerate(kinds) if kind == "IceGatheringStateChanged")
    ends = [n for n, kind in enumerate(kinds) if kind == "IceCandidateFound"][1:]
    assert ends == [complete - 1, complete + 1]


def test_closing_tells_the_peer_and_nobody_else() -> None:
    """SANS-09, PC-06: the farewell is still polled, events are not."""
    hands = Hands()
    channel, _ = hands.connect()
    left = hands.left.core
    drained(left)
    left.close(hands.network.now)
    left.close(hands.network.now)
    hands.network.run(1.0)
    left.stop(hands.network.now)
    assert drained(left) == []
    assert left.poll_timeout() is None
    assert channel.state is ChannelState.CLOSED
    assert (left.signaling_state, left.connection_state, left.ice_connection_state) == (
        "closed",
    ) * 3
    [closed] = hands.right.of(ChannelClosed)
    assert closed.reason is None
    left.handle_read(bytes(100), PATH, 100.0)
    left.handle_timeout(100.0)
    left.handle_event(AddressesBound(()), 100.0)
    assert left.poll_write() is None


def test_what_arrives_between_close_and_stop_changes_nothing() -> None:
    """X-08: checks that come back, and a path that fails, are heard of no more."""
    for seconds in (0.0, 0.015, 0.03, 1.0):
        hands = Hands()
        hands.left.core.create_data_channel("data", 0.0)
        hands.negotiate()
        hands.network.run(seconds)
        hands.left.core.close(hands.left.now)
        hands.network.run(60.0)
        assert hands.left.core.connection_state == "closed"
        assert hands.left.core.ice_connection_state == "closed"
        assert hands.left.core.poll_event() is None


def test_no_command_works_on_a_closed_connection() -> None:
    """PC-06, S-12."""
    peer = with_channel()
    offer = peer.create_offer()
    peer.close(0.0)
    commands: list[Callable[[], object]] = [
        peer.create_offer,
        peer.create_answer,
        peer.set_local_description,
        lambda: peer.set_remote_description(offer, 0.0),
        lambda: peer.set_remote_description(ROLLBACK, 0.0),
        lambda: peer.add_ice_candidate(None, 0.0),
        lambda: peer.create_data_channel("", 0.0),
        lambda: peer.set_configuration(RTCConfiguration()),
    ]
    for command in commands:
        with pytest.raises(InvalidStateError, match="closed peer connection"):
            command()
    peer.restart_ice()


def test_the_relay_policy_hides_every_address() -> None:
    """CFG-02: and asks no server."""
    servers = [RTCIceServer("stun:192.0.2.9")]
    configuration = RTCConfiguration(ice_transport_policy="relay", ice_servers=servers)
    hands = Hands(configuration=configuration)
    hands.left.core.create_data_channel("", 0.0)
    hands.left.offer()
    hands.network.run(10.0)
    assert hands.left.of(GatherWanted) == [GatherWanted(())]
    assert [event.candidate for event in hands.left.of(IceCandidateFound)][-1] is None
    assert hands.left.core.local_description is not None
    assert "192.0.2.1" not in hands.left.core.local_description.sdp


def test_the_policy_counts_from_the_next_gathering() -> None:
    """webrtc-pc §4.4.1.6."""
    hands = Hands(configuration=RTCConfiguration(ice_transport_policy="relay"))
    peer = hands.left.core
    peer.create_data_channel("", 0.0)
    hands.negotiate()
    hands.network.run(1.0)
    peer.set_configuration(RTCConfiguration(ice_servers=[RTCIceServer("stun:192.0.2.9")]))
    hands.left.offer(ice_restart=True)
    hands.network.run(1.0)
    assert hands.left.of(GatherWanted)[-1] == GatherWanted((("192.0.2.9", 3478),))
    assert peer.local_description is not None
    assert "192.0.2.1" in peer.local_description.sdp


def test_the_first_channel_needs_negotiation_and_no_other() -> None:
    """PC-25."""
    peer = PeerConnection()
    assert drained(peer) == []
    peer.create_data_channel("", 0.0)
    peer.create_data_channel("", 0.0)
    assert drained(peer) == [NegotiationNeeded()]
    assert peer.negotiation_needed
    peer.create_data_channel("", 0.0)
    assert drained(peer) == []


def test_an_offer_made_at_once_needs_no_event() -> None:
    """PC-25: webrtc-pc §4.7.3 looks again when the event is due."""
    peer = with_channel()
    peer.set_local_description(None, 0.0)
    assert NegotiationNeeded() not in drained(peer)
    assert not peer.negotiation_needed


def test_a_channel_created_during_negotiation_has_to_wait() -> None:
    """PC-25: the event comes when the state is stable again."""
    hands = Hands()
    left = hands.left
    left.core.set_local_description(None, 0.0)
    offer = left.core.local_description
    assert offer is not None
    left.core.create_data_channel("", 0.0)
    hands.network.run(0.1)
    assert left.of(NegotiationNeeded) == []
    left.accept(hands.right.answer(offer))
    hands.network.run(0.1)
    assert left.of(NegotiationNeeded) == [NegotiationNeeded()]
    assert left.events.index(NegotiationNeeded()) > left.events.index(
        SignalingStateChanged(RTCSignalingState.STABLE)
    )


def test_an_answer_that_settles_everything_needs_no_event() -> None:
    """PC-25."""
    hands = Hands()
    hands.connect()
    assert hands.left.of(NegotiationNeeded) == hands.right.of(NegotiationNeeded) == []
    hands.right.core.create_data_channel("", hands.network.now)
    hands.network.run(0.1)
    assert hands.right.of(NegotiationNeeded) == []


def test_a_rollback_makes_the_need_known_again() -> None:
    """PC-25, S-11."""
    peer = with_channel()
    drained(peer)
    peer.set_local_description(None, 0.0)
    drained(peer)
    peer.set_local_description(ROLLBACK, 0.0)
    assert drained(peer)[-1] == NegotiationNeeded()


def test_a_local_description_without_argument_is_made() -> None:
    """PC-03."""
    left, right = with_channel(), PeerConnection()
    left.set_local_description(None, 0.0)
    assert left.local_description is not None
    assert left.local_description.type == "offer"
    right.set_remote_description(left.local_description, 0.0)
    right.set_local_description(None, 0.0)
    assert right.local_description is not None
    assert right.local_description.type == "answer"
    left.set_remote_description(right.local_description, 0.0)
    assert left.signaling_state == right.signaling_state == "stable"


def test_a_description_without_sdp_is_the_one_created_last() -> None:
    """PC-03: webrtc-pc §4.4.2."""
    peer = with_channel()
    offer = peer.create_offer()
    peer.set_local_description(RTCSessionDescription("offer"), 0.0)
    assert peer.local_description == offer


def test_a_description_that_no_longer_holds_is_made_anew() -> None:
    """PC-03."""
    peer = PeerConnection()
    empty = peer.create_offer()
    peer.create_data_channel("", 0.0)
    peer.set_local_description(None, 0.0)
    assert peer.local_description is not None
    assert "m=application" in peer.local_description.sdp
    assert "m=application" not in empty.sdp


def test_an_offer_created_before_a_channel_can_be_set() -> None:
    """It is still the last one created."""
    peer = PeerConnection()
    empty = peer.create_offer()
    peer.create_data_channel("", 0.0)
    peer.set_local_description(empty, 0.0)
    assert peer.transport is None


def test_a_provisional_answer_without_sdp() -> None:
    left, right = with_channel(), PeerConnection()
    right.set_remote_description(left.create_offer(), 0.0)
    right.set_local_description(RTCSessionDescription("pranswer"), 0.0)
    assert right.signaling_state == "have-local-pranswer"
    right.set_local_description(None, 0.0)
    assert right.local_description is not None
    assert right.local_description.type == "answer"


def test_changed_sdp_is_refused() -> None:
    """PC-03: InvalidModificationError, and nothing has changed."""
    peer = with_channel()
    offer = peer.create_offer()
    changed = RTCSessionDescription("offer", offer.sdp.replace("5000", "5001"))
    with pytest.raises(InvalidModificationError):
        peer.set_local_description(changed, 0.0)
    assert peer.local_description is None
    assert peer.signaling_state == "stable"


def test_wrong_answers_leave_everything_as_it_was() -> None:
    """S-06, S-07, S-12: setting is atomic."""
    hands = Hands()
    left = hands.left.core
    left.create_data_channel("", 0.0)
    offer = hands.left.offer()
    answer = hands.right.answer(offer)
    before = left.local_description, left.remote_description, left.signaling_state
    wrong = [
        ("nonsense", SdpError),
        ("", SdpError),
        (answer.sdp + "m=audio 0 UDP/TLS/RTP/SAVPF 0\r\n", InvalidAccessError),
        (EMPTY, InvalidAccessError),
        (answer.sdp.replace("m=application", "m=audio"), InvalidAccessError),
        (
            answer.sdp.replace("a=mid:0", "a=mid:1").replace("BUNDLE 0", "BUNDLE 1"),
            InvalidAccessError,
        ),
        (answer.sdp.replace("a=setup:active\r\n", ""), InvalidAccessError),
        (answer.sdp.replace("setup:active", "setup:actpass"), InvalidAccessError),
    ]
    for sdp, error in wrong:
        with pytest.raises(error):
            left.set_remote_description(RTCSessionDescription("answer", sdp), 0.0)
        assert (left.local_description, left.remote_description, left.signaling_state) == before
    with pytest.raises(InvalidStateError):
        hands.right.core.set_remote_description(answer, 0.0)
    hands.left.accept(answer)
    hands.network.run_until(lambda: hands.left.of(SelectedPairChanged), limit=10.0)


@pytest.mark.parametrize("side", ["local", "remote"])
def test_provisional_answers_connect(side: str) -> None:
    """CFG-13: and the answer that follows changes nothing."""
    hands = Hands()
    hands.left.core.create_data_channel("early", 0.0)
    offer = hands.left.offer()
    hands.right.core.set_remote_description(offer, 0.0)
    answer = hands.right.core.create_answer()
    provisional = RTCSessionDescription("pranswer", answer.sdp)
    hands.right.core.set_local_description(provisional if side == "local" else answer, 0.0)
    hands.left.accept(provisional if side == "remote" else answer)
    hands.network.run_until(lambda: hands.right.announced, limit=10.0)
    peer = (hands.right if side == "local" else hands.left).core
    assert peer.signaling_state == f"have-{side}-pranswer"
    transport = peer.transport
    if side == "local":
        peer.set_local_description(answer, hands.network.now)
    else:
        peer.set_remote_description(answer, hands.network.now)
    hands.network.run(1.0)
    assert peer.signaling_state == "stable"
    assert peer.transport is transport
    assert hands.left.core.connection_state == hands.right.core.connection_state == "connected"


def test_negotiating_again_changes_nothing() -> None:
    """PC-01: a re-offer of either side keeps transport, roles and channels."""
    hands = Hands()
    channel, remote = hands.connect()
    transport = hands.left.core.transport
    assert transport is not None
    ufrag, pair = transport.ice.local_ufrag, transport.ice.selected_pair
    for offerer in (hands.left, hands.right, hands.left):
        hands.negotiate(offerer)
        hands.network.run(1.0)
    assert hands.left.core.transport is transport
    assert (transport.ice.local_ufrag, transport.ice.selected_pair) == (ufrag, pair)
    assert hands.talk(hands.left, channel, "a") == ["a"]
    assert hands.talk(hands.right, remote, "b") == ["b"]
    assert hands.right.core.create_data_channel("", hands.network.now).id == 0


def test_a_second_offer_of_the_peer_replaces_the_first() -> None:
    """webrtc-pc §4.4.1.5: checked as if it had been answered."""
    left, right = PeerConnection(), PeerConnection()
    right.set_remote_description(left.create_offer(), 0.0)
    left.create_data_channel("", 0.0)
    second = left.create_offer()
    right.set_remote_description(second, 0.0)
    assert right.remote_description == second
    with pytest.raises(InvalidAccessError, match="0 media sections where there were 1"):
        right.set_remote_description(RTCSessionDescription("offer", EMPTY), 0.0)
    assert right.remote_description == second


def test_rolling_back_a_first_offer_leaves_nothing_of_it() -> None:
    """S-11: RFC 9429 §4.1.10.2."""
    hands = Hands()
    left = hands.left.core
    left.create_data_channel("", 0.0)
    hands.left.offer()
    hands.network.run(1.0)
    assert left.ice_gathering_state == "complete"
    left.set_local_description(ROLLBACK, hands.network.now)
    hands.network.run(1.0)
    assert (left.local_description, left.remote_description, left.transport) == (None,) * 3
    assert left.signaling_state == "stable"
    assert left.ice_gathering_state == "new"
    states = [event.state for event in hands.left.of(IceGatheringStateChanged)]
    assert states == ["gathering", "complete", "new"]
    assert left.poll_timeout() is None
    hands.negotiate()
    hands.network.run_until(lambda: hands.right.announced, limit=10.0)


def test_rolling_back_an_offer_of_the_peer() -> None:
    """S-11."""
    hands = Hands()
    hands.left.core.create_data_channel("", 0.0)
    offer = hands.left.offer()
    right = hands.right.core
    for _ in range(3):
        right.set_remote_description(offer, 0.0)
        right.create_answer()
        right.set_remote_description(ROLLBACK, 0.0)
    assert right.remote_description is None
    assert right.signaling_state == "stable"
    hands.left.accept(hands.right.answer(offer))
    hands.network.run_until(lambda: hands.right.announced, limit=10.0)


@pytest.mark.parametrize("side", ["local", "remote"])
def test_nothing_to_roll_back(side: str) -> None:
    hands = Hands()
    peer = hands.left.core
    command = peer.set_local_description if side == "local" else peer.set_remote_description
    with pytest.raises(InvalidStateError):
        command(ROLLBACK, 0.0)
    hands.connect()
    with pytest.raises(InvalidStateError):
        command(ROLLBACK, 0.0)


def test_a_rollback_ignores_its_sdp() -> None:
    peer = with_channel()
    peer.set_local_description(None, 0.0)
    peer.set_local_description(RTCSessionDescription("rollback", "!<Invalid SDP Content>;"), 0.0)
    assert peer.signaling_state == "stable"


def test_an_offer_of_the_peer_takes_ours_back() -> None:
    """S-11: the state is stable in between."""
    hands = Hands()
    for hand in (hands.left, hands.right):
        hand.core.create_data_channel(str(hand.address), 0.0)
    offers = [hand.offer() for hand in (hands.left, hands.right)]
    hands.network.run(0.5)
    answer = hands.right.answer(offers[0])
    hands.network.run(0.1)
    states = [event.state for event in hands.right.of(SignalingStateChanged)]
    assert states == ["have-local-offer", "stable", "have-remote-offer", "stable"]
    hands.left.accept(answer)
    hands.network.run_until(lambda: hands.right.announced and hands.left.announced, limit=10.0)


def test_a_bad_offer_takes_ours_back_all_the_same() -> None:
    """webrtc-pc §4.4.2: the rollback comes first, and is not undone."""
    peer = with_channel()
    peer.set_local_description(None, 0.0)
    with pytest.raises(SdpError):
        peer.set_remote_description(RTCSessionDescription("offer", "Invalid SDP"), 0.0)
    assert peer.signaling_state == "stable"
    assert peer.local_description is None


@pytest.mark.parametrize("side", ["local", "remote"])
def test_an_offer_cannot_interrupt_a_provisional_answer(side: str) -> None:
    left, right = with_channel(), PeerConnection()
    left.set_local_description(None, 0.0)
    assert left.local_description is not None
    right.set_remote_description(left.local_description, 0.0)
    right.set_local_description(RTCSessionDescription("pranswer"), 0.0)
    assert right.local_description is not None
    left.set_remote_description(right.local_description, 0.0)
    peer = right if side == "local" else left
    with pytest.raises(InvalidStateError):
        peer.set_remote_description(with_channel().create_offer(), 0.0)
    assert peer.signaling_state == f"have-{side}-pranswer"


def test_a_peer_that_refuses_data_channels() -> None:
    """RFC 8841 §10: the channels end with an error, and there is no transport."""
    hands = Hands()
    left = hands.left.core
    channel = left.create_data_channel("", 0.0)
    offer = hands.left.offer()
    hands.network.run(0.5)
    sdp = offer.sdp.replace("m=application 9", "m=application 0").replace("BUNDLE 0", "BUNDLE")
    hands.left.accept(RTCSessionDescription("answer", sdp.replace("actpass", "active")))
    hands.network.run(0.5)
    assert [event.channel for event in hands.left.of(ChannelClosed)] == [channel]
    assert left.transport is None
    assert not left.sctp_negotiated
    assert left.ice_gathering_state == "new"
    assert hands.left.of(NegotiationNeeded) == []


def test_data_channels_that_are_withdrawn_and_wanted_again() -> None:
    """RFC 8841 §10.4: a later offer rejects the section, one after it uses its place again."""
    hands = Hands()
    channel, remote = hands.connect()
    offer = hands.left.core.create_offer()
    port = sections(offer.sdp)[1].split()[1]
    sdp = offer.sdp.replace(f"m=application {port}", "m=application 0").replace(
        "BUNDLE 0", "BUNDLE"
    )
    answer = hands.right.answer(RTCSessionDescription("offer", sdp))
    hands.network.run(0.5)
    assert "m=application 0" in answer.sdp
    assert remote.state is ChannelState.CLOSED
    assert hands.right.core.transport is None
    assert hands.right.core.connection_state == "new"
    assert channel.state is not ChannelState.CONNECTING
    second = hands.right.core.create_data_channel("again", hands.network.now)
    hands.network.run(0.1)
    assert hands.right.of(NegotiationNeeded)
    again = SessionDescription.parse(hands.right.core.create_offer().sdp)
    assert [media.mid for media in again.media] == ["1"]
    assert second.state is ChannelState.CONNECTING


def test_an_offer_of_media_alone_is_answered_with_nothing() -> None:
    """S-08: every section rejected, no BUNDLE group, no transport."""
    head, audio, video, _ = sections(sample("offer-chromium"))
    sdp = "\r\n".join([head.replace("BUNDLE 0 1 2", "BUNDLE 0 1"), audio, video]) + "\r\n"
    peer = with_channel()
    peer.set_remote_description(RTCSessionDescription("offer", sdp), 0.0)
    peer.set_local_description(None, 0.0)
    assert peer.local_description is not None
    answer = SessionDescription.parse(peer.local_description.sdp)
    assert [(media.mid, media.port) for media in answer.media] == [("0", 0), ("1", 0)]
    assert answer.groups() == []
    assert peer.transport is None
    assert peer.negotiation_needed is False
    assert drained(peer)[-1] == NegotiationNeeded()
    offer = SessionDescription.parse(peer.create_offer().sdp)
    assert [(media.kind, media.rejected) for media in offer.media] == [
        ("audio", True),
        ("video", True),
        ("application", False),
    ]


@pytest.mark.parametrize("name", OFFERS)
def test_every_sample_offer_is_answered(name: str) -> None:
    """SDP-01 to SDP-04: whatever else it offers, data channels are accepted."""
    peer = PeerConnection(settings=SettingEngine(random=Random(1)))
    peer.set_remote_description(RTCSessionDescription("offer", sample(name)), 0.0)
    peer.set_local_description(None, 0.0)
    peer.handle_event(AddressesBound((("192.0.2.1", 5000),)), 0.0)
    assert peer.signaling_state == "stable"
    assert peer.local_description is not None
    offer = SessionDescription.parse(sample(name))
    answer = SessionDescription.parse(peer.local_description.sdp)
    assert [media.mid for media in answer.media] == [media.mid for media in offer.media]
    assert [media.is_data for media in answer.media] == [not each.rejected for each in answer.media]
    data = answer.media[-1]
    assert data.setup == "active"
    assert len(data.candidates) == 1
    assert peer.remote is not None
    assert peer.transport is not None
    credentials = peer.transport.ice.remote_credentials
    assert credentials == peer.remote.credentials
    assert peer.max_message_size == min(peer.remote.max_message_size or 2**40, 16 * 1024 * 1024)


@pytest.mark.parametrize(
    "name", [name for name in ANSWERS if "m=application 0" not in sample(name)]
)
def test_every_sample_answer_is_accepted(name: str) -> None:
    """SDP-01 to SDP-04: as the answer to an offer of data alone."""
    text = only_data(sample(name))
    if "m=application" not in text:
        pytest.skip("it has no data section")
    mid = SessionDescription.parse(text).media[0].mid
    peer = with_channel()
    peer.set_local_description(None, 0.0)
    if mid is not None:
        text = text.replace(f"a=mid:{mid}", "a=mid:0").replace(f"BUNDLE {mid}", "BUNDLE 0")
    peer.set_remote_description(RTCSessionDescription("answer", text), 0.0)
    assert peer.signaling_state == "stable"
    assert peer.sctp_negotiated
    assert peer.channels.active[0].id in {0, 1}


def test_arguments_of_a_channel_are_checked_first() -> None:
    """PC-12: nothing is left of a call that failed."""
    peer = PeerConnection()
    with pytest.raises(TypeError):
        peer.create_data_channel("", 0.0, RTCDataChannelInit(negotiated=True))
    with pytest.raises(TypeError):
        peer.create_data_channel("x" * 65536, 0.0)
    assert drained(peer) == []
    assert peer.channels.active == []


def test_ids_are_given_with_the_answer_by_dtls_role() -> None:
    """DC-18: webrtc-pc §4.4.1.5."""
    for setup, parity in (("active", 1), ("passive", 0)):
        peer = with_channel()
        [channel] = peer.channels.active
        peer.set_local_description(None, 0.0)
        assert [channel.id] == [None]
        assert peer.local_description is not None
        sdp = peer.local_description.sdp.replace("actpass", setup)
        peer.set_remote_description(RTCSessionDescription("answer", sdp), 0.0)
        assert channel.id == parity
        assert peer.create_data_channel("", 0.0).id == parity + 2
        with pytest.raises(OperationError):
            peer.create_data_channel("", 0.0, RTCDataChannelInit(negotiated=True, id=parity))


@pytest.mark.parametrize("role", ["client", "server"])
def test_the_answerer_may_choose_its_dtls_role(role: str) -> None:
    """SDP-38."""
    hands = Hands(right=SettingEngine(random=Random(9), dtls_role=role))  # type: ignore[arg-type] # one of two
    hands.connect()
    assert hands.right.core.local_description is not None
    expected = "active" if role == "client" else "passive"
    assert f"a=setup:{expected}" in hands.right.core.local_description.sdp


def test_a_message_larger_than_the_peer_takes() -> None:
    """RTCDC-01: TypeError, W3C's; the limit comes with the answer and may change with another."""
    hands = Hands()
    channel, _ = hands.connect()
    left = hands.left.core
    assert left.max_message_size == 262144
    with pytest.raises(TypeError, match="the peer takes 262144"):
        left.send(channel, bytes(262145), hands.network.now)
    offer = hands.left.offer()
    answer = hands.right.answer(offer)
    smaller = answer.sdp.replace("max-message-size:262144", "max-message-size:1000")
    hands.left.accept(RTCSessionDescription("answer", smaller))
    with pytest.raises(TypeError, match="the peer takes 1000"):
        left.send(channel, bytes(1001), hands.network.now)


def test_an_ice_lite_server_and_its_client() -> None:
    """RFC 8445 §6.1.1: the full agent controls, whoever offers."""
    lite = SettingEngine(random=Random(5), ice=AgentConfig(lite=True))
    hands = Hands(left=lite)
    channel, _ = hands.connect()
    for hand, role in ((hands.left, "controlled"), (hands.right, "controlling")):
        assert hand.core.transport is not None
        assert hand.core.transport.ice.role == role
    assert hands.talk(hands.left, channel, "x") == ["x"]


def test_candidates_of_a_peer_that_signals_them_in_its_description() -> None:
    """PC-05: a peer without trickle."""
    hands = Hands()
    hands.left.other = hands.right.other = None
    left, right = hands.left, hands.right
    channel = left.core.create_data_channel("", 0.0)
    left.offer()
    hands.network.run(0.5)
    assert left.core.local_description is not None
    assert "a=end-of-candidates" in left.core.local_description.sdp
    right.answer(left.core.local_description)
    hands.network.run(0.5)
    assert right.core.local_description is not None
    left.accept(right.core.local_description)
    hands.network.run_until(lambda: right.announced, limit=10.0)
    assert channel.state is ChannelState.OPEN


def test_candidates_that_come_before_the_answer_are_used() -> None:
    """PC-05: an answerer keeps them until it answers."""
    hands = Hands()
    left, right = hands.left, hands.right
    left.core.create_data_channel("", 0.0)
    right.core.set_remote_description(left.offer(), 0.0)
    hands.network.run(0.5)
    right.other = None
    assert right.core.remote_description is not None
    assert "a=candidate" in right.core.remote_description.sdp
    right.core.set_local_description(None, hands.network.now)
    hands.network.flush()
    assert right.core.local_description is not None
    left.accept(right.core.local_description)
    hands.network.run_until(lambda: right.announced, limit=10.0)


def test_a_wrong_candidate_says_so() -> None:
    peer = with_channel()
    with pytest.raises(InvalidStateError):
        peer.add_ice_candidate(RTCIceCandidate("x", "0"), 0.0)
    peer.set_remote_description(RTCSessionDescription("offer", sample("offer-pion")), 0.0)
    with pytest.raises(OperationError):
        peer.add_ice_candidate(RTCIceCandidate("x", "0"), 0.0)


def hand_states(hand: Hand) -> list[str]:
    return [event.state for event in hand.of(ConnectionStateChanged)]


def test_a_path_that_breaks_and_comes_back() -> None:
    """PC-07, PC-21: disconnected and connected again, without losing a message."""
    hands = Hands()
    channel, _ = hands.connect()
    stop = hands.network.filter(lambda packet: True)
    hands.left.core.send(channel, "on its way", hands.network.now)
    hands.network.run(12.0)
    assert hands.left.core.connection_state == "disconnected"
    stop()
    hands.network.run(15.0)
    assert hand_states(hands.left)[-2:] == ["disconnected", "connected"]
    assert hands.right.messages() == ["on its way"]
