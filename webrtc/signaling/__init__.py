"""Offer, answer and candidates over a WebSocket. Needs the extra `server`."""

from webrtc.signaling.http import Answerer, connect

__all__ = ["Answerer", "connect"]
