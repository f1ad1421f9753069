from webrtc import rtcp


def test_rapid_resynchronisation_request_by_its_figure() -> None:
    """RTCP-18: RFC 6051 §3.2."""
    request = rtcp.RapidResynchronizationRequest(1, 2)
    data = bytes.fromhex("85cd00020000000100000002")
    assert request.encode() == data
    assert rtcp.decode(data) == [request]
