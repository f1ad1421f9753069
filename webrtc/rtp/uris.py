"""The names of RTP header extensions, as `a=extmap` has them."""

from typing import Final

MID: Final = "urn:ietf:params:rtp-hdrext:sdes:mid"
"""The section of a packet. RFC 9143 §15.2."""
RID: Final = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id"
"""The encoding of a packet. RFC 8852 §4.1."""
REPAIRED_RID: Final = "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id"
"""The encoding that a retransmission is of. RFC 8852 §4.2."""
SSRC_AUDIO_LEVEL: Final = "urn:ietf:params:rtp-hdrext:ssrc-audio-level"  # RFC 6464 §3
CSRC_AUDIO_LEVEL: Final = "urn:ietf:params:rtp-hdrext:csrc-audio-level"  # RFC 6465 §3
TRANSMISSION_OFFSET: Final = "urn:ietf:params:rtp-hdrext:toffset"  # RFC 5450 §2
VIDEO_ORIENTATION: Final = "urn:3gpp:video-orientation"  # 3GPP TS 26.114 §7.4.5
TRANSPORT_CC: Final = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"

_EXPERIMENTS = "http://www.webrtc.org/experiments/rtp-hdrext/"
ABS_SEND_TIME: Final = _EXPERIMENTS + "abs-send-time"
ABS_CAPTURE_TIME: Final = _EXPERIMENTS + "abs-capture-time"
PLAYOUT_DELAY: Final = _EXPERIMENTS + "playout-delay"
VIDEO_LAYERS_ALLOCATION: Final = _EXPERIMENTS + "video-layers-allocation00"
COLOR_SPACE: Final = _EXPERIMENTS + "color-space"
VIDEO_TIMING: Final = _EXPERIMENTS + "video-timing"
VIDEO_CONTENT_TYPE: Final = _EXPERIMENTS + "video-content-type"
INBAND_CN: Final = _EXPERIMENTS + "inband-cn"
CORRUPTION_DETECTION: Final = _EXPERIMENTS + "corruption-detection"
DEPENDENCY_DESCRIPTOR: Final = (
    "https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension"
)
