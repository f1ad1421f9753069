"""SRTP protection profiles and the sizes that go with them. RFC 5764 §4.1.2, RFC 7714 §14.2."""

from dataclasses import dataclass
from typing import ClassVar, Self


@dataclass(frozen=True, slots=True)
class ProtectionProfile:
    """One way to protect packets. All lengths are bytes."""

    name: str
    number: int
    """As the `use_srtp` extension of DTLS has it."""
    key_length: int
    salt_length: int
    auth_key_length: int
    """Of HMAC-SHA1; 0 where the cipher authenticates by itself."""
    rtp_tag_length: int
    rtcp_tag_length: int
    """The short tag of CM_32 is for RTP alone: RFC 3711 §5.2 keeps 80 bits for RTCP."""
    aead: bool = False

    AES128_CM_SHA1_80: ClassVar["ProtectionProfile"]
    AES128_CM_SHA1_32: ClassVar["ProtectionProfile"]
    AEAD_AES_128_GCM: ClassVar["ProtectionProfile"]
    AEAD_AES_256_GCM: ClassVar["ProtectionProfile"]
    NULL_SHA1_80: ClassVar["ProtectionProfile"]
    """Authenticated but in the clear: for tests, never offered."""

    @classmethod
    def of(cls, number: int) -> Self | None:
        """The profile with that number in `use_srtp`, or None."""
        return _BY_NUMBER.get(number)  # type: ignore[return-value]  # there are no subclasses

    @property
    def rtcp_overhead(self) -> int:
        """Bytes that SRTCP adds to a packet: the index and the tag."""
        return 4 + self.rtcp_tag_length


def _profile(
    name: str, number: int, key: int, tag: int, *, aead: bool = False
) -> ProtectionProfile:
    if aead:
        return ProtectionProfile(name, number, key, 12, 0, tag, tag, aead=True)
    return ProtectionProfile(name, number, key, 14, 20, tag, 10)


ProtectionProfile.AES128_CM_SHA1_80 = _profile("SRTP_AES128_CM_HMAC_SHA1_80", 0x0001, 16, 10)
ProtectionProfile.AES128_CM_SHA1_32 = _profile("SRTP_AES128_CM_HMAC_SHA1_32", 0x0002, 16, 4)
ProtectionProfile.NULL_SHA1_80 = _profile("SRTP_NULL_HMAC_SHA1_80", 0x0005, 16, 10)
ProtectionProfile.AEAD_AES_128_GCM = _profile("SRTP_AEAD_AES_128_GCM", 0x0007, 16, 16, aead=True)
ProtectionProfile.AEAD_AES_256_GCM = _profile("SRTP_AEAD_AES_256_GCM", 0x0008, 32, 16, aead=True)

_BY_NUMBER = {
    profile.number: profile
    for profile in (
        ProtectionProfile.AES128_CM_SHA1_80,
        ProtectionProfile.AES128_CM_SHA1_32,
        ProtectionProfile.NULL_SHA1_80,
        ProtectionProfile.AEAD_AES_128_GCM,
        ProtectionProfile.AEAD_AES_256_GCM,
    )
}
