"""Offer, answer and candidates over HTTP and WebSockets. Needs the extra `server`."""

from webrtc.signaling.caller import Call, Place, call, wait_for_calls
from webrtc.signaling.http import Answerer, connect
from webrtc.signaling.rendezvous import Rendezvous

__all__ = ["Answerer", "Call", "Place", "Rendezvous", "call", "connect", "wait_for_calls"]
