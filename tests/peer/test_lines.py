"""Which line stands for which section, and how a rollback puts that back."""

import pytest

from tests.peer.hands import Hands, with_channel
from tests.sdp_samples import sections
from webrtc.datachannel import ChannelState
from webrtc.errors import (
    InvalidStateError,
)
from webrtc.peer import (
    RTCSessionDescription,
)
from webrtc.peer.events import (
    IceGatheringStateChanged,
    NegotiationNeeded,
    SignalingStateChanged,
)
from webrtc.sdp import SessionDescription

ROLLBACK = RTCSessionDescription("rollback")


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
    assert (left.local_description, left.remote_description, left.transports.one) == (None,) * 3
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
    assert hands.right.core.transports.one is None
    assert hands.right.core.connection_state == "new"
    assert channel.state is not ChannelState.CONNECTING
    second = hands.right.core.create_data_channel("again", hands.network.now)
    hands.network.run(0.1)
    assert hands.right.of(NegotiationNeeded)
    again = SessionDescription.parse(hands.right.core.create_offer().sdp)
    assert [media.mid for media in again.media] == ["1"]
    assert second.state is ChannelState.CONNECTING
