"""Every async test runs on virtual time unless it is marked `realtime`."""

import asyncio
import signal
from collections.abc import Callable, Mapping

import pytest

from webrtc.vnet import VirtualTimeLoop

# A shell starts what runs in its background with SIGINT ignored, and children inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    if item.get_closest_marker("realtime") or item.get_closest_marker("interop"):
        return {"realtime": asyncio.new_event_loop}
    return {"virtual": VirtualTimeLoop}
