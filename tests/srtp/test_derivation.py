import pytest

from webrtc.srtp import ProtectionProfile
from webrtc.srtp.derivation import Label, derive, rtcp_keys, rtp_keys

KEY = bytes.fromhex("e1f97a0d3e018be0d64fa32c06de4139")
SALT = bytes.fromhex("0ec675ad498afeebb6960b3aabe6")
KEY_256 = bytes.fromhex("f0f04914b513f2763a1b1fa130f10e2998f6f6e43e4309d1e622a0e332b9f1b6")
SALT_256 = bytes.fromhex("3b04803de51ee7c96423ab5b78d2")


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        (Label.RTP_ENCRYPTION, "c61e7a93744f39ee10734afe3ff7a087"),
        (Label.RTP_SALT, "30cbbc08863d8c85d49db34a9ae1"),
        (
            Label.RTP_AUTHENTICATION,
            (
                "cebe321f6ff7716b6fd4ab49af256a156d38baa48f0a0acf3c34e2359e6cdbcee049646c43d9327ad175"
                "578ef72270986371c10c9a369ac2f94a8c5fbcdddc256d6e919a48b610ef17c2041e474035766b68642c"
                "59bbfc2f34db60dbdfb2"
            ),
        ),
    ],
    ids=lambda value: value.name if isinstance(value, Label) else None,
)
def test_rfc_3711_b3_key_derivation(label: Label, expected: str) -> None:
    assert derive(KEY, SALT, label, len(expected) // 2).hex() == expected


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        (
            Label.RTP_ENCRYPTION,
            "5ba1064e30ec51613cad926c5a28ef731ec7fb397f70a960653caf06554cd8c4",
        ),
        (Label.RTP_SALT, "fa31791685ca444a9e07c6c64e93"),
        (Label.RTP_AUTHENTICATION, "fd9c32d39ed5fbb5a9dc96b30818454d1313dc05"),
    ],
    ids=lambda value: value.name if isinstance(value, Label) else None,
)
def test_rfc_6188_7_4_key_derivation_with_256_bits(label: Label, expected: str) -> None:
    assert derive(KEY_256, SALT_256, label, len(expected) // 2).hex() == expected


def test_a_short_master_salt_is_padded_on_the_right() -> None:
    """RFC 7714 §11."""
    assert derive(KEY, SALT[:12], Label.RTP_SALT, 12) == derive(
        KEY, SALT[:12] + bytes(2), Label.RTP_SALT, 12
    )


@pytest.mark.parametrize(
    "profile", [ProtectionProfile.AES128_CM_SHA1_80, ProtectionProfile.AEAD_AES_128_GCM]
)
def test_rtp_and_rtcp_have_keys_of_their_own_and_the_profiles_sizes(
    profile: ProtectionProfile,
) -> None:
    rtp, rtcp = (keys(profile, KEY, SALT) for keys in (rtp_keys, rtcp_keys))
    assert (len(rtp.key), len(rtp.salt), len(rtp.auth_key)) == (
        profile.key_length,
        profile.salt_length,
        profile.auth_key_length,
    )
    assert rtp.key != rtcp.key
    assert rtp.salt != rtcp.salt


def test_keys_are_not_shown() -> None:
    keys = rtp_keys(ProtectionProfile.AES128_CM_SHA1_80, KEY, SALT)
    assert keys.key.hex() not in repr(keys)
    assert repr(keys.key) not in repr(keys)
