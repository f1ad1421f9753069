"""A connection from its start to its end, on virtual time."""

from collections.abc import Callable
from random import Random

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from tests.dtls.pair import Pair, certificate, connection, other_role
from webrtc.dtls import (
    Certificate,
    Closed,
    Config,
    Connected,
    ExtendedMasterSecret,
    KeyType,
    Role,
    SrtpProfile,
    State,
)
from webrtc.dtls.fragments import Fragment, decode
from webrtc.dtls.record import ALERT, EPOCH, HANDSHAKE, AesGcm, plain, split
from webrtc.dtls.suites import SUITES, CipherSuite
from webrtc.errors import AuthenticationError, InvalidAccessError, InvalidStateError, ProtocolError

MISSING = CipherSuite(0xC0FF, "TLS_MISSING", "MISSING-HERE", "sha256", 16, AesGcm)
"""A suite that OpenSSL does not have, as it has no ChaCha20-Poly1305 in FIPS mode."""

each_role = pytest.mark.parametrize("role", Role)
EVERY_SUITE = [(suite, KeyType.RSA if "_RSA_" in suite.name else KeyType.ECDSA) for suite in SUITES]


@pytest.mark.parametrize(("suite", "key_type"), EVERY_SUITE, ids=lambda value: str(value)[:60])
def test_each_suite_carries_data_both_ways(suite: CipherSuite, key_type: KeyType) -> None:
    """DTLS-01, DTLS-03, DTLS-04, DTLS-06, DTLS-15, DTLSCFG-02."""
    certificates = certificate("one", key_type), certificate("other", key_type)
    pair = Pair(Config(cipher_suites=(suite,)), certificates=certificates).connect()
    for one, other in ((pair.client, pair.server), (pair.server, pair.client)):
        assert one.cipher == suite.name
        assert one.version == "DTLS 1.2"
        assert other.peer_certificates == one._certificate.chain
        for data in (b"x", bytes(1200), bytes(16_384)):
            one.send(data)
            pair.run()
            assert other.poll_data() == data
        assert other.poll_data() is None
    assert pair.events == {Role.CLIENT: [Connected()], Role.SERVER: [Connected()]}


def test_the_servers_order_of_suites_decides() -> None:
    """DTLSCFG-02."""
    pair = Pair(server=Config(cipher_suites=(SUITES[4], SUITES[0]))).connect()
    assert pair.client.cipher == SUITES[4].name


def test_a_suite_that_openssl_lacks_is_passed_over() -> None:
    """F-48."""
    config = Config(cipher_suites=(MISSING, SUITES[0]))
    assert Pair(config, config).connect().client.cipher == SUITES[0].name


@each_role
def test_where_openssl_has_no_suite_the_connection_fails_and_says_so(role: Role) -> None:
    """F-48: nothing is raised where a datagram or a timer is handled."""
    broken = connection(role, config=Config(cipher_suites=(MISSING,)))
    broken.start(0.0)
    assert broken.state is State.FAILED
    event = broken.poll_event()
    assert isinstance(event, Closed)
    assert "no cipher match" in str(event.reason)
    assert broken.poll_timeout() is None
    broken.handle_read(Pair().connect().sent[0][1], 1.0)
    broken.handle_timeout(100.0)
    assert broken.poll_event() is None


def test_a_handshake_takes_four_datagrams_and_two_round_trips() -> None:
    """DTLS-13: with no loss nothing is repeated, and no timer is left."""
    pair = Pair().connect()
    assert [role for role, _ in pair.sent] == [Role.CLIENT, Role.SERVER] * 2
    assert pair.now == pytest.approx(0.04)
    assert pair.timeouts == (0, 0)
    assert pair.client.poll_timeout() is pair.server.poll_timeout() is None


