"""Arithmetic shared by the protocols: serial numbers, replay windows, bounded reading."""

from webrtc.util.reader import Reader
from webrtc.util.replay import ReplayWindow
from webrtc.util.serial import Unwrapper, serial_gt, serial_gte

__all__ = ["Reader", "ReplayWindow", "Unwrapper", "serial_gt", "serial_gte"]
