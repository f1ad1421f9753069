"""Both ends of a data channel, for the tests of it."""

from typing import Any

from tests.support import connected, two_hosts
from webrtc import RTCDataChannel, SettingEngine
from webrtc.vnet import Link

EVENTS = ("open", "message", "bufferedamountlow", "closing", "close", "error")


def connected_pair(settings: SettingEngine | None = None) -> Any:
    _, left, right = two_hosts(Link(delay=0.01))
    return connected(left, right, settings=settings)


def record(channel: RTCDataChannel) -> list[tuple[str, str]]:
    """Name of every event, with the state its handler sees."""
    fired: list[tuple[str, str]] = []
    for name in EVENTS:
        channel.on(name, lambda *_, name=name: fired.append((name, channel.ready_state)))
    return fired