@pytest.mark.parametrize("mtu", [256, 576, 1200])
@pytest.mark.parametrize("key_type", KeyType)
def test_no_datagram_of_a_handshake_exceeds_the_mtu(mtu: int, key_type: KeyType) -> None:
    """DTLS-21, D-15, DTLSCFG-21: certificates included."""
    config = Config(mtu=mtu)
    certificates = certificate("one", key_type), certificate("other", key_type)
    pair = Pair(config, config, certificates=certificates).connect()
    assert max(len(datagram) for _, datagram in pair.sent) <= mtu


def test_max_data_fills_a_datagram() -> None:
    """DTLS-21."""
    pair = Pair()
    assert pair.client.max_data == 0
    pair.connect()
    pair.client.send(bytes(pair.client.max_data))
    datagram = pair.client.poll_write()
    assert datagram is not None
    assert len(datagram) == 1200


def test_several_records_in_one_datagram_are_all_read() -> None:
    """DTLS-01."""
    pair = Pair().connect()
    records = []
    for data in (b"one", b"two", b"three"):
        pair.client.send(data)
        records.append(pair.client.poll_write() or b"")
    pair.server.handle_read(b"".join(records) + b"junk", pair.now)
    assert [pair.server.poll_data() for _ in range(4)] == [b"one", b"two", b"three", None]
    assert pair.server.counters.malformed == 1


@each_role
def test_close_is_seen_by_the_peer_and_answered(role: Role) -> None:
    """DTLS-05: RFC 5246 §7.2.1; what was sent before is still there."""
    pair = Pair().connect()
    one, other = pair.side(role), pair.side(other_role(role))
    one.send(b"last words")
    one.close(pair.now)
    one.close(pair.now)
    pair.run()
    assert one.state is other.state is State.CLOSED
    assert other.poll_data() == b"last words"
    assert pair.events[one.role] == [Connected()]
    assert pair.events[other.role] == [Connected(), Closed(None)]
    closing = [next(split(datagram))[0] for datagram in pair.datagrams(other.role)[-1:]]
    assert closing == [ALERT]
    assert one.poll_write() is None
    assert one.poll_event() is None


def test_a_protected_close_is_heeded_before_the_finished_that_was_lost() -> None:
    """DTLS-05: the client knows its keys already, and close_notify is authentic."""
    pair = Pair(
        route=lambda role, n, datagram: [] if role is Role.SERVER and n == 1 else [datagram]
    )
    pair.start()
    while pair.server.state is not State.CONNECTED:
        pair.step()
    pair.server.close(pair.now)
    pair.run()
    assert pair.events[Role.CLIENT] == [Closed(None)]
    assert pair.now < 0.1


def test_a_failed_connection_stays_failed() -> None:
    """DTLS-05: closing it changes nothing."""
    client = connection(Role.CLIENT)
    client.start(0.0)
    client.handle_timeout(30.0)
    client.close(31.0)
    assert client.state is State.FAILED


@each_role
def test_closing_in_the_middle_of_the_handshake_is_told_to_the_peer(role: Role) -> None:
    """DTLS-05."""
    pair = Pair()
    pair.start()
    pair.step()
    one, other = pair.side(role), pair.side(other_role(role))
    one.close(pair.now)
    pair.run()
    assert one.state is other.state is State.CLOSED
    assert pair.events[other.role] == [Closed(None)]
    assert pair.now < 2


def test_closing_what_never_began_sends_nothing() -> None:
    """DTLS-05."""
    for started in (False, True):
        server = connection(Role.SERVER)
        if started:
            server.start(0.0)
        server.close(0.0)
        assert server.state is State.CLOSED
        assert server.poll_write() is None
        assert server.poll_timeout() is None
        server.handle_read(b"\x16" * 30, 0.0)
        with pytest.raises(InvalidStateError):
            server.start(0.0)


