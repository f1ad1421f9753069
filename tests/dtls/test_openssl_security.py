"""What a connection must not let anybody do."""

from collections.abc import Sequence
from random import Random

import pytest
from cryptography.hazmat.bindings.openssl.binding import Binding
from hypothesis import given, settings
from hypothesis import strategies as st
from OpenSSL import SSL

from tests.dtls.pair import Pair, certificate, connection, other_role
from tests.dtls.test_fingerprint import MD5, OTHER, SHA1
from webrtc.dtls import (
    Certificate,
    Closed,
    Config,
    Connected,
    Fingerprint,
    Role,
    State,
)
from webrtc.dtls.fragments import Fragment
from webrtc.dtls.record import ALERT, APPLICATION_DATA, EPOCH, HANDSHAKE, plain
from webrtc.errors import AuthenticationError, InvalidStateError

each_role = pytest.mark.parametrize("role", Role)


def expecting(role: Role, fingerprints: Sequence[Fingerprint], *, late: bool) -> Pair:
    """A pair whose `role` expects these fingerprints, told at the start or later."""
    pair = Pair()
    side = connection(role, own=certificate(role), expects=None if late else fingerprints)
    setattr(pair, role.value, side)
    pair.start()
    if late:
        if role is Role.SERVER:
            pair.step()
        side.set_remote_fingerprints(fingerprints, pair.now)
    return pair


@each_role
@pytest.mark.parametrize("late", [False, True], ids=["known", "late"])
@pytest.mark.parametrize(
    "fingerprints",
    [
        [OTHER.fingerprint()],
        [],
        [MD5],
        [SHA1, MD5],
        ["right", OTHER.fingerprint("sha-512")],
    ],
    ids=["mismatch", "none", "md5", "unsupported", "two hashes, one wrong"],
)
def test_a_wrong_fingerprint_fails_closed(
    role: Role, late: bool, fingerprints: list[Fingerprint | str]
) -> None:
    """D-05, DTLS-18: no Connected, alert sent, keys destroyed, nothing of the peer delivered."""
    right = certificate(other_role(role)).fingerprint()
    expected = [right if isinstance(each, str) else each for each in fingerprints]
    pair = expecting(role, expected, late=late)
    victim, peer = pair.side(role), pair.side(other_role(role))
    while pair.step():
        if peer.state is State.CONNECTED:
            peer.send(b"data of a stranger")
    assert victim.state is State.FAILED
    (closed,) = pair.events[role]
    assert isinstance(closed, Closed)
    assert isinstance(closed.reason, AuthenticationError)
    assert victim.poll_data() is None
    assert (victim._secrets, victim._reader, victim._writer.protection) == (None, None, None)
    assert victim.peer_certificates == ()
    with pytest.raises(InvalidStateError):
        victim.export_keying_material(b"EXTRACTOR-dtls_srtp", 60)
    assert peer.state is State.FAILED
    assert Connected() not in pair.events[other_role(role)]
    (refusal,) = pair.events[other_role(role)]
    assert isinstance(refusal, Closed) and refusal.reason is not None
    assert refusal.reason.code == 42
    assert pair.now < 2


@each_role
def test_the_right_fingerprint_beside_useless_ones_connects(role: Role) -> None:
    """D-05."""
    right = certificate(other_role(role))
    pair = expecting(role, [MD5, right.fingerprint(), OTHER.fingerprint()], late=False)
    pair.run()
    assert pair.connected


def test_a_chain_above_the_limit_never_connects() -> None:
    """D-06: 100 certificates; what is held of them stays bounded."""
    leaf = certificate("leaf")
    long = Certificate(leaf.key, [*leaf.chain, *certificate("issuer").chain * 99])
    pair = Pair(certificates=(long, certificate("server")))
    pair.start()
    while pair.step():
        assert pair.server._reassembler.buffered <= 65_536
    assert pair.server.state is State.FAILED
    assert pair.server.counters.malformed > 0


@each_role
def test_forged_application_data_before_finished_is_dropped(role: Role) -> None:
    """D-07: in the clear or as if protected, at every step of the handshake.

    Of records that could be the peer's at most 8 are held until their keys are known.
    """
    pair = Pair()
    pair.start()
    side = pair.side(role)
    early = 0
    while not pair.connected:
        if side.state is not State.CONNECTED:
            for number in (0, 1, *range(EPOCH, EPOCH + 4), 2 * EPOCH):
                side.handle_read(plain(APPLICATION_DATA, number, b"early" * 20), pair.now)
            early += 7
        assert pair.step()
    held = side.counters.unauthenticated
    assert held == 8
    assert side.counters.early_data == early - held > 0
    assert side.poll_data() is None
    side.handle_read(plain(APPLICATION_DATA, 9, b"plaintext"), pair.now)
    assert side.counters.early_data == early - held + 1
    assert side.poll_data() is None


