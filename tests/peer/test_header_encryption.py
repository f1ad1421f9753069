"""Encrypted header extensions, and what a description says of them. RFC 9335."""

import re

import pytest

from tests.peer.hands import Hands
from webrtc.errors import InvalidAccessError, InvalidModificationError
from webrtc.peer import RTCConfiguration, RTCSessionDescription, SettingEngine
from webrtc.peer.parameters import RTCRtpCodec
from webrtc.rtp import EncodedFrame
from webrtc.sdp import SessionDescription

KEY = bytes.fromhex("1002009d012a8002e001") + bytes(300)
HIDDEN, PLAIN = b"\xc0\xde", b"\xbe\xde"
VP8 = RTCRtpCodec(mime_type="video/VP8", clock_rate=90000)


def sent_with(hands: Hands) -> list[bytes]:
    """What stands where packets of the left peer name the form of their extensions."""
    media = hands.left.core.media
    transceiver = media.add_track("video", object(), (), VP8)
    hands.connect()
    transport = hands.left.core.transports.one
    assert transport is not None
    frame = EncodedFrame(KEY, "VP8", 0, keyframe=True)
    media.send_frame(transceiver, frame, None, hands.network.now)
    burst = hands.left.core.poll_burst()
    assert burst is not None
    return [data[12:14] for data in burst.datagrams if data[0] & 0xD0 == 0x90]


def with_policy(policy: str) -> RTCConfiguration:
    return RTCConfiguration(rtp_header_encryption_policy=policy)  # type: ignore[arg-type] # one of three


@pytest.mark.parametrize(
    ("policy", "form"), [("negotiate", HIDDEN), ("require", HIDDEN), ("disable", PLAIN)]
)
def test_extensions_are_encrypted_where_both_sides_can(policy: str, form: bytes) -> None:
    hands = Hands(configuration=with_policy(policy))
    assert set(sent_with(hands)) == {form}
    local = hands.left.core.local_description
    assert local is not None
    assert ("a=cryptex" in local.sdp) is (policy != "disable")


def stripped(description: RTCSessionDescription) -> RTCSessionDescription:
    """As a peer says it that knows nothing of it."""
    sdp = description.sdp.replace("a=cryptex\r\n", "")
    return RTCSessionDescription(description.type, sdp)


def test_a_peer_that_cannot_gets_them_in_the_clear() -> None:
    hands = Hands()
    hands.left.core.media.add_track("video", object(), (), VP8)
    answer = hands.right.answer(stripped(hands.left.offer()))
    assert "a=cryptex" not in answer.sdp
    hands.left.accept(answer)
    [section] = hands.left.core.media
    assert section.agreed is not None
    assert not section.agreed.cryptex


def test_where_it_is_required_a_peer_that_cannot_is_refused() -> None:
    hands = Hands(configuration=with_policy("require"))
    hands.left.core.media.add_track("video", object(), (), VP8)
    answer = hands.right.answer(stripped(hands.left.offer()))
    assert [each.rejected for each in SessionDescription.parse(answer.sdp).media] == [True]
    other = Hands(configuration=with_policy("require"))
    other.left.core.media.add_track("video", object(), (), VP8)
    answer = other.right.answer(other.left.offer())
    with pytest.raises(InvalidAccessError, match="not be encrypted"):
        other.left.accept(stripped(answer))


def test_the_policy_is_one_of_three_and_stays() -> None:
    with pytest.raises(TypeError):
        with_policy("maybe").validate()
    with pytest.raises(InvalidModificationError):
        with_policy("disable").validate(with_policy("require"))


def test_a_limit_of_what_is_received_stands_in_the_description() -> None:
    hands = Hands(left=SettingEngine(max_receive_bitrate=900_000))
    hands.left.core.media.add_track("video", object(), (), VP8)
    assert re.search(r"\r\nb=TIAS:900000\r\n", hands.left.offer().sdp)
