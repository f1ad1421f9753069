"""The statistics of the whole core: what is counted is so, what is named is there."""

from collections import Counter
from random import Random
from typing import Any

import pytest

from tests.peer import idl
from tests.peer.hands import LEFT, RIGHT, Hand, Hands
from webrtc.core import Path, Transmit
from webrtc.dtls import Certificate, Fingerprint
from webrtc.ice import PairState
from webrtc.peer import (
    PeerConnection,
    RTCConfiguration,
    RTCSessionDescription,
    SettingEngine,
)
from webrtc.peer.events import AddressesBound
from webrtc.peer.report import (
    RTCCertificateStats,
    RTCDataChannelStats,
    RTCIceCandidatePairStats,
    RTCIceCandidateStats,
    RTCPeerConnectionStats,
    RTCSctpTransportStats,
    RTCStatsReport,
    RTCTransportStats,
)
from webrtc.stun import Message, MessageClass
from webrtc.stun.attributes import XorMappedAddress
from webrtc.vnet import Link

EPOCH = 1.7e9
ROLLBACK = RTCSessionDescription("rollback")


def stats(hand: Hand) -> RTCStatsReport:
    return hand.core.stats(hand.now, EPOCH)


def transport(hand: Hand) -> RTCTransportStats:
    [found] = stats(hand).of(RTCTransportStats)
    return found


def pair(hand: Hand) -> RTCIceCandidatePairStats:
    found = stats(hand).selected_pair
    assert found is not None
    return found


def connected(**options: Any) -> Hands:
    hands = Hands(**options)
    channel, _ = hands.connect()
    hands.talk(hands.left, channel, "hello")
    hands.network.run(1.0)
    return hands


ABSENT = {
    "certificate": {"issuerCertificateId"},
    "local-candidate": {"url", "relatedAddress", "relatedPort"},
    "remote-candidate": {"url", "relatedAddress", "relatedPort"},
}
"""What a self-signed certificate and a host candidate have not."""


def test_every_member_is_there_when_it_should_be() -> None:
    """PC-26, ICE-20, ICE-21: each kind, each member that a connection for data has."""
    hands = connected()
    for hand in (hands.left, hands.right):
        found = stats(hand).to_json()
        kinds = Counter(each["type"] for each in found.values())
        assert set(kinds) == {*idl.DICTIONARIES, "sctp-transport"}
        assert kinds["certificate"] == 2
        for each in found.values():
            kind = each["type"]
            missing = idl.members(kind) | idl.MORE.get(kind, set())
            missing -= each.keys() | idl.OF_MEDIA | idl.OF_TCP_OR_RELAY | ABSENT.get(kind, set())
            if hand is hands.right and kind == "candidate-pair":
                missing -= {"lastPacketSentTimestamp", "lastPacketReceivedTimestamp"}
            assert missing == set(), kind


def test_references_lead_to_what_they_name() -> None:
    hands = connected()
    found = stats(hands.left)
    kinds = {
        "transport_id": RTCTransportStats,
        "local_candidate_id": RTCIceCandidateStats,
        "remote_candidate_id": RTCIceCandidateStats,
        "selected_candidate_pair_id": RTCIceCandidatePairStats,
        "local_certificate_id": RTCCertificateStats,
        "remote_certificate_id": RTCCertificateStats,
    }
    seen = set()
    for each in found.values():
        for name, kind in kinds.items():
            key = getattr(each, name, None)
            if key is not None:
                assert isinstance(found[key], kind)
                seen.add(name)
    assert seen == set(kinds)
    selected = found.selected_pair
    assert selected is not None
    assert found[selected.local_candidate_id].type == "local-candidate"
    assert found[selected.remote_candidate_id].type == "remote-candidate"
    assert all(key == each.id for key, each in found.items())


def test_ids_stay_and_times_move() -> None:
    hands = connected()
    before = stats(hands.left)
    hands.network.run(7.0)
    after = stats(hands.left)
    assert list(after) == list(before)
    assert {each.timestamp for each in before.values()} == {(EPOCH + hands.left.now - 7.0) * 1000}
    assert {each.timestamp for each in after.values()} == {(EPOCH + hands.left.now) * 1000}