@each_role
def test_a_forged_plaintext_alert_does_not_end_a_handshake_that_goes_on(role: Role) -> None:
    """D-02: at every step before the keys, fatal or close_notify."""
    pair = Pair(delay=0.1)
    pair.start()
    side = pair.side(role)
    while not pair.connected:
        for alert in (b"\x02\x28", b"\x01\x00", b"\x01\x5a", b""):
            if side.state is State.CONNECTING:
                side.handle_read(plain(ALERT, 0, alert), pair.now)
        assert pair.step()
    assert side.counters.plaintext_alerts > 0
    assert side.counters.malformed > 0


@each_role
def test_a_plaintext_alert_after_finished_is_dropped(role: Role) -> None:
    """D-02."""
    pair = Pair().connect()
    side = pair.side(role)
    for alert in (b"\x02\x28", b"\x01\x00"):
        side.handle_read(plain(ALERT, 77, alert), pair.now)
    assert side.state is State.CONNECTED
    assert side.counters.plaintext_alerts == 2


def test_a_plaintext_alert_is_believed_when_nothing_else_comes() -> None:
    """D-02, DTLS-22: after a second, with the alert's name."""
    client = connection(Role.CLIENT)
    client.start(0.0)
    client.handle_read(plain(ALERT, 0, b"\x02\x28"), 0.2)
    client.handle_read(plain(ALERT, 1, b"\x02\x46"), 0.9)
    while (deadline := client.poll_timeout()) is not None:
        client.handle_timeout(deadline)
    event = client.poll_event()
    assert isinstance(event, Closed) and event.reason is not None
    assert event.reason.code == 40
    assert deadline is None


@each_role
def test_replayed_records_are_dropped(role: Role) -> None:
    """D-10, DTLS-20: also those within the window, in any order."""
    pair = Pair().connect()
    one = pair.side(role)
    other = pair.side(other_role(role))
    datagrams = []
    for index in range(40):
        one.send(bytes([index]))
        datagrams.append(one.poll_write() or b"")
    order = list(range(40)) * 3
    Random(1).shuffle(order)
    for index in order:
        other.handle_read(datagrams[index], pair.now)
    received = []
    while (data := other.poll_data()) is not None:
        received.append(data[0])
    assert sorted(received) == list(range(40))
    assert other.counters.replayed == 80


@pytest.mark.parametrize(("window", "late"), [(64, 63), (64, 64), (8, 7), (8, 8), (0, 500)])
def test_the_replay_window_has_the_size_that_was_set(window: int, late: int) -> None:
    """DTLSCFG-22: 0 takes everything, as often as it comes."""
    pair = Pair(server=Config(replay_window=window)).connect()
    datagrams = []
    for _ in range(late + 1):
        pair.client.send(b"data")
        datagrams.append(pair.client.poll_write() or b"")
    pair.server.handle_read(datagrams[-1], pair.now)
    pair.server.handle_read(datagrams[0], pair.now)
    assert pair.server.poll_data() == b"data"
    taken = pair.server.poll_data() is not None
    assert taken is (late < window or window == 0)


def test_records_of_a_foreign_epoch_or_unauthentic_ones_do_not_desync() -> None:
    """D-10: epoch 2 and 65535, a jump to the last number, garbage with a good header."""
    pair = Pair().connect()
    server = pair.server
    for number in (2 * EPOCH, 0xFFFF * EPOCH, 2 * EPOCH - 1, EPOCH + 5, 3):
        for type_ in (HANDSHAKE, ALERT, APPLICATION_DATA, 20, 24, 26):
            server.handle_read(plain(type_, number, bytes(40)), pair.now)
    assert server.counters.unauthenticated == 12
    assert server.counters.unexpected == 12 + 4
    pair.client.send(b"still here")
    pair.run()
    assert server.poll_data() == b"still here"


def test_a_record_above_the_limit_is_dropped_though_it_is_authentic() -> None:
    """D-15: the largest that UDP can carry."""
    pair = Pair().connect()
    huge = pair.client._writer.write(APPLICATION_DATA, bytes(65_470), protected=True)
    assert len(huge) == 65_507
    pair.server.handle_read(huge, pair.now)
    assert pair.server.poll_data() is None
    assert pair.server.counters.malformed == 1


@each_role
def test_a_jump_to_the_last_number_by_the_peer_itself_is_taken(role: Role) -> None:
    """D-10: what is authentic moves the window."""
    pair = Pair().connect()
    one = pair.side(role)
    other = pair.side(other_role(role))
    one._writer.number = 2 * EPOCH - 1
    one.send(b"last")
    pair.run()
    assert other.poll_data() == b"last"
    with pytest.raises(InvalidStateError, match="numbers"):
        one.send(b"one more would repeat a nonce")


