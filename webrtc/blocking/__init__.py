"""Connections for programs without asyncio: the same names, and calls that wait.

One background thread, started by the first connection, runs the event loop of all of them. Every
method may be called from any thread but that one, and waits `timeout` seconds at most:

    with PeerConnection() as pc:
        channel = pc.create_data_channel("chat")
        ...
        channel.send("hello")
        print(channel.recv(timeout=5))
"""

from webrtc.blocking.data_channel import DataChannel
from webrtc.blocking.peer_connection import PeerConnection
from webrtc.blocking.poll import PollDataChannel

__all__ = ["DataChannel", "PeerConnection", "PollDataChannel"]
