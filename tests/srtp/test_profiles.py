import pytest

from webrtc.dtls.connection import SRTP_PROFILES
from webrtc.srtp import ProtectionProfile


@pytest.mark.parametrize(
    ("profile", "sizes"),
    [
        (ProtectionProfile.AES128_CM_SHA1_80, (16, 14, 20, 10, 10, 14)),
        (ProtectionProfile.AES128_CM_SHA1_32, (16, 14, 20, 4, 10, 14)),
        (ProtectionProfile.NULL_SHA1_80, (16, 14, 20, 10, 10, 14)),
        (ProtectionProfile.AEAD_AES_128_GCM, (16, 12, 0, 16, 16, 20)),
        (ProtectionProfile.AEAD_AES_256_GCM, (32, 12, 0, 16, 16, 20)),
    ],
    ids=lambda value: getattr(value, "name", None),
)
def test_sizes_are_those_of_the_rfcs(profile: ProtectionProfile, sizes: tuple[int, ...]) -> None:
    """SRTP-03 to SRTP-09: RFC 5764 §4.1.2, RFC 7714 §12; CM_32 keeps 80 bits for RTCP."""
    assert sizes == (
        profile.key_length,
        profile.salt_length,
        profile.auth_key_length,
        profile.rtp_tag_length,
        profile.rtcp_tag_length,
        profile.rtcp_overhead,
    )


def test_everything_that_dtls_offers_is_known_here_and_null_is_not_offered() -> None:
    for number in SRTP_PROFILES:
        profile = ProtectionProfile.of(number)
        assert profile is not None
        assert profile.name == number.name
    assert ProtectionProfile.NULL_SHA1_80.number not in list(SRTP_PROFILES)


def test_an_unknown_number_is_no_profile() -> None:
    assert ProtectionProfile.of(0x0006) is None
