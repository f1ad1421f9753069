"""Congestion control by its name."""

from webrtc.sctp.bbr import Bbr
from webrtc.sctp.config import Config
from webrtc.sctp.congestion import CongestionControl, Reno
from webrtc.sctp.cubic import Cubic


def create(config: Config, seed: int) -> CongestionControl:
    """The algorithm that `config` names; flows with different seeds do not probe in step."""
    packet_size, initial = config.base_plpmtu, config.initial_window
    match config.congestion_control:
        case "bbr":
            return Bbr(packet_size, initial, seed)
        case "cubic":
            return Cubic(packet_size, initial)
        case "reno":
            return Reno(packet_size, initial)
