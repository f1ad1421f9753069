"""The asyncio shell: the W3C objects, sockets and one timer around the composed core.

What a browser has is exported from `webrtc`. Here is what it does not have: `IceAgent`, a path to a
peer for datagrams of your own, without DTLS and SDP; and `InternalsDump`, which records connections
for the viewers of chrome://webrtc-internals. `webrtc.aio.srtp` is RTP with keys of your own.
"""

from webrtc.aio.ice import IceAgent, IceConnection
from webrtc.aio.internals import InternalsDump

__all__ = ["IceAgent", "IceConnection", "InternalsDump"]
