"""Candidate pairs and what is counted of them. RFC 8445 §6.1.2, W3C webrtc-stats §8.18."""

from enum import StrEnum

from webrtc.core import Path
from webrtc.ice.candidate import Candidate, CandidateType
from webrtc.ice.consent import Consent
from webrtc.ice.priority import pair_priority
from webrtc.ice.state import Role

_KINDS = {
    CandidateType.HOST: 0,
    CandidateType.PEER_REFLEXIVE: 1,
    CandidateType.SERVER_REFLEXIVE: 2,
    CandidateType.RELAYED: 3,
}


class PairState(StrEnum):
    """State of a pair's check. RFC 8445 §6.1.2.6."""

    FROZEN = "frozen"
    WAITING = "waiting"
    IN_PROGRESS = "in-progress"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class CandidatePair:
    """A local and a remote candidate, their check, and the counters of their path.

    One object exists for each path of a generation: where local candidates share a base, the
    pair has the one that was found to be true. It decides nothing.
    """

    __slots__ = (
        "bytes_discarded_on_send",
        "bytes_received",
        "bytes_sent",
        "consent",
        "consent_requests_sent",
        "current_round_trip_time",
        "generation",
        "last_heard",
        "last_packet_received",
        "last_packet_sent",
        "last_request_nominated",
        "last_request_received",
        "last_request_sent",
        "last_response_received",
        "local",
        "near",
        "nominated",
        "nominated_at",
        "packets_discarded_on_send",
        "packets_received",
        "packets_sent",
        "path",
        "priority",
        "remote",
        "requests_received",
        "requests_sent",
        "responses_received",
        "responses_sent",
        "retransmissions_sent",
        "round_trip_times",
        "state",
        "taken_back",
        "total_round_trip_time",
    )

    def __init__(
        self, local: Candidate, remote: Candidate, path: Path, role: Role, generation: int = 0
    ) -> None:
        self.local = local
        """Its `base` begins the path; a response may put in its place what a NAT made of it."""
        self.remote = remote
        self.path = path
        self.generation = generation
        """How many restarts were before it."""
        self.near = False
        """Both ends are in one subnet: nothing is likelier to work."""
        self.state = PairState.FROZEN
        self.nominated = self.last_request_nominated = self.taken_back = False
        """Chosen by the controlling agent; its last check said so; we chose another one since."""
        self.nominated_at = float("-inf")
        """When the controlling agent last asked for it, perhaps before our own check succeeded."""
        self.consent: Consent | None = None
        """Present while data may be sent: from the first success until it expires."""
        self.priority = 0
        self.set_role(role)

        self.requests_sent = 0
        """Checks of every kind, repetitions included."""
        self.retransmissions_sent = 0
        self.consent_requests_sent = 0
        self.requests_received = self.responses_sent = self.responses_received = 0
        self.current_round_trip_time: float | None = None
        """Of the last check that was answered without being repeated."""
        self.total_round_trip_time = 0.0
        self.round_trip_times = 0
        """How many measurements the total is of."""
        self.bytes_sent = self.packets_sent = 0
        self.bytes_received = self.packets_received = 0
        self.last_heard = float("-inf")
        """When anything that the peer authenticated, or data, last came over it; -inf for never."""
        self.bytes_discarded_on_send = self.packets_discarded_on_send = 0
        """Data that the system refused to send, which does not count as sent."""
        self.last_request_sent: float | None = None
        self.last_request_received: float | None = None
        self.last_response_received: float | None = None
        self.last_packet_sent: float | None = None
        """Data only, as accurate as the agent's idea of the time: its last input."""
        self.last_packet_received: float | None = None

    def __repr__(self) -> str:
        flag = " nominated" if self.nominated else ""
        return f"<{self.local.id} → {self.remote.id} {self.state}{flag}>"

    @property
    def id(self) -> str:
        """Name for statistics that does not change while the pair lives."""
        (local, local_port), (remote, remote_port), protocol = self.path
        return f"{self.generation}:{protocol}:{local}:{local_port}:{remote}:{remote_port}"

    @property
    def kind(self) -> int:
        """How direct it is: 0 between hosts, 3 through a relay."""
        return max(_KINDS[self.local.type], _KINDS[self.remote.type])

    @property
    def average_round_trip_time(self) -> float | None:
        """Mean of all measurements, or None before the first."""
        count = self.round_trip_times
        return self.total_round_trip_time / count if count else None

    @property
    def loss(self) -> float:
        """Share of checks without a response, 0 to 1. One that is under way counts as lost."""
        if not self.requests_sent:
            return 0.0
        return max(0.0, 1.0 - self.responses_received / self.requests_sent)

    @property
    def heard(self) -> bool:
        """Whether the peer has shown that it is there, with its password."""
        return self.requests_received > 0 or self.responses_received > 0

    def set_role(self, role: Role) -> None:
        """Compute the priority, which depends on who is controlling."""
        local, remote = self.local.priority, self.remote.priority
        if role is Role.CONTROLLING:
            self.priority = pair_priority(local, remote)
        else:
            self.priority = pair_priority(remote, local)

    def measured(self, round_trip_time: float) -> None:
        """Count a round trip."""
        self.current_round_trip_time = round_trip_time
        self.total_round_trip_time += round_trip_time
        self.round_trip_times += 1
