"""Notices what happens inside a transport, for whoever asked to be told.

It looks at the agent after each of the transport's inputs, so that nothing in the cores costs
anything while nobody watches: pairs and their states, what DTLS says before it is encrypted.
"""

from webrtc.core import Observer
from webrtc.dtls.describe import describe
from webrtc.dtls.record import APPLICATION_DATA
from webrtc.ice import Agent, Role


class Watch:
    """Compares with what it saw the last time, and tells the difference."""

    def __init__(self, observer: Observer) -> None:
        self._observer = observer
        self._pairs: dict[str, tuple[str, bool]] = {}
        self._role: Role | None = None

    def dtls(self, direction: str, datagram: bytes) -> None:
        """Tell of the records in a datagram, unless they are data."""
        if datagram[0] != APPLICATION_DATA:
            facts = {"direction": direction, "bytes": len(datagram), "records": describe(datagram)}
            self._observer("dtls", facts)

    def look(self, agent: Agent) -> None:
        """See what has changed."""
        if agent.role is not self._role:
            self._role = agent.role
            self._observer("ice-role", {"role": agent.role.value})
        pairs = {pair.id: pair for pair in agent.pairs}
        for key, pair in pairs.items():
            now = (pair.state.value, pair.nominated)
            if self._pairs.get(key) != now:
                facts = {"pair": key, "local": pair.local.id, "remote": pair.remote.id}
                self._observer("pair", facts | {"state": now[0], "nominated": now[1]})
        for gone in self._pairs.keys() - pairs.keys():
            self._observer("pair", {"pair": gone, "state": "dropped"})
        self._pairs = {key: (pair.state.value, pair.nominated) for key, pair in pairs.items()}
