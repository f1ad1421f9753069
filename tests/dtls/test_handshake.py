"""OpenSSL's handshake as messages."""

import time
from collections.abc import Callable
from random import Random
from unittest.mock import Mock

import pytest
from cryptography import x509
from OpenSSL import SSL, crypto

from tests.dtls.pair import certificate
from webrtc.dtls import Config, Fingerprint, Role
from webrtc.dtls.fingerprint import verify
from webrtc.dtls.flight import Piece
from webrtc.dtls.fragments import Fragment, decode
from webrtc.dtls.handshake import Handshake, _Peer, _reason
from webrtc.dtls.record import ALERT, CHANGE_CIPHER_SPEC, EPOCH, HANDSHAKE, AesGcm
from webrtc.errors import AuthenticationError, ProtocolError


def accept(leaf: x509.Certificate) -> None:
    """Let everybody in."""


def handshake(role: Role, verify: Callable[[x509.Certificate], None] = accept) -> Handshake:
    return Handshake(certificate(role), role, Config(), verify)


def feed(receiver: Handshake, sender: Handshake, flight: list[Piece]) -> None:
    for piece in flight:
        if piece.type == HANDSHAKE and piece.protected:
            assert sender.protections is not None
            assert receiver.awaits_finished
            record = sender.protections[0].seal(HANDSHAKE, EPOCH, piece.payload)
            receiver.feed_protected(record)
        elif piece.type == HANDSHAKE:
            (message,) = decode(piece.payload)
            receiver.feed(message)


def types(flight: list[Piece]) -> list[int]:
    return [
        0 if piece.type == CHANGE_CIPHER_SPEC else next(decode(piece.payload)).type
        for piece in flight
    ]


def test_flights_of_a_full_handshake() -> None:
    """DTLS-13: RFC 6347 §4.2.4 figure 1, without cookie and ticket."""
    client, server = handshake(Role.CLIENT), handshake(Role.SERVER)
    hello = client.advance()
    assert types(hello) == [1]
    feed(server, client, hello)
    answer = server.advance()
    assert types(answer) == [2, 11, 12, 13, 14]
    assert server.secrets is None
    feed(client, server, answer)
    finished = client.advance()
    assert types(finished) == [11, 16, 15, 0, 20]
    assert [piece.protected for piece in finished] == [False] * 4 + [True]
    feed(server, client, finished)
    last = server.advance()
    assert types(last) == [0, 20]
    assert server.done
    feed(client, server, last)
    assert client.advance() == []
    assert client.done
    assert client.secrets == server.secrets
    assert client.peer_certificates == certificate(Role.SERVER).chain


@pytest.mark.realtime
def test_what_openssl_repeats_by_its_own_clock_is_left_out() -> None:
    """DTLS-19: it repeats a flight when it is woken a second later; the timers are ours."""
    client, server = handshake(Role.CLIENT), handshake(Role.SERVER)
    feed(server, client, client.advance())
    answer = server.advance()
    finished: list[Piece] = []
    feed(client, server, answer)
    finished = client.advance()
    certificate_message, *rest = finished
    time.sleep(1.1)
    for early in (client, server):
        assert early.advance() == []
    feed(server, client, [certificate_message])
    assert server.advance() == []
    feed(server, client, rest)
    assert types(server.advance()) == [0, 20]


def test_messages_above_one_buffer_of_openssl_are_fed_in_turn() -> None:
    """DTLS-13: it would drop what it cannot read at once."""
    server, client = handshake(Role.SERVER), handshake(Role.CLIENT)
    (hello,) = client.advance()
    (message,) = decode(hello.payload)
    server.feed(message)
    for sequence in (1, 2):
        server.feed(Fragment(99, 16_000, sequence, 0, bytes(16_000)))
    with pytest.raises(ProtocolError):
        server.advance()
    assert server._fed == 3


