"""Files of encoded frames, without codecs: IVF, Ogg, Annex B, WAV, WebM and Matroska."""

from webrtc.media.audio_buffer import AudioBuffer
from webrtc.media.base import Reader, Writer
from webrtc.media.h26x import AnnexBReader, AnnexBWriter, nal_units
from webrtc.media.ivf import IvfReader, IvfWriter
from webrtc.media.matroska import MatroskaWriter
from webrtc.media.ogg import OggReader, OggWriter
from webrtc.media.track import Track
from webrtc.media.wav import WavReader, WavWriter

__all__ = [
    "AnnexBReader",
    "AnnexBWriter",
    "AudioBuffer",
    "IvfReader",
    "IvfWriter",
    "MatroskaWriter",
    "OggReader",
    "OggWriter",
    "Reader",
    "Track",
    "WavReader",
    "WavWriter",
    "Writer",
    "nal_units",
]
