import random

import pytest

from tests.stun import vectors
from webrtc.errors import AuthenticationError, DecodeError, InvalidAccessError, ProtocolError
from webrtc.stun import Integrity, Message, Method
from webrtc.stun.attributes import (
    Attribute,
    Nonce,
    PasswordAlgorithm,
    PasswordAlgorithms,
    Realm,
    Userhash,
    Username,
)
from webrtc.stun.credential_attributes import MD5, SHA256
from webrtc.stun.credentials import (
    LongTermCredentials,
    SecurityFeature,
    long_term_key,
    nonce_cookie,
    nonce_features,
    short_term_key,
    userhash,
)

REQUEST = Message.request(Method.ALLOCATE, (), random.Random(1))
BOTH = PasswordAlgorithms((PasswordAlgorithm(SHA256), PasswordAlgorithm(MD5)))
COOKIE = nonce_cookie(SecurityFeature.PASSWORD_ALGORITHMS)


def challenge(code: int, *attributes: Attribute) -> Message:
    return Message.decode(REQUEST.error(code, attributes=attributes).encode())


def test_long_term_key_of_the_rfc() -> None:
    """STUN-25: RFC 8489 §9.2.2; quotes and trailing NULs of the realm do not count."""
    key = bytes.fromhex("8493fbc53ba582fb4c044c456bdc40eb")
    assert long_term_key("user", "realm", "pass") == key
    assert long_term_key("user", '"realm"\0\0', "pass") == key
    assert len(long_term_key("user", "realm", "pass", SHA256)) == 32
    with pytest.raises(InvalidAccessError):
        long_term_key("us\0er", "realm", "pass")


def test_short_term_key_is_prepared() -> None:
    """STUN-23, STUN-25."""
    assert short_term_key(vectors.PASSWORD) == vectors.PASSWORD.encode()
    assert short_term_key("a\u00a0e\u0301") == "a \u00e9".encode()
    with pytest.raises(InvalidAccessError):
        short_term_key("")


def test_userhash_of_the_rfc() -> None:
    """STUN-25: RFC 8489 App. B.1."""
    expected = "4a3cf38fef6992bda952c6780417da0f24819415569e60b205c46e41407f1704"
    assert userhash(vectors.USERNAME, vectors.REALM).hex() == expected


def test_nonce_cookie() -> None:
    """I-13: bit 0 is the first bit. RFC 8489 §9.2, §18.1."""
    assert nonce_cookie(SecurityFeature(0)) == "obMatJos2AAAA"
    assert COOKIE == "obMatJos2gAAA"
    both = SecurityFeature.PASSWORD_ALGORITHMS | SecurityFeature.USERNAME_ANONYMITY
    assert nonce_cookie(both) == "obMatJos2wAAA"
    assert nonce_features("obMatJos2wAAArest") == both
    for nonce in ("", "obMatJos2", "obMatJos2g", "obMatJos2\u00fcAAA", "obMatJos2*AAA", "gAAA"):
        assert not nonce_features(nonce)


def test_first_request_goes_without_and_the_second_with_credentials() -> None:
    """STUN-25: RFC 8489 §9.2.3.1, §9.2.5."""
    credentials = LongTermCredentials("user", "pass")
    assert (credentials.key, credentials.attributes) == (None, ())
    credentials.handle_challenge(challenge(401, Realm("realm"), Nonce("n1")))
    assert credentials.key == long_term_key("user", "realm", "pass")
    assert credentials.integrity is Integrity.SHA1
    assert credentials.attributes == (Username("user"), Realm("realm"), Nonce("n1"))


def test_stale_nonce_is_replaced() -> None:
    """I-12: also where the server does not repeat the realm."""
    credentials = LongTermCredentials("user", "pass")
    credentials.handle_challenge(challenge(401, Realm("realm"), Nonce("n1")))
    credentials.handle_success()
    for number in range(5):
        credentials.handle_challenge(challenge(438, Nonce(f"n{number}")))
        credentials.handle_success()
    assert credentials.attributes == (Username("user"), Realm("realm"), Nonce("n4"))


