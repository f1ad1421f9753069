"""STUN over sockets: ask a server for one's own address, and be such a server. RFC 8489."""

from webrtc.aio.stun.requester import Requester, discover
from webrtc.aio.stun.server import Server

__all__ = ["Requester", "Server", "discover"]
