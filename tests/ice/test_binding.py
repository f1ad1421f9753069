from random import Random

import pytest

from webrtc.errors import AuthenticationError
from webrtc.ice import binding
from webrtc.ice.credentials import Credentials
from webrtc.stun import Message, MessageClass
from webrtc.stun.attributes import (
    ErrorCode,
    IceControlling,
    Priority,
    UnknownAttributes,
    UseCandidate,
    Username,
    XorMappedAddress,
)

OURS = Credentials("ours", "o" * 22)
THEIRS = Credentials("theirs", "t" * 22)


def request(*, use_candidate: bool = False) -> Message:
    """A check from OURS to THEIRS."""
    transaction_id, data = binding.build_request(
        OURS, THEIRS, 77, IceControlling(5), Random(1), use_candidate=use_candidate
    )
    message = Message.decode(data)
    assert message.transaction_id == transaction_id
    return message


def test_check_has_what_the_rfc_asks_for() -> None:
    """RFC 8445 §7.1, §7.2.2."""
    message = request(use_candidate=True)
    assert message.message_class is MessageClass.REQUEST
    assert message.get(Username) == Username("theirs:ours")
    assert message.get(Priority) == Priority(77)
    assert message.get(IceControlling) == IceControlling(5)
    assert UseCandidate in message and message.fingerprint_ok
    assert message.verify(THEIRS.pwd.encode())
    assert UseCandidate not in request()


def test_check_is_opened_by_its_receiver_only() -> None:
    """I-02"""
    message = request()
    assert binding.local_ufrag(message) == ("theirs", "ours")
    opened = binding.open_request(message, "ours", THEIRS)
    assert (opened.priority, opened.claim, opened.use_candidate) == (77, IceControlling(5), False)
    with pytest.raises(AuthenticationError):
        binding.open_request(message, "ours", OURS)


@pytest.mark.parametrize("username", [None, "", "theirs", "theirs ours"])
def test_usernames_that_name_no_pair(username: str | None) -> None:
    """I-03"""
    attributes = [] if username is None else [Username(username)]
    message = Message.request(request().method, attributes, Random(1))
    with pytest.raises(AuthenticationError):
        binding.local_ufrag(message)


def test_wrong_fingerprint_is_not_authentic_even_with_the_right_password() -> None:
    """I-07"""
    data = bytearray(request().raw)
    data[-1] ^= 1
    with pytest.raises(AuthenticationError):
        binding.authenticate(Message.decode(bytes(data)), THEIRS)


def test_answers_are_authentic_and_belong_to_the_request() -> None:
    asked = request()
    answers = [
        binding.success(asked, ("fe80::1%eth0", 9), THEIRS),
        binding.role_conflict(asked, THEIRS),
        binding.unknown_attribute(asked, (0x7001,), THEIRS),
    ]
    decoded = [Message.decode(answer) for answer in answers]
    for message in decoded:
        binding.authenticate(message, THEIRS)
        assert message.transaction_id == asked.transaction_id
    granted, conflict, unknown = decoded
    assert granted.get(XorMappedAddress) == XorMappedAddress(("fe80::1", 9))
    codes = [message.get(ErrorCode) for message in (conflict, unknown)]
    assert [code and code.code for code in codes] == [487, 420]
    assert unknown.get(UnknownAttributes) == UnknownAttributes((0x7001,))
