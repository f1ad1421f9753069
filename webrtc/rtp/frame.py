"""An encoded frame: what a packetizer splits and a depacketizer puts together."""

from dataclasses import dataclass


@dataclass(slots=True)
class EncodedFrame:
    """A picture, or a packet of audio, as its encoder wrote it.

    `data` is what the codec's files hold: H.264 and H.265 in Annex B form, AV1 as OBUs with sizes
    and without temporal delimiters, VP8 and VP9 without a payload descriptor.
    """

    data: bytes
    """What the encoder wrote."""
    codec: str
    """The encoding name of `a=rtpmap`: "VP8", "opus"."""
    timestamp: int
    """In units of the RTP clock, modulo 2**32."""
    keyframe: bool = False
    """Whether a decoder can begin with it. True of all audio but comfort noise and events."""
    temporal_id: int | None = None
    """The layer in time, where the codec tells."""
    spatial_id: int | None = None
    """The layer, where the codec tells; of several in one picture the highest."""
    width: int | None = None
    """In pixels, where a key frame tells."""
    height: int | None = None
    """In pixels, where a key frame tells."""
    rid: str | None = None
    """The encoding of a simulcast sender that it belongs to."""
    captured: float | None = None
    """When the picture was taken or the sound heard, in seconds since 1970, where that is known."""
