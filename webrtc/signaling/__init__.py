"""Offer, answer and candidates over HTTP and WebSockets. Needs the extra `server`."""

try:
    from webrtc.signaling.caller import Busy, Call, Place, call, wait_for_calls
    from webrtc.signaling.door import Rules
    from webrtc.signaling.http import SETTINGS, Answerer, connect
    from webrtc.signaling.rendezvous import Rendezvous
except ModuleNotFoundError as error:
    if error.name != "aiohttp":
        raise
    hint = "webrtc.signaling needs aiohttp: pip install asyncio-webrtc[server]"
    raise ModuleNotFoundError(hint, name=error.name) from None

__all__ = [
    "SETTINGS",
    "Answerer",
    "Busy",
    "Call",
    "Place",
    "Rendezvous",
    "Rules",
    "call",
    "connect",
    "wait_for_calls",
]
