"""Dumps in the format of chrome://webrtc-internals, which several viewers open."""

import asyncio
import json
import os
import platform
import re
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from webrtc.aio.event_log import Record
from webrtc.aio.peer_connection import RTCPeerConnection
from webrtc.errors import InvalidAccessError
from webrtc.peer import RTCConfiguration, RTCIceServer
from webrtc.peer.report import RTCStatsReport
from webrtc.version import __version__

LIMIT = 1000
"""Values of a statistic, and lines of a log, that are kept: the latest, as Chrome does."""

_STATE = re.compile(r"(signaling|ice-gathering|ice-connection|connection)-state")


@dataclass(slots=True)
class _Series:
    """The values of one member of one object."""

    kind: str
    values: deque[object]
    times: deque[float]

    def to_json(self) -> dict[str, str]:
        return {
            "startTime": _iso(self.times[0]),
            "endTime": _iso(self.times[-1]),
            "statsType": self.kind,
            "values": json.dumps(list(self.values), separators=(",", ":")),
        }


@dataclass(slots=True)
class _Entry:
    """What is known of one connection."""

    configuration: RTCConfiguration
    limit: int
    log: deque[dict[str, Any]] = field(init=False)
    series: dict[str, _Series] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.log = deque(maxlen=self.limit)

    def add_stats(self, report: RTCStatsReport) -> None:
        for key, each in report.to_json().items():
            kind, time = each.pop("type"), each["timestamp"]
            del each["id"]
            if kind.endswith("-candidate"):  # Chrome's own member, which viewers go by
                each["isRemote"] = kind == "remote-candidate"
            for member, value in each.items():
                series = self.series.get(f"{key}-{member}")
                if series is None:
                    values, times = (
                        deque[object](maxlen=self.limit),
                        deque[float](maxlen=self.limit),
                    )
                    series = self.series[f"{key}-{member}"] = _Series(kind, values, times)
                series.values.append(value)
                series.times.append(time)

    def add_event(self, unix: float, record: Record) -> None:
        found = _to_chrome(record)
        if found is not None:
            kind, value = found
            local = datetime.fromtimestamp(unix).astimezone()
            time = local.strftime("%m/%d/%Y, %I:%M:%S %p")
            stamp = round(unix * 1000, 3)
            self.log.append({"time": time, "timestamp": stamp, "type": kind, "value": value})

    def to_json(self, pid: int, url: str) -> dict[str, Any]:
        return {
            "pid": pid,
            "url": url,
            "rtcConfiguration": _configuration(self.configuration),
            "constraints": {},
            "updateLog": list(self.log),
            "stats": {key: series.to_json() for key, series in self.series.items()},
        }


class InternalsDump:
    """Records connections as Chrome's page of internals does. Use it with `async with`.

    Statistics are taken `every` so many seconds; of each the latest `limit` values are kept, and as
    many lines of a connection's log. `url` is what viewers show as the page. There is no password
    in a dump, but there are addresses.
    """

    def __init__(
        self,
        *connections: RTCPeerConnection,
        every: float = 1.0,
        limit: int = LIMIT,
        url: str = "",
    ) -> None:
        if limit < 1:
            raise InvalidAccessError(f"limit is {limit}, below 1")
        self._every = every
        self._limit = limit
        self._url = url
        self._entries: dict[str, _Entry] = {}
        self._stops: list[Callable[[], None]] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._numbers = count(1)
        for connection in connections:
            self.add(connection)

    def add(self, connection: RTCPeerConnection) -> None:
        """Record one more connection, from here on."""
        entry = _Entry(connection.get_configuration(), self._limit)
        self._entries[f"{os.getpid()}-{next(self._numbers)}"] = entry
        start: list[float] = []

        def take(record: Record) -> None:
            if record["event"] == "log":
                start.append(record["unix"])
            else:
                entry.add_event(start[0] + record["time"], record)

        reports = connection.stats(self._every)
        connection.add_event_log(take)
        self._stops.append(lambda: connection.remove_event_log(take))

        async def sample() -> None:
            async for report in reports:
                entry.add_stats(report)

        self._tasks.append(asyncio.get_running_loop().create_task(sample()))

    def to_json(self) -> dict[str, Any]:
        """The dump so far."""
        python = f"Python/{platform.python_version()} ({platform.system()})"
        pid = os.getpid()
        return {
            "getUserMedia": [],
            "PeerConnections": {
                key: entry.to_json(pid, self._url) for key, entry in self._entries.items()
            },
            "UserAgent": f"asyncio-webrtc/{__version__} {python}",
        }

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the dump so far. Raises OSError."""
        Path(path).write_text(json.dumps(self.to_json(), indent=1))

    async def close(self) -> None:
        """Record no more; what there is can still be saved. Harmless when closed."""
        while self._stops:
            self._stops.pop()()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()


def _to_chrome(record: Record) -> tuple[str, str] | None:
    """Type and value of a line in Chrome's log, for what Chrome has one."""
    found: tuple[str, str] | None = None
    match record:
        case {"event": "description", "side": side, "type": kind, "sdp": sdp}:
            found = f"set{side.capitalize()}Description", f"type: {kind}, sdp: {sdp}"
        case {
            "event": "local-candidate" | "remote-candidate" as event,
            "candidate": str(line),
        } if line:
            mid, index = record["sdpMid"], record["sdpMLineIndex"]
            call = "icecandidate" if event == "local-candidate" else "addIceCandidate"
            found = call, f"sdpMid: {mid}, sdpMLineIndex: {index}, candidate: {line}"
        case {"event": "negotiation-needed"}:
            found = "negotiationneeded", ""
        case {"event": "data-channel", "state": "announced", "label": label, "id": id_}:
            found = "datachannel", f"label: {label}, id: {id_}"
        case {"event": "closed"}:
            found = "close", ""
        case {"event": event, "state": state} if _STATE.fullmatch(event):
            found = event.replace("-", "") + "change", state
    return found


def _configuration(configuration: RTCConfiguration) -> dict[str, Any]:
    """Without usernames and credentials."""
    urls = []
    for server in configuration.ice_servers:
        found = RTCIceServer.from_json(server) if isinstance(server, Mapping) else server
        urls.append([found.urls] if isinstance(found.urls, str) else list(found.urls))
    return {
        "iceServers": [{"urls": each} for each in urls],
        "iceTransportPolicy": configuration.ice_transport_policy,
        "bundlePolicy": configuration.bundle_policy,
        "rtcpMuxPolicy": configuration.rtcp_mux_policy,
        "iceCandidatePoolSize": 0,
    }


def _iso(milliseconds: float) -> str:
    text = datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")
