"""When a valid pair is checked again and when it may no longer be used. RFC 7675 §5.1."""

from random import Random

from webrtc.ice.config import AgentConfig

_NEVER = float("inf")


class Consent:
    """The clock of one valid pair. Says when a check is due; sends nothing.

    Three reasons for a check: consent, at random intervals around 5 s; silence on the selected
    pair; and doubt whether the pair still works, in which it is probed until something is heard.
    """

    __slots__ = (
        "_config",
        "_due",
        "_random",
        "answered",
        "expires",
        "muted",
        "patience",
        "probed_since",
        "sent",
    )

    def __init__(self, config: AgentConfig, random: Random, now: float) -> None:
        self._config = config
        self._random = random
        self.sent = now
        """When the last check was sent."""
        self.probed_since: float | None = None
        """Since when the pair is in doubt, or None."""
        self.muted = False
        """No checks are sent: a lite agent has none, and a generation that is over wants none."""
        self.renew(now)
        self._schedule(now)

    def renew(self, now: float) -> None:
        """Take a valid response, or what stands for one."""
        self.answered = now
        """When the peer last consented."""
        self.expires = now + self._config.consent_timeout
        """When that ends."""
        self.probed_since = None

    def check_sent(self, now: float) -> None:
        """A check of any kind goes out."""
        self.sent = now
        self._schedule(now)

    def probe(self, now: float) -> None:
        """Doubt the pair; harmless when it is in doubt already."""
        if self.probed_since is None:
            self.probed_since = now

    def listen(self, heard: float) -> None:
        """End the doubt if the peer was heard, at `heard`, after it began."""
        if self.probed_since is not None and heard > self.probed_since:
            self.probed_since = None

    def verdict_at(self, round_trip_time: float | None) -> float:
        """When the pair is dead if nothing is heard until then."""
        if self.probed_since is None:
            return _NEVER
        return self.probed_since + max(self._config.switch_timeout, 4 * (round_trip_time or 0.0))

    def next_check(self, heard: float | None) -> float:
        """When a check is due. `heard` is when the pair, being selected, was last heard of."""
        if self.muted:
            return _NEVER
        if self.probed_since is not None:
            return min(self._due, max(self.sent + self._config.probe_interval, self.probed_since))
        return self._due if heard is None else min(self._due, heard + self.patience)

    def _schedule(self, now: float) -> None:
        self._due = now + self._config.consent_interval * self._random.uniform(0.8, 1.2)
        # Never the same on both sides: who asks first has answered the other's question too.
        self.patience = _NEVER
        """Length of a silence that puts the selected pair in doubt."""
        if self._config.keepalive_interval is not None:
            self.patience = self._config.keepalive_interval * self._random.uniform(0.8, 1.0)