def test_misuse_raises_at_once() -> None:
    """DTLS-04, DTLS-09."""
    client = connection(Role.CLIENT)
    with pytest.raises(InvalidStateError):
        client.send(b"")
    with pytest.raises(InvalidStateError):
        client.export_keying_material(b"label", 1)
    client.start(0.0)
    with pytest.raises(InvalidStateError):
        client.start(0.0)
    with pytest.raises(InvalidStateError):
        client.set_remote_fingerprints([], 0.0)
    pair = Pair().connect()
    with pytest.raises(InvalidAccessError, match="16385 bytes"):
        pair.client.send(bytes(16_385))
    pair.client.close(pair.now)
    with pytest.raises(InvalidStateError):
        pair.client.send(b"")


def test_both_ends_export_the_same() -> None:
    """DTLS-08, DTLS-10, DTLS-11."""
    pair = Pair().connect()
    for context in (None, b"", b"context"):
        exports = {
            side.export_keying_material(b"EXTRACTOR-dtls_srtp", 60, context)
            for side in (pair.client, pair.server)
        }
        assert [len(export) for export in exports] == [60]
    with pytest.raises(InvalidAccessError):
        pair.client.export_keying_material(b"master secret", 48)


def test_key_log_lines_of_both_ends_agree() -> None:
    """An SSLKEYLOGFILE decrypts a capture of either end."""
    lines: list[str] = []
    Pair(Config(keylog=lines.append), Config(keylog=lines.append)).connect()
    assert len(lines) == 2
    assert lines[0] == lines[1]
    assert [len(word) for word in lines[0].split()] == [13, 64, 96]


@pytest.mark.parametrize(
    ("client", "server", "wanted"),
    [
        ((7, 1), (1, 8), 1),
        ((8, 7, 1, 2), (7, 8), 7),
        ((2,), (2,), 2),
        ((), (1,), None),
        ((1,), (), None),
        ((8,), (7,), None),
    ],
)
def test_srtp_profiles(
    client: tuple[int, ...], server: tuple[int, ...], wanted: int | None
) -> None:
    """DTLS-07, DTLSCFG-04, D-13: no profile in common is no failure here, but None."""
    configs = [
        Config(srtp_profiles=tuple(SrtpProfile(number) for number in side))
        for side in (client, server)
    ]
    pair = Pair(*configs).connect()
    profile = None if wanted is None else SrtpProfile(wanted)
    assert pair.client.srtp_profile is pair.server.srtp_profile is profile


@pytest.mark.parametrize("client", ExtendedMasterSecret)
@pytest.mark.parametrize("server", ExtendedMasterSecret)
def test_extended_master_secret(client: ExtendedMasterSecret, server: ExtendedMasterSecret) -> None:
    """DTLSCFG-10, D-11: RFC 7627; fails where one side requires what the other has not."""
    configs = [Config(extended_master_secret=mode) for mode in (client, server)]
    pair = Pair(*configs)
    pair.start()
    pair.run()
    modes = {client, server}
    impossible = modes == {ExtendedMasterSecret.REQUIRE, ExtendedMasterSecret.DISABLE}
    assert pair.connected is not impossible
    if impossible:
        refuser = Role.CLIENT if client is ExtendedMasterSecret.REQUIRE else Role.SERVER
        (closed,) = pair.events[refuser]
        assert isinstance(closed, Closed)
        assert "extended master secret" in str(closed.reason)


def test_fingerprints_may_come_after_the_client_hello() -> None:
    """DTLS-18: until then nothing proceeds, and nothing is lost."""
    pair = Pair()
    late = connection(Role.SERVER, own=certificate(Role.SERVER), expects=None)
    pair.server = late
    pair.start()
    for _ in range(3):
        pair.step()
    assert late.state is State.NEW
    assert late.poll_timeout() is None
    assert pair.datagrams(Role.SERVER) == []
    late.set_remote_fingerprints(certificate(Role.CLIENT).get_fingerprints(), pair.now)
    pair.run()
    assert pair.connected
    assert pair.timeouts == (1, 0)


def test_a_client_waits_for_the_fingerprints() -> None:
    """DTLS-18."""
    client = connection(Role.CLIENT, expects=None)
    client.start(0.0)
    assert client.poll_write() is None
    client.set_remote_fingerprints(certificate(Role.SERVER).get_fingerprints(), 5.0)
    assert client.poll_write() is not None


