"""ICE alone, for datagrams of one's own: an agent and the connection that it finds. RFC 8445."""

from webrtc.aio.ice.agent import IceAgent
from webrtc.aio.ice.connection import IceConnection

__all__ = ["IceAgent", "IceConnection"]
