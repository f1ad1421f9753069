"""Secure RTP: profiles, keys, and a context for each direction. RFC 3711, 7714, 9335."""

from webrtc.srtp.context import CryptexPolicy, InboundContext, OutboundContext
from webrtc.srtp.keys import Exporter, Keys, SessionKeys
from webrtc.srtp.profiles import ProtectionProfile

__all__ = [
    "CryptexPolicy",
    "Exporter",
    "InboundContext",
    "Keys",
    "OutboundContext",
    "ProtectionProfile",
    "SessionKeys",
]
