"""The certificate that a peer shows, with its private key. RFC 8827 §6.5."""

import re
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from random import Random

from cryptography import x509
from cryptography.exceptions import InternalError, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from webrtc.dtls.fingerprint import ALGORITHMS, Fingerprint, weakness
from webrtc.dtls.self_signed import self_signed
from webrtc.errors import InvalidAccessError, NotSupportedError

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey

LIFETIME = 30 * 86400.0
MAX_LIFETIME = 365 * 86400.0  # webrtc-pc §4.9.2
_CLOCK_SKEW = 86400.0  # a peer whose clock is behind must not see a certificate of the future
_BLOCK = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----.*?-----END \1-----\n?", re.DOTALL)


class KeyType(StrEnum):
    """Kind of key to generate."""

    ECDSA = "ECDSA"
    """On the curve P-256."""
    RSA = "RSA"
    """Of 2048 bits, for peers that have no ECDSA. A thousand times slower to generate."""


class Certificate:
    """A certificate chain and the private key of its first certificate."""

    def __init__(self, key: PrivateKey, chain: Sequence[x509.Certificate]) -> None:
        if not chain:
            raise InvalidAccessError("no certificate found")
        if key.public_key() != chain[0].public_key():
            raise InvalidAccessError("the private key does not belong to the first certificate")
        if found := weakness(chain[0]):
            raise InvalidAccessError(f"peers refuse this certificate: {found}")
        self.key: PrivateKey = key
        self.chain = tuple(chain)

    def __repr__(self) -> str:
        return f"Certificate({self.fingerprint()})"

    @classmethod
    def generate(
        cls,
        random: Random,
        unix_time: float,
        *,
        key_type: KeyType = KeyType.ECDSA,
        lifetime: float = LIFETIME,
    ) -> "Certificate":
        """A fresh key in a self-signed certificate with nothing in it that identifies anybody.

        `unix_time` is the current time in seconds since 1970-01-01 UTC. Raises NotSupportedError
        when OpenSSL has not that kind of key.
        """
        key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
        try:
            if key_type is KeyType.ECDSA:
                key = ec.generate_private_key(ec.SECP256R1())
            else:
                key = rsa.generate_private_key(65537, 2048)
        except (UnsupportedAlgorithm, InternalError) as error:
            raise NotSupportedError(f"OpenSSL generates no {key_type} key here: {error}") from error
        common_name = f"{random.getrandbits(64):016x}"
        der = self_signed(
            key,
            common_name,
            random.getrandbits(127) | 1,
            unix_time - _CLOCK_SKEW,
            unix_time + lifetime,
        )
        certificate = cls.__new__(cls)  # nothing to check: it was made a moment ago
        certificate.key, certificate.chain = key, (x509.load_der_x509_certificate(der),)
        return certificate

    @classmethod
    def from_pem(cls, certificate: str, key: str | None = None) -> "Certificate":
        """Read a chain and a key (PKCS#8, SEC 1 or PKCS#1, not encrypted).

        Without `key` both are in one text. Raises InvalidAccessError that says what is wrong.
        """
        if key is None:
            blocks = _blocks(certificate)
            keys = [block for block in blocks if _is_key(block[0])]
            certificates = [block for block in blocks if block[0] == "CERTIFICATE"]
        else:
            keys, certificates = _blocks(key), _blocks(certificate)
        return cls(_load_key(keys), [_load_certificate(*block) for block in certificates])

    @classmethod
    def from_files(cls, certificate: Path, key: Path | None = None) -> "Certificate":
        """As `from_pem`. Raises OSError when a file cannot be read."""
        return cls.from_pem(certificate.read_text(), None if key is None else key.read_text())

    def to_pem(self) -> str:
        """Key and chain in one text that `from_pem` takes. It holds the secret."""
        key = self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        chain = [certificate.public_bytes(Encoding.PEM) for certificate in self.chain]
        return b"".join([key, *chain]).decode()

    def fingerprint(self, algorithm: str = "sha-256") -> Fingerprint:
        """Fingerprint by one hash function. Raises NotSupportedError for an unknown one."""
        return Fingerprint.of(self.chain[0], algorithm)

    def get_fingerprints(self) -> list[Fingerprint]:
        """Fingerprints by every supported hash function, the strongest first; in lower case."""
        return [self.fingerprint(algorithm) for algorithm in ALGORITHMS]

    @property
    def expires(self) -> float:
        """Seconds since 1970-01-01 UTC."""
        return self.chain[0].not_valid_after_utc.timestamp()


def _blocks(text: str) -> list[tuple[str, str]]:
    """Label and text of each PEM block but those that openssl adds for a key's curve."""
    found = [(match[1], match[0]) for match in _BLOCK.finditer(text)]
    return [block for block in found if block[0] != "EC PARAMETERS"]


def _is_key(label: str) -> bool:
    return label.endswith("PRIVATE KEY")


def _load_key(blocks: list[tuple[str, str]]) -> PrivateKey:
    if not blocks:
        raise InvalidAccessError("no private key found: the text has no PEM block of one")
    label, text = blocks[0]
    if not _is_key(label):
        raise InvalidAccessError(f"PEM block {label!r} is not a private key")
    try:
        key = load_pem_private_key(text.encode(), None)
    except TypeError as error:
        raise InvalidAccessError("the private key is encrypted: decrypt it first") from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise InvalidAccessError(f"the private key cannot be read: {error}") from error
    if not isinstance(key, PrivateKey):
        raise InvalidAccessError(f"unknown key type {type(key).__name__}: use ECDSA or RSA")
    return key


def _load_certificate(label: str, text: str) -> x509.Certificate:
    if label != "CERTIFICATE":
        raise InvalidAccessError(f"PEM block {label!r} is not a certificate")
    try:
        return x509.load_pem_x509_certificate(text.encode())
    except ValueError as error:
        raise InvalidAccessError(f"the certificate cannot be read: {error}") from error
