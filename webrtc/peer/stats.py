"""Builds the statistics report of a peer connection from what its cores count. webrtc-pc §8."""

from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache, partial
from itertools import zip_longest
from typing import Literal

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from webrtc import dtls, ice
from webrtc.core import Address
from webrtc.datachannel import Channel, ChannelState
from webrtc.dtls import Fingerprint
from webrtc.dtls.record import DTLS_1_2
from webrtc.ice import Candidate, CandidatePair
from webrtc.peer.data import DataSection
from webrtc.peer.events import AddressesBound
from webrtc.peer.media import Media
from webrtc.peer.media_stats import media_objects
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
    Time,
)
from webrtc.peer.transport import Transport
from webrtc.sctp import Association

_TLS_VERSIONS = {"DTLS 1.2": f"{DTLS_1_2:04X}"}


class Statistics:
    """Gives things their ids and reads their counters. It changes nothing."""

    def __init__(self, data: DataSection, media: Media) -> None:
        self._data = data
        self._media = media
        self._numbers: dict[Channel, int] = {}
        self._channels_seen = 0
        self._transport: Transport | None = None
        self._transports_seen = 0
        self._urls: dict[Address, str] = {}
        self._last: _Snapshot | None = None
        self._closed = False
        self._ended: tuple[RTCStats, ...] = ()
        """What there was to tell of media at the end."""

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
        time = Time(now, epoch)
        found: list[RTCStats] = [self._connection(time), *self._data_channels(time)]
        snapshot = self._last
        if not self._closed:
            snapshot = self._snapshot(transport, described=described)
        if snapshot is not None:
            found += snapshot.objects(time)
            found += self._ended or media_objects(self._media, snapshot.name, time)
        return RTCStatsReport({each.id: each for each in found})

    def note_servers(self, bound: AddressesBound) -> None:
        """Remember which URL leads to which address."""
        for host, port in bound.stun_servers:
            name = bound.name or host
            self._urls[host, port] = (
                f"stun:[{name}]:{port}" if ":" in name else f"stun:{name}:{port}"
            )

    def close(self, transport: Transport | None, now: float, *, described: bool) -> None:
        """The connection ends now: what there is to tell of it stays as it is."""
        if self._closed:
            return
        self._last = self._snapshot(transport, described=described, ended=True)
        if self._last is not None:
            time = Time(now, self._media.epoch)
            self._ended = tuple(media_objects(self._media, self._last.name, time))
        self._closed = True

    def _connection(self, time: Time) -> RTCPeerConnectionStats:
        channels = self._data.channels
        opened = sum(channel.state is ChannelState.OPEN for channel in channels.active)
        return RTCPeerConnectionStats(
            timestamp=time.now,
            id="P",
            data_channels_opened=channels.opened,
            data_channels_closed=channels.opened - opened,
        )

    def _data_channels(self, time: Time) -> Iterator[RTCDataChannelStats]:
        numbers: dict[Channel, int] = {}
        for channel in self._data.channels.active:
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

    def _snapshot(
        self, transport: Transport | None, *, described: bool, ended: bool = False
    ) -> "_Snapshot | None":
        if transport is None:
            return None
        if transport is not self._transport:
            self._transport = transport
            self._transports_seen += 1
        name = f"T{self._transports_seen}"
        sctp = self._data.sctp
        return _Snapshot(transport, sctp, name, self._urls, described=described, ended=ended)


