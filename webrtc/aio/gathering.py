"""When the candidates of a connection come: bound at once, shown and told in the next turn."""

import asyncio
from collections.abc import Sequence

from webrtc.aio.dispatch import Dispatch
from webrtc.aio.loop.tasks import Tasks
from webrtc.aio.net.binder import Binder
from webrtc.peer import PeerConnection
from webrtc.peer.events import AddressesBound

Servers = Sequence[tuple[str, int]]


class Gathering:
    """Answers `GatherWanted` for one connection."""

    def __init__(
        self,
        core: PeerConnection,
        binder: Binder,
        dispatch: Dispatch,
        tasks: Tasks,
        *,
        at_once: bool,
    ) -> None:
        self._core = core
        self._binder = binder
        self._dispatch = dispatch
        self._tasks = tasks
        self._at_once = at_once
        self._loop = asyncio.get_running_loop()

    def begin(self, servers: Servers) -> None:
        """Bind now. Events come in the loop's next turn, when the description was returned."""
        bound, names = self._binder.bind(servers)
        if self._at_once:  # the description has them already
            self._core.handle_event(bound, self._loop.time())
        self._loop.call_soon(self._surface, None if self._at_once else bound, names)

    def _surface(self, bound: AddressesBound | None, names: Servers) -> None:
        """Let description and events show the candidates together."""
        if self._dispatch.closed:
            return
        if bound is not None:
            self._binder.tell(bound)
        else:
            self._dispatch.driver.flush_now()
        self._dispatch.run()
        if names:
            self._tasks.start(self._binder.look_up(names))
