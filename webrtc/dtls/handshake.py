"""OpenSSL's handshake without its records: messages in, messages out. RFC 5246 §7.4.

OpenSSL never sees a fragment, a duplicate, a message out of order or a clock that matters, and
nothing that it writes reaches the wire as it is.
"""

from collections.abc import Callable
from functools import lru_cache

from cryptography import x509
from cryptography.hazmat.bindings.openssl.binding import Binding
from OpenSSL import SSL, crypto

from webrtc.dtls import alerts
from webrtc.dtls.certificate import Certificate
from webrtc.dtls.connection import Config, ExtendedMasterSecret, Role, SrtpProfile
from webrtc.dtls.flight import Piece
from webrtc.dtls.fragments import Fragment, sequence_of
from webrtc.dtls.hello import CLIENT_HELLO, EXTENDED_MASTER_SECRET, SERVER_HELLO, extensions
from webrtc.dtls.keys import Secrets
from webrtc.dtls.record import (
    ALERT,
    CHANGE_CIPHER_SPEC,
    DTLS_1_2,
    EPOCH,
    HANDSHAKE,
    HEADER,
    Protection,
    plain,
    split,
)
from webrtc.dtls.suites import BY_OPENSSL_NAME, CipherSuite
from webrtc.errors import AuthenticationError, ProtocolError

_SERVER_HELLO_DONE = 14
_CERTIFICATE_VERIFY = 15

_MTU = 16_384  # OpenSSL need not fragment: `flight.pack` does
_READ_SIZE = 65_536
_READ_BUFFER = 16_384
# What pyOpenSSL does not name. An SSL_OP, and an SSL_MODE: look for no issuers in an empty store.
_NO_EXTENDED_MASTER_SECRET = 1
_NO_AUTO_CHAIN = 8

_SRTP_NAMES = {
    SrtpProfile.SRTP_AES128_CM_HMAC_SHA1_80: b"SRTP_AES128_CM_SHA1_80",
    SrtpProfile.SRTP_AES128_CM_HMAC_SHA1_32: b"SRTP_AES128_CM_SHA1_32",
    SrtpProfile.SRTP_AEAD_AES_128_GCM: b"SRTP_AEAD_AES_128_GCM",
    SrtpProfile.SRTP_AEAD_AES_256_GCM: b"SRTP_AEAD_AES_256_GCM",
}
_SRTP_PROFILES = {name: profile for profile, name in _SRTP_NAMES.items()}


class _Peer:
    """Decides on the peer's certificate while OpenSSL asks.

    It is apart from `Handshake` lest OpenSSL's connection and its owner keep each other alive.
    """

    def __init__(self, verify: Callable[[x509.Certificate], None]) -> None:
        self._verify = verify
        self.certificate: x509.Certificate | None = None
        """The leaf, once it is verified."""
        self.error: AuthenticationError | None = None

    def accepts(self, certificate: crypto.X509) -> bool:
        if self.certificate is None and self.error is None:
            try:
                self.certificate = self._verified(certificate)
            except AuthenticationError as error:
                self.error = error
        return self.error is None

    def _verified(self, certificate: crypto.X509) -> x509.Certificate:
        leaf = _parse(certificate)
        if leaf is None:
            raise AuthenticationError(
                "the peer's certificate cannot be read", alerts.BAD_CERTIFICATE
            )
        self._verify(leaf)
        return leaf