class _Snapshot:
    """The objects of one transport at one moment.

    What will change is read at once, the rest when it is told: of most connections it never is.
    """

    def __init__(
        self,
        transport: Transport,
        sctp: Association | None,
        name: str,
        urls: Mapping[Address, str],
        *,
        described: bool,
        ended: bool,
    ) -> None:
        agent, connection = transport.ice, transport.dtls
        self.name = name
        self._urls = urls
        self._certificates = transport.certificate.chain
        self._peer_certificates = () if connection is None else connection.peer_certificates
        self._own = self._read_transport(transport, described=described, ended=ended)
        self._sctp = None if sctp is None else self._read_sctp(sctp)
        self._generation = agent.generation
        known = agent.remote_credentials
        self._ufrags = agent.local_ufrag, None if known is None else known.ufrag
        self._locals, self._remotes = agent.local_candidates, agent.remote_candidates
        self._pairs = agent.pairs
        selected = agent.selected_pair
        if selected is not None and selected not in self._pairs:  # of the ICE generation before
            self._pairs.append(selected)
        self._counts = [self._read_pair(pair) for pair in self._pairs]

    def objects(self, time: Time) -> Iterator[RTCStats]:
        """All of them, `time` being what they are told for."""
        peer = self._peer_certificates
        yield self._own(
            timestamp=time.now,
            local_certificate_id=_certificate_id(self._certificates[0]),
            remote_certificate_id=_certificate_id(peer[0]) if peer else None,
        )
        for chain in (self._certificates, peer):
            yield from _certificate_stats(chain, time)
        if self._sctp is not None:
            yield self._sctp(timestamp=time.now)
        yield from self._candidates(time)
        for pair, (stats, sent, received) in zip(self._pairs, self._counts, strict=True):
            yield stats(
                timestamp=time.now,
                id=_pair_id(pair),
                local_candidate_id=_local_id(pair.local, pair.generation),
                remote_candidate_id=_remote_id(pair.remote, pair.generation),
                last_packet_sent_timestamp=time.at(sent),
                last_packet_received_timestamp=time.at(received),
            )

    def _read_transport(
        self, transport: Transport, *, described: bool, ended: bool
    ) -> "partial[RTCTransportStats]":
        agent, connection = transport.ice, transport.dtls
        selected = agent.selected_pair
        version = (connection.version if connection is not None else None) or ""
        return partial(
            RTCTransportStats,
            id=self.name,
            packets_sent=agent.packets_sent,
            packets_received=agent.packets_received,
            bytes_sent=agent.bytes_sent,
            bytes_received=agent.bytes_received,
            ice_role=agent.role if described else "unknown",
            ice_local_username_fragment=agent.local_ufrag,
            dtls_state=dtls.State.CLOSED if ended else transport.dtls_state,
            ice_state=ice.State.CLOSED if ended else agent.state,
            selected_candidate_pair_id=None if selected is None else _pair_id(selected),
            tls_version=_TLS_VERSIONS.get(version),
            dtls_cipher=connection.cipher if connection is not None else None,
            dtls_role=connection.role if connection is not None else "unknown",
            selected_candidate_pair_changes=agent.selected_pair_changes,
        )

    def _read_sctp(self, association: Association) -> "partial[RTCSctpTransportStats]":
        return partial(
            RTCSctpTransportStats,
            id=f"S{self.name}",
            transport_id=self.name,
            smoothed_round_trip_time=association.srtt,
            congestion_window=association.cwnd,
            receiver_window=association.peer_window,
            mtu=association.mtu,
            unack_data=association.unacknowledged_chunks,
        )

    def _read_pair(
        self, pair: CandidatePair
    ) -> "tuple[partial[RTCIceCandidatePairStats], float | None, float | None]":
        """Everything but names and times, and when the last packet was sent and received."""
        stats = partial(
            RTCIceCandidatePairStats,
            transport_id=self.name,
            state=pair.state,
            nominated=pair.nominated,
            priority=pair.priority,
            packets_sent=pair.packets_sent,
            packets_received=pair.packets_received,
            bytes_sent=pair.bytes_sent,
            bytes_received=pair.bytes_received,
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
        return stats, pair.last_packet_sent, pair.last_packet_received

    def _candidates(self, time: Time) -> Iterator[RTCIceCandidateStats]:
        """Those of this ICE generation, and those of pairs that are still in use."""
        generation = self._generation
        local = {_local_id(each, generation): each for each in self._locals}
        remote = {_remote_id(each, generation): each for each in self._remotes}
        for pair in self._pairs:
            local[_local_id(pair.local, pair.generation)] = pair.local
            remote[_remote_id(pair.remote, pair.generation)] = pair.remote
        local_ufrag, remote_ufrag = self._ufrags
        for key, candidate in local.items():
            ufrag = local_ufrag if key == _local_id(candidate, generation) else None
            yield self._candidate(key, candidate, "local-candidate", ufrag, time)
        for key, candidate in remote.items():
            ufrag = remote_ufrag if key == _remote_id(candidate, generation) else None
            yield self._candidate(key, candidate, "remote-candidate", ufrag, time)

    def _candidate(
        self,
        key: str,
        candidate: Candidate,
        kind: Literal["local-candidate", "remote-candidate"],
        ufrag: str | None,
        time: Time,
    ) -> RTCIceCandidateStats:
        related = candidate.related_address
        return RTCIceCandidateStats(
            timestamp=time.now,
            type=kind,
            id=key,
            transport_id=self.name,
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


def _certificate_stats(
    chain: Sequence[x509.Certificate], time: Time
) -> Iterator[RTCCertificateStats]:
    for certificate, issuer in zip_longest(chain, chain[1:]):
        fingerprint, base64 = _read(certificate)
        yield RTCCertificateStats(
            timestamp=time.now,
            id=_certificate_id(certificate),
            fingerprint=fingerprint.value.upper(),  # RFC 8122 §5, as in a description
            fingerprint_algorithm=fingerprint.algorithm,
            base64_certificate=base64,
            issuer_certificate_id=None if issuer is None else _certificate_id(issuer),
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
