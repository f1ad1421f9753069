"""Connectivity checks on the wire: asking, answering, refusing. RFC 8445 §7."""

from dataclasses import dataclass
from random import Random

from webrtc.core import Address
from webrtc.errors import AuthenticationError
from webrtc.ice.address import without_zone
from webrtc.ice.credentials import Credentials
from webrtc.stun import Code, Message, Method
from webrtc.stun.attributes import (
    Attribute,
    Fingerprint,
    IceControlled,
    IceControlling,
    Priority,
    UnknownAttributes,
    UseCandidate,
    Username,
    XorMappedAddress,
)


@dataclass(frozen=True, slots=True)
class CheckRequest:
    """An authenticated check of the peer."""

    message: Message
    peer_ufrag: str
    priority: int
    """Of a peer-reflexive candidate at its source."""
    claim: IceControlled | None
    use_candidate: bool


def build_request(
    local: Credentials,
    remote: Credentials,
    priority: int,
    claim: IceControlled,
    random: Random,
    *,
    use_candidate: bool,
) -> tuple[bytes, bytes]:
    """Transaction ID and bytes of a check. RFC 8445 §7.2.2."""
    attributes: list[Attribute] = [
        Username(f"{remote.ufrag}:{local.ufrag}"),
        Priority(priority),
        claim,
    ]
    if use_candidate:
        attributes.append(UseCandidate())
    message = Message.request(Method.BINDING, attributes, random)
    return message.transaction_id, message.encode(key=remote.pwd.encode(), fingerprint=True)


def local_ufrag(message: Message) -> tuple[str, str]:
    """Fragments of the receiver and the sender that a check names. Raises AuthenticationError."""
    username = message.get(Username)
    if username is None:
        raise AuthenticationError("check without USERNAME")
    ours, colon, theirs = username.value.partition(":")
    if not colon:
        raise AuthenticationError("USERNAME without a colon")
    return ours, theirs


def open_request(message: Message, peer_ufrag: str, local: Credentials) -> CheckRequest:
    """Authenticate a check to `local`. Raises AuthenticationError or DecodeError."""
    authenticate(message, local)
    claim = message.get(IceControlling) or message.get(IceControlled)
    priority = message.get(Priority)
    # Some leave it out of consent checks: the least priority then does for a new candidate.
    value = 0 if priority is None else priority.value
    return CheckRequest(message, peer_ufrag, value, claim, UseCandidate in message)


def authenticate(message: Message, credentials: Credentials) -> None:
    """Raise AuthenticationError unless `message` was made with the password of `credentials`."""
    if Fingerprint in message and not message.fingerprint_ok:
        raise AuthenticationError("wrong FINGERPRINT")
    if not message.verify(credentials.pwd.encode()):
        raise AuthenticationError("no or wrong MESSAGE-INTEGRITY")


def success(request: Message, source: Address, local: Credentials) -> bytes:
    """The answer to a check from `source`."""
    response = request.success((XorMappedAddress(without_zone(source)),))
    return response.encode(key=local.pwd.encode(), fingerprint=True)


def role_conflict(request: Message, local: Credentials) -> bytes:
    """The answer that makes the peer switch its role."""
    return request.error(Code.ROLE_CONFLICT).encode(key=local.pwd.encode(), fingerprint=True)


def unknown_attribute(request: Message, types: tuple[int, ...], local: Credentials) -> bytes:
    """The answer to a check that needs something unknown."""
    response = request.error(Code.UNKNOWN_ATTRIBUTE, attributes=(UnknownAttributes(types),))
    return response.encode(key=local.pwd.encode(), fingerprint=True)
