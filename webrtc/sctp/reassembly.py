"""Fragments into messages. RFC 9260 §6.9: the fragments of a message have consecutive TSNs."""

from typing import Final

from webrtc.sctp.causes import out_of_resource
from webrtc.sctp.chunks import BEGINNING, END

FRAGMENT_OVERHEAD: Final = 64
"""Counted for each fragment beside its bytes, so that tiny ones are not nearly free."""


Key = tuple[int, int, int]
"""Stream, sequence number (0 when unordered) and the U bit."""


class Run:
    """Consecutive fragments of one message."""

    __slots__ = ("begins", "first", "key", "last", "parts", "ppid", "size")

    def __init__(self, tsn: int, key: Key, ppid: int, payload: bytes) -> None:
        self.first = tsn
        self.last = tsn
        self.key = key
        self.ppid = ppid  # of the first fragment; nobody promises that all have the same
        self.parts = [payload]
        self.size = len(payload)
        self.begins = False


class Reassembly:
    """Runs of fragments that wait for their neighbours. TSNs do not wrap."""

    def __init__(self, max_message_size: int) -> None:
        self._max_message_size = max_message_size
        self._open: dict[int, Run] = {}
        """Runs that lack an end, by their last TSN."""
        self._headless: dict[int, Run] = {}
        """Runs that lack a beginning, by their first TSN."""
        self.size = 0
        """Bytes held, with `FRAGMENT_OVERHEAD` for each fragment."""

    def add(self, tsn: int, flags: int, key: Key, ppid: int, payload: bytes) -> Run | None:
        """Take a fragment that is not a whole message; returns the run it completes.

        Raises Violation when the message is longer than allowed.
        """
        self.size += len(payload) + FRAGMENT_OVERHEAD
        run = None
        if not flags & BEGINNING:
            run = self._open.get(tsn - 1)
            if run is not None and run.key == key:
                del self._open[tsn - 1]
                run.parts.append(payload)
                run.last = tsn
                run.size += len(payload)
            else:
                run = None
        if run is None:
            run = Run(tsn, key, ppid, payload)
            run.begins = bool(flags & BEGINNING)
            if not run.begins:
                self._headless[tsn] = run
        ends = bool(flags & END)
        if not ends:
            ends = self._join(run)
        if run.size > self._max_message_size:
            raise out_of_resource(f"message of more than {self._max_message_size} bytes")
        if run.begins and ends:
            self.size -= run.size + FRAGMENT_OVERHEAD * len(run.parts)
            return run
        return None

    def clear(self) -> None:
        """Drop everything."""
        self._open.clear()
        self._headless.clear()
        self.size = 0

    def skip(self, before: int, tsn: int) -> None:
        """Drop what can no longer be completed: nothing from `before` to `tsn` will come.

        RFC 3758 §3.6. `before` is the cumulative TSN until now, which an open run may end at.
        """
        for last in range(before, tsn + 1):
            run = self._open.get(last)
            if run is not None:
                self._drop(run)
        for first in range(before + 1, tsn + 2):
            run = self._headless.get(first)
            if run is not None:
                self._drop(run)

    def _drop(self, run: Run) -> None:
        self._headless.pop(run.first, None)
        if self._open.get(run.last) is run:
            del self._open[run.last]
        self.size -= run.size + FRAGMENT_OVERHEAD * len(run.parts)

    def _join(self, run: Run) -> bool:
        """Put the run that follows behind `run`; returns whether it now has its end."""
        tail = self._headless.get(run.last + 1)
        if tail is None or tail.key != run.key:
            self._open[run.last] = run
            return False
        del self._headless[tail.first]
        run.parts += tail.parts
        run.size += tail.size
        run.last = tail.last
        if self._open.get(tail.last) is tail:
            self._open[tail.last] = run
            return False
        return True