class Handshake:
    """One handshake. It is over when `done`, or when `feed` or `advance` has raised.

    Raises ProtocolError when the OpenSSL of this machine lacks what `config` or `certificate` ask
    for, as one in FIPS mode does.
    """

    def __init__(
        self,
        certificate: Certificate,
        role: Role,
        config: Config,
        verify: Callable[[x509.Certificate], None],
    ) -> None:
        self._role = role
        self._config = config
        self._peer = _Peer(verify)
        try:
            self._ssl = _connection(certificate, config)
        except SSL.Error as failure:
            raise ProtocolError(
                f"the DTLS configuration cannot be used here: {_reason(failure)}",
                alerts.INTERNAL_ERROR,
            ) from failure
        self._ssl.set_app_data(self._peer)
        if role is Role.CLIENT:
            self._ssl.set_connect_state()
        else:
            self._ssl.set_accept_state()
        self._fed = 0  # records of epoch 0 that OpenSSL was given: their next number
        self._written = 0  # messages that OpenSSL has written: the next message_seq
        self._queue: list[bytes] = []
        self._last_type = -1
        self._cipher_changed = False
        self.done = False
        self.secrets: Secrets | None = None
        """Known from the moment when the first protected record was written."""
        self.protections: tuple[Protection, Protection] | None = None
        """Of what we write and of what we read, known from the same moment."""

    @property
    def awaits_finished(self) -> bool:
        """Whether all messages that precede the peer's Finished were taken."""
        last = _SERVER_HELLO_DONE if self._role is Role.CLIENT else _CERTIFICATE_VERIFY
        return self._last_type == last

    @property
    def peer_certificates(self) -> tuple[x509.Certificate, ...]:
        """The verified leaf and what the peer sent with it."""
        if self._peer.certificate is None:
            return ()
        leaf = self._peer.certificate
        sent = self._ssl.get_peer_cert_chain() or []
        if self._role is Role.CLIENT:  # only there it begins with the leaf
            del sent[:1]
        chain = [_parse(certificate) for certificate in sent]
        return (leaf, *(issuer for issuer in chain if issuer is not None and issuer != leaf))

    @property
    def srtp_profile(self) -> SrtpProfile | None:
        """The profile that both sides agreed on."""
        return _SRTP_PROFILES.get(self._ssl.get_selected_srtp_profile())

    def feed(self, message: Fragment) -> None:
        """Queue the peer's next whole message for `advance`. Raises ProtocolError."""
        if message.type in {CLIENT_HELLO, SERVER_HELLO}:
            self._check_hello(message)
        self._last_type = message.type
        self._feed_plain(HANDSHAKE, message.encode())

    def feed_protected(self, record: bytes) -> None:
        """Queue a record of epoch 1, when `awaits_finished`.

        The ChangeCipherSpec before it says nothing that the epoch does not: ours stands for the
        peer's, so that a lost, early or forged one cannot matter.
        """
        if not self._cipher_changed:
            self._cipher_changed = True
            self._feed_plain(CHANGE_CIPHER_SPEC, b"\x01")
        self._feed_record(record)

    def advance(self) -> list[Piece]:
        """Go on with what was queued; returns the flight that this makes us send, if any.

        Raises ProtocolError when the handshake has failed.
        """
        error: ProtocolError | None = None
        for records in self._queue or [b""]:
            error = error or self._step(records)
        self._queue.clear()
        pieces = self._pieces()
        if error is not None:
            if error is not self._peer.error:
                codes = [piece.payload[1] for piece in pieces if piece.type == ALERT]
                error.code = codes[-1] if codes else error.code
            raise error
        return [piece for piece in pieces if piece.type != ALERT]

    def _check_hello(self, hello: Fragment) -> None:
        found = extensions(hello.type, hello.body)
        required = self._config.extended_master_secret is ExtendedMasterSecret.REQUIRE
        if required and EXTENDED_MASTER_SECRET not in found:
            raise ProtocolError(
                "the peer has no extended master secret (RFC 7627)", alerts.HANDSHAKE_FAILURE
            )

    def _feed_plain(self, type_: int, payload: bytes) -> None:
        self._feed_record(plain(type_, self._fed, payload))
        self._fed += 1

    def _feed_record(self, record: bytes) -> None:
        # OpenSSL reads as from a socket: at most one buffer at a time, and drops what is cut.
        if self._queue and len(self._queue[-1]) + len(record) <= _READ_BUFFER:
            self._queue[-1] += record
        else:
            self._queue.append(record)

    def _step(self, records: bytes) -> ProtocolError | None:
        Binding.lib.ERR_clear_error()  # what another connection left there is not ours
        if records:
            self._ssl.bio_write(records)
        try:
            self._ssl.do_handshake()
        except SSL.WantReadError:
            return None
        except SSL.Error as failure:
            return self._peer.error or ProtocolError(_reason(failure), alerts.INTERNAL_ERROR)
        self.done = True
        if self._peer.certificate is None:
            return AuthenticationError("the peer showed no certificate", alerts.BAD_CERTIFICATE)
        return None

    def _pieces(self) -> list[Piece]:
        """What OpenSSL has written, less what it repeats when its own clock tells it to."""
        pieces: list[Piece] = []
        written = self._written
        for type_, number, record in split(self._output()):
            protected = number >= EPOCH
            payload = self._unprotect(type_, number, record) if protected else record[HEADER.size :]
            if type_ == HANDSHAKE:
                sequence = sequence_of(payload)
                if sequence < written:
                    continue
                self._written = sequence + 1
            pieces.append(Piece(type_, payload, protected))
        if all(piece.type == CHANGE_CIPHER_SPEC for piece in pieces):
            return []  # nothing but the end of a repeated flight
        return pieces

    def _unprotect(self, type_: int, number: int, record: bytes) -> bytes:
        if self.protections is None:
            self.secrets = Secrets(
                BY_OPENSSL_NAME[self._ssl.get_cipher_name() or ""],
                self._ssl.master_key() or b"",
                self._ssl.client_random() or b"",
                self._ssl.server_random() or b"",
            )
            client, server = self.secrets.protections()
            ours = self._role is Role.CLIENT
            self.protections = (client, server) if ours else (server, client)
        payload = self.protections[0].open(type_, number, record)
        if payload is None:
            raise ProtocolError("OpenSSL protects with other keys", alerts.INTERNAL_ERROR)
        return payload

    def _output(self) -> bytes:
        output = bytearray()
        while True:
            try:
                output += self._ssl.bio_read(_READ_SIZE)
            except SSL.WantReadError:
                return bytes(output)


