"""Builds the statistics report of a peer connection from what its cores count. webrtc-pc §8."""

from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import zip_longest
from typing import Literal

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from webrtc import dtls, ice
from webrtc.core import Address
from webrtc.datachannel import Channel, ChannelState, DataChannels
from webrtc.dtls import Fingerprint
from webrtc.dtls.record import DTLS_1_2
from webrtc.ice import Agent, Candidate, CandidatePair
from webrtc.peer.events import AddressesBound
from webrtc.peer.report import (
    RTCCertificateStats,
    RTCDataChannelStats,
    RTCIceCandidatePairStats,
    RTCIceCandidateStats,
    RTCPeerConnectionStats,
    RTCSctpTransportStats,
    RTCStats,
    RTCStatsReport,
    RTCTransportStats,
)
from webrtc.peer.transport import Transport
from webrtc.sctp import Association

_MILLISECONDS = 1000.0
_TLS_VERSIONS = {"DTLS 1.2": f"{DTLS_1_2:04X}"}


class Statistics:
    """Gives things their ids and reads their counters. It changes nothing."""

    def __init__(self, channels: DataChannels) -> None:
        self._channels = channels
        self._numbers: dict[Channel, int] = {}
        self._channels_seen = 0
        self._transport: Transport | None = None
        self._transports_seen = 0
        self._urls: dict[Address, str] = {}
        self._last: RTCStatsReport | None = None

    def report(
        self,
        transport: Transport | None,
        now: float,
        epoch: float,
        *,
        described: bool,
    ) -> RTCStatsReport:
        """Everything at `now`; `epoch` is the Unix time at which that clock shows 0.

        `described` says whether there is a description of ours.
        """
        time = _Time(now, epoch)
        if self._last is not None:
            return RTCStatsReport({key: time.move(each) for key, each in self._last.items()})
        found: list[RTCStats] = [self._connection(time), *self._data_channels(time)]
        if transport is not None:
            snapshot = _Snapshot(transport, self._name_of(transport), time, self._urls)
            found += snapshot.objects(described=described)
        return RTCStatsReport({each.id: each for each in found})

    def note_servers(self, bound: AddressesBound) -> None:
        """Remember which URL leads to which address."""
        for host, port in bound.stun_servers:
            name = bound.name or host
            self._urls[host, port] = (
                f"stun:[{name}]:{port}" if ":" in name else f"stun:{name}:{port}"
            )

    def close(self, transport: Transport | None, *, described: bool) -> None:
        """The connection ends now: what there is to tell of it stays as it is."""
        if self._last is None:
            self._last = _ended(self.report(transport, 0.0, 0.0, described=described))

    def _connection(self, time: "_Time") -> RTCPeerConnectionStats:
        channels = self._channels
        opened = sum(channel.state is ChannelState.OPEN for channel in channels.active)
        return RTCPeerConnectionStats(
            timestamp=time.now,
            id="P",
            data_channels_opened=channels.opened,
            data_channels_closed=channels.opened - opened,
        )

    def _data_channels(self, time: "_Time") -> Iterator[RTCDataChannelStats]:
        numbers: dict[Channel, int] = {}
        for channel in self._channels.active:
            number = self._numbers.get(channel)
            if number is None:
                self._channels_seen += 1
                number = self._channels_seen
            numbers[channel] = number
            yield RTCDataChannelStats(
                timestamp=time.now,
                id=f"D{number}",
                label=channel.parameters.label,
                protocol=channel.parameters.protocol,
                data_channel_identifier=channel.id,
                state=channel.state,
                messages_sent=channel.messages_sent,
                bytes_sent=channel.bytes_sent,
                messages_received=channel.messages_received,
                bytes_received=channel.bytes_received,
            )
        self._numbers = numbers

    def _name_of(self, transport: Transport) -> str:
        if transport is not self._transport:
            self._transport = transport
            self._transports_seen += 1
        return f"T{self._transports_seen}"


