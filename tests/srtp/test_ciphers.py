"""Vectors in terms of session keys; those of whole contexts are in test_context.py."""

import pytest

from webrtc.srtp import ProtectionProfile
from webrtc.srtp.ciphers import CounterMode, make
from webrtc.srtp.derivation import CipherKeys

KEY_128 = bytes(range(16))
KEY_256 = bytes(range(32))
SALT = b"Quid pro quo"
RTP_HEADER = bytes.fromhex("8040f17b8041f8d35501a0b2")
RTP_PAYLOAD = b"Gallia est omnis divisa in partes tres"
RTP_SSRC, RTP_INDEX = 0x5501A0B2, 0xF17B
RTCP = bytes.fromhex(
    "81c8000d4d6172734e5450314e545032525450200000042a0000e9304c756e61deadbeefdeadbeefdeadbeef"
    "deadbeefdeadbeef"
)
RTCP_SSRC, RTCP_INDEX = 0x4D617273, 0x5D4
SEALED_RTP = {
    16: "f24de3a3fb34de6cacba861c9d7e4bcabe633bd50d294e6f42a5f47a51c7d19b36de3adf8833"
    "899d7f27beb16a9152cf765ee4390cce",
    32: "32b1de78a822fe12ef9f78fa332e33aab18012389a58e2f3b50b2a0276ffae0f1ba63799b87b"
    "7aa3db36dfffd6b0f9bb7878d7a76c13",
}
SEALED_RTCP = {
    16: "81c8000d4d61727363e94885dcdab67ca727d7662f6b7e997ff5c0f76c06f32dc676a5f1730d6fda4ce09b46"
    "86303ded0bb9275bc84aa45896cf4d2fc5abf87245d9eade800005d4",
    32: "81c8000d4d617273d50ae4d1f5ce5d304ba297e47d470c282c3ece5dbffe0a50a2eaa5c1110555be8415f658"
    "c61de0476f1b6fad1d1eb30c4446839f57ff6f6cb26ac3be800005d4",
}

PROFILE = {16: ProtectionProfile.AEAD_AES_128_GCM, 32: ProtectionProfile.AEAD_AES_256_GCM}
gcm = pytest.mark.parametrize("key", [KEY_128, KEY_256], ids=["128", "256"])


def test_rfc_3711_b2_keystream_of_counter_mode() -> None:
    """SRTP-01: the three blocks that the appendix prints first, and its last three."""
    keys = CipherKeys(
        bytes.fromhex("2b7e151628aed2a6abf7158809cf4f3c"),
        bytes.fromhex("f0f1f2f3f4f5f6f7f8f9fafbfcfd"),
        bytes(20),
    )
    stream = CounterMode(keys, 10).seal_rtp(b"", bytes(0xFF02 * 16), 0, 0)
    assert stream[:48].hex() == (
        "e03ead0935c95e80e166b16dd92b4eb4d23513162b02d0f72a43a2fe4a5f97ab"
        "41e95b3bb0a2e8dd477901e4fca894c0"
    )
    last = stream[0xFEFF * 16 : 0xFF02 * 16]
    assert last.hex() == (
        "ec8cdf7398607cb0f2d21675ea9ea1e4362b7c3c6773516318a077d7fc5073ae"
        "6a2cc3787889374fbeb4c81b17ba6c44"
    )


@gcm
def test_rfc_7714_16_srtp(key: bytes) -> None:
    """SRTP-05, SRTP-06."""
    cipher = make(PROFILE[len(key)], CipherKeys(key, SALT, b""), 16)
    sealed = cipher.seal_rtp(RTP_HEADER, RTP_PAYLOAD, RTP_SSRC, RTP_INDEX)
    assert sealed == RTP_HEADER + bytes.fromhex(SEALED_RTP[len(key)])
    assert cipher.open_rtp(sealed, 12, RTP_SSRC, RTP_INDEX) == RTP_PAYLOAD


@gcm
def test_rfc_7714_17_srtcp(key: bytes) -> None:
    cipher = make(PROFILE[len(key)], CipherKeys(key, SALT, b""), 16)
    sealed = cipher.seal_rtcp(RTCP, RTCP_SSRC, RTCP_INDEX)
    assert sealed.hex() == SEALED_RTCP[len(key)]
    assert cipher.open_rtcp(sealed, RTCP_SSRC, RTCP_INDEX) == RTCP


@pytest.mark.parametrize(
    "profile",
    [
        ProtectionProfile.AES128_CM_SHA1_80,
        ProtectionProfile.AES128_CM_SHA1_32,
        ProtectionProfile.NULL_SHA1_80,
        ProtectionProfile.AEAD_AES_128_GCM,
        ProtectionProfile.AEAD_AES_256_GCM,
    ],
    ids=lambda profile: profile.name,
)
def test_another_index_or_source_does_not_open(profile: ProtectionProfile) -> None:
    keys = CipherKeys(bytes(profile.key_length), bytes(profile.salt_length), bytes(20))
    rtp = make(profile, keys, profile.rtp_tag_length)
    sealed = rtp.seal_rtp(RTP_HEADER, RTP_PAYLOAD, RTP_SSRC, RTP_INDEX)
    assert rtp.open_rtp(sealed, 12, RTP_SSRC, RTP_INDEX) == RTP_PAYLOAD
    assert rtp.open_rtp(sealed, 12, RTP_SSRC, RTP_INDEX + 0x10000) is None
    rtcp = make(profile, keys, profile.rtcp_tag_length)
    sealed = rtcp.seal_rtcp(RTCP, RTCP_SSRC, 7)
    assert rtcp.open_rtcp(sealed, RTCP_SSRC, 7) == RTCP
    assert rtcp.open_rtcp(sealed[:-1] + bytes([sealed[-1] ^ 1]), RTCP_SSRC, 7) is None


def test_null_leaves_the_payload_readable() -> None:
    keys = CipherKeys(bytes(16), bytes(14), bytes(20))
    cipher = make(ProtectionProfile.NULL_SHA1_80, keys, 10)
    assert RTP_PAYLOAD in cipher.seal_rtp(RTP_HEADER, RTP_PAYLOAD, RTP_SSRC, RTP_INDEX)
