"""How many checks agents that share it may send to strangers."""

from typing import Final

BURST: Final = 0.1
"""Seconds' worth of checks that may leave at once after a pause."""


class Budget:
    """Hands out the places of ordinary checks to addresses from which nobody was heard yet.

    A server with a thousand connections that all begin at once is otherwise a flood to whoever is
    at the addresses that their peers name. The algorithm is that of ATM's virtual scheduling.
    """

    __slots__ = ("_next", "_pause")

    def __init__(self, rate: float) -> None:
        """`rate`: checks in a second, of all agents together."""
        self._pause = 1.0 / rate
        self._next = float("-inf")

    def reserve(self, now: float) -> float:
        """Take a place; returns its time, which is `now` or later."""
        due = max(now, self._next)
        self._next = due + self._pause
        return max(now, due - BURST)
