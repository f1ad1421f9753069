"""The extensions of a ClientHello or ServerHello. RFC 5246 §7.4.1, RFC 6347 §4.2.1."""

import struct

from webrtc.errors import DecodeError
from webrtc.util import Reader

CLIENT_HELLO = 1
SERVER_HELLO = 2

EXTENDED_MASTER_SECRET = 23
"""RFC 7627 §5.1."""

_EXTENSION = struct.Struct("!HH")  # type, length


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
    block = reader.vector(2)
    if reader:
        raise DecodeError(f"{reader.remaining} bytes after the extensions")
    found = set()
    position, size = 0, len(block)
    while size - position >= _EXTENSION.size:
        number, length = _EXTENSION.unpack_from(block, position)
        position += _EXTENSION.size + length
        found.add(number)
    if position != size:
        raise DecodeError(f"extension that ends at {position} of {size} bytes")
    return frozenset(found)
