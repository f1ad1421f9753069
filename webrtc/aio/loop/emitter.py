"""Events of the W3C objects: pyee, with handlers kept off the pump's stack and owned."""

from collections.abc import Callable
from types import CoroutineType
from typing import TYPE_CHECKING, Any, Final

from pyee.base import EventEmitter

from webrtc.aio.loop.tasks import Tasks, running_loop
from webrtc.util.spelling import Hinting, meant, members

EVENTS: Final = frozenset(
    {
        "addtrack",
        "bitratewanted",
        "bufferedamountlow",
        "candidate",
        "close",
        "closing",
        "connectionstatechange",
        "datachannel",
        "dtmf",
        "ended",
        "error",
        "gatheringstatechange",
        "icecandidate",
        "icecandidateerror",
        "iceconnectionstatechange",
        "icegatheringstatechange",
        "keyframerequest",
        "message",
        "mute",
        "negotiationneeded",
        "new_listener",
        "open",
        "removetrack",
        "selectedcandidatepairchange",
        "signalingstatechange",
        "statechange",
        "tonechange",
        "track",
        "unmute",
    }
)
"""All of webrtc-pc, those for media too, and of this library and pyee."""


class EventHandler:
    """An `on…` attribute: assigning a callable replaces the one assigned before."""

    def __init__(self, event: str) -> None:
        self._event = event

    def __set_name__(self, owner: type, name: str) -> None:
        self._slot = f"_{name}"

    def __get__(self, instance: "Emitter", owner: type) -> Callable[..., Any] | None:
        assigned: _Assigned | None = getattr(instance, self._slot, None)
        return assigned.handler if assigned is not None else None

    def __set__(self, instance: "Emitter", handler: Callable[..., Any] | None) -> None:
        if handler is not None and not callable(handler):
            raise TypeError(f"{self._slot[1:]} is a {type(handler).__name__}, not callable")
        previous: _Assigned | None = getattr(instance, self._slot, None)
        assigned = _Assigned(handler) if handler is not None else None
        if assigned is not None:
            instance.add_listener(self._event, assigned)
        if previous is not None:
            instance.remove_listener(self._event, previous)
        setattr(instance, self._slot, assigned)


class _Assigned:
    """Sets what was assigned apart from the same callable given to `on`."""

    def __init__(self, handler: Callable[..., Any]) -> None:
        self.handler = handler

    def __repr__(self) -> str:
        return repr(self.handler)

    def __call__(self, *args: object) -> object:
        return self.handler(*args)


class Emitter(Hinting, EventEmitter):
    """Schedules handlers on the loop. One that raises is reported there and stops nothing.

    What is set or listened to under a name that is nearly one of ours would never be used: it
    raises.
    """

    def __init__(self, tasks: Tasks) -> None:
        super().__init__()
        self._tasks = tasks
        self._loop = running_loop()

    if not TYPE_CHECKING:  # it would let through what it is there to tell

        def __setattr__(self, name: str, value: object) -> None:
            """Raise AttributeError for a name that is nearly that of a member."""
            if name[:1] != "_" and not hasattr(type(self), name):
                found = meant(name, members(type(self)))
                if found is not None:
                    kind = type(self).__name__
                    raise AttributeError(f"{kind} has no {name!r}; did you mean {found!r}?")
            object.__setattr__(self, name, value)

    def emit(self, event: str, *args: Any, **kwargs: Any) -> bool:
        """Call the handlers of `event`; False when there are none, as for most events."""
        # As pyee's without its lock: these objects belong to one loop, and messages are many.
        handlers = self._events.get(event)
        if not handlers:
            return super().emit(event, *args, **kwargs) if event == "error" else False
        for handler in list(handlers.values()):
            self._emit_run(handler, args, kwargs)
        return True

    def remove_all_listeners(self, event: str | None = None) -> None:
        """Forget the handlers of `event`, or all."""
        if event is None:
            self._events.clear()
        else:
            self._events.pop(event, None)  # pyee leaves an entry, as if somebody listened

    def __reduce__(self) -> str | tuple[Any, ...]:
        raise TypeError(f"{type(self).__name__} can be neither copied nor pickled: it has a loop")

    def _emit_soon(self, event: str, *args: object) -> None:
        """Call the handlers of `event` in the loop's next turn."""
        if event in self._events:
            self._loop.call_soon(self.emit, event, *args)

    def _add_event_handler(self, event: str, k: Callable[..., Any], v: Callable[..., Any]) -> None:
        """Raise ValueError for an event that is nearly a known one, TypeError for what is none."""
        if not isinstance(event, str):
            raise TypeError(f"event is a {type(event).__name__}, not a str")
        if not callable(k):
            raise TypeError(f"handler of {event!r} is a {type(k).__name__}, not callable")
        if event not in EVENTS:
            bare = event.removeprefix("on")
            found = bare if bare in EVENTS else meant(event, EVENTS) or meant(bare, EVENTS)
            if found is not None:
                raise ValueError(f"there is no event {event!r}; did you mean {found!r}?")
        super()._add_event_handler(event, k, v)

    def _emit_run(
        self,
        f: Callable[..., object],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> None:
        try:
            result = f(*args, **kwargs)
        except (SystemExit, KeyboardInterrupt):
            raise
        except BaseException as error:  # as asyncio's callbacks: CancelledError stops nothing
            self._report(f, error)
        else:
            if result is not None and isinstance(result, CoroutineType):
                self._tasks.start(result)

    def _report(self, handler: Callable[..., object], error: BaseException) -> None:
        self._loop.call_exception_handler(
            {"message": f"event handler {handler!r} raised", "exception": error}
        )
