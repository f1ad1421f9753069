"""What becomes of a connection: whether it has failed, and how it has ended."""

import asyncio
import logging
from collections.abc import Callable
from typing import Final

from webrtc.aio.diagnosis import HOW_TO_TELL, describe_failure
from webrtc.errors import AuthenticationError, ConnectionFailed, ErrorDetail, ProtocolError
from webrtc.jsep import RTCSignalingState
from webrtc.peer import PeerConnection, SettingEngine
from webrtc.peer.events import (
    DtlsStateChanged,
    RTCDtlsTransportState,
    RTCPeerConnectionState,
    RTCSctpTransportState,
    SctpStateChanged,
)

PEER_CLOSED: Final = "the peer has closed the connection"
SILENCE: Final = 5.0
"""Seconds without a sign of the peer after which somebody should look at the signalling."""

_log = logging.getLogger("webrtc.peer")


class Outcome:
    """One story for events, exceptions and logs.

    A connection that fails may come back by an ICE restart. It has ended when the application
    closes it, when DTLS or SCTP end, or when `give_up` was called, which is
    `SettingEngine.give_up_after` seconds after it has failed.
    """

    def __init__(
        self, core: PeerConnection, name: str, settings: SettingEngine, give_up: Callable[[], None]
    ) -> None:
        self.failure: ConnectionFailed | None = None
        """Why the connection has failed; None while it may still work."""
        self.ended = False
        self.reason: ConnectionFailed | None = None
        """Why it has ended; None for an orderly end."""
        self._core = core
        self._name = name
        self._settings = settings
        self._give_up = give_up
        self._loop = asyncio.get_running_loop()
        self._started = self._loop.time()
        self._was_connected = False
        self._silent_since: float | None = None
        self._dtls_error: Exception | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._silence: asyncio.TimerHandle | None = None

    @property
    def over(self) -> bool:
        """Whether waiting is in vain, at least for now."""
        return self.ended or self.failure is not None

    @property
    def obstacle(self) -> ConnectionFailed | None:
        """Why nothing comes on a channel that is made now, unless things change."""
        if self.ended and self._core.data.state is RTCSctpTransportState.CLOSED:
            return self.reason or ConnectionFailed(PEER_CLOSED)
        return self.failure

    def describe(self) -> ConnectionFailed:
        """How far the connection came, or since when it is gone, and what to do about it."""
        now = self._loop.time()
        if not self._was_connected:
            elapsed = now - self._started
            return ConnectionFailed(describe_failure(self._core, self._dtls_error, elapsed))
        if self._dtls_error is not None:
            return ConnectionFailed(f"lost: {self._dtls_error}")
        silent = now - (self._silent_since if self._silent_since is not None else now)
        return ConnectionFailed(f"lost: no reply for {silent:.0f} s")

    def explain(self, reason: ProtocolError | None) -> ConnectionFailed | None:
        """What to tell of a channel that has ended."""
        if reason is None:
            return None
        if reason is self._dtls_error:
            fingerprint = isinstance(reason, AuthenticationError)
            detail: ErrorDetail = "fingerprint-failure" if fingerprint else "dtls-failure"
            error = ConnectionFailed(str(reason), detail)
        elif self.ended:
            error = ConnectionFailed(str(reason), "sctp-failure", reason.code)
        else:
            error = ConnectionFailed(str(reason))
        error.__cause__ = reason
        return error

    def follow(self, state: RTCPeerConnectionState) -> None:
        """The connection is in another state."""
        _log.info("%s %s", self._name, state)
        config = self._settings.ice
        self._cancel()
        match state:
            case RTCPeerConnectionState.CONNECTED:
                self._was_connected = True
                if self._silence is not None:
                    self._silence.cancel()
                self._silent_since = self.failure = None
            case RTCPeerConnectionState.DISCONNECTED:
                self._mute_for(config.disconnected_timeout)
            case RTCPeerConnectionState.FAILED:
                self._mute_for(config.consent_timeout)
                self._fail()
            case _:
                self.failure = None  # an ICE restart

    def follow_signaling(self, state: RTCSignalingState) -> None:
        """With both descriptions set, something of the peer has to be heard soon."""
        described = state is RTCSignalingState.STABLE and self._core.negotiation.remote is not None
        if described and self._silence is None and not self._was_connected:
            self._silence = self._loop.call_later(SILENCE, self._note_silence)

    def follow_transport(self, event: DtlsStateChanged | SctpStateChanged) -> None:
        """Without DTLS or SCTP there is no connection any more."""
        match event:
            case DtlsStateChanged(_, RTCDtlsTransportState.FAILED, error):
                self._dtls_error = error
                self._fail()
                self.end(self.failure)
            case DtlsStateChanged(_, RTCDtlsTransportState.CLOSED):
                self.end(None)
            case SctpStateChanged(RTCSctpTransportState.CLOSED, None):
                self.end(None)
            case SctpStateChanged(RTCSctpTransportState.CLOSED, error):
                self.end(ConnectionFailed(f"lost: {error}"))

    def end(self, reason: ConnectionFailed | None) -> None:
        """Nothing brings the connection back. Only the first reason counts."""
        self._cancel()
        if self._silence is not None:
            self._silence.cancel()
        if not self.ended:
            self.ended = True
            self.reason = reason

    def close(self) -> None:
        """The application has closed the connection: after a failure that is to give it up."""
        self.end(self.failure)
        self._give_up = _nothing  # it has us: without the cycle memory is free at once

    def _mute_for(self, seconds: float) -> None:
        if self._silent_since is None:
            self._silent_since = self._loop.time() - seconds

    def _note_silence(self) -> None:
        transport = self._core.transports.one
        if transport is None or self._settings.ice.lite or self.over:
            return
        if not transport.ice.remote_candidates and not transport.ice.pairs:
            _log.warning("%s has heard of no candidate of the peer: %s", self._name, HOW_TO_TELL)

    def _fail(self) -> None:
        if self.over:
            return
        self.failure = self.describe()
        _log.warning("%s %s", self._name, self.failure)
        delay = self._settings.give_up_after
        if delay is not None:
            self._timer = self._loop.call_later(delay, self._give_up)

    def _cancel(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def _nothing() -> None:
    """Takes the place of what a closed connection would do."""
