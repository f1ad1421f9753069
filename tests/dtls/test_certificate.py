"""Certificates and their PEM form."""

from pathlib import Path
from random import Random

import pytest
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID

from tests.dtls.pair import NOW, certificate
from tests.dtls.test_fingerprint import WEAK
from webrtc.dtls import Certificate, KeyType
from webrtc.errors import InvalidAccessError, NotSupportedError

OWN = certificate("own")
CERTIFICATE = OWN.chain[0].public_bytes(Encoding.PEM).decode()


def key_pem(
    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | dsa.DSAPrivateKey,
    form: PrivateFormat = PrivateFormat.PKCS8,
) -> str:
    return key.private_bytes(Encoding.PEM, form, NoEncryption()).decode()


assert isinstance(OWN.key, ec.EllipticCurvePrivateKey)
KEY = key_pem(OWN.key)


def test_generated_by_default_as_webrtc_wants_it() -> None:
    """DTLS-14, DTLSCFG-01: ECDSA on P-256, SHA-256, self-signed, 30 days."""
    made = Certificate.generate(Random(1), NOW)
    (leaf,) = made.chain
    assert isinstance(made.key, ec.EllipticCurvePrivateKey)
    assert made.key.curve.name == "secp256r1"
    leaf.verify_directly_issued_by(leaf)
    assert made.expires == NOW + 30 * 86400
    assert leaf.not_valid_before_utc.timestamp() < NOW


def test_rsa_is_of_2048_bits_and_lives_as_long_as_asked() -> None:
    """DTLS-14."""
    made = Certificate.generate(Random(1), NOW, key_type=KeyType.RSA, lifetime=60)
    assert isinstance(made.key, rsa.RSAPrivateKey)
    assert made.key.key_size == 2048
    assert made.expires == NOW + 60


def test_a_curve_that_openssl_lacks_is_named_and_rsa_still_works(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """F-48: some distributions build OpenSSL without curves."""

    def generate(curve: ec.EllipticCurve) -> None:
        raise UnsupportedAlgorithm(f"curve {curve.name}")

    monkeypatch.setattr(ec, "generate_private_key", generate)
    with pytest.raises(NotSupportedError, match="no ECDSA key here: curve secp256r1"):
        Certificate.generate(Random(1), NOW)
    rsa_key = Certificate.generate(Random(1), NOW, key_type=KeyType.RSA)
    assert isinstance(rsa_key.key, rsa.RSAPrivateKey)


def test_nothing_links_two_certificates() -> None:
    """DTLS-14: key, name and serial number are new each time."""
    random = Random(1)
    (one,), (two,) = (Certificate.generate(random, NOW).chain for _ in range(2))
    assert one.public_key() != two.public_key()
    assert one.serial_number != two.serial_number
    assert one.subject != two.subject
    assert [attribute.oid for attribute in one.subject] == [NameOID.COMMON_NAME]


def test_fingerprints() -> None:
    """DTLS-18: every supported algorithm, and none else."""
    assert [f.algorithm for f in OWN.get_fingerprints()] == ["sha-512", "sha-384", "sha-256"]
    assert all(f.value == f.value.lower() for f in OWN.get_fingerprints())  # upper in SDP
    assert OWN.fingerprint() == OWN.get_fingerprints()[-1]
    with pytest.raises(NotSupportedError):
        OWN.fingerprint("md5")


def test_the_key_is_not_shown() -> None:
    """X-10."""
    assert repr(OWN) == f"Certificate({OWN.fingerprint()})"


def test_pem_round_trip() -> None:
    """X-06."""
    again = Certificate.from_pem(OWN.to_pem())
    assert again.chain == OWN.chain
    assert again.key.public_key() == OWN.key.public_key()


def test_a_chain_of_two() -> None:
    """HUB-10: the first certificate is ours, the others its issuers."""
    issuer = certificate("issuer").chain[0].public_bytes(Encoding.PEM).decode()
    made = Certificate.from_pem(CERTIFICATE + issuer, KEY)
    assert made.chain == (OWN.chain[0], certificate("issuer").chain[0])
    assert Certificate.from_pem(made.to_pem()).chain == made.chain


@pytest.mark.parametrize("form", [PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL])
@pytest.mark.parametrize("key_type", KeyType)
def test_each_format_of_a_key(form: PrivateFormat, key_type: KeyType) -> None:
    """HUB-08, HUB-09: PKCS#8, SEC 1, PKCS#1; a curve's parameters before the key."""
    own = certificate("own", key_type)
    assert isinstance(own.key, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey)
    parameters = "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n"
    pem = own.chain[0].public_bytes(Encoding.PEM).decode()
    assert Certificate.from_pem(pem, parameters + key_pem(own.key, form)).chain == own.chain


def test_from_files(tmp_path: Path) -> None:
    """HUB-08, DTLS-28: one file, or two."""
    both, chain, key = tmp_path / "both", tmp_path / "chain", tmp_path / "key"
    both.write_text(OWN.to_pem())
    chain.write_text(CERTIFICATE)
    key.write_text(KEY)
    assert Certificate.from_files(both).chain == Certificate.from_files(chain, key).chain
    with pytest.raises(FileNotFoundError):
        Certificate.from_files(tmp_path / "missing")


def encrypted() -> str:
    secret = BestAvailableEncryption(b"secret")
    return OWN.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, secret).decode()


def broken(pem: str) -> str:
    first, *_, last = pem.strip().splitlines()
    return f"{first}\nAAAA\n{last}\n"


@pytest.mark.parametrize(
    ("chain", "key", "message"),
    [
        (CERTIFICATE, CERTIFICATE, "'CERTIFICATE' is not a private key"),
        (CERTIFICATE, key_pem(dsa.generate_private_key(2048)), "unknown key type DSAPrivateKey"),
        (CERTIFICATE, "", "no private key found"),
        (CERTIFICATE, None, "no private key found"),
        (KEY, KEY, "'PRIVATE KEY' is not a certificate"),
        ("", KEY, "no certificate found"),
        (KEY, None, "no certificate found"),
        (CERTIFICATE, encrypted(), "encrypted"),
        (CERTIFICATE, broken(KEY), "private key cannot be read"),
        (broken(CERTIFICATE), KEY, "certificate cannot be read"),
        (
            CERTIFICATE,
            key_pem(ec.generate_private_key(ec.SECP256R1())),
            "does not belong to the first certificate",
        ),
    ],
)
def test_errors_say_what_is_wrong(chain: str, key: str | None, message: str) -> None:
    """HUB-11: ErrBlockIsNotPrivateKey, ErrUnknownKeyType, ErrNoPrivateKeyFound and the others."""
    with pytest.raises(InvalidAccessError, match=message):
        Certificate.from_pem(chain, key)


def test_a_certificate_that_peers_refuse_is_refused_here() -> None:
    """D-06: before the handshake, where the message can say why."""
    weak = WEAK["RSA key of 1024 bits"]
    key = type("Key", (), {"public_key": lambda self: weak.public_key()})()
    with pytest.raises(InvalidAccessError, match="RSA key of 1024 bits"):
        Certificate(key, [weak])


def test_an_ed25519_key_is_taken() -> None:
    """HUB-09."""
    key = ed25519.Ed25519PrivateKey.generate()
    name = x509.Name([])
    dates = OWN.chain[0].not_valid_before_utc, OWN.chain[0].not_valid_after_utc
    leaf = x509.CertificateBuilder(name, name, key.public_key(), 1, *dates).sign(key, None)
    assert Certificate(key, [leaf]).fingerprint().algorithm == "sha-256"