def _ended(report: RTCStatsReport) -> RTCStatsReport:
    """The last report of a connection, as it stands after the end."""
    found: dict[str, RTCStats] = {}
    for key, each in report.items():
        match each:
            case RTCDataChannelStats():
                continue
            case RTCPeerConnectionStats():
                found[key] = replace(each, data_channels_closed=each.data_channels_opened)
            case RTCTransportStats():
                ended = replace(each, dtls_state=dtls.State.CLOSED, ice_state=ice.State.CLOSED)
                found[key] = ended
            case _:
                found[key] = each
    return RTCStatsReport(found)


class _Time:
    """Turns seconds on the caller's clock into DOMHighResTimeStamps."""

    def __init__(self, now: float, epoch: float) -> None:
        self._epoch = epoch
        self.now = (epoch + now) * _MILLISECONDS

    def at(self, moment: float | None) -> float | None:
        return None if moment is None else (self._epoch + moment) * _MILLISECONDS

    def move(self, stats: RTCStats) -> RTCStats:
        """The same as of now; its times were those of an epoch of 0."""
        if isinstance(stats, RTCIceCandidatePairStats):
            sent, received = stats.last_packet_sent_timestamp, stats.last_packet_received_timestamp
            shift = self._epoch * _MILLISECONDS
            stats = replace(
                stats,
                last_packet_sent_timestamp=None if sent is None else sent + shift,
                last_packet_received_timestamp=None if received is None else received + shift,
            )
        return replace(stats, timestamp=self.now)