def test_fingerprints_alone_start_nothing() -> None:
    """DTLS-18."""
    client = connection(Role.CLIENT, expects=None)
    client.set_remote_fingerprints(certificate(Role.SERVER).get_fingerprints(), 0.0)
    assert client.poll_write() is None
    client.start(0.0)
    assert client.poll_write() is not None


def test_what_is_held_for_the_fingerprints_is_bounded() -> None:
    """X-05: the latest datagrams are kept."""
    pair = Pair()
    pair.client.start(0.0)
    hello = pair.client.poll_write() or b""
    server = connection(
        Role.SERVER,
        own=certificate(Role.SERVER),
        expects=None,
        config=Config(max_held=2),
    )
    server.start(0.0)
    for datagram in (hello, b"junk", b"junk"):
        server.handle_read(datagram, 0.0)
    server.set_remote_fingerprints(certificate(Role.CLIENT).get_fingerprints(), 0.0)
    assert server.poll_write() is None
    assert server.counters.malformed == 2


@pytest.mark.parametrize("order", [(0, 1), (1, 0), (0, 0, 1, 1)])
def test_a_client_hello_in_two_datagrams_without_cookie(order: tuple[int, ...]) -> None:
    """DTLS-01, DTLS-13: as Chromium and Firefox send it, in any order."""

    def route(role: Role, index: int, datagram: bytes) -> list[bytes]:
        if (role, index) != (Role.CLIENT, 0):
            return [datagram]
        ((_, _, record),) = split(datagram)
        (hello,) = decode(record[13:])
        halves = [
            plain(HANDSHAKE, number, half.encode())
            for number, half in enumerate(hello.split(len(hello.body) // 2))
        ]
        return [halves[index] for index in order]

    pair = Pair(route=route).connect()
    assert pair.timeouts == (0, 0)


def browser_hello() -> bytes:
    """A ClientHello with what makes those of browsers large: X25519MLKEM768 and DTLS 1.3."""

    def extension(type_: int, body: bytes) -> bytes:
        return type_.to_bytes(2, "big") + len(body).to_bytes(2, "big") + body

    key_share = b"\x11\xec\x04\xc0" + Random(1).randbytes(1216)
    key_share += b"\x00\x1d\x00\x20" + Random(2).randbytes(32)
    extensions = [
        extension(0x17, b""),
        extension(0xFF01, b"\x00"),
        extension(0x0A, b"\x00\x06\x11\xec\x00\x1d\x00\x17"),
        extension(0x0B, b"\x01\x00"),
        extension(0x23, b""),
        extension(0x0D, b"\x00\x08\x04\x03\x08\x04\x04\x01\x05\x03"),
        extension(0x33, len(key_share).to_bytes(2, "big") + key_share),
        extension(0x2B, b"\x04\xfe\xfc\xfe\xfd"),
        extension(0x0E, b"\x00\x06\x00\x01\x00\x08\x00\x07\x00"),
    ]
    block = b"".join(extensions)
    suites = b"\x13\x01\x13\x02\x13\x03\xc0\x2b\xc0\x2f"
    return (
        b"\xfe\xfd"
        + Random(3).randbytes(32)
        + b"\x00\x00"
        + len(suites).to_bytes(2, "big")
        + suites
        + b"\x01\x00"
        + len(block).to_bytes(2, "big")
        + block
    )


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_post_quantum_client_hello_is_answered(order: tuple[int, int]) -> None:
    """DTLS-13: 1413 to 1461 bytes, DTLS 1.3 offered, 1.2 taken."""
    body = browser_hello()
    server = connection(Role.SERVER, config=Config(srtp_profiles=tuple(SrtpProfile)))
    server.start(0.0)
    halves = Fragment(1, len(body), 0, 0, body).split(1100)
    assert len(halves[1].body) > 200
    assert server.poll_write() is None
    for index in order:
        server.handle_read(plain(HANDSHAKE, index, halves[index].encode()), 0.0)
    answer = server.poll_write()
    assert answer is not None
    assert [next(decode(record[13:])).type for _, _, record in split(answer)] == [2, 11, 12, 13, 14]
    assert b"\x00\x23\x00\x00" not in answer  # no session ticket: DTLS-17


def test_no_ticket_is_offered_and_no_compression() -> None:
    """DTLS-17, D-11."""
    client = connection(Role.CLIENT)
    client.start(0.0)
    hello = client.poll_write() or b""
    assert b"\x00\x23\x00\x00" not in hello
    assert b"\x01\x00\x00" in hello[60:90]  # one compression method: none


def test_an_issuer_is_sent_with_the_certificate() -> None:
    """DTLS-06: both roles see the whole chain, the verified certificate first."""
    leaf, issuer = certificate("leaf"), certificate("issuer")
    chained = Certificate(leaf.key, [*leaf.chain, *issuer.chain])
    pair = Pair(certificates=(chained, chained)).connect()
    assert pair.client.peer_certificates == pair.server.peer_certificates == chained.chain


@pytest.mark.parametrize("padding", [15_700, 15_900, 16_050])
def test_a_certificate_as_large_as_a_record(padding: int) -> None:
    """D-06, D-08: the limit of 16 KiB is one that can be reached."""
    key = ec.generate_private_key(ec.SECP256R1())
    name, own = x509.Name([]), certificate("own").chain[0]
    dates = own.not_valid_before_utc, own.not_valid_after_utc
    large = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), bytes(padding))
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, *dates)
    leaf = builder.add_extension(large, critical=False).sign(key, hashes.SHA256())
    made = Certificate(key, [leaf])
    Pair(certificates=(made, made)).connect()


