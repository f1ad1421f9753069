"""Every exception of the library. W3C names where the W3C has one."""

from typing import Literal

ErrorDetail = Literal[
    "data-channel-failure",
    "dtls-failure",
    "fingerprint-failure",
    "sctp-failure",
    "sdp-syntax-error",
]
"""webrtc-pc §11.1, RTCErrorDetailType."""


class WebRTCError(Exception):
    """Base of everything this library raises on purpose."""


class ProtocolError(WebRTCError):
    """The peer broke a rule. Internal to cores; an application sees it only inside an event."""

    def __init__(self, message: str, code: int | None = None) -> None:
        super().__init__(message)
        self.code = code
        """What to send back: STUN error code, SCTP cause or DTLS alert; None for silence."""


class DecodeError(ProtocolError):
    """Bytes that are not what they should be. The only exception a decoder may raise."""


class AuthenticationError(ProtocolError):
    """A message authentication code, fingerprint or replay check failed."""


class InvalidStateError(WebRTCError):
    """The object is in a state that does not allow the call."""


class InvalidAccessError(WebRTCError):
    """The object does not support the operation or argument."""


class InvalidCharacterError(WebRTCError):
    """A string has a character that it cannot have."""


class InvalidSyntaxError(WebRTCError):
    """A string, such as the URL of a server, does not follow its grammar. W3C `SyntaxError`."""


class InvalidModificationError(WebRTCError):
    """A description or configuration was changed in a way that is not allowed."""


class NotSupportedError(WebRTCError):
    """The operation or value is not supported."""


class OperationError(WebRTCError):
    """The operation failed for a reason that lies outside its arguments."""


class SdpError(DecodeError):
    """A session description that cannot be parsed: W3C `RTCError` "sdp-syntax-error"."""

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message if line is None else f"line {line}: {message}")
        self.error_detail: ErrorDetail = "sdp-syntax-error"
        self.sdp_line_number = line
        """1-based line of the description, or None when no single line is at fault."""


class UnknownCandidate(SdpError):
    """A well-formed candidate of a transport or type that is not known: ignored. RFC 8839 §5.1."""


class MediaError(WebRTCError):
    """Media cannot be coded or decoded as was asked."""


class ConnectionFailed(WebRTCError):
    """What was awaited can no longer come: the connection failed or was closed.

    Also what `error` handlers of a data channel are given: W3C `RTCError`.
    """

    def __init__(
        self,
        message: str = "",
        error_detail: ErrorDetail = "data-channel-failure",
        sctp_cause_code: int | None = None,
    ) -> None:
        super().__init__(message)
        self.error_detail = error_detail
        """What has failed."""
        self.sctp_cause_code = sctp_cause_code
        """Why the peer has aborted the association, if it has said so. RFC 9260 §3.3.10."""