def test_a_refused_certificate_stops_everything() -> None:
    """D-05: the client does not even send its own certificate."""

    def refuse(leaf: x509.Certificate) -> None:
        raise AuthenticationError("a stranger", 42)

    client, server = handshake(Role.CLIENT, refuse), handshake(Role.SERVER)
    feed(server, client, client.advance())
    feed(client, server, server.advance())
    with pytest.raises(AuthenticationError, match="a stranger"):
        client.advance()
    assert client.peer_certificates == ()
    assert client.secrets is None


@pytest.mark.parametrize("seed", range(80))
def test_a_mutated_certificate_is_taken_or_refused_but_never_raises(seed: int) -> None:
    """X-01, D-06: though its fingerprint is right; OpenSSL reads more than other parsers do."""
    random = Random(seed)

    def announced(leaf: x509.Certificate) -> None:
        verify(leaf, [Fingerprint.of(leaf)])

    client, server = handshake(Role.CLIENT, announced), handshake(Role.SERVER)
    feed(server, client, client.advance())
    hello, shown, *rest = server.advance()
    (message,) = decode(shown.payload)
    body = bytearray(message.body)
    for _ in range(random.randint(1, 3)):
        position = random.randrange(6, len(body))
        body[position] = random.choice([0, 1, 2, 0x7F, 0x80, 0xFF, body[position] ^ 4])
    mutant = message._replace(body=bytes(body)).encode()
    feed(client, server, [hello, Piece(HANDSHAKE, mutant, protected=False), *rest])
    try:
        client.advance()
    except ProtocolError:
        assert client.secrets is None
    else:
        assert client.secrets is not None


def test_a_serial_number_that_warns_does_not_raise() -> None:
    """D-06: warnings are errors in this test run."""
    zero = Mock(spec=crypto.X509)
    for complaint in (UserWarning("serial"), x509.InvalidVersion("v7", 6), crypto.Error()):
        zero.to_cryptography.side_effect = complaint
        peer = _Peer(accept)
        assert not peer.accepts(zero)
        assert peer.error is not None and peer.error.code == 42


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (SSL.Error([("SSL routines", "", "no shared cipher"), ("", "", "x")]), "no shared cipher"),
        (SSL.Error([]), "Error([])"),
        (SSL.ZeroReturnError(), "ZeroReturnError()"),
        (SSL.SysCallError(-1, "Unexpected EOF"), "SysCallError(-1, 'Unexpected EOF')"),
    ],
)
def test_every_error_of_openssl_has_words(error: SSL.Error, words: str) -> None:
    """DTLS-22: whichever shape pyOpenSSL gives it."""
    assert _reason(error) == f"OpenSSL: {words}"


def test_records_under_other_keys_fail() -> None:
    """DTLS-22: a disagreement between OpenSSL and us would be seen at once."""
    client, server = handshake(Role.CLIENT), handshake(Role.SERVER)
    feed(server, client, client.advance())
    feed(client, server, server.advance())
    other = AesGcm(bytes(16), bytes(4))
    client.protections = other, other
    with pytest.raises(ProtocolError, match="other keys") as caught:
        client.advance()
    assert caught.value.code == 80


def test_done_without_a_verified_certificate_is_an_error() -> None:
    """D-05: whatever OpenSSL says."""
    client, server = handshake(Role.CLIENT), handshake(Role.SERVER)
    feed(server, client, client.advance())
    feed(client, server, server.advance())
    feed(server, client, client.advance())
    feed(client, server, server.advance())
    client._peer.certificate = None
    with pytest.raises(AuthenticationError, match="no certificate"):
        client.advance()


def test_an_unexpected_message_fails_with_the_alert_that_openssl_chose() -> None:
    """DTLS-22: and alerts are not part of a flight."""
    server = handshake(Role.SERVER)
    server.feed(Fragment(16, 3, 0, 0, b"\x02ab"))
    with pytest.raises(ProtocolError, match="unexpected message") as caught:
        server.advance()
    assert caught.value.code == 10
    assert ALERT not in [piece.type for piece in server._pieces()]