@each_role
def test_a_further_check_may_refuse(role: Role) -> None:
    """DTLSCFG-17."""

    def refuse(leaf: x509.Certificate) -> None:
        raise AuthenticationError("not on the list", 46)

    def configured(check: Callable[[x509.Certificate], None]) -> Pair:
        configs = Config(verify_peer_certificate=check), Config()
        return Pair(*(configs if role is Role.CLIENT else configs[::-1]))

    pair = configured(refuse)
    pair.start()
    pair.run()
    (closed,) = pair.events[role]
    assert isinstance(closed, Closed) and closed.reason is not None
    assert str(closed.reason) == "not on the list"
    accepted: list[x509.Certificate] = []
    configured(accepted.append).connect()
    assert accepted == list(certificate(other_role(role)).chain)


@each_role
def test_a_fatal_alert_fails_the_connection_with_its_name(role: Role) -> None:
    """DTLS-22: and a warning does not."""
    pair = Pair().connect()
    one, other = pair.side(role), pair.side(other_role(role))
    for alert in (b"\x01\x5a", b"\x02", b"\x02\x50"):
        assert other.state is State.CONNECTED
        other.handle_read(one._writer.write(ALERT, alert, protected=True), pair.now)
    assert other.state is State.FAILED
    assert other.counters.malformed == 1
    event = other.poll_event()
    assert isinstance(event, Closed) and isinstance(event.reason, ProtocolError)
    assert event.reason.code == 80
    assert "internal_error" in str(event.reason)
    assert other.poll_write() is None
    with pytest.raises(InvalidStateError):
        other.send(b"")


def test_protected_numbers_are_used_once() -> None:
    """DTLS-27: a nonce that is used twice gives the key away."""
    pair = Pair(route=lambda role, n, datagram: [datagram] if n > 2 else [])
    pair.start()
    pair.run()
    pair.client.send(b"data")
    pair.client.close(pair.now)
    pair.run()
    for role in Role:
        numbers = [
            number
            for datagram in pair.datagrams(role)
            for _, number, _ in split(datagram)
            if number >= EPOCH
        ]
        assert len(numbers) == len(set(numbers)) > 0
