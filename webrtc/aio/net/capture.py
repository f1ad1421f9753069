"""Every datagram of real connections in a file for Wireshark: a network around another."""

import time
from collections.abc import Sequence
from os import PathLike
from typing import ClassVar

from webrtc.aio.loop.files import SharedFile
from webrtc.aio.net.seam import Endpoint, InterfaceAddress, NetworkStack, Receiver
from webrtc.core import Address, Burst, Path, Refused, Transmit, transmits
from webrtc.util.pcapng import Datagram, Direction, Writer


class CaptureFile(SharedFile):
    """A pcapng file. Each connection is an interface in it."""

    fresh: ClassVar[bool] = True

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self._writer = Writer(self.write)

    def add(self, name: str, direction: Direction, data: bytes, path: Path) -> None:
        """Write one datagram of the connection `name`."""
        ends = (path.local, path.remote)
        source, destination = ends if direction is Direction.OUTBOUND else ends[::-1]
        self._writer.write(time.time(), direction, Datagram(data, source, destination), name)


class CapturingNetwork:
    """A network whose endpoints write down what passes through them."""

    def __init__(self, inner: NetworkStack, path: str | PathLike[str], name: str) -> None:
        self._inner = inner
        self._path = path
        self._name = name

    def interfaces(self) -> Sequence[InterfaceAddress]:
        return self._inner.interfaces()

    def bind(self, address: Address) -> Endpoint:
        return CapturingEndpoint(self._inner.bind(address), self._path, self._name)

    async def resolve(self, host: str) -> Sequence[str]:
        return await self._inner.resolve(host)


class CapturingEndpoint:
    """An endpoint with a file beside it."""

    def __init__(self, inner: Endpoint, path: str | PathLike[str], name: str) -> None:
        self._inner = inner
        self._name = name
        self._file = CaptureFile.use(path)
        self._receiver: Receiver | None = None
        self._closed = False
        self.local = inner.local

    def start(self, receiver: Receiver) -> None:
        self._receiver = receiver
        self._inner.start(self)

    def send(self, transmits: Sequence[Transmit]) -> Refused | None:
        """Send, and write down what the system took."""
        return self._note(transmits, self._inner.send(transmits))

    def send_burst(self, burst: Burst) -> Refused | None:
        """As `send`."""
        return self._note(transmits(burst), self._inner.send_burst(burst))

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            self._inner.close()
            self._file.release()

    def _note(self, sent: Sequence[Transmit], refused: Refused | None) -> Refused | None:
        for transmit in sent:
            if refused is None or transmit not in refused.transmits:
                self._file.add(self._name, Direction.OUTBOUND, transmit.data, transmit.path)
        return refused

    def receive(self, data: bytes, path: Path) -> None:
        """Write down and pass on."""
        self._file.add(self._name, Direction.INBOUND, data, path)
        if self._receiver is not None:
            self._receiver.receive(data, path)

    def receive_burst(self, datagrams: Sequence[bytes], path: Path) -> None:
        """Write down and pass on."""
        for data in datagrams:
            self._file.add(self._name, Direction.INBOUND, data, path)
        if self._receiver is not None:
            self._receiver.receive_burst(datagrams, path)

    def flush(self) -> None:
        if self._receiver is not None:
            self._receiver.flush()
