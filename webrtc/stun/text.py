"""Text attributes. RFC 8489 §14.3, §14.9, §14.10, §14.14, §14.16."""

from dataclasses import dataclass
from typing import ClassVar

from webrtc.stun.codec import Text
from webrtc.stun.registry import AttributeType


@dataclass(frozen=True, slots=True, repr=False)
class Username(Text):
    """Who a message claims to be from. ICE needs 513 bytes: two fragments of 256 and a colon."""

    type: ClassVar[int] = AttributeType.USERNAME
    limit: ClassVar[int] = 513


@dataclass(frozen=True, slots=True, repr=False)
class Realm(Text):
    """The realm that a long-term credential is for."""

    type: ClassVar[int] = AttributeType.REALM


@dataclass(frozen=True, slots=True, repr=False)
class Nonce(Text):
    """A server's proof that a request is recent."""

    type: ClassVar[int] = AttributeType.NONCE


@dataclass(frozen=True, slots=True, repr=False)
class Software(Text):
    """Name and version of the sender's software."""

    type: ClassVar[int] = AttributeType.SOFTWARE


@dataclass(frozen=True, slots=True, repr=False)
class AlternateDomain(Text):
    """Name to expect in the certificate of the alternate server: at most 255 bytes."""

    type: ClassVar[int] = AttributeType.ALTERNATE_DOMAIN
    limit: ClassVar[int] = 255


@dataclass(frozen=True, slots=True, repr=False)
class ThirdPartyAuthorization(Text):
    """Name of the server, for asking a token of an authorization server. RFC 7635 §6.1."""

    type: ClassVar[int] = AttributeType.THIRD_PARTY_AUTHORIZATION
