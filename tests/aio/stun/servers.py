import asyncio
from typing import Any

from webrtc.aio.stun import Server


def uri(server: Server) -> str:
    return f"stun:{server.address[0]}:{server.address[1]}"


def pending_timers() -> int:
    """Timers of the module under test; the virtual network has its own."""
    loop: Any = asyncio.get_running_loop()
    ours = ("webrtc.aio.stun.requester", "webrtc.aio.stun.server", "asyncio.selector_events")
    return sum(
        type(getattr(timer._callback, "__self__", None)).__module__ in ours
        for timer in loop._scheduled
        if not timer.cancelled()
    )
