"""Alerts: what a peer, or we, say about a failure. RFC 5246 §7.2."""

from webrtc.errors import DecodeError, ProtocolError

WARNING = 1
FATAL = 2

CLOSE_NOTIFY = 0
UNEXPECTED_MESSAGE = 10
HANDSHAKE_FAILURE = 40
BAD_CERTIFICATE = 42
UNSUPPORTED_CERTIFICATE = 43
DECODE_ERROR = 50
INTERNAL_ERROR = 80

_NAMES = {
    0: "close_notify",
    10: "unexpected_message",
    20: "bad_record_mac",
    21: "decryption_failed",
    22: "record_overflow",
    30: "decompression_failure",
    40: "handshake_failure",
    41: "no_certificate",
    42: "bad_certificate",
    43: "unsupported_certificate",
    44: "certificate_revoked",
    45: "certificate_expired",
    46: "certificate_unknown",
    47: "illegal_parameter",
    48: "unknown_ca",
    49: "access_denied",
    50: "decode_error",
    51: "decrypt_error",
    60: "export_restriction",
    70: "protocol_version",
    71: "insufficient_security",
    80: "internal_error",
    86: "inappropriate_fallback",
    90: "user_canceled",
    100: "no_renegotiation",
    110: "unsupported_extension",
    112: "unrecognized_name",
    115: "unknown_psk_identity",
    116: "certificate_required",
    120: "no_application_protocol",
}


def name(code: int) -> str:
    """Name of an alert as the RFCs write it, or `alert 99` for one they do not have."""
    return _NAMES.get(code, f"alert {code}")


def ending(payload: bytes) -> tuple[bool, ProtocolError | None]:
    """Whether this alert of the peer ends the connection, and the error that it reports.

    A close_notify ends it without an error. Raises DecodeError unless `payload` is 2 bytes.
    """
    if len(payload) != 2:
        raise DecodeError(f"alert of {len(payload)} bytes")
    level, code = payload
    if code == CLOSE_NOTIFY:
        return True, None
    if level != FATAL:
        return False, None
    return True, ProtocolError(f"peer sent the fatal DTLS alert {name(code)}", code)
