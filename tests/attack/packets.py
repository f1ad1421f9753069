"""Datagrams of somebody who does not take part in the connection."""

import struct
from collections.abc import Sequence
from random import Random

from webrtc.dtls import Certificate, Config, OpenSSLConnection, Role
from webrtc.stun import Message, Method
from webrtc.stun.attributes import Attribute, IceControlling, Priority, UseCandidate, Username

_RECORD = struct.Struct("!BHHIHH")  # type, version, epoch, sequence number high and low, length
_CERTIFICATE = Certificate.generate(Random(0), 1_700_000_000.0)


def client_hello(seed: int = 0) -> bytes:
    """The first datagram of a DTLS client that is a stranger to both ends."""
    stranger = OpenSSLConnection(_CERTIFICATE, Role.CLIENT, (), Config(), Random(seed))
    stranger.start(0.0)
    flight = stranger.poll_write()
    assert flight is not None
    return flight


def null_client_hello() -> bytes:
    """A ClientHello that offers nothing but TLS_NULL_WITH_NULL_NULL: what scanners send."""
    body = b"\xfe\xfd" + bytes(32) + b"\0" + b"\0" + b"\0\x02\0\0" + b"\x01\0"
    size = len(body).to_bytes(3, "big")
    message = b"\x01" + size + b"\0\0" + b"\0\0\0" + size + body
    return record(22, message)


def record(type_: int, body: bytes, *, epoch: int = 0) -> bytes:
    """A DTLS record without protection."""
    return _RECORD.pack(type_, 0xFEFD, epoch, 0, 7, len(body)) + body


DTLS = {
    "client hello": client_hello(),
    "client hello without a cipher": null_client_hello(),
    "fatal alert": record(21, b"\x02\x28"),
    "close_notify": record(21, b"\x01\x00"),
    "application data": record(23, bytes(100), epoch=1),
}
ALL = DTLS | {
    "RTP": struct.pack("!BBHII", 0x80, 96, 1, 3000, 0x1234) + bytes(160),
    "RTCP BYE": struct.pack("!BBHI", 0x80, 203, 1, 0x1234),
    "binding request": Message.request(Method.BINDING, (), Random(1)).encode(),
}


def junk(random: Random, count: int) -> Sequence[bytes]:
    """Datagrams of every protocol's first byte and of all sizes, the empty one among them."""
    sizes = (0, 1, 2, 3, 4, 12, 19, 20, 28, 100, 1200, 9000)
    return [
        bytes([random.randrange(256)])[: (size := random.choice(sizes))]
        + random.randbytes(max(0, size - 1))
        for _ in range(count)
    ]


def check(
    username: str | None,
    pwd: str,
    random: Random,
    *,
    nominate: bool = True,
    extra: Sequence[Attribute] = (),
) -> bytes:
    """A connectivity check that anybody could send who has guessed `username` and `pwd`."""
    attributes: list[Attribute] = [] if username is None else [Username(username)]
    attributes += [Priority(2**31 - 1), IceControlling(random.getrandbits(64))]
    attributes += [UseCandidate()] if nominate else []
    request = Message.request(Method.BINDING, [*attributes, *extra], random)
    return request.encode(key=pwd.encode(), fingerprint=True)
