"""What a statistics report is made of: the dictionaries of webrtc-stats §8, one class each.

Members have the W3C names in snake case; None stands for one that is not there. Times are
milliseconds since 1970-01-01 UTC, durations are seconds, sizes are bytes.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any, Literal, TypeVar

from webrtc import dtls, ice
from webrtc.datachannel import ChannelState

_MILLISECONDS = 1000.0
StatsT = TypeVar("StatsT", bound="RTCStats")


class Time:
    """Turns seconds on the caller's clock into DOMHighResTimeStamps."""

    def __init__(self, now: float, epoch: float) -> None:
        self._epoch = epoch
        self.now = self.of(now)

    def at(self, moment: float | None) -> float | None:
        return None if moment is None else self.of(moment)

    def of(self, moment: float) -> float:
        return (self._epoch + moment) * _MILLISECONDS


@dataclass(frozen=True, slots=True, kw_only=True)
class RTCStats:
    """What every object has. webrtc-pc §8.4."""

    timestamp: float
    """When it was so."""
    type: str
    """What it is about: `transport`, `candidate-pair` …"""
    id: str
    """Stays the same while the thing exists that it is about."""

    def to_json(self) -> dict[str, Any]:
        """The members that are there, under their W3C names."""
        found = ((field.name, getattr(self, field.name)) for field in fields(self))
        return {camel_case(name): _plain(value) for name, value in found if value is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class RTCPeerConnectionStats(RTCStats):
    """webrtc-stats, `peer-connection`."""

    type: Literal["peer-connection"] = "peer-connection"
    data_channels_opened: int
    data_channels_closed: int
    """Those that have been open and are not any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RTCDataChannelStats(RTCStats):
    """webrtc-stats, `data-channel`. A channel that is closed has none."""

    type: Literal["data-channel"] = "data-channel"
    label: str
    protocol: str
    data_channel_identifier: int | None
    """None until the DTLS role tells even from odd."""
    state: ChannelState
    messages_sent: int
    bytes_sent: int
    messages_received: int
    bytes_received: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RTCTransportStats(RTCStats):
    """webrtc-stats, `transport`: ICE and DTLS. Connectivity checks are not among the packets."""

    type: Literal["transport"] = "transport"
    packets_sent: int
    packets_received: int
    bytes_sent: int
    bytes_received: int
    ice_role: ice.Role | Literal["unknown"]
    ice_local_username_fragment: str
    dtls_state: dtls.State
    ice_state: ice.State
    selected_candidate_pair_id: str | None
    local_certificate_id: str
    remote_certificate_id: str | None
    tls_version: str | None
    """Four hexadecimal digits as in the protocol: FEFD is DTLS 1.2."""
    dtls_cipher: str | None
    """Name of the cipher suite in the registry of IANA."""
    dtls_role: dtls.Role | Literal["unknown"]
    srtp_cipher: str | None = None
    selected_candidate_pair_changes: int
    ccfb_messages_sent: int | None = None
    ccfb_messages_received: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RTCSctpTransportStats(RTCStats):
    """What webrtc-stats once had as `sctp-transport`; some browsers never had it."""

    type: Literal["sctp-transport"] = "sctp-transport"
    transport_id: str
    smoothed_round_trip_time: float | None
    congestion_window: int
    receiver_window: int
    """What the peer announced last."""
    mtu: int
    """Largest SCTP packet."""
    unack_data: int
    """DATA chunks that were sent and are not acknowledged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RTCIceCandidateStats(RTCStats):
    """webrtc-stats, `local-candidate` and `remote-candidate`."""

    type: Literal["local-candidate", "remote-candidate"]
    transport_id: str
    address: str
    port: int
    protocol: Literal["udp", "tcp"]
    candidate_type: ice.CandidateType
    priority: int
    url: str | None = None
    """The server that a local candidate is from."""
    relay_protocol: Literal["udp", "tcp", "tls"] | None = None
    foundation: str
    related_address: str | None
    related_port: int | None
    username_fragment: str | None
    tcp_type: ice.TcpType | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RTCIceCandidatePairStats(RTCStats):
    """webrtc-stats, `candidate-pair`. Connectivity checks are not among the packets."""

    type: Literal["candidate-pair"] = "candidate-pair"
    transport_id: str
    local_candidate_id: str
    remote_candidate_id: str
    state: ice.PairState
    nominated: bool
    priority: int
    """Browsers have it, the specification has not any more."""
    packets_sent: int
    packets_received: int
    bytes_sent: int
    bytes_received: int
    last_packet_sent_timestamp: float | None
    last_packet_received_timestamp: float | None
    total_round_trip_time: float
    current_round_trip_time: float | None
    """Of the last check that was answered without being repeated."""
    available_outgoing_bitrate: float | None = None
    available_incoming_bitrate: float | None = None
    requests_received: int
    """Every check of the peer: for consent, and repeated, too."""
    requests_sent: int
    """Connectivity checks, neither repetitions nor those for consent."""
    responses_received: int
    responses_sent: int
    consent_requests_sent: int
    packets_discarded_on_send: int
    """Refused by the system; they do not count as sent."""
    bytes_discarded_on_send: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RTCCertificateStats(RTCStats):
    """webrtc-stats, `certificate`."""

    type: Literal["certificate"] = "certificate"
    fingerprint: str
    fingerprint_algorithm: str
    base64_certificate: str
    """DER in Base64."""
    issuer_certificate_id: str | None


class RTCStatsReport(Mapping[str, RTCStats]):
    """The objects by their ids. webrtc-pc §8.3."""

    def __init__(self, objects: Mapping[str, RTCStats]) -> None:
        self._objects = dict(objects)

    def __getitem__(self, key: str) -> RTCStats:
        return self._objects[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._objects)

    def __len__(self) -> int:
        return len(self._objects)

    def __repr__(self) -> str:
        return f"<RTCStatsReport of {len(self)}>"

    def of(self, kind: type[StatsT]) -> list[StatsT]:
        """The objects of one class."""
        return [each for each in self._objects.values() if isinstance(each, kind)]

    @property
    def selected_pair(self) -> RTCIceCandidatePairStats | None:
        """The pair that carries data."""
        ids = (transport.selected_candidate_pair_id for transport in self.of(RTCTransportStats))
        found = (self._objects.get(each) for each in ids if each is not None)
        return next((each for each in found if isinstance(each, RTCIceCandidatePairStats)), None)

    def to_json(self) -> dict[str, dict[str, Any]]:
        """The whole report under the W3C names: what `JSON.stringify` makes of a browser's."""
        return {key: each.to_json() for key, each in self._objects.items()}


def camel_case(name: str) -> str:
    """`consentRequestsSent` of `consent_requests_sent`."""
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def _plain(value: object) -> object:
    return value.value if isinstance(value, StrEnum) else value
