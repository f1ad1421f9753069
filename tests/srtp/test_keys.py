import pytest

from webrtc.errors import InvalidAccessError
from webrtc.srtp import Keys, ProtectionProfile, SessionKeys

CM, GCM = ProtectionProfile.AES128_CM_SHA1_80, ProtectionProfile.AEAD_AES_256_GCM


class Material:
    """A handshake that exports bytes that tell their place."""

    def __init__(self) -> None:
        self.label = b""

    def export_keying_material(self, label: bytes, length: int) -> bytes:
        self.label = label
        return bytes(range(length))


def test_client_and_server_get_the_same_keys_crosswise() -> None:
    """SRTP-02, SRTP-14: RFC 5764 §4.2."""
    material = Material()
    client = SessionKeys.export(CM, material, client=True)
    server = SessionKeys.export(CM, material, client=False)
    assert material.label == b"EXTRACTOR-dtls_srtp"
    assert client.local == server.remote == Keys(bytes(range(16)), bytes(range(32, 46)))
    assert client.remote == server.local == Keys(bytes(range(16, 32)), bytes(range(46, 60)))


@pytest.mark.parametrize("profile", [CM, GCM])
def test_exported_keys_fit_their_profile(profile: ProtectionProfile) -> None:
    keys = SessionKeys.export(profile, Material(), client=True)
    keys.local.check(profile)
    keys.remote.check(profile)


@pytest.mark.parametrize("keys", [Keys(bytes(15), bytes(14)), Keys(bytes(16), bytes(12))])
def test_keys_of_another_length_are_refused(keys: Keys) -> None:
    with pytest.raises(InvalidAccessError, match="SRTP_AES128_CM_HMAC_SHA1_80 with a key of"):
        keys.check(CM)


def test_keys_are_not_shown() -> None:
    keys = SessionKeys.export(CM, Material(), client=True)
    for text in (repr(keys), repr(keys.local), str(keys.remote)):
        assert "\\x" not in text
        assert "0102" not in text
