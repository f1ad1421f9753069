"""What each encoding may send."""

from webrtc.peer.bitrates import shares
from webrtc.peer.parameters import RTCRtpEncodingParameters


def layer(rid: str, scale: float, **others: object) -> RTCRtpEncodingParameters:
    return RTCRtpEncodingParameters(rid=rid, scale_resolution_down_by=scale, **others)  # type: ignore[arg-type]


def test_one_gets_all_and_not_more_than_its_own_bound() -> None:
    assert list(shares([RTCRtpEncodingParameters()], 1000)) == [(None, 1000)]
    assert list(shares([RTCRtpEncodingParameters(max_bitrate=300)], 1000)) == [(None, 300)]
    assert list(shares([RTCRtpEncodingParameters(max_bitrate=300)], None)) == [(None, 300)]
    assert list(shares([RTCRtpEncodingParameters()], None)) == [(None, None)]


def test_several_share_by_their_pixels() -> None:
    layers = [layer("q", 4.0), layer("h", 2.0), layer("f", 1.0)]
    assert list(shares(layers, 2100)) == [("q", 100), ("h", 400), ("f", 1600)]


def test_one_that_is_not_active_has_no_share() -> None:
    layers = [layer("q", 2.0), layer("f", 1.0, active=False)]
    assert list(shares(layers, 1000)) == [("q", 1000)]
