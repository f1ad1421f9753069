"""Fragments into messages. RFC 9260 §6.9: the fragments of a message have consecutive TSNs.

Fragments beside which something else was received can never be whole: they are dropped at once. So
a run of them ends where a block of received TSNs ends, and to give up on some of them is to look
there.
"""

from typing import Final

from webrtc.sctp.causes import out_of_resource
from webrtc.sctp.chunks import BEGINNING, END
from webrtc.sctp.tsns import ReceivedTsns

FRAGMENT_OVERHEAD: Final = 64
"""Counted for each fragment beside its bytes, so that tiny ones are not nearly free."""
RUN_OVERHEAD: Final = 256
"""Counted for each run of fragments."""

Key = tuple[int, int, int]
"""Stream, sequence number (0 when unordered) and the U bit."""


class Run:
    """Consecutive fragments of one message."""

    __slots__ = ("begins", "first", "key", "last", "parts", "ppid", "size")

    def __init__(self, tsn: int, key: Key, ppid: int, payload: bytes, *, begins: bool) -> None:
        self.first = tsn
        self.last = tsn
        self.key = key
        self.ppid = ppid  # of the first fragment; nobody promises that all have the same
        self.parts = [payload]
        self.size = len(payload)
        self.begins = begins


class Reassembly:
    """Runs of fragments that wait for their neighbours. TSNs do not wrap."""

    def __init__(self, max_message_size: int) -> None:
        self._max_message_size = max_message_size
        self._open: dict[int, Run] = {}
        """Runs that lack an end, by their last TSN."""
        self._headless: dict[int, Run] = {}
        """Runs that lack a beginning, by their first TSN."""
        self.size = 0
        """Bytes held, with `FRAGMENT_OVERHEAD` for each fragment and `RUN_OVERHEAD`."""

    def add(
        self, tsns: ReceivedTsns, tsn: int, flags: int, key: Key, ppid: int, payload: bytes
    ) -> Run | None:
        """Take a fragment that is not a whole message; returns the run it completes.

        `tsns` has its TSN already. Raises Violation when the message is longer than allowed.
        """
        run = self._open.pop(tsn - 1, None)
        if run is not None and run.key == key and not flags & BEGINNING:
            run.parts.append(payload)
            run.last = tsn
            run.size += len(payload)
            self.size += len(payload) + FRAGMENT_OVERHEAD
        else:
            if run is not None:
                self._drop(run)
            run = self._begin(tsns, tsn, flags, key, ppid, payload)
            if run is None:
                return None
        ends = self._close(run) if flags & END else self._join(run, tsns)
        if run.size > self._max_message_size:
            raise out_of_resource(f"message of more than {self._max_message_size} bytes")
        if run.begins and ends:
            self._forget(run)
            return run
        return None

    def open_at(self, tsn: int) -> Run | None:
        """The run that ends with `tsn` and lacks its end, when nothing waits behind a gap."""
        return None if self._headless else self._open.get(tsn)

    def room(self, run: Run) -> int:
        """Bytes by which `run` may grow."""
        return self._max_message_size - run.size

    def extend(self, run: Run, count: int, size: int) -> None:
        """`run`, which is open, has got `count` parts more, of `size` bytes together."""
        self._open[run.last + count] = self._open.pop(run.last)
        run.last += count
        run.size += size
        self.size += size + count * FRAGMENT_OVERHEAD

    def separate(self, tsn: int) -> None:
        """Something else was received under `tsn`: nothing can go on before or behind it."""
        before, behind = self._open.get(tsn - 1), self._headless.get(tsn + 1)
        if before is not None:
            self._drop(before)
        if behind is not None:
            self._drop(behind)

    def clear(self) -> None:
        """Drop everything."""
        self._open.clear()
        self._headless.clear()
        self.size = 0

    def skip(self, before: int, tsn: int, blocks: list[list[int]]) -> None:
        """Drop what can no longer be completed: nothing from `before` to `tsn` will come.

        RFC 3758 §3.6. `before` is the cumulative TSN until now, which an open run may end at;
        `blocks` are the first and last TSNs of what was received beyond it, up to `tsn + 1`.
        """
        run = self._open.get(before)
        if run is not None:
            self._drop(run)
        for first, last in blocks:
            run = self._headless.get(first)
            if run is not None:
                self._drop(run)
            run = self._open.get(last)
            if run is not None and last <= tsn:
                self._drop(run)

    def _begin(
        self, tsns: ReceivedTsns, tsn: int, flags: int, key: Key, ppid: int, payload: bytes
    ) -> Run | None:
        begins = bool(flags & BEGINNING)
        if not begins and tsns.has(tsn - 1):
            return None  # what comes before it was received, or given up, and is none of its own
        run = Run(tsn, key, ppid, payload, begins=begins)
        self.size += len(payload) + FRAGMENT_OVERHEAD + RUN_OVERHEAD
        if not begins:
            self._headless[tsn] = run
        return run

    def _forget(self, run: Run) -> None:
        self.size -= run.size + FRAGMENT_OVERHEAD * len(run.parts) + RUN_OVERHEAD

    def _drop(self, run: Run) -> None:
        self._headless.pop(run.first, None)
        if self._open.get(run.last) is run:
            del self._open[run.last]
        self._forget(run)

    def _close(self, run: Run) -> bool:
        """The message ends with `run`: what is behind it is of another one."""
        behind = self._headless.get(run.last + 1)
        if behind is not None:
            self._drop(behind)
        return True

    def _join(self, run: Run, tsns: ReceivedTsns) -> bool:
        """Put the run that follows behind `run`; returns whether it now has its end."""
        tail = self._headless.get(run.last + 1)
        if tail is None:
            if tsns.cumulative != run.last and tsns.has(run.last + 1):
                self._drop(run)
            else:
                self._open[run.last] = run
            return False
        if tail.key != run.key:
            self._drop(tail)
            self._drop(run)
            return False
        del self._headless[tail.first]
        self.size -= RUN_OVERHEAD
        run.parts += tail.parts
        run.size += tail.size
        run.last = tail.last
        if self._open.get(tail.last) is tail:
            self._open[tail.last] = run
            return False
        return True
