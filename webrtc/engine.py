"""What is negotiated of media: codecs, and header extensions of RTP.

Nothing here sends or plays. It is a value that descriptions are made of: who wants another codec
makes another engine.
"""

from dataclasses import dataclass, field
from typing import Final, Literal

from webrtc.rtp import header_values as uris
from webrtc.rtp.payload import DEFAULT_FORMATS, Formats
from webrtc.sdp import Direction
from webrtc.sdp.codecs import Codec

Kind = Literal["audio", "video"]

_FEEDBACK = ("goog-remb", "transport-cc", "ccm fir", "nack", "nack pli")


@dataclass(frozen=True, slots=True)
class HeaderExtension:
    """A header extension that may be negotiated."""

    uri: str
    kinds: tuple[Kind, ...] = ("audio", "video")
    direction: Direction = Direction.SENDRECV
    offered: bool = True
    """Whether an offer has it; answers have it in any case."""


def _h264(payload_type: int, mode: int, profile: str) -> Codec:
    # Level 5.2: it bounds what a peer sends to us, and nothing here has to be decoded.
    fmtp = f"level-asymmetry-allowed=1;packetization-mode={mode};profile-level-id={profile}34"
    return Codec(payload_type, "H264", 90000, None, fmtp, _FEEDBACK)


AUDIO: Final = (
    Codec(111, "opus", 48000, 2, "minptime=10;useinbandfec=1", ("transport-cc",)),
    Codec(63, "red", 48000, 2),
    Codec(9, "G722", 8000),
    Codec(0, "PCMU", 8000),
    Codec(8, "PCMA", 8000),
    Codec(13, "CN", 8000),
    Codec(110, "telephone-event", 48000),
    Codec(126, "telephone-event", 8000),
)
VIDEO: Final = (
    Codec(96, "VP8", 90000, None, "", _FEEDBACK),
    Codec(98, "VP9", 90000, None, "profile-id=0", _FEEDBACK),
    _h264(102, 1, "42e0"),
    _h264(104, 0, "42e0"),
    _h264(106, 1, "4200"),
    _h264(108, 0, "4200"),
    _h264(112, 1, "4d00"),
    _h264(114, 0, "4d00"),
    _h264(116, 1, "6400"),
    _h264(118, 1, "640c"),
    # libwebrtc takes AV1 of no other level than its own.
    Codec(45, "AV1", 90000, None, "level-idx=5;profile=0;tier=0", _FEEDBACK),
    Codec(100, "VP9", 90000, None, "profile-id=2", _FEEDBACK),
    Codec(49, "H265", 90000, None, "level-id=180;profile-id=1;tier-flag=0;tx-mode=SRST", _FEEDBACK),
    Codec(97, "rtx", 90000),
)
EXTENSIONS: Final = (
    HeaderExtension(uris.MID),
    HeaderExtension(uris.TRANSPORT_CC),
    HeaderExtension(uris.ABS_SEND_TIME),
    HeaderExtension(uris.RID, ("video",)),
    HeaderExtension(uris.REPAIRED_RID, ("video",)),
    HeaderExtension(uris.AUDIO_LEVEL, ("audio",)),
    HeaderExtension(uris.CSRC_AUDIO_LEVEL, ("audio",)),
    HeaderExtension(uris.VIDEO_ORIENTATION, ("video",)),
    HeaderExtension(uris.TIME_OFFSET, ("video",)),
    HeaderExtension(uris.PLAYOUT_DELAY, ("video",)),
    HeaderExtension(uris.ABS_CAPTURE_TIME),
    HeaderExtension(uris.DEPENDENCY_DESCRIPTOR, ("video",)),
    HeaderExtension(uris.VIDEO_LAYERS_ALLOCATION, ("video",)),
    # There are but 14 short ids.
    HeaderExtension(uris.COLOR_SPACE, ("video",), offered=False),
    HeaderExtension(uris.VIDEO_TIMING, ("video",), offered=False),
    HeaderExtension(uris.VIDEO_CONTENT_TYPE, ("video",), offered=False),
    HeaderExtension(uris.INBAND_CN, ("audio",), offered=False),
    HeaderExtension(uris.CORRUPTION_DETECTION, ("video",), offered=False),
)


@dataclass(frozen=True, slots=True)
class MediaEngine:
    """The codecs and header extensions of every section, the preferred ones first.

    The payload type of a codec is the one to offer it under, as long as it stands for nothing
    else. An `rtx` or `red` stands for those of every codec with its clock rate.
    """

    audio: tuple[Codec, ...] = AUDIO
    video: tuple[Codec, ...] = VIDEO
    extensions: tuple[HeaderExtension, ...] = EXTENSIONS
    formats: Formats = field(default_factory=lambda: DEFAULT_FORMATS)
    """How the frames of each travel."""

    def codecs(self, kind: Kind) -> tuple[Codec, ...]:
        """What an audio or a video section offers."""
        return self.audio if kind == "audio" else self.video

    def extensions_of(self, kind: Kind) -> tuple[HeaderExtension, ...]:
        """The header extensions of an audio or a video section."""
        return tuple(each for each in self.extensions if kind in each.kinds)
