"""What several protocols share: replay windows and bounded reading."""

from webrtc.util.reader import Reader
from webrtc.util.replay import ReplayWindow

__all__ = ["Reader", "ReplayWindow"]