def _connection(certificate: Certificate, config: Config) -> SSL.Connection:
    leaf, *issuers = certificate.chain
    context = _context(config.cipher_suites, config.srtp_profiles, config.extended_master_secret)
    if issuers:  # OpenSSL takes them by context only, so this one cannot be shared
        context = _context.__wrapped__(
            config.cipher_suites, config.srtp_profiles, config.extended_master_secret
        )
        for issuer in issuers:
            context.add_extra_chain_cert(issuer)
    connection = SSL.Connection(context, None)
    connection.set_ciphertext_mtu(_MTU)
    connection.use_certificate(leaf)
    connection.use_privatekey(certificate.key)
    return connection


@lru_cache(maxsize=16)
def _context(
    suites: tuple[CipherSuite, ...],
    profiles: tuple[SrtpProfile, ...],
    extended_master_secret: ExtendedMasterSecret,
) -> SSL.Context:
    """Context without a secret in it: it is costly to make, so connections share it."""
    context = SSL.Context(SSL.DTLS_METHOD)
    context.set_min_proto_version(DTLS_1_2)
    context.set_max_proto_version(DTLS_1_2)
    options = SSL.OP_NO_QUERY_MTU | SSL.OP_NO_TICKET | SSL.OP_NO_RENEGOTIATION
    options |= SSL.OP_NO_COMPRESSION | SSL.OP_CIPHER_SERVER_PREFERENCE
    if extended_master_secret is ExtendedMasterSecret.DISABLE:
        options |= _NO_EXTENDED_MASTER_SECRET
    context.set_options(options)
    context.set_session_cache_mode(SSL.SESS_CACHE_OFF)
    context.set_mode(_NO_AUTO_CHAIN)
    names = [suite.openssl_name for suite in suites]
    context.set_cipher_list(":".join([*names, "@SECLEVEL=2"]).encode())
    context.set_verify(SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT, _accepts)
    if profiles:
        context.set_tlsext_use_srtp(b":".join(_SRTP_NAMES[profile] for profile in profiles))
    return context


def _accepts(
    connection: SSL.Connection, certificate: crypto.X509, _error: int, depth: int, _ok: int
) -> bool:
    """Take the fingerprint's word for the leaf; issuers and validity times mean nothing."""
    peer: _Peer = connection.get_app_data()
    return depth > 0 or peer.accepts(certificate)


def _parse(certificate: crypto.X509) -> x509.Certificate | None:
    """A certificate of the peer, None when only OpenSSL can read it."""
    try:
        return certificate.to_cryptography()
    except (ValueError, x509.InvalidVersion, crypto.Error, Warning):
        # A warning about an odd serial number is raised where the program makes warnings errors.
        return None


def _reason(error: SSL.Error) -> str:
    """OpenSSL's own words, the first of them only."""
    queue = error.args[0] if error.args else None
    words = queue[0][2] if isinstance(queue, list) and queue else repr(error)
    return f"OpenSSL: {words}"
