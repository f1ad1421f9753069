"""A data channel whose calls wait."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Generic, TypeVar

from webrtc.aio.conduit import RTCDataChannelState
from webrtc.aio.data_channel import RTCDataChannel, RTCPriorityType
from webrtc.errors import ConnectionFailed, OperationError

if TYPE_CHECKING:
    from webrtc.blocking.background import Background

ChannelT = TypeVar("ChannelT", bound="RTCDataChannel | DataChannel")


class Described(Generic[ChannelT]):
    """What a channel is, as that which it stands for says."""

    _channel: ChannelT

    @property
    def label(self) -> str:
        return self._channel.label

    @property
    def ordered(self) -> bool:
        return self._channel.ordered

    @property
    def max_packet_life_time(self) -> int | None:
        """Milliseconds."""
        return self._channel.max_packet_life_time

    @property
    def max_retransmits(self) -> int | None:
        return self._channel.max_retransmits

    @property
    def protocol(self) -> str:
        return self._channel.protocol

    @property
    def negotiated(self) -> bool:
        return self._channel.negotiated

    @property
    def id(self) -> int | None:
        """SCTP stream identifier; None until the DTLS role is known."""
        return self._channel.id

    @property
    def ready_state(self) -> RTCDataChannelState:
        return self._channel.ready_state


class DataChannel(Described[RTCDataChannel]):
    """`RTCDataChannel` for programs without asyncio. Any thread may use it.

    A `timeout` is in seconds, None waits for ever; TimeoutError says that it was too short.
    """

    def __init__(self, background: "Background", channel: RTCDataChannel) -> None:
        self._background = background
        self._channel = channel

    def __repr__(self) -> str:
        return f"<blocking {self._channel!r}>"

    @property
    def priority(self) -> RTCPriorityType:
        return self._channel.priority

    @property
    def reason(self) -> Exception | None:
        """Why the channel has ended; None after an orderly close."""
        return self._channel.reason

    @property
    def unread(self) -> int:
        """Messages that can be received without waiting."""
        return self._channel.unread

    @property
    def buffered_amount(self) -> int:
        """Bytes given to `send` that are not on the wire yet."""
        return self._background.call(lambda: self._channel.buffered_amount)

    def opened(self, timeout: float | None = None) -> None:
        """Wait until the channel is open.

        Raises ConnectionFailed when the channel closes or the connection fails first.
        """
        self._background.run(self._channel.opened(), timeout)

    def send(
        self, data: bytes | bytearray | memoryview | str, timeout: float | None = None
    ) -> None:
        """Queue a message, then wait until the buffer has room.

        TimeoutError says that there is none yet; the message is queued all the same. Raises as
        `RTCDataChannel.send` otherwise.
        """

        async def send() -> None:
            await self._channel.send(data)

        self._background.run(send(), timeout)

    def send_nowait(self, data: bytes | bytearray | memoryview | str) -> bool:
        """Queue a message if the buffer has room. Whether it was queued. Raises as `send`."""
        return self._background.call(self._send_nowait, data)

    def drained(self, amount: int = 0, timeout: float | None = None) -> None:
        """Wait until at most `amount` bytes are buffered.

        Raises ConnectionFailed when the channel closes or the connection fails first.
        """
        self._background.run(self._channel.drained(amount), timeout)

    def recv(self, timeout: float | None = None) -> bytes | str:
        """Next message, waiting for one.

        Raises ConnectionFailed once there is none and the channel is closed or the connection has
        failed.
        """
        return self._background.run(self._channel.recv(), timeout)

    def recv_nowait(self, limit: int = 1) -> list[bytes | str]:
        """Messages that are here already, `limit` at most."""
        return self._background.call(self._recv_nowait, limit)

    def __iter__(self) -> Iterator[bytes | str]:
        """Messages until the channel closes. Raises ConnectionFailed when the connection fails."""
        while True:
            try:
                message = self.recv()
            except ConnectionFailed:
                if self.ready_state == "closed":
                    return
                raise
            yield message

    def close(self) -> None:
        """Begin to close: what is buffered is delivered first. Harmless when closed."""
        self._background.call(self._channel.close)

    def closed(self, timeout: float | None = None) -> None:
        """Wait until the channel is closed on both sides.

        Raises ConnectionFailed when the connection has failed.
        """
        self._background.run(self._channel.closed(), timeout)

    def _send_nowait(self, data: bytes | bytearray | memoryview | str) -> bool:
        if self._channel.ready_state == "open" and not self._channel.has_room:
            return False
        try:
            self._channel.send(data)
        except OperationError:  # there is some room, but too little
            return False
        return True

    def _recv_nowait(self, limit: int) -> list[bytes | str]:
        messages: list[bytes | str] = []
        while len(messages) < limit and (message := self._channel.recv_nowait()) is not None:
            messages.append(message)
        return messages
