"""The state cookie: what an association needs, signed and kept by the peer. RFC 9260 §5.1.3."""

import hmac
import struct
from random import Random
from typing import NamedTuple

from webrtc.errors import AuthenticationError

_KEY_SIZE = 32
_MAC_SIZE = 32
_BODY = struct.Struct("!QIIIIIHHBII")


class Peering(NamedTuple):
    """What the two INITs agreed on."""

    local_tag: int
    peer_tag: int
    local_tsn: int
    peer_tsn: int
    peer_window: int
    outbound_streams: int
    inbound_streams: int
    capabilities: int
    """The `Capability` bits that both sides have."""


class Cookie(NamedTuple):
    """Content of a cookie that was authentic."""

    expires_at: float
    peering: Peering
    tie_local_tag: int
    tie_peer_tag: int
    """Tags of the association that existed when it was made, or 0. RFC 9260 §5.2.2."""


class CookieJar:
    """Signs and checks cookies with a key of its own. Keeps nothing else."""

    def __init__(self, random: Random, lifetime: float) -> None:
        self._key = random.randbytes(_KEY_SIZE)
        self._lifetime = lifetime

    def bake(self, peering: Peering, tie_tags: tuple[int, int], now: float) -> bytes:
        """The cookie for an INIT ACK."""
        expires = int((now + self._lifetime) * 1e6)
        body = _BODY.pack(expires & 0xFFFF_FFFF_FFFF_FFFF, *peering, *tie_tags)
        return body + self._mac(body)

    def open(self, cookie: bytes) -> Cookie:
        """Content of `cookie`; AuthenticationError for any that this jar did not make."""
        body, mac = cookie[:-_MAC_SIZE], cookie[-_MAC_SIZE:]
        if len(body) != _BODY.size or not hmac.compare_digest(mac, self._mac(body)):
            raise AuthenticationError("forged state cookie")
        expires, *rest = _BODY.unpack(body)
        return Cookie(expires / 1e6, Peering(*rest[:8]), *rest[8:])

    def _mac(self, body: bytes) -> bytes:
        return hmac.digest(self._key, body, "sha256")