def test_two_sides_count_the_same_packets() -> None:
    """ICE-37."""
    hands = connected(link=Link(delay=0.05))
    left, right = transport(hands.left), transport(hands.right)
    assert (left.packets_sent, left.bytes_sent) == (right.packets_received, right.bytes_received)
    assert (right.packets_sent, right.bytes_sent) == (left.packets_received, left.bytes_received)
    for hand, whole in ((hands.left, left), (hands.right, right)):
        used = pair(hand)
        assert used.packets_sent == whole.packets_sent > 3
        assert used.bytes_received == whole.bytes_received > 800
        assert used.current_round_trip_time == pytest.approx(0.1)
        assert used.total_round_trip_time == pytest.approx(0.1 * used.responses_received)
    assert left.selected_candidate_pair_changes == right.selected_candidate_pair_changes == 1


def test_times_of_packets_are_on_the_clock_of_the_report() -> None:
    hands = connected()
    used = pair(hands.left)
    started, now = EPOCH * 1000, used.timestamp
    assert used.last_packet_sent_timestamp is not None
    assert used.last_packet_received_timestamp is not None
    assert started < used.last_packet_sent_timestamp < now
    assert started < used.last_packet_received_timestamp < now - 1000


def test_checks_are_counted_as_they_pass_by() -> None:
    """Both sides of every count, compared with the packets on the network."""
    hands = Hands()
    seen: Counter[tuple[str, MessageClass]] = Counter()

    def count(packet: Any) -> bool:
        if packet.data[0] <= 3:
            side = "left" if packet.source == LEFT else "right"
            seen[side, Message.decode(packet.data).message_class] += 1
        return False

    hands.network.filter(count)
    hands.connect()
    hands.network.run(60.0)
    for side, other, hand in (("left", "right", hands.left), ("right", "left", hands.right)):
        used = pair(hand)
        requests = seen[side, MessageClass.REQUEST]
        assert used.requests_sent + used.consent_requests_sent == requests
        assert used.consent_requests_sent > 5
        assert used.requests_received == seen[other, MessageClass.REQUEST]
        assert used.responses_sent == seen[side, MessageClass.SUCCESS]
        assert used.responses_received == seen[other, MessageClass.SUCCESS]


def test_a_repeated_check_counts_once_where_it_is_sent() -> None:
    hands = Hands()
    seen: list[bytes] = []

    def lose(packet: Any) -> bool:
        """Answers to the left, for three seconds."""
        if packet.data[:2] == b"\0\1" and packet.source == LEFT:
            seen.append(packet.data[8:20])
        return packet.data[0] == 1 and packet.destination == LEFT and hands.left.now < 3.0

    hands.network.filter(lose)
    hands.connect()
    left, right = pair(hands.left), pair(hands.right)
    assert left.requests_sent + left.consent_requests_sent == len(set(seen)) < len(seen)
    assert right.requests_received == len(seen)


def test_channels_come_with_their_messages_and_go_when_they_are_closed() -> None:
    hands = Hands()
    channel, remote = hands.connect()
    hands.talk(hands.left, channel, "four")
    hands.talk(hands.left, channel, b"")
    [here], [there] = (stats(each).of(RTCDataChannelStats) for each in (hands.left, hands.right))
    assert (here.messages_sent, here.bytes_sent, here.messages_received) == (2, 4, 0)
    assert (there.messages_received, there.bytes_received, there.messages_sent) == (2, 4, 0)
    assert (here.label, here.protocol, here.state) == ("data", "", "open")
    assert here.data_channel_identifier == there.data_channel_identifier == channel.id
    second = hands.left.core.create_data_channel("second", hands.left.now)
    hands.network.flush()
    hands.network.run(0.5)
    assert [each.id for each in stats(hands.left).of(RTCDataChannelStats)] == ["D1", "D2"]
    hands.left.core.channels.close(channel, hands.left.now)
    [connection] = stats(hands.left).of(RTCPeerConnectionStats)
    assert (connection.data_channels_opened, connection.data_channels_closed) == (2, 1)
    hands.network.flush()
    hands.network.run(1.0)
    [left] = stats(hands.left).of(RTCDataChannelStats)
    assert (left.label, left.id) == (second.parameters.label, "D2")
    for hand in (hands.left, hands.right):
        [connection] = stats(hand).of(RTCPeerConnectionStats)
        assert (connection.data_channels_opened, connection.data_channels_closed) == (2, 1)
    assert remote.state == "closed"


def test_a_channel_that_never_opened_is_neither_opened_nor_closed() -> None:
    core = PeerConnection()
    core.create_data_channel("x", 0.0)
    report = core.stats(0.0)
    [channel] = report.of(RTCDataChannelStats)
    assert (channel.state, channel.data_channel_identifier) == ("connecting", None)
    core.close(0.0)
    [connection] = core.stats(0.0).of(RTCPeerConnectionStats)
    assert (connection.data_channels_opened, connection.data_channels_closed) == (0, 0)