def test_first_algorithm_that_is_known_is_taken() -> None:
    """I-13, STUN-25: the list goes back as it came, the key and integrity are SHA-256."""
    credentials = LongTermCredentials("user", "pass")
    offered = PasswordAlgorithms((PasswordAlgorithm(99, b"x"), *BOTH.algorithms))
    credentials.handle_challenge(challenge(401, Realm("realm"), Nonce(COOKIE + "n"), offered))
    assert credentials.key == long_term_key("user", "realm", "pass", SHA256)
    assert credentials.integrity is Integrity.SHA256
    assert credentials.attributes[3:] == (offered, PasswordAlgorithm(SHA256))


def test_user_name_stays_hidden_when_the_server_can_do_that() -> None:
    """STUN-25: RFC 8489 §9.2.5."""
    credentials = LongTermCredentials("user", "pass")
    nonce = Nonce(nonce_cookie(SecurityFeature.USERNAME_ANONYMITY))
    credentials.handle_challenge(challenge(401, Realm("realm"), nonce))
    assert credentials.attributes[0] == Userhash(userhash("user", "realm"))


@pytest.mark.parametrize("code", [401, 438])
def test_stripped_password_algorithms_are_noticed(code: int) -> None:
    """I-13: the nonce cookie says there was a list."""
    credentials = LongTermCredentials("user", "pass")
    with pytest.raises(AuthenticationError, match="taken out"):
        credentials.handle_challenge(challenge(code, Realm("realm"), Nonce(COOKIE)))
    assert credentials.key is None


def test_unknown_algorithms_alone_end_it() -> None:
    credentials = LongTermCredentials("user", "pass")
    offered = PasswordAlgorithms((PasswordAlgorithm(99),))
    with pytest.raises(AuthenticationError, match="unknown"):
        credentials.handle_challenge(challenge(401, Realm("r"), Nonce(COOKIE), offered))


def test_second_401_for_the_same_realm_means_wrong_password() -> None:
    """I-12: RFC 8489 §9.2.5."""
    credentials = LongTermCredentials("user", "pass")
    credentials.handle_challenge(challenge(401, Realm("realm"), Nonce("n1")))
    with pytest.raises(AuthenticationError, match="wrong"):
        credentials.handle_challenge(challenge(401, Realm("realm"), Nonce("n2")))


def test_challenges_without_end_are_given_up() -> None:
    """I-12: realm and nonce changing every time: two are answered."""
    credentials = LongTermCredentials("user", "pass", max_challenges=2)
    for number in range(2):
        credentials.handle_challenge(challenge(401, Realm(f"r{number}"), Nonce(f"n{number}")))
    with pytest.raises(AuthenticationError, match="3 challenges"):
        credentials.handle_challenge(challenge(438, Realm("r3"), Nonce("n3")))


@pytest.mark.parametrize(
    "attributes",
    [
        (),
        (Realm("realm"),),
        (Nonce("n"),),
        (Realm("re\x07alm"), Nonce("n")),
    ],
    ids=repr,
)
def test_malformed_challenge_is_the_servers_fault(attributes: tuple[Attribute, ...]) -> None:
    """STUN-31: ProtocolError, never an error of the caller."""
    with pytest.raises(ProtocolError):
        LongTermCredentials("user", "pass").handle_challenge(challenge(401, *attributes))


def test_challenge_without_a_code_is_malformed() -> None:
    with pytest.raises(DecodeError):
        LongTermCredentials("user", "pass").handle_challenge(Message.decode(REQUEST.encode()))


@pytest.mark.parametrize(("username", "password"), [("", "p"), ("u", ""), ("u\0", "p")])
def test_credentials_that_cannot_be_prepared_are_refused(username: str, password: str) -> None:
    """STUN-23."""
    with pytest.raises(InvalidAccessError):
        LongTermCredentials(username, password)
