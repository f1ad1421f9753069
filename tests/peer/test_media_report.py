"""The dictionaries of media keep the names of webrtc-stats."""

from webrtc.peer.media_report import RTCCodecStats, RTCMediaSourceStats


def test_members_have_their_w3c_names() -> None:
    codec = RTCCodecStats(
        timestamp=1.0,
        id="C",
        payload_type=111,
        transport_id="T1",
        mime_type="audio/opus",
        clock_rate=48000,
        channels=2,
        sdp_fmtp_line="useinbandfec=1",
    )
    assert codec.to_json() == {
        "timestamp": 1.0,
        "type": "codec",
        "id": "C",
        "payloadType": 111,
        "transportId": "T1",
        "mimeType": "audio/opus",
        "clockRate": 48000,
        "channels": 2,
        "sdpFmtpLine": "useinbandfec=1",
    }


def test_what_is_not_there_is_left_out() -> None:
    source = RTCMediaSourceStats(
        timestamp=1.0,
        id="S",
        track_identifier="t",
        kind="audio",
        width=None,
        height=None,
        frames=None,
    )
    assert source.to_json().keys() == {"timestamp", "type", "id", "trackIdentifier", "kind"}