def test_transport_tells_roles_states_and_security() -> None:
    hands = Hands()
    assert stats(hands.left).of(RTCTransportStats) == []
    hands.left.core.create_data_channel("x", 0.0)
    offer = hands.left.core.create_offer()
    fresh = transport(hands.left)
    assert (fresh.ice_role, fresh.dtls_role, fresh.ice_state) == ("unknown", "unknown", "new")
    assert (fresh.dtls_state, fresh.remote_certificate_id, fresh.tls_version) == ("new", None, None)
    assert fresh.selected_candidate_pair_id is None
    assert fresh.selected_candidate_pair_changes == 0
    hands.left.core.set_local_description(offer, 0.0)
    hands.left.accept(hands.right.answer(offer))
    hands.network.flush()
    hands.network.run(3.0)
    left, right = transport(hands.left), transport(hands.right)
    assert (left.ice_role, right.ice_role) == ("controlling", "controlled")
    assert (left.dtls_role, right.dtls_role) == ("server", "client")
    assert left.dtls_state == right.dtls_state == "connected"
    assert left.ice_state in {"connected", "completed"}
    assert (left.tls_version, left.dtls_cipher) == (
        "FEFD",
        "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
    )
    agent = hands.left.core.transports.one
    assert agent is not None
    assert left.ice_local_username_fragment == agent.ice.local_ufrag
    assert (left.id, left.local_certificate_id) == (fresh.id, fresh.local_certificate_id)
    assert (left.local_certificate_id, left.remote_certificate_id) == (
        right.remote_certificate_id,
        right.local_certificate_id,
    )


def test_certificates_name_their_issuers() -> None:
    leaf = Certificate.generate(Random(1), 0.0, lifetime=1e10)
    issuer = Certificate.generate(Random(2), 0.0, lifetime=1e10)
    chain = Certificate(leaf.key, [leaf.chain[0], issuer.chain[0]])
    core = PeerConnection(RTCConfiguration(certificates=[chain]))
    core.create_data_channel("x", 0.0)
    core.create_offer()
    first, second = core.stats(0.0).of(RTCCertificateStats)
    assert first.fingerprint == Fingerprint.of(leaf.chain[0]).value.upper()
    assert (first.fingerprint_algorithm, first.issuer_certificate_id) == ("sha-256", second.id)
    assert second.issuer_certificate_id is None
    assert first.base64_certificate.startswith("MII")


def test_sctp_tells_round_trip_and_windows() -> None:
    hands = connected(link=Link(delay=0.05))
    [found] = stats(hands.left).of(RTCSctpTransportStats)
    assert found.smoothed_round_trip_time == pytest.approx(0.1, rel=0.5)
    assert found.congestion_window >= 10 * 1160 - 100
    assert (found.mtu, found.unack_data) == (1160, 0)
    assert found.receiver_window > 1_000_000
    channel = hands.left.core.channels.active[0]
    hands.left.core.send(channel, bytes(5000), hands.left.now)
    hands.network.flush()
    [found] = stats(hands.left).of(RTCSctpTransportStats)
    assert found.unack_data == 5


def test_candidates_have_what_signalling_said_of_them() -> None:
    hands = connected()
    candidates = stats(hands.left).of(RTCIceCandidateStats)
    [local] = [each for each in candidates if each.type == "local-candidate"]
    [remote] = [each for each in candidates if each.type == "remote-candidate"]
    assert (local.address, local.port) == LEFT
    assert (remote.address, remote.port) == RIGHT
    assert (local.candidate_type, local.protocol, local.foundation) == ("host", "udp", "1")
    assert local.username_fragment == transport(hands.left).ice_local_username_fragment
    assert remote.username_fragment == transport(hands.right).ice_local_username_fragment
    assert (local.related_address, local.related_port, local.url) == (None, None, None)


