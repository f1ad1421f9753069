"""Roles and states of an agent. W3C webrtc §5.6.3 to §5.6.5 for the words."""

from enum import StrEnum


class Role(StrEnum):
    """Who nominates. RFC 8445 §6.1.1."""

    CONTROLLING = "controlling"
    CONTROLLED = "controlled"

    @property
    def opposite(self) -> "Role":
        """The other agent's role."""
        return Role.CONTROLLED if self is Role.CONTROLLING else Role.CONTROLLING


class State(StrEnum):
    """Connection state."""

    NEW = "new"
    CHECKING = "checking"
    CONNECTED = "connected"
    """A pair is in use; better ones may still be looked for."""
    COMPLETED = "completed"
    """A pair is in use, and both sides have nothing left to try."""
    DISCONNECTED = "disconnected"
    """Nothing has been heard for `disconnected_timeout`. May pass by itself."""
    FAILED = "failed"
    """No pair works. Only a restart helps."""
    CLOSED = "closed"


class GatheringState(StrEnum):
    """How far gathering is."""

    NEW = "new"
    GATHERING = "gathering"
    COMPLETE = "complete"
