"""Session keys from master keys. RFC 3711 §4.3, RFC 6188 for 256 bits, RFC 7714 §11 for AEAD."""

from dataclasses import dataclass
from enum import IntEnum

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR

from webrtc.srtp.profiles import ProtectionProfile


class Label(IntEnum):
    """What a session key is for. RFC 3711 §4.3.2."""

    RTP_ENCRYPTION = 0
    RTP_AUTHENTICATION = 1
    RTP_SALT = 2
    RTCP_ENCRYPTION = 3
    RTCP_AUTHENTICATION = 4
    RTCP_SALT = 5


@dataclass(frozen=True, slots=True, repr=False)
class CipherKeys:
    """Session keys for RTP, or for RTCP. Never shown: it has no repr."""

    key: bytes
    salt: bytes
    auth_key: bytes


def derive(master_key: bytes, master_salt: bytes, label: Label, length: int) -> bytes:
    """`length` bytes of session key; the key derivation rate is 0, as everywhere.

    A master salt shorter than 14 bytes is padded with zeros on its right.
    """
    salt = int.from_bytes(master_salt.ljust(14, b"\0"), "big")
    block = (salt ^ label << 48) << 16
    stream = Cipher(AES(master_key), CTR(block.to_bytes(16, "big"))).encryptor()
    return stream.update(bytes(length))


def rtp_keys(profile: ProtectionProfile, master_key: bytes, master_salt: bytes) -> CipherKeys:
    """What protects RTP packets."""
    return CipherKeys(
        derive(master_key, master_salt, Label.RTP_ENCRYPTION, profile.key_length),
        derive(master_key, master_salt, Label.RTP_SALT, profile.salt_length),
        derive(master_key, master_salt, Label.RTP_AUTHENTICATION, profile.auth_key_length),
    )


def rtcp_keys(profile: ProtectionProfile, master_key: bytes, master_salt: bytes) -> CipherKeys:
    """What protects RTCP packets."""
    return CipherKeys(
        derive(master_key, master_salt, Label.RTCP_ENCRYPTION, profile.key_length),
        derive(master_key, master_salt, Label.RTCP_SALT, profile.salt_length),
        derive(master_key, master_salt, Label.RTCP_AUTHENTICATION, profile.auth_key_length),
    )