@pytest.mark.parametrize(
    ("bound", "url"),
    [
        (AddressesBound((LEFT,), (("192.0.2.9", 3478),)), "stun:192.0.2.9:3478"),
        (
            AddressesBound((LEFT,), (("192.0.2.9", 99),), name="stun.example"),
            "stun:stun.example:99",
        ),
        (
            AddressesBound((("2001:db8::1", 5000),), (("2001:db8::9", 99),)),
            "stun:[2001:db8::9]:99",
        ),
    ],
)
def test_server_reflexive_candidate_names_its_server(bound: AddressesBound, url: str) -> None:
    core = PeerConnection()
    core.create_data_channel("x", 0.0)
    core.set_local_description(core.create_offer(), 0.0)
    core.handle_event(bound, 0.0)
    request = core.poll_write()
    assert request is not None
    mapped = ("203.0.113.5", 7000) if "." in bound.hosts[0][0] else ("2001:db8::77", 7000)
    answer = Message.decode(request.data).success((XorMappedAddress(mapped),)).encode()
    core.handle_read(answer, request.path, 0.1)
    host, reflexive = core.stats(0.2).of(RTCIceCandidateStats)
    assert (host.candidate_type, host.url) == ("host", None)
    assert (reflexive.candidate_type, reflexive.url) == ("srflx", url)
    assert (reflexive.address, reflexive.port) == mapped
    assert (reflexive.related_address, reflexive.related_port) == bound.hosts[0]


def test_restart_brings_new_candidates_and_keeps_the_pair_in_use() -> None:
    hands = connected()
    before = pair(hands.left)
    hands.left.offer(ice_restart=True)
    report = stats(hands.left)
    selected = report.selected_pair
    assert selected is not None
    assert selected.id == before.id
    local = report[selected.local_candidate_id]
    assert isinstance(local, RTCIceCandidateStats)
    assert local.username_fragment is None
    hands.left.core.set_local_description(ROLLBACK, hands.left.now)
    hands.negotiate(ice_restart=True)
    hands.network.run(3.0)
    after = pair(hands.left)
    assert after.id != before.id
    assert transport(hands.left).selected_candidate_pair_changes == 2
    assert {each.ice_local_username_fragment for each in (transport(hands.left),)} == {
        each.username_fragment
        for each in stats(hands.left).of(RTCIceCandidateStats)
        if each.type == "local-candidate"
    }


def test_refused_datagrams_are_discarded_and_not_sent() -> None:
    hands = connected()
    before = pair(hands.left)
    core = hands.left.core
    core.send(core.channels.active[0], b"x" * 100, hands.left.now)
    data = core.poll_write()
    assert data is not None
    assert pair(hands.left).packets_sent == before.packets_sent + 1
    core.handle_discarded(data)
    core.handle_discarded(Transmit(b"\0\1 a check", data.path))
    core.handle_discarded(data._replace(path=Path(LEFT, ("192.0.2.77", 7))))
    after = pair(hands.left)
    assert (after.packets_sent, after.bytes_sent) == (before.packets_sent, before.bytes_sent)
    assert (after.packets_discarded_on_send, after.bytes_discarded_on_send) == (1, len(data.data))
    assert transport(hands.left).packets_sent == before.packets_sent
    PeerConnection().handle_discarded(data)


def test_after_close_the_last_numbers_stay() -> None:
    hands = connected()
    before = stats(hands.left)
    hands.left.core.close(hands.left.now)
    hands.network.flush()
    hands.left.core.stop(hands.left.now)
    hands.network.run(5.0)
    after = stats(hands.left)
    assert list(after) == [key for key in before if not key.startswith("D")]
    whole, used = transport(hands.left), pair(hands.left)
    assert (whole.dtls_state, whole.ice_state) == ("closed", "closed")
    assert (whole.dtls_cipher, whole.tls_version) == (
        "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
        "FEFD",
    )
    known = before.selected_pair
    assert known is not None
    assert used.bytes_sent == known.bytes_sent
    assert used.last_packet_sent_timestamp == known.last_packet_sent_timestamp
    assert used.state is PairState.SUCCEEDED
    assert used.timestamp == (EPOCH + hands.left.now) * 1000
    [connection] = after.of(RTCPeerConnectionStats)
    assert (connection.data_channels_opened, connection.data_channels_closed) == (1, 1)
    assert stats(hands.right).selected_pair is not None


def test_transport_that_is_made_anew_has_another_id() -> None:
    core = PeerConnection(settings=SettingEngine(random=Random(1)))
    core.create_data_channel("x", 0.0)
    core.set_local_description(core.create_offer(), 0.0)
    [first] = core.stats(0.0).of(RTCTransportStats)
    core.set_local_description(ROLLBACK, 0.0)
    assert core.stats(0.0).of(RTCTransportStats) == []
    core.set_local_description(core.create_offer(), 0.0)
    [second] = core.stats(0.0).of(RTCTransportStats)
    assert (first.id, second.id) == ("T1", "T2")
