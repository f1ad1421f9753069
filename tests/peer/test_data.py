"""The section for data channels: ids, sizes, and that both sides agree to it."""

from random import Random

import pytest

from tests.peer.hands import Hands, drained, with_channel
from webrtc.datachannel import ChannelClosed
from webrtc.errors import (
    OperationError,
)
from webrtc.peer import (
    PeerConnection,
    RTCDataChannelInit,
    RTCSessionDescription,
    SettingEngine,
)
from webrtc.peer.events import (
    NegotiationNeeded,
)


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
    assert left.transports.one is None
    assert not left.data.negotiated
    assert left.ice_gathering_state == "new"
    assert hands.left.of(NegotiationNeeded) == []


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
    assert left.channels.max_message_size == 262144
    with pytest.raises(TypeError, match="the peer takes 262144"):
        left.send(channel, bytes(262145), hands.network.now)
    offer = hands.left.offer()
    answer = hands.right.answer(offer)
    smaller = answer.sdp.replace("max-message-size:262144", "max-message-size:1000")
    hands.left.accept(RTCSessionDescription("answer", smaller))
    with pytest.raises(TypeError, match="the peer takes 1000"):
        left.send(channel, bytes(1001), hands.network.now)
