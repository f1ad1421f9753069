"""Keys of short-term and long-term credentials, and a client's side of a challenge. RFC 8489 §9."""

import base64
import binascii
import hashlib
from enum import IntFlag

from webrtc.errors import AuthenticationError, InvalidAccessError, ProtocolError
from webrtc.stun.attributes import (
    Attribute,
    ErrorCode,
    Nonce,
    PasswordAlgorithm,
    PasswordAlgorithms,
    Realm,
    Userhash,
    Username,
)
from webrtc.stun.credential_attributes import MD5, SHA256
from webrtc.stun.integrity import Integrity
from webrtc.stun.message import Message
from webrtc.stun.precis import opaque_string
from webrtc.stun.registry import Code

NONCE_COOKIE = "obMatJos2"
"""What the nonce of an RFC 8489 server begins with; four characters of features follow."""

_DIGESTS = {MD5: "md5", SHA256: "sha256"}


class SecurityFeature(IntFlag):
    """What a server offers, told inside its nonce. Bit 0 is the first one. RFC 8489 §18.1."""

    PASSWORD_ALGORITHMS = 1 << 23
    USERNAME_ANONYMITY = 1 << 22


def short_term_key(password: str) -> bytes:
    """Key of a password that both sides learned out of band. RFC 8489 §9.1.1."""
    return opaque_string(password).encode()


def long_term_key(username: str, realm: str, password: str, algorithm: int = MD5) -> bytes:
    """Key of a user's password in a realm. RFC 8489 §9.2.2, §18.5.1.

    Raises InvalidAccessError if OpaqueString does not allow one of the three.
    """
    parts = opaque_string(username), _prepared_realm(realm), opaque_string(password)
    text = ":".join(parts).encode()
    return hashlib.new(_DIGESTS[algorithm], text, usedforsecurity=False).digest()


def userhash(username: str, realm: str) -> bytes:
    """What stands for a user name that is to stay hidden. RFC 8489 §14.4."""
    text = f"{opaque_string(username)}:{_prepared_realm(realm)}"
    return hashlib.sha256(text.encode()).digest()


def nonce_cookie(features: SecurityFeature) -> str:
    """The 13 characters that a server puts before its nonce."""
    return NONCE_COOKIE + base64.b64encode(features.to_bytes(3, "big")).decode()


def nonce_features(nonce: str) -> SecurityFeature:
    """Features that a nonce tells of; none when it has no nonce cookie."""
    if not nonce.startswith(NONCE_COOKIE):
        return SecurityFeature(0)
    start = len(NONCE_COOKIE)
    try:
        features = base64.b64decode(nonce[start : start + 4].encode(), validate=True)
    except binascii.Error:
        return SecurityFeature(0)
    known = SecurityFeature.PASSWORD_ALGORITHMS | SecurityFeature.USERNAME_ANONYMITY
    return SecurityFeature(int.from_bytes(features, "big") & known)


class LongTermCredentials:
    """One user at one server: answers challenges, and says what a request has to carry."""

    def __init__(self, username: str, password: str, max_challenges: int = 2) -> None:
        """`max_challenges`: how many in a row are answered before giving up.

        Raises InvalidAccessError if OpaqueString does not allow `username` or `password`.
        """
        self._username = opaque_string(username)
        self._password = opaque_string(password)
        self._max_challenges = max_challenges
        self._challenges = 0
        self.key: bytes | None = None
        """None before the first challenge: the first request goes without. RFC 8489 §9.2.3.1."""
        self.integrity = Integrity.SHA1
        self.attributes: tuple[Attribute, ...] = ()
        """What a request carries beside its message integrity."""
        self._realm: str | None = None

    def handle_challenge(self, response: Message) -> None:
        """Take a 401 or 438 response; the request is then to be sent again in a new transaction.

        Raises AuthenticationError when it would be in vain or when somebody weakened the
        challenge, DecodeError when it is malformed.
        """
        code = response.require(ErrorCode).code
        nonce = response.require(Nonce)
        realm = response.get(Realm)
        if realm is None and self._realm is not None:
            realm = Realm(self._realm)  # a 438 without one is for the realm that is known
        if realm is None:
            raise ProtocolError("challenge without REALM")
        self._challenges += 1
        if self._challenges > self._max_challenges:
            raise AuthenticationError(f"{self._challenges} challenges in a row")
        if code == Code.UNAUTHENTICATED and realm.value == self._realm:
            raise AuthenticationError("user name or password is wrong")
        features = nonce_features(nonce.value)
        offered = response.get(PasswordAlgorithms)
        if SecurityFeature.PASSWORD_ALGORITHMS in features and offered is None:
            raise AuthenticationError("PASSWORD-ALGORITHMS was taken out of the challenge")
        self._adopt(realm, nonce, offered, anonymous=_ANONYMITY in features)

    def handle_success(self) -> None:
        """The server accepted the credentials."""
        self._challenges = 0

    def _adopt(
        self, realm: Realm, nonce: Nonce, offered: PasswordAlgorithms | None, *, anonymous: bool
    ) -> None:
        algorithm, negotiation = self._choose(offered)
        try:
            self.key = long_term_key(self._username, realm.value, self._password, algorithm)
        except InvalidAccessError as error:
            raise ProtocolError(f"realm of the challenge: {error}") from None
        user: Attribute = Username(self._username)
        if anonymous:
            user = Userhash(userhash(self._username, realm.value))
        self._realm = realm.value
        self.integrity = Integrity.SHA1 if offered is None else Integrity.SHA256
        self.attributes = (user, realm, nonce, *negotiation)

    def _choose(self, offered: PasswordAlgorithms | None) -> tuple[int, tuple[Attribute, ...]]:
        if offered is None:
            return MD5, ()
        for one in offered.algorithms:
            if one.algorithm in _DIGESTS:
                return one.algorithm, (offered, PasswordAlgorithm(one.algorithm))
        raise AuthenticationError("the server wants password algorithms that are unknown here")


_ANONYMITY = SecurityFeature.USERNAME_ANONYMITY


def _prepared_realm(realm: str) -> str:
    realm = realm.rstrip("\0").replace('"', "")
    return opaque_string(realm) if realm else ""
