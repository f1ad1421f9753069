"""Who is controlling, and what happens when both agents think they are. RFC 8445 §7.3.1.1."""

from random import Random

from webrtc.ice.state import Role
from webrtc.stun.attributes import IceControlled, IceControlling

MAX_SWITCHES = 8
"""Role switches of one agent; a peer that provokes more is answered by failing its pair."""


class Roles:
    """The role of this agent and the number that decides conflicts about it."""

    def __init__(self, role: Role, random: Random, *, lite: bool) -> None:
        self.role = role
        self.lite = lite
        self.remote_lite = False
        self.switches = 0
        """Conflicts that changed the role."""
        self._random = random
        self.tie_breaker = random.getrandbits(64)

    @property
    def controlling(self) -> bool:
        return self.role is Role.CONTROLLING

    @property
    def both_lite(self) -> bool:
        """Nobody checks: pairs are chosen by priority alone. RFC 8445 §8.2."""
        return self.lite and self.remote_lite

    def attribute(self) -> IceControlled:
        """The attribute that states the role in a check."""
        claim = IceControlling if self.controlling else IceControlled
        return claim(self.tie_breaker)

    def conflicts(self, claim: IceControlled | None) -> bool:
        """Whether the sender of `claim` has the same role as this agent."""
        if claim is None:
            return False
        return isinstance(claim, IceControlling) == self.controlling

    def yields_to(self, claim: IceControlled) -> bool:
        """Whether a conflict with `claim` is ended by this agent's switch, not by a 487."""
        if self.lite or self.switches >= MAX_SWITCHES:
            return False
        return (self.tie_breaker >= claim.tie_breaker) != self.controlling

    def switch(self) -> None:
        """Take the other role."""
        self.switches += 1
        self.role = self.role.opposite

    def refused(self, claimed: Role) -> bool:
        """Take a 487 to a check that claimed `claimed`; False when it is not to be obeyed.

        A conflict that a request has ended in the meantime is not ended twice.
        """
        if self.switches >= MAX_SWITCHES:
            return False
        if self.role is claimed and not self.lite:
            self.switch()
            self.tie_breaker = self._random.getrandbits(64)
        return True
