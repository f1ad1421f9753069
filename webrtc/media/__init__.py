"""Files of encoded frames, without codecs: IVF, Ogg, Annex B, WAV, WebM and Matroska."""

from webrtc.media.h26x import AnnexBReader, AnnexBWriter
from webrtc.media.ivf import IvfReader, IvfWriter
from webrtc.media.matroska import MatroskaWriter
from webrtc.media.ogg import OggReader, OggWriter
from webrtc.media.track import Track
from webrtc.media.wav import WavReader, WavWriter

__all__ = [
    "AnnexBReader",
    "AnnexBWriter",
    "IvfReader",
    "IvfWriter",
    "MatroskaWriter",
    "OggReader",
    "OggWriter",
    "Track",
    "WavReader",
    "WavWriter",
]
