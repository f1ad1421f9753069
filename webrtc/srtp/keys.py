"""Master keys of a session, and how DTLS gives them. RFC 5764 §4.2."""

from dataclasses import dataclass
from typing import Protocol, Self

from webrtc.errors import InvalidAccessError
from webrtc.srtp.profiles import ProtectionProfile

_LABEL = b"EXTRACTOR-dtls_srtp"


class Exporter(Protocol):
    """A finished handshake that gives keying material: `dtls` has one."""

    def export_keying_material(self, label: bytes, length: int) -> bytes:
        """RFC 5705 §4, without a context."""


@dataclass(frozen=True, slots=True, repr=False)
class Keys:
    """Master key and salt of one direction. Never shown: it has no repr."""

    key: bytes
    salt: bytes

    def check(self, profile: ProtectionProfile) -> None:
        """Raise InvalidAccessError unless the lengths are those of `profile`."""
        if len(self.key) != profile.key_length or len(self.salt) != profile.salt_length:
            raise InvalidAccessError(
                f"{profile.name} with a key of {len(self.key)} and a salt of {len(self.salt)} bytes"
            )


@dataclass(frozen=True, slots=True, repr=False)
class SessionKeys:
    """Master keys of both directions."""

    local: Keys
    """For what we send."""
    remote: Keys

    @classmethod
    def export(cls, profile: ProtectionProfile, exporter: Exporter, *, client: bool) -> Self:
        """Keys from a DTLS handshake, in which we were the `client` or the server.

        Order of the material: client key, server key, client salt, server salt.
        """
        key, salt = profile.key_length, profile.salt_length
        material = exporter.export_keying_material(_LABEL, 2 * (key + salt))
        salts = material[2 * key :]
        of_client = Keys(material[:key], salts[:salt])
        of_server = Keys(material[key : 2 * key], salts[salt:])
        return cls(of_client, of_server) if client else cls(of_server, of_client)
