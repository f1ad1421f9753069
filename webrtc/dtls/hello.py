"""The extensions of a ClientHello or ServerHello. RFC 5246 §7.4.1, RFC 6347 §4.2.1."""

from webrtc.errors import DecodeError
from webrtc.util import Reader

CLIENT_HELLO = 1
SERVER_HELLO = 2

EXTENDED_MASTER_SECRET = 23
"""RFC 7627 §5.1."""


def extensions(type_: int, body: bytes) -> frozenset[int]:
    """Types of the extensions in the hello `body`. Raises DecodeError."""
    reader = Reader(body)
    reader.skip(2 + 32)  # version, random
    reader.vector(1)  # session id
    if type_ == CLIENT_HELLO:
        reader.vector(1)  # cookie
        reader.vector(2)  # cipher suites
        reader.vector(1)  # compression methods
    else:
        reader.skip(2 + 1)  # cipher suite, compression method
    if not reader:
        return frozenset()
    block = Reader(reader.vector(2))
    if reader:
        raise DecodeError(f"{reader.remaining} bytes after the extensions")
    found = set()
    while block:
        found.add(block.uint(2))
        block.vector(2)
    return frozenset(found)