class _Snapshot:
    """The objects of one transport at one moment."""

    def __init__(
        self,
        transport: Transport,
        name: str,
        time: _Time,
        urls: Mapping[Address, str],
    ) -> None:
        self._transport = transport
        self._name = name
        self._time = time
        self._urls = urls

    def objects(self, *, described: bool) -> Iterator[RTCStats]:
        transport, agent = self._transport, self._transport.ice
        yield self._own(agent, described=described)
        yield from self._certificates(transport.certificate.chain)
        if transport.dtls is not None:
            yield from self._certificates(transport.dtls.peer_certificates)
        if transport.sctp is not None:
            yield self._sctp(transport.sctp)
        pairs = agent.pairs
        selected = agent.selected_pair
        if selected is not None and selected not in pairs:  # of the ICE generation before
            pairs.append(selected)
        yield from self._candidates(agent, pairs)
        for pair in pairs:
            yield self._pair(pair)

    def _own(self, agent: Agent, *, described: bool) -> RTCTransportStats:
        transport, selected = self._transport, agent.selected_pair
        connection = transport.dtls
        remote = connection.peer_certificates if connection is not None else ()
        version = (connection.version if connection is not None else None) or ""
        return RTCTransportStats(
            timestamp=self._time.now,
            id=self._name,
            packets_sent=agent.packets_sent,
            packets_received=agent.packets_received,
            bytes_sent=agent.bytes_sent,
            bytes_received=agent.bytes_received,
            ice_role=agent.role if described else "unknown",
            ice_local_username_fragment=agent.local_ufrag,
            dtls_state=transport.dtls_state,
            ice_state=agent.state,
            selected_candidate_pair_id=None if selected is None else _pair_id(selected),
            local_certificate_id=_certificate_id(transport.certificate.chain[0]),
            remote_certificate_id=_certificate_id(remote[0]) if remote else None,
            tls_version=_TLS_VERSIONS.get(version),
            dtls_cipher=connection.cipher if connection is not None else None,
            dtls_role=connection.role if connection is not None else "unknown",
            selected_candidate_pair_changes=agent.selected_pair_changes,
        )

    def _sctp(self, association: Association) -> RTCSctpTransportStats:
        return RTCSctpTransportStats(
            timestamp=self._time.now,
            id=f"S{self._name}",
            transport_id=self._name,
            smoothed_round_trip_time=association.srtt,
            congestion_window=association.cwnd,
            receiver_window=association.peer_window,
            mtu=association.mtu,
            unack_data=association.unacknowledged_chunks,
        )

    def _certificates(self, chain: Sequence[x509.Certificate]) -> Iterator[RTCCertificateStats]:
        for certificate, issuer in zip_longest(chain, chain[1:]):
            fingerprint, base64 = _read(certificate)
            yield RTCCertificateStats(
                timestamp=self._time.now,
                id=_certificate_id(certificate),
                fingerprint=fingerprint.value,
                fingerprint_algorithm=fingerprint.algorithm,
                base64_certificate=base64,
                issuer_certificate_id=None if issuer is None else _certificate_id(issuer),
            )

    def _candidates(
        self, agent: Agent, pairs: Iterable[CandidatePair]
    ) -> Iterator[RTCIceCandidateStats]:
        """Those of this ICE generation, and those of pairs that are still in use."""
        generation = agent.generation
        local = {_local_id(each, generation): each for each in agent.local_candidates}
        remote = {_remote_id(each, generation): each for each in agent.remote_candidates}
        for pair in pairs:
            local[_local_id(pair.local, pair.generation)] = pair.local
            remote[_remote_id(pair.remote, pair.generation)] = pair.remote
        known = agent.remote_credentials
        remote_ufrag = known.ufrag if known is not None else None
        for key, candidate in local.items():
            ufrag = agent.local_ufrag if key == _local_id(candidate, generation) else None
            yield self._candidate(key, candidate, "local-candidate", ufrag)
        for key, candidate in remote.items():
            ufrag = remote_ufrag if key == _remote_id(candidate, generation) else None
            yield self._candidate(key, candidate, "remote-candidate", ufrag)

    def _candidate(
        self,
        key: str,
        candidate: Candidate,
        kind: Literal["local-candidate", "remote-candidate"],
        ufrag: str | None,
    ) -> RTCIceCandidateStats:
        related = candidate.related_address
        return RTCIceCandidateStats(
            timestamp=self._time.now,
            type=kind,
            id=key,
            transport_id=self._name,
            address=candidate.address[0],
            port=candidate.address[1],
            protocol=candidate.protocol,
            candidate_type=candidate.type,
            priority=candidate.priority,
            url=self._urls.get(candidate.server) if candidate.server is not None else None,
            foundation=candidate.foundation,
            related_address=None if related is None else related[0],
            related_port=None if related is None else related[1],
            username_fragment=ufrag,
            tcp_type=candidate.tcp_type,
        )

    def _pair(self, pair: CandidatePair) -> RTCIceCandidatePairStats:
        return RTCIceCandidatePairStats(
            timestamp=self._time.now,
            id=_pair_id(pair),
            transport_id=self._name,
            local_candidate_id=_local_id(pair.local, pair.generation),
            remote_candidate_id=_remote_id(pair.remote, pair.generation),
            state=pair.state,
            nominated=pair.nominated,
            priority=pair.priority,
            packets_sent=pair.packets_sent,
            packets_received=pair.packets_received,
            bytes_sent=pair.bytes_sent,
            bytes_received=pair.bytes_received,
            last_packet_sent_timestamp=self._time.at(pair.last_packet_sent),
            last_packet_received_timestamp=self._time.at(pair.last_packet_received),
            total_round_trip_time=pair.total_round_trip_time,
            current_round_trip_time=pair.current_round_trip_time,
            requests_received=pair.requests_received,
            requests_sent=(
                pair.requests_sent - pair.retransmissions_sent - pair.consent_requests_sent
            ),
            responses_received=pair.responses_received,
            responses_sent=pair.responses_sent,
            consent_requests_sent=pair.consent_requests_sent,
            packets_discarded_on_send=pair.packets_discarded_on_send,
            bytes_discarded_on_send=pair.bytes_discarded_on_send,
        )


def _pair_id(pair: CandidatePair) -> str:
    return f"CP{pair.id}"


def _local_id(candidate: Candidate, generation: int) -> str:
    return f"L{generation}:{candidate.id}"


def _remote_id(candidate: Candidate, generation: int) -> str:
    """By its address alone: signalling may tell more of a peer-reflexive one."""
    host, port = candidate.address
    return f"R{generation}:{candidate.protocol}:{host}:{port}"


def _certificate_id(certificate: x509.Certificate) -> str:
    return f"CF{_read(certificate)[0].value.replace(':', '')}"


@lru_cache(maxsize=64)
def _read(certificate: x509.Certificate) -> tuple[Fingerprint, str]:
    """Fingerprint and Base64, which would be most of the work of a report."""
    der = certificate.public_bytes(Encoding.DER)
    return Fingerprint.of(certificate), b64encode(der).decode()
