"""What the feedback messages share: who sends, and about whom. RFC 4585 §6.1."""

import struct
from typing import Final

from webrtc.errors import DecodeError

SSRCS: Final = struct.Struct("!II")


def split(name: str, body: bytes, unit: int = 0, *, least: int = 0) -> tuple[int, int, bytes]:
    """Sender, media source, and the control information behind them.

    The information has a multiple of `unit` bytes (0: none at all), `least` bytes or more. Raises
    DecodeError with `name`.
    """
    size = len(body) - SSRCS.size
    if size < least or (size % unit if unit else size):
        raise DecodeError(f"{name} body of {len(body)} bytes")
    return *SSRCS.unpack_from(body), body[SSRCS.size :]
