"""DTLS 1.2 for WebRTC: certificates, their fingerprints, and the connection. RFC 6347."""

from webrtc.dtls.certificate import Certificate, KeyType
from webrtc.dtls.connection import (
    Closed,
    Config,
    Connected,
    Connection,
    Event,
    ExtendedMasterSecret,
    Role,
    SrtpProfile,
    State,
)
from webrtc.dtls.fingerprint import Fingerprint
from webrtc.dtls.openssl import OpenSSLConnection

__all__ = [
    "Certificate",
    "Closed",
    "Config",
    "Connected",
    "Connection",
    "Event",
    "ExtendedMasterSecret",
    "Fingerprint",
    "KeyType",
    "OpenSSLConnection",
    "Role",
    "SrtpProfile",
    "State",
]
