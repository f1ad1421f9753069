"""The environment variables that are honoured; nothing else in the library reads any.

`WEBRTC_LOG=ice:debug,sctp:info` (or one level for all), `WEBRTC_EVENTS=file`, `WEBRTC_PCAP=file`,
`SSLKEYLOGFILE=file`.
"""

import logging
import os
from dataclasses import replace

from webrtc.aio.loop.files import append_private
from webrtc.aio.net.capture import CapturingNetwork
from webrtc.aio.net.seam import NetworkStack
from webrtc.peer import SettingEngine

LOG, EVENTS, PCAP, KEYS = "WEBRTC_LOG", "WEBRTC_EVENTS", "WEBRTC_PCAP", "SSLKEYLOGFILE"
PACKAGES = ("aio", "datachannel", "dtls", "ice", "peer", "sctp", "signaling", "stun", "transfer")
_LEVELS = ("debug", "info", "warning", "error", "critical")
_FORMAT = "%(asctime)s %(levelname)-7s %(name)s %(message)s"

_log = logging.getLogger("webrtc.aio")


def configure_logging() -> None:
    """Do once what `WEBRTC_LOG` says: set levels, and print to stderr."""
    if any(os.environ.get(name) for name in (EVENTS, PCAP, KEYS)):
        _hear_of_failures()
    wanted = os.environ.get(LOG, "")
    root = logging.getLogger("webrtc")
    if not wanted or any(isinstance(each, _EnvironmentHandler) for each in root.handlers):
        return
    root.addHandler(_EnvironmentHandler())
    for part in filter(None, (each.strip().lower() for each in wanted.split(","))):
        package, colon, level = part.rpartition(":")
        if level not in _LEVELS or (colon and package not in PACKAGES):
            _log.warning("%s: %r is not understood: give level or package:level", LOG, part)
            continue
        name = f"webrtc.{package}" if package else "webrtc"
        logging.getLogger(name).setLevel(level.upper())


def captured(network: NetworkStack, name: str) -> NetworkStack:
    """`network`, or one that writes down what passes, when `WEBRTC_PCAP` says so."""
    path = os.environ.get(PCAP)
    return CapturingNetwork(network, path, name) if path else network


def with_key_log(settings: SettingEngine) -> SettingEngine:
    """`settings`, with the keys of every handshake going to `SSLKEYLOGFILE` too."""
    path = os.environ.get(KEYS)
    if not path:
        return settings
    before = settings.dtls.keylog

    def keep(line: str) -> None:
        append_private(path, line)
        if before is not None:
            before(line)

    return replace(settings, dtls=replace(settings.dtls, keylog=keep))


def events_path() -> str | None:
    """Where `WEBRTC_EVENTS` wants an event log."""
    return os.environ.get(EVENTS) or None


def _hear_of_failures() -> None:
    """Let warnings of what the environment wants be seen in a program that logs nothing."""
    if not any(isinstance(each, _LastResort) for each in _log.handlers):
        _log.addHandler(_LastResort())


class _EnvironmentHandler(logging.StreamHandler):  # type: ignore[type-arg] # of what stderr is
    """Prints to the stderr of the moment."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(logging.Formatter(_FORMAT))


class _LastResort(_EnvironmentHandler):
    """Prints warnings that nobody else would."""

    def filter(self, record: logging.LogRecord) -> bool:
        logger: logging.Logger | None = _log
        while logger is not None:
            if any(self._prints(each) for each in logger.handlers):
                return False
            logger = logger.parent if logger.propagate else None
        return record.levelno >= logging.WARNING

    def _prints(self, handler: logging.Handler) -> bool:
        return handler is not self and not isinstance(handler, logging.NullHandler)
