"""Files of encoded media, recorded and played in real time; threads read and write them."""

from webrtc.aio.media.player import Player
from webrtc.aio.media.recorder import Recorder

__all__ = ["Player", "Recorder"]
