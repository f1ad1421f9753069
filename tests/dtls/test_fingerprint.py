"""Fingerprints and the verification of a peer's certificate."""

import warnings
from datetime import UTC, datetime, timedelta
from unittest.mock import Mock

import pytest
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, rsa
from hypothesis import given
from hypothesis import strategies as st

from tests.dtls.pair import certificate
from webrtc.dtls.fingerprint import ALGORITHMS, Fingerprint, verify, weakness
from webrtc.errors import AuthenticationError, DecodeError, NotSupportedError

LEAF = certificate("peer").chain[0]
SHA256, SHA384, SHA512 = (Fingerprint.of(LEAF, name) for name in ("sha-256", "sha-384", "sha-512"))
OTHER = certificate("other")
MD5 = Fingerprint("md5", "00:" * 15 + "00")
SHA1 = Fingerprint("sha-1", "00:" * 19 + "00")


def sign(
    key: ec.EllipticCurvePrivateKey
    | rsa.RSAPrivateKey
    | ed25519.Ed25519PrivateKey
    | dsa.DSAPrivateKey,
    *,
    expired: bool = False,
) -> x509.Certificate:
    name = x509.Name([])
    end = datetime(2001 if expired else 2040, 1, 1, tzinfo=UTC)
    return (
        x509.CertificateBuilder(name, name, key.public_key(), 1, end - timedelta(days=9), end)
    ).sign(key, None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256())


def test_written_as_sdp_has_it() -> None:
    """DTLS-18: RFC 8122 §5; upper case value, lower case name."""
    fingerprint = Fingerprint("SHA-1", "ab:" * 19 + "0f")
    assert str(fingerprint) == "sha-1 " + "AB:" * 19 + "0F"
    assert (fingerprint.algorithm, fingerprint.value) == ("sha-1", "ab:" * 19 + "0f")
    assert Fingerprint.parse(str(fingerprint)) == fingerprint


def test_case_means_nothing_in_a_comparison() -> None:
    """DTLS-18."""
    lower = Fingerprint("SHA-256", SHA256.value.upper())
    assert lower == SHA256
    assert len({lower, SHA256}) == 1
    assert lower != OTHER.fingerprint()
    assert str(SHA256) != SHA256


@pytest.mark.parametrize("name", ALGORITHMS)
def test_hashes_as_cryptography_does(name: str) -> None:
    """DTLS-18: an oracle that shares no code."""
    oracle = {"sha-256": hashes.SHA256(), "sha-384": hashes.SHA384(), "sha-512": hashes.SHA512()}
    assert Fingerprint.of(LEAF, name).value == LEAF.fingerprint(oracle[name]).hex(":")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "sha-256",
        "sha-256 ",
        "sha-256 AA",
        "sha-256 " + "AA:" * 32,
        "sha-256 " + "AA:" * 32 + "AA",
        "sha-256 " + "AA" * 32,
        "sha-256 " + "AA:" * 31 + "AG",
        "sha-256 " + "AA:" * 31 + "A",
        "sha-1 AA\n",
        "sha-1 " + "١١:" * 19 + "١١",
        "sha 1 AA",
        "sha-1\x00 AA",
        " AA:BB",
    ],
)
def test_malformed_ones_are_refused(text: str) -> None:
    """X-01."""
    with pytest.raises(DecodeError):
        Fingerprint.parse(text)


@given(st.text(max_size=120))
def test_garbage_raises_only_decode_error(text: str) -> None:
    """X-01."""
    try:
        Fingerprint.parse(text)
    except DecodeError:
        pass


def test_an_unknown_algorithm_cannot_be_computed() -> None:
    """DTLS-18."""
    with pytest.raises(NotSupportedError, match="sha-1"):
        Fingerprint.of(LEAF, "sha-1")


@pytest.mark.parametrize(
    "expected",
    [
        [SHA256],
        [SHA384],
        [SHA512],
        [SHA1, SHA256, MD5],
        [OTHER.fingerprint(), SHA256],
        [SHA512, OTHER.fingerprint()],
        [OTHER.fingerprint("sha-512"), SHA512, SHA256],
    ],
    ids=[
        "sha-256",
        "sha-384",
        "sha-512",
        "weak ones beside it",
        "one of two certificates",
        "a weaker hash is not looked at",
        "strongest of several",
    ],
)
def test_the_announced_certificate_passes(expected: list[Fingerprint]) -> None:
    """D-05, DTLS-18: one value of the strongest hash function matches."""
    verify(LEAF, expected)


@pytest.mark.parametrize(
    "expected",
    [
        [],
        [MD5],
        [SHA1],
        [MD5, SHA1, Fingerprint("sha-224", "00:" * 27 + "00")],
        [OTHER.fingerprint()],
        [SHA256, OTHER.fingerprint("sha-512")],
        [SHA256, SHA384, OTHER.fingerprint("sha-512")],
        [Fingerprint("sha-256", SHA256.value[:-1] + ("0" if SHA256.value[-1] != "0" else "1"))],
    ],
    ids=[
        "none",
        "md5",
        "sha-1",
        "only unsupported",
        "other certificate",
        "two hashes, the strong one wrong",
        "three hashes, the strongest wrong",
        "last digit",
    ],
)
def test_anything_else_fails_closed(expected: list[Fingerprint]) -> None:
    """D-05, DTLS-18."""
    with pytest.raises(AuthenticationError) as caught:
        verify(LEAF, expected)
    assert caught.value.code == 42


def test_an_expired_certificate_passes() -> None:
    """D-06: RFC 8827 §6.5, validity means nothing."""
    expired = sign(ec.generate_private_key(ec.SECP256R1()), expired=True)
    verify(expired, [Fingerprint.of(expired)])


def weak_certificates() -> dict[str, x509.Certificate]:
    unreadable = Mock(spec=x509.Certificate)
    unreadable.public_key.side_effect = ValueError("explicit curve parameters")
    unknown = Mock(spec=x509.Certificate)
    type(unknown).signature_hash_algorithm = property(Mock(side_effect=UnsupportedAlgorithm("x")))
    sha1 = Mock(spec=x509.Certificate, signature_hash_algorithm=hashes.SHA1())
    md5 = Mock(spec=x509.Certificate, signature_hash_algorithm=hashes.MD5())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return {
            "RSA key of 1024 bits": sign(rsa.generate_private_key(65537, 1024)),
            "key on secp224r1, or on a curve without a name": sign(
                ec.generate_private_key(ec.SECP224R1())
            ),
            "key of the type DSAPublicKey": sign(dsa.generate_private_key(2048)),
            "unreadable key or signature (explicit curve parameters)": unreadable,
            "unreadable key or signature (x)": unknown,
            "signed with sha1": sha1,
            "signed with md5": md5,
        }


WEAK = weak_certificates()


@pytest.mark.parametrize("reason", WEAK)
def test_a_weak_certificate_fails_even_when_announced(reason: str) -> None:
    """D-06, DTLSCFG-15: the fingerprint is right."""
    weak = WEAK[reason]
    if isinstance(weak, Mock):
        weak.public_bytes.return_value = b"der"
    with pytest.raises(AuthenticationError, match="too weak") as caught:
        verify(weak, [Fingerprint.of(weak)])
    assert caught.value.code == 43
    assert weakness(weak) == reason


def test_strong_keys_of_every_kind_pass() -> None:
    """D-06."""
    for key in (
        ec.generate_private_key(ec.SECP384R1()),
        ed25519.Ed25519PrivateKey.generate(),
        rsa.generate_private_key(65537, 2048),
    ):
        assert weakness(sign(key)) is None
