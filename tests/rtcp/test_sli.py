from webrtc import rtcp


def test_slice_loss_by_its_figure() -> None:
    """RTCP-14: RFC 4585 §6.3.2: 13, 13 and 6 bits."""
    sli = rtcp.SliceLossIndication(1, 2, (rtcp.LostSlice(1, 2, 3), rtcp.LostSlice(8191, 8191, 63)))
    data = bytes.fromhex("82ce0004 00000001 00000002 00080083 ffffffff".replace(" ", ""))
    assert sli.encode() == data
    assert rtcp.decode(data) == [sli]
