"""Our DER of a certificate, read by another implementation."""

from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from webrtc.dtls.self_signed import self_signed

KEYS: dict[str, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey] = {
    "ECDSA": ec.generate_private_key(ec.SECP256R1()),
    "RSA": rsa.generate_private_key(65537, 2048),
}
YEAR_2050 = datetime(2050, 1, 1, tzinfo=UTC).timestamp()


@pytest.mark.parametrize("kind", KEYS)
def test_a_general_builder_makes_the_same(kind: str) -> None:
    """DTLS-14: every field, and for RSA, whose signatures are not random, every byte."""
    key = KEYS[kind]
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "0123456789abcdef")])
    expected = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(0x1234)
        .not_valid_before(datetime.fromtimestamp(1e9, UTC))
        .not_valid_after(datetime.fromtimestamp(YEAR_2050, UTC))
        .sign(key, hashes.SHA256())
    )
    made = self_signed(key, "0123456789abcdef", 0x1234, 1e9, YEAR_2050)
    leaf = x509.load_der_x509_certificate(made)
    leaf.verify_directly_issued_by(leaf)
    assert leaf.tbs_certificate_bytes == expected.tbs_certificate_bytes
    assert leaf.signature_algorithm_oid == expected.signature_algorithm_oid
    if kind == "RSA":
        assert made == expected.public_bytes(Encoding.DER)


@given(
    st.integers(1, 2**127 - 1),
    st.integers(0, 2**32),
    st.integers(0, 100 * 365 * 86400),
    st.text("0123456789abcdef", min_size=1, max_size=64),
)
def test_what_was_put_in_is_read(serial: int, begin: int, lifetime: int, name: str) -> None:
    """DTLS-14."""
    leaf = x509.load_der_x509_certificate(
        self_signed(KEYS["ECDSA"], name, serial, begin, begin + lifetime)
    )
    assert leaf.serial_number == serial
    assert leaf.not_valid_before_utc.timestamp() == begin
    assert leaf.not_valid_after_utc.timestamp() == begin + lifetime
    assert leaf.subject == leaf.issuer
    assert leaf.subject.rfc4514_string() == f"CN={name}"
