"""A data channel for loops that must not wait: games, simulations, graphical programs."""

import threading
from collections import deque

from webrtc.blocking.data_channel import DataChannel, Described
from webrtc.errors import ConnectionFailed

BATCH = 256
"""Messages fetched at a time from the thread of the connection."""


class PollDataChannel(Described[DataChannel]):
    """Asks instead of waiting: each call returns at once. Any thread may use it.

    Messages come from `channel`, which is not to be read in any other way meanwhile.
    """

    def __init__(self, channel: DataChannel) -> None:
        self._channel = channel
        self._lock = threading.Lock()
        self._batch: deque[bytes | str] = deque()

    def __repr__(self) -> str:
        return f"<polled {self._channel!r}>"

    @property
    def ready(self) -> bool:
        """Whether the channel is open."""
        return self._channel.ready_state == "open"

    def poll_read(self) -> bool:
        """Whether `read` has something to give: a message, or the end."""
        return bool(self._batch or self._channel.unread or self.ready_state == "closed")

    def read(self) -> bytes | str | None:
        """Next message, or None when there is none now.

        Raises ConnectionFailed when the channel is closed and everything was read.
        """
        with self._lock:
            if not self._batch:
                closed = self._channel.ready_state == "closed"
                if self._channel.unread:
                    self._batch.extend(self._channel.recv_nowait(BATCH))
                elif closed:
                    reason = self._channel.reason or "it was closed"
                    raise ConnectionFailed(f"data channel {self.label[:40]!r}: {reason}")
            return self._batch.popleft() if self._batch else None

    def write(self, data: bytes | bytearray | memoryview | str) -> bool:
        """Queue a message if there is room; False says to try again later.

        Raises InvalidStateError unless the channel is open, TypeError when the message is larger
        than the peer takes.
        """
        return self._channel.send_nowait(data)

    def close(self) -> None:
        """Begin to close: what is buffered is delivered first. Harmless when closed."""
        self._channel.close()
