"""One budget of connectivity checks for all connections of an event loop."""

import asyncio
from dataclasses import replace
from typing import Final, NamedTuple
from weakref import WeakKeyDictionary

from webrtc.ice.budget import Budget
from webrtc.peer import SettingEngine

CHECKS: Final = 1000
"""In a second, to addresses from which nobody was heard."""


class _Last(NamedTuple):
    """What a loop's connections were given the last time: most have the same settings."""

    budget: Budget
    given: SettingEngine
    settings: SettingEngine


_last: WeakKeyDictionary[asyncio.AbstractEventLoop, _Last] = WeakKeyDictionary()


def with_budget(given: SettingEngine) -> SettingEngine:
    """`given` with the budget of the running loop, unless it has one of its own."""
    if given.ice.budget is not None:
        return given
    loop = asyncio.get_running_loop()
    last = _last.get(loop)
    if last is not None and last.given is given:
        return last.settings
    budget = Budget(CHECKS) if last is None else last.budget
    settings = replace(given, ice=replace(given.ice, budget=budget))
    _last[loop] = _Last(budget, given, settings)
    return settings
