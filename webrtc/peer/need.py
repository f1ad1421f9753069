"""Whether an offer has to be made, and when to say so. webrtc-pc §4.7.3."""

from webrtc.jsep import Negotiation, RTCSignalingState
from webrtc.peer.events import NegotiationNeeded
from webrtc.peer.lines import Lines
from webrtc.peer.transports import Transports


class Need:
    """The flag [[NegotiationNeeded]]. It looks late: what is done meanwhile may settle it."""

    def __init__(self, negotiation: Negotiation, lines: Lines, transports: Transports) -> None:
        self.unchecked = False
        """Whether `poll_event` has to look."""
        self._negotiation = negotiation
        self._lines = lines
        self._transports = transports
        self._told = False

    @property
    def told(self) -> bool:
        """Whether it was said that an offer has to be made, and is so still."""
        return self._told and self._exists

    def check(self) -> None:
        """Something was asked for that may need an offer."""
        self.unchecked = True

    def handle_stable(self) -> None:
        """An exchange has come to its end: what it left out is a need again."""
        self._told = False
        self.unchecked = True

    def poll_event(self) -> NegotiationNeeded | None:
        """The event, when it is due."""
        if not self.unchecked:
            return None
        self.unchecked = False
        if self._negotiation.state is not RTCSignalingState.STABLE:
            return None
        before, self._told = self._told, self._exists
        return NegotiationNeeded() if self._told and not before else None

    @property
    def _exists(self) -> bool:
        """webrtc-pc §4.7.3, "check if negotiation is needed"."""
        if self._negotiation.state is not RTCSignalingState.STABLE:
            return False
        if self._lines.lacking or self._transports.restart_wanted:
            return True
        local, remote = self._negotiation.current_local, self._negotiation.current_remote
        if local is None or remote is None:
            return False
        answered = {line.index: line for line in remote.lines} if local.type != "offer" else {}
        return any(
            section.outdated(local.parsed, answered.get(index), index)
            for index, section in self._lines.settled
        )
