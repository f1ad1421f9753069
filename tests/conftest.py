"""Every async test runs on virtual time unless it is marked `realtime`.

A thread may be late by `PATIENCE` of real time before virtual time goes on without it.
"""

import asyncio
import signal
from collections.abc import Callable, Mapping
from functools import partial

import pytest
from hypothesis import HealthCheck, settings

from tests.support import PATIENCE
from webrtc.vnet import VirtualTimeLoop

# A shell starts what runs in its background with SIGINT ignored, and children inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)

# How fast an example is says more about the machine than about the code.
settings.register_profile("clockless", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("clockless")


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    if item.get_closest_marker("realtime") or item.get_closest_marker("interop"):
        return {"realtime": asyncio.new_event_loop}
    return {"virtual": partial(VirtualTimeLoop, patience=PATIENCE)}
