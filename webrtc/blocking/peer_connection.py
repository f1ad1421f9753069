"""A peer connection whose calls wait."""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from types import TracebackType
from typing import Any, Self, TypeVar, Unpack

from webrtc.aio.data_channel import RTCDataChannel
from webrtc.aio.net.seam import NetworkStack
from webrtc.aio.options import ConfigurationOptions, DataChannelOptions
from webrtc.aio.peer_connection import RTCPeerConnection
from webrtc.blocking.background import background
from webrtc.blocking.data_channel import DataChannel
from webrtc.errors import ConnectionFailed
from webrtc.jsep import RTCSignalingState
from webrtc.jsep.descriptions import Json
from webrtc.peer import (
    RTCConfiguration,
    RTCIceCandidate,
    RTCSessionDescription,
    SettingEngine,
)
from webrtc.peer.events import (
    RTCIceConnectionState,
    RTCIceGatheringState,
    RTCPeerConnectionState,
)

T = TypeVar("T")


class PeerConnection:
    """`RTCPeerConnection` for programs without asyncio; `with` closes it.

    Any thread may use it, also to close it while another one waits: that one gets
    ConnectionFailed. A `timeout` is in seconds, None waits for ever; TimeoutError says that it was
    too short.
    """

    def __init__(
        self,
        configuration: RTCConfiguration | None = None,
        *,
        settings: SettingEngine | None = None,
        network: NetworkStack | None = None,
        **options: Unpack[ConfigurationOptions],
    ) -> None:
        self._background = background()
        self._arrived: deque[RTCDataChannel] = deque()
        self._most = (settings or SettingEngine()).max_channels

        def make() -> RTCPeerConnection:
            pc = RTCPeerConnection(configuration, settings=settings, network=network, **options)
            self._news = asyncio.Event()
            pc.on("datachannel", self._on_channel)
            pc.on("connectionstatechange", self._news.set)
            self._background.connections.add(pc)
            return pc

        self._pc = self._background.call(make)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<blocking {self._pc!r}>"

    @property
    def connection_state(self) -> RTCPeerConnectionState:
        return self._pc.connection_state

    @property
    def ice_connection_state(self) -> RTCIceConnectionState:
        return self._pc.ice_connection_state

    @property
    def ice_gathering_state(self) -> RTCIceGatheringState:
        return self._pc.ice_gathering_state

    @property
    def signaling_state(self) -> RTCSignalingState:
        return self._pc.signaling_state

    @property
    def failure(self) -> ConnectionFailed | None:
        """Why the connection has failed; None while it works. An ICE restart may bring it back."""
        return self._pc.failure

    @property
    def local_description(self) -> RTCSessionDescription | None:
        """The pending description, else the current one, with the candidates found so far."""
        return self._background.call(lambda: self._pc.local_description)

    @property
    def remote_description(self) -> RTCSessionDescription | None:
        """The peer's description: the pending one, else the current one."""
        return self._background.call(lambda: self._pc.remote_description)

    def create_offer(self, *, ice_restart: bool = False) -> RTCSessionDescription:
        """Describe what is wanted. Raises InvalidStateError when closed or an offer is due back."""
        return self._background.run(self._pc.create_offer(ice_restart=ice_restart))

    def create_answer(self) -> RTCSessionDescription:
        """Describe what is accepted. Raises InvalidStateError without an offer of the peer."""
        return self._background.run(self._pc.create_answer())

    def set_local_description(
        self, description: RTCSessionDescription | Json | None = None
    ) -> None:
        """Set what was created; without SDP the offer or answer that is due is made.

        Raises InvalidStateError, InvalidModificationError for a description that was changed.
        """
        self._background.run(self._pc.set_local_description(description))

    def set_remote_description(self, description: RTCSessionDescription | Json) -> None:
        """Set the peer's description.

        Raises SdpError, InvalidStateError, InvalidAccessError; then nothing else has changed.
        """
        self._background.run(self._pc.set_remote_description(description))

    def add_ice_candidate(self, candidate: RTCIceCandidate | Json | None = None) -> None:
        """Add a candidate of the peer; None or an empty one says that there are no more.

        Raises InvalidStateError before the remote description, OperationError for a candidate
        that is malformed or does not belong to it.
        """
        self._background.run(self._pc.add_ice_candidate(candidate))

    def restart_ice(self) -> None:
        """Ask for a fresh path; the next offer brings it."""
        self._background.call(self._pc.restart_ice)

    def gathered(self, timeout: float | None = None) -> None:
        """Wait until all local candidates are in `local_description`.

        Raises ConnectionFailed when the connection is closed first.
        """
        self._background.run(self._pc.gathered(), timeout)

    def wait_connected(self, timeout: float | None = None) -> None:
        """Wait until the connection is up, `timeout` seconds at most.

        Raises ConnectionFailed, with what was tried and what to do, when it fails or takes longer.
        """
        self._background.run(self._pc.wait_connected(timeout))

    def closed(self, timeout: float | None = None) -> ConnectionFailed | None:
        """Wait until the connection has ended, and give the reason; None for an orderly end."""
        return self._background.run(self._pc.closed(), timeout)

    def create_data_channel(self, label: str, **options: Unpack[DataChannelOptions]) -> DataChannel:
        """Open a channel now or as soon as there is a connection. `options`: RTCDataChannelInit.

        Raises InvalidStateError when closed, TypeError for arguments that are wrong or exclude
        each other, OperationError when the id is in use or none is left.
        """
        channel = self._background.call(self._pc.create_data_channel, label, **options)
        return DataChannel(self._background, channel)

    def accept_data_channel(self, timeout: float | None = None) -> DataChannel:
        """Next channel that the peer has opened, waiting for one.

        Raises ConnectionFailed when there is none and the connection has failed or is closed.
        """
        return DataChannel(self._background, self._background.run(self._accept(), timeout))

    def on(self, event: str, handler: Callable[..., None]) -> None:
        """Call `handler` for an event of `RTCPeerConnection`, such as `icecandidate`.

        It runs in the background thread, for all connections: it must be quick, and it must not
        call a blocking method of a connection. Channels come by `accept_data_channel` only.
        """
        if event == "datachannel":
            raise ValueError("no handler for datachannel: use accept_data_channel()")
        self._background.call(self._pc.on, event, handler)

    def run(
        self,
        function: Callable[[RTCPeerConnection], Coroutine[Any, Any, T]],
        timeout: float | None = None,
    ) -> T:
        """Wait for `function(connection)`, run by the loop: for all that has no method here."""
        return self._background.run(function(self._pc), timeout)

    def close(self) -> None:
        """End the connection, its channels and whoever waits for them. Harmless when closed."""
        if self._background.alive:  # else it has closed them all
            self._background.run(self._close())

    async def _close(self) -> None:
        await self._pc.close()
        self._background.connections.discard(self._pc)
        self._news.set()

    def _on_channel(self, channel: RTCDataChannel) -> None:
        if len(self._arrived) < self._most:
            self._arrived.append(channel)
            self._news.set()
        else:
            channel.close()  # nobody accepts, and the peer goes on opening

    async def _accept(self) -> RTCDataChannel:
        while not self._arrived:
            state = self._pc.connection_state
            if state is RTCPeerConnectionState.CLOSED:
                raise ConnectionFailed("the peer connection was closed")
            if state is RTCPeerConnectionState.FAILED:
                await self._pc.wait_connected()  # tells why
            self._news.clear()
            await self._news.wait()
        return self._arrived.popleft()