@each_role
@pytest.mark.parametrize(
    ("type_", "payload"),
    [
        (HANDSHAKE, Fragment(0, 0, 0, 0, b"").encode()),
        (HANDSHAKE, Fragment(1, 50, 0, 0, bytes(50)).encode()),
        (HANDSHAKE, Fragment(4, 50, 9, 0, bytes(50)).encode()),
        (HANDSHAKE, b""),
        (24, b"\x01\x00\x10" + bytes(16)),
        (20, b"\x01"),
    ],
    ids=["HelloRequest", "ClientHello", "ticket", "empty", "heartbeat", "ChangeCipherSpec"],
)
def test_renegotiation_and_heartbeats_are_not_answered(
    role: Role, type_: int, payload: bytes
) -> None:
    """D-11: not even when the peer itself asks, protected."""
    pair = Pair().connect()
    one = pair.side(role)
    other = pair.side(other_role(role))
    other.handle_read(one._writer.write(type_, payload, protected=True), pair.now)
    other.handle_read(plain(type_, 50, payload), pair.now)
    assert other.poll_write() is None
    assert other.state is State.CONNECTED
    assert other.counters.unexpected == 2


def test_an_early_change_cipher_spec_changes_nothing() -> None:
    """D-11: CVE-2014-0224; at every step, in both directions."""
    pair = Pair()
    pair.start()
    while not pair.connected:
        for side in (pair.client, pair.server):
            if side.state is State.CONNECTING:
                side.handle_read(plain(20, 0, b"\x01"), pair.now)
                side.handle_read(plain(HANDSHAKE, EPOCH, bytes(48)), pair.now)
        assert pair.step()


def test_failures_do_not_leak_into_other_connections() -> None:
    """D-14: 50 failing and 50 good connections, step by step in one thread."""
    good = [Pair() for _ in range(50)]
    bad = []
    for index in range(50):
        role = list(Role)[index % 2]
        bad.append(expecting(role, [OTHER.fingerprint()], late=False))
    for pair in good:
        pair.start()
    for _ in range(12):
        for failing, working in zip(bad, good, strict=True):
            failing.step()
            working.step()
    assert all(pair.connected for pair in good)
    assert not any(pair.connected for pair in bad)


def test_a_poisoned_error_queue_is_cleared() -> None:
    """D-14: errors that somebody else left behind in this thread."""
    context = SSL.Context(SSL.DTLS_METHOD)
    pair = Pair()
    pair.start()
    while not pair.connected:
        assert Binding.lib.SSL_CTX_set_cipher_list(context._context, b"NONSENSE") == 0
        assert Binding.lib.ERR_peek_error() != 0
        assert pair.step()


datagram_lists = st.lists(st.binary(max_size=80), max_size=20)


@settings(max_examples=60)
@given(datagram_lists, st.sampled_from(Role), st.booleans())
def test_garbage_never_raises_and_never_ends_a_connection(
    datagrams: list[bytes], role: Role, connected: bool
) -> None:
    """M-01, X-01: in the handshake and after it, the empty datagram among them."""
    pair = Pair()
    pair.start()
    if connected:
        pair.run()
    side = pair.side(role)
    for datagram in [b"", *datagrams]:
        side.handle_read(datagram, pair.now)
    pair.run()
    assert pair.connected


@pytest.mark.parametrize("seed", range(80))
def test_mutated_datagrams_end_connected_or_failed(seed: int) -> None:
    """X-08, X-09, D-08: bits flipped, bytes cut or doubled, in one datagram of five."""
    random = Random(seed)

    def route(role: Role, index: int, datagram: bytes) -> list[bytes]:
        if random.random() > 0.2:
            return [datagram]
        mutant = bytearray(datagram)
        for _ in range(random.randint(1, 3)):
            position = random.randrange(len(mutant))
            match random.randrange(4):
                case 0:
                    mutant[position] ^= 1 << random.randrange(8)
                case 1:
                    mutant[position] = random.choice([0, 1, 0x7F, 0x80, 0xFF])
                case 2:
                    del mutant[position : position + random.randint(1, 4)]
                case _:
                    mutant[position:position] = mutant[:20]
            if not mutant:
                break
        return [bytes(mutant)]

    pair = Pair(Config(mtu=400), Config(mtu=400), route=route)
    pair.start()
    pair.run()
    assert pair.now < 62
    for role in Role:
        side = pair.side(role)
        (first, *_) = pair.events[role]
        assert side.state in {State.CONNECTED, State.FAILED, State.CLOSED}
        assert first == Connected() or isinstance(first, Closed)
