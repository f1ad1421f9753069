"""Certificate fingerprints, and the decision whether a peer is who signalling said. RFC 8122 §5."""

import hashlib
import hmac
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from webrtc.dtls import alerts
from webrtc.errors import AuthenticationError, DecodeError, NotSupportedError

ALGORITHMS = {"sha-512": hashlib.sha512, "sha-384": hashlib.sha384, "sha-256": hashlib.sha256}
"""Hash functions that are good enough, the strongest first."""

_SIZES = {name: hash_().digest_size for name, hash_ in ALGORITHMS.items()}
_TOKEN = re.compile(r"[!#-'*+.0-9A-Z^-~-]+", re.IGNORECASE | re.ASCII)
_WEAK_HASHES = (hashes.MD5, hashes.SHA1)


@dataclass(frozen=True, slots=True, eq=False)
class Fingerprint:
    """A hash over a DER certificate: `sha-256` and `aa:bb:…`, as W3C's RTCDtlsFingerprint has it.

    Raises DecodeError unless algorithm and value are well formed. Any algorithm may be named,
    but only those of `ALGORITHMS` ever verify a certificate.
    """

    algorithm: str
    value: str

    def __post_init__(self) -> None:
        algorithm, value = self.algorithm.lower(), self.value.lower()
        if not _TOKEN.fullmatch(algorithm):
            raise DecodeError(f"fingerprint algorithm {self.algorithm[:40]!r}")
        if not _is_bytes(value):
            raise DecodeError(f"fingerprint value {self.value[:40]!r} is not hexadecimal aa:bb:…")
        size = _SIZES.get(algorithm)
        if size is not None and len(value) != 3 * size - 1:
            raise DecodeError(f"{algorithm} fingerprint of {len(value) // 3 + 1} bytes")
        object.__setattr__(self, "algorithm", algorithm)
        object.__setattr__(self, "value", value)

    def __eq__(self, other: object) -> bool:
        """Compare in constant time."""
        if not isinstance(other, Fingerprint):
            return NotImplemented
        return hmac.compare_digest(str(self).encode(), str(other).encode())

    def __hash__(self) -> int:
        return hash((self.algorithm, self.value))

    def __str__(self) -> str:
        """The value of an `a=fingerprint` line, which RFC 8122 §5 wants in upper case."""
        return f"{self.algorithm} {self.value.upper()}"

    @classmethod
    def parse(cls, text: str) -> "Fingerprint":
        """Inverse of `str`: the value of an `a=fingerprint` line. Raises DecodeError."""
        algorithm, _, value = text.partition(" ")
        return cls(algorithm, value.strip(" "))

    @classmethod
    def of(cls, certificate: x509.Certificate, algorithm: str = "sha-256") -> "Fingerprint":
        """Fingerprint of a certificate. Raises NotSupportedError for an unknown algorithm."""
        hash_ = ALGORITHMS.get(algorithm.lower())
        if hash_ is None:
            raise NotSupportedError(f"fingerprint algorithm {algorithm!r}")
        der = certificate.public_bytes(Encoding.DER)
        return cls(algorithm, hash_(der).digest().hex(":"))


def _is_bytes(value: str) -> bool:
    """Whether `value` is `aa:bb:…`."""
    try:
        return value != "" and bytes.fromhex(value.replace(":", "")).hex(":") == value
    except ValueError:
        return False


def verify(certificate: x509.Certificate, expected: Sequence[Fingerprint]) -> None:
    """Raise AuthenticationError unless `certificate` is one that signalling announced.

    Of the hash functions in `expected` only the strongest counts, and one of its values must
    match: a peer with several certificates announces each. Weak hash functions never count, so a
    list of nothing else fails as an empty one does. Validity times and issuers mean nothing here
    (RFC 8827 §6.5); keys and signature hashes that can be broken are refused.
    """
    algorithm = next((a for a in ALGORITHMS if any(a == e.algorithm for e in expected)), None)
    if algorithm is None:
        names = ", ".join(sorted({e.algorithm for e in expected})) or "none"
        raise AuthenticationError(
            f"no fingerprint to verify the peer's certificate with: signalling gave {names}",
            alerts.BAD_CERTIFICATE,
        )
    actual = Fingerprint.of(certificate, algorithm)
    if not any([actual == e for e in expected]):  # noqa: C419 - no early exit: constant time
        raise AuthenticationError(
            f"the peer's certificate has the fingerprint {actual}, which signalling did not give",
            alerts.BAD_CERTIFICATE,
        )
    if found := weakness(certificate):
        raise AuthenticationError(
            f"the peer's certificate is too weak: {found}", alerts.UNSUPPORTED_CERTIFICATE
        )


def verifier(
    expected: Sequence[Fingerprint], check: Callable[[x509.Certificate], None] | None
) -> Callable[[x509.Certificate], None]:
    """What takes a certificate and raises as `verify` does, or as `check` does."""

    def verify_all(certificate: x509.Certificate) -> None:
        verify(certificate, expected)
        if check is not None:
            check(certificate)

    return verify_all


def weakness(certificate: x509.Certificate) -> str | None:
    """Say why a certificate proves nothing to anybody: its key or signature can be broken."""
    try:
        key = certificate.public_key()
        signature_hash = certificate.signature_hash_algorithm
    except (UnsupportedAlgorithm, ValueError) as error:
        return f"unreadable key or signature ({error})"
    if isinstance(signature_hash, _WEAK_HASHES):
        return f"signed with {signature_hash.name}"
    match key:
        case ec.EllipticCurvePublicKey():
            good = key.curve.key_size >= 256 and _spki(key) in certificate.tbs_certificate_bytes
            return None if good else f"key on {key.curve.name}, or on a curve without a name"
        case rsa.RSAPublicKey():
            return f"RSA key of {key.key_size} bits" if key.key_size < 2048 else None
        case ed25519.Ed25519PublicKey():
            return None
    return f"key of the type {type(key).__name__}"


def _spki(key: ec.EllipticCurvePublicKey) -> bytes:
    """The key as RFC 5480 §2.1.1 wants it: its curve is named, never spelt out."""
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
