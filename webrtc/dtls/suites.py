"""The cipher suites of DTLS 1.2 that are good enough: ECDHE and an AEAD. RFC 5289, RFC 7905."""

from dataclasses import dataclass
from typing import Literal

from webrtc.dtls.record import AesGcm, ChaCha20Poly1305, Protection


@dataclass(frozen=True, slots=True, eq=False)
class CipherSuite:
    """What a suite's name stands for."""

    id: int
    name: str
    """Name in the IANA registry."""
    openssl_name: str
    hash: Literal["sha256", "sha384"]
    key_length: int
    protection: type[Protection]


TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 = CipherSuite(
    0xC02B,
    "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
    "ECDHE-ECDSA-AES128-GCM-SHA256",
    "sha256",
    16,
    AesGcm,
)
TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 = CipherSuite(
    0xC02F,
    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    "ECDHE-RSA-AES128-GCM-SHA256",
    "sha256",
    16,
    AesGcm,
)
TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384 = CipherSuite(
    0xC02C,
    "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
    "ECDHE-ECDSA-AES256-GCM-SHA384",
    "sha384",
    32,
    AesGcm,
)
TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384 = CipherSuite(
    0xC030,
    "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
    "ECDHE-RSA-AES256-GCM-SHA384",
    "sha384",
    32,
    AesGcm,
)
TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256 = CipherSuite(
    0xCCA9,
    "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
    "ECDHE-ECDSA-CHACHA20-POLY1305",
    "sha256",
    32,
    ChaCha20Poly1305,
)
TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256 = CipherSuite(
    0xCCA8,
    "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
    "ECDHE-RSA-CHACHA20-POLY1305",
    "sha256",
    32,
    ChaCha20Poly1305,
)

SUITES = (
    TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
    TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
    TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
    TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
    TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
    TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
)
"""All of them, the preferred first."""

BY_OPENSSL_NAME = {suite.openssl_name: suite for suite in SUITES}
