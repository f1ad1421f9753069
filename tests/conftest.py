"""Every async test runs on virtual time unless it is marked `realtime`."""

import asyncio
from collections.abc import Callable, Mapping

import pytest

from webrtc.vnet import VirtualTimeLoop


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    if item.get_closest_marker("realtime") or item.get_closest_marker("interop"):
        return {"realtime": asyncio.new_event_loop}
    return {"virtual": VirtualTimeLoop}
