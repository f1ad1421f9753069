import random
import tracemalloc
from dataclasses import dataclass
from typing import ClassVar, Self

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.stun import vectors
from tests.stun.strategies import messages
from webrtc.errors import DecodeError, InvalidAccessError
from webrtc.stun import Integrity, Message, MessageClass, Method, is_stun
from webrtc.stun.attributes import (
    Data,
    ErrorCode,
    Fingerprint,
    IceControlled,
    MessageIntegrity,
    MessageIntegritySha256,
    Nonce,
    PasswordAlgorithm,
    Priority,
    RawAttribute,
    Realm,
    Software,
    UseCandidate,
    Userhash,
    Username,
    XorMappedAddress,
)
from webrtc.stun.credentials import long_term_key, short_term_key
from webrtc.stun.message import MAX_ATTRIBUTES
from webrtc.stun.precis import saslprep

KEY = short_term_key(vectors.PASSWORD)
ID = bytes(range(12))


def wire(*tlvs: bytes, kind: int = 0x0001) -> bytes:
    body = b"".join(tlvs)
    return kind.to_bytes(2, "big") + len(body).to_bytes(2, "big") + b"\x21\x12\xa4\x42" + ID + body


def tlv(number: int, value: bytes = b"") -> bytes:
    return (
        number.to_bytes(2, "big") + len(value).to_bytes(2, "big") + value + bytes(-len(value) % 4)
    )


def decodes(data: bytes) -> Message | None:
    """The message; None for DecodeError, the one exception that is allowed."""
    try:
        message = Message.decode(data)
        repr(message)
        message.verify(KEY)
        assert message.attributes is not None
    except DecodeError:
        return None
    return message


def test_rfc5769_2_1_request() -> None:
    """STUN-01, STUN-02: RFC 5769 §2.1."""
    message = Message.decode(vectors.REQUEST)
    assert (message.method, message.message_class) == (Method.BINDING, MessageClass.REQUEST)
    assert message.transaction_id == bytes.fromhex("b7e7a701bc34d686fa87dfae")
    assert message.attributes == (
        Software("STUN test client"),
        Priority(0x6E0001FF),
        IceControlled(0x932FF9B151263B36),
        Username("evtj:h6vY"),
    )
    assert message.verify(KEY)
    assert message.fingerprint_ok
    assert message.integrity is Integrity.SHA1


@pytest.mark.parametrize(
    ("data", "address"),
    [
        (vectors.RESPONSE_IPV4, ("192.0.2.1", 32853)),
        (vectors.RESPONSE_IPV6, ("2001:db8:1234:5678:11:2233:4455:6677", 32853)),
    ],
    ids=["5769-2.2", "5769-2.3"],
)
def test_rfc5769_responses(data: bytes, address: tuple[str, int]) -> None:
    """STUN-02, STUN-20: RFC 5769 §2.2 and §2.3."""
    message = Message.decode(data)
    assert message.message_class is MessageClass.SUCCESS
    assert message.attributes == (Software("test vector"), XorMappedAddress(address))
    assert message.verify(KEY)
    assert message.fingerprint_ok


def test_rfc5769_2_4_long_term_request_is_encoded_to_the_byte() -> None:
    """STUN-02, STUN-25: RFC 5769 §2.4."""
    key = long_term_key(vectors.USERNAME, vectors.REALM, saslprep(vectors.LONG_PASSWORD))
    message = Message.decode(vectors.LONG_TERM_REQUEST)
    assert message.verify(key)
    assert not message.fingerprint_ok
    content = (
        Username(vectors.USERNAME),
        Nonce("f//499k954d6OL34oL9FSTvy64sA"),
        Realm("example.org"),
    )
    built = Message(Method.BINDING, MessageClass.REQUEST, message.transaction_id, content)
    assert built.encode(key=key) == vectors.LONG_TERM_REQUEST


def test_rfc8489_b_1_with_its_erratum_is_encoded_to_the_byte() -> None:
    """STUN-25: RFC 8489 App. B.1."""
    password = saslprep(vectors.LONG_PASSWORD)
    key = long_term_key(vectors.USERNAME, vectors.REALM, password, algorithm=2)
    message = Message.decode(vectors.SHA256_REQUEST)
    assert message.verify(key)
    assert message.integrity is Integrity.SHA256
    content = (
        Userhash(bytes.fromhex("4a3cf38fef6992bda952c6780417da0f24819415569e60b205c46e41407f1704")),
        Nonce("obMatJos2AAACf//499k954d6OL34oL9FSTvy64sA"),
        Realm("example.org"),
        PasswordAlgorithm(2),
    )
    built = Message(Method.BINDING, MessageClass.REQUEST, message.transaction_id, content)
    assert built.encode(key=key, integrity=Integrity.SHA256) == vectors.SHA256_REQUEST


@pytest.mark.parametrize("data", vectors.ALL.values(), ids=vectors.ALL)
def test_a_flipped_byte_is_noticed(data: bytes) -> None:
    """STUN-24, STUN-25, I-02: every single byte counts, padding too."""
    keys = [KEY]
    password = saslprep(vectors.LONG_PASSWORD)
    keys += [long_term_key(vectors.USERNAME, vectors.REALM, password, one) for one in (1, 2)]
    assert any(Message.decode(data).verify(key) for key in keys)
    fingerprinted = Message.decode(data).fingerprint_ok
    sealed = len(data) - 8 if fingerprinted else len(data)
    for position in range(len(data)):
        tampered = bytearray(data)
        tampered[position] ^= 0x80
        message = decodes(bytes(tampered))
        if message is not None:
            authentic = any(message.verify(key) for key in keys)
            assert authentic == (position >= sealed), position
            assert not message.fingerprint_ok


@pytest.mark.parametrize("data", vectors.ALL.values(), ids=vectors.ALL)
def test_every_truncation_is_an_error(data: bytes) -> None:
    """X-02, M-01: the header's length gives each of them away, and the empty datagram too."""
    assert [size for size in range(len(data)) if decodes(data[:size]) is not None] == []
    assert [size for size in range(len(data)) if is_stun(data[:size])] == []


@pytest.mark.parametrize("data", vectors.ALL.values(), ids=vectors.ALL)
def test_every_truncation_with_a_matching_length_is_an_error_or_shorter(data: bytes) -> None:
    """X-02: the header told to agree with the cut; a cut attribute is an error."""
    whole = {20}
    position = 20
    while position < len(data):
        length = int.from_bytes(data[position + 2 : position + 4], "big")
        position += 4 + length + -length % 4
        whole.add(position)
    for size in range(20, len(data)):
        cut = data[:2] + (size - 20).to_bytes(2, "big") + data[4:size]
        assert (decodes(cut) is not None) == (size in whole), size


@given(messages, st.sampled_from(Integrity), st.booleans())
def test_round_trip(message: Message, integrity: Integrity, fingerprint: bool) -> None:
    """STUN-05, X-06: decode inverts encode, and what was decoded encodes to equal bytes."""
    data = message.encode(key=KEY, integrity=integrity, fingerprint=fingerprint)
    decoded = Message.decode(data)
    assert decoded == message
    assert hash(decoded) == hash(message)
    assert decoded.attributes == message.attributes
    assert decoded.raw == data
    assert decoded.integrity is integrity
    assert decoded.verify(KEY)
    assert not decoded.verify(b"another key")
    assert decoded.fingerprint_ok == fingerprint
    assert decoded.encode(key=KEY, integrity=integrity, fingerprint=fingerprint) == data
    assert bytes(message) == decoded.encode()
    assert is_stun(data)


@given(st.binary(max_size=200))
def test_garbage_raises_only_decode_error(body: bytes) -> None:
    """STUN-06, X-01: random attributes behind a right header."""
    decodes(body)
    decodes(wire(body + bytes(-len(body) % 4)))


@given(
    st.sampled_from(list(vectors.ALL.values())),
    st.lists(st.tuples(st.integers(0, 200), st.sampled_from([0, 1, 0x7F, 0x80, 0xFF])), max_size=6),
)
def test_mutated_vectors_raise_only_decode_error(
    data: bytes, changes: list[tuple[int, int]]
) -> None:
    """X-01."""
    mutated = bytearray(data)
    for position, value in changes:
        mutated[position % len(mutated)] = value
    decodes(bytes(mutated))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        wire()[:19],
        wire(b"\0\0"),
        wire()[:4] + b"\x21\x12\xa4\x43" + ID,
        wire()[:3] + b"\x04" + wire()[4:],
        wire(kind=0x4001),
        wire(kind=0x3EEF),
        wire(b"\x00\x06\x00\x05abcd"),
        wire(b"\x00\x06\xff\xff"),
    ],
    ids="empty short unaligned cookie length top-bits method cut huge".split(),  # noqa: SIM905 (reads better)
)
def test_malformed_message_is_refused(data: bytes) -> None:
    """STUN-06."""
    with pytest.raises(DecodeError):
        Message.decode(data)


def test_zero_length_attributes_make_progress_and_their_number_is_bounded() -> None:
    """X-03: 64 empty attributes are read, the 65th is refused."""
    empty = tlv(0x8022)
    assert len(Message.decode(wire(empty * MAX_ATTRIBUTES)).attributes) == MAX_ATTRIBUTES
    with pytest.raises(DecodeError, match="64"):
        Message.decode(wire(empty * (MAX_ATTRIBUTES + 1)))
    with pytest.raises(DecodeError):
        Message.decode(wire(empty * 16000))


def test_decoding_takes_memory_in_proportion() -> None:
    """X-05: at most 64 bytes for each byte of the message and 16 KiB."""
    for data in (wire(tlv(0x8022) * 64), wire(tlv(0x13, bytes(60000))), vectors.REQUEST):
        tracemalloc.start()
        message = Message.decode(data)
        assert message.attributes is not None
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak <= 64 * len(data) + 16384


def test_empty_attribute_values_are_errors_of_the_attribute_alone() -> None:
    """X-03: zero-length values of all known types."""
    for number in range(0x30):
        message = Message.decode(wire(tlv(number), tlv(0x8022, b"x")))
        if number not in {0x08, 0x1C}:
            assert message.get(Software) == Software("x")
        decodes(message.raw)


def test_nothing_after_message_integrity_counts_but_sha256_and_fingerprint() -> None:
    """I-08: USE-CANDIDATE and an address smuggled behind the seal."""
    sealed = Message(Method.BINDING, MessageClass.REQUEST, ID, [Priority(1)]).encode(key=KEY)
    smuggled = wire(sealed[20:], tlv(0x25), tlv(0x20, bytes(8)), tlv(0x24, b"\0\0\0\2"), tlv(8))
    message = Message.decode(smuggled)
    assert message.attributes == (Priority(1),)
    assert message.get(UseCandidate) is None
    assert UseCandidate not in message
    assert message.unknown_attributes(()) == (0x24,)
    assert message.verify(KEY)


def test_nothing_after_sha256_counts_but_fingerprint() -> None:
    """I-08: a MESSAGE-INTEGRITY behind MESSAGE-INTEGRITY-SHA256 is ignored."""
    request = Message(Method.BINDING, MessageClass.REQUEST, ID, [Priority(1)])
    sealed = request.encode(key=KEY, integrity=Integrity.SHA256)
    message = Message.decode(wire(sealed[20:], tlv(8, bytes(20)), tlv(0x25)))
    assert message.integrity is Integrity.SHA256
    assert MessageIntegrity not in message
    assert UseCandidate not in message


def test_fingerprint_that_is_not_last_is_not_right() -> None:
    """I-08: and what follows it does not count."""
    request = Message(Method.BINDING, MessageClass.REQUEST, ID)
    message = Message.decode(wire(request.encode(fingerprint=True)[20:], tlv(0x25)))
    assert Fingerprint in message
    assert not message.fingerprint_ok
    assert UseCandidate not in message


def test_first_of_several_wins() -> None:
    """STUN-10, I-08: duplicates, and `in`."""
    message = Message.decode(wire(tlv(6, b"first"), tlv(6, b"second")))
    assert message.get(Username) == Username("first")
    assert message.get_all(Username) == [Username("first"), Username("second")]
    assert Username in message
    assert Realm not in message
    assert message.get(Realm) is None
    built = Message(Method.BINDING, MessageClass.REQUEST, ID, [Username("a"), Username("b")])
    assert built.get(Username) == Username("a")


def test_several_attributes_are_taken_one_by_one() -> None:
    """STUN-09: one malformed attribute does not spoil the others."""
    message = Message.decode(wire(tlv(0x24, b"\1"), tlv(6, b"user"), tlv(0x20, bytes(7))))
    assert message.get(Username) == Username("user")
    for malformed in (Priority, XorMappedAddress):
        with pytest.raises(DecodeError):
            message.get(malformed)
    with pytest.raises(DecodeError):
        _ = message.attributes
    assert "RawAttribute(type=0x0024" in repr(message)


def test_missing_attribute_that_is_required_is_a_bad_request() -> None:
    """STUN-31: AttributeNotFound."""
    with pytest.raises(DecodeError, match="Username") as caught:
        Message.decode(wire()).require(Username)
    assert caught.value.code == 400
    assert Message.decode(wire(tlv(6, b"u"))).require(Username) == Username("u")


def test_transaction_ids_come_from_the_injected_source() -> None:
    """STUN-04, STUN-11, I-11: a seed repeats them; two sources differ; all 96 bits are used."""
    one = Message.request(Method.BINDING, (), random.Random(1))
    assert one == Message.request(Method.BINDING, (), random.Random(1))
    source = random.SystemRandom()
    ids = {Message.indication(Method.SEND, (), source).transaction_id for _ in range(100)}
    assert len(ids) == 100
    assert {len(one) for one in ids} == {12}


def test_transaction_id_of_another_size_is_refused() -> None:
    """STUN-11: it would be cut or padded silently."""
    for size in (0, 11, 13, 16):
        with pytest.raises(InvalidAccessError):
            Message(Method.BINDING, MessageClass.REQUEST, bytes(size))


def test_add_appends_in_order_and_equals_building_at_once() -> None:
    """STUN-07, STUN-08: `add` leaves the original alone."""
    empty = Message(Method.BINDING, MessageClass.REQUEST, ID)
    added = empty.add(Username("u")).add(Priority(1), UseCandidate())
    assert added == Message(
        Method.BINDING, MessageClass.REQUEST, ID, [Username("u"), Priority(1), UseCandidate()]
    )
    assert empty.attributes == ()
    assert Message.decode(added.encode(key=KEY)).add(Realm("r")) == added.add(Realm("r"))
    assert added != added.add(Priority(1))
    assert added != "added"


def test_responses_keep_method_and_transaction() -> None:
    """STUN-03: and a reason phrase that is not given is that of the RFC."""
    request = Message.request(Method.ALLOCATE, (), random.Random(2))
    success = request.success((Software("s"),))
    assert (success.method, success.message_class) == (Method.ALLOCATE, MessageClass.SUCCESS)
    assert success.transaction_id == request.transaction_id
    refused = request.error(401, attributes=(Realm("r"),))
    assert refused.message_class is MessageClass.ERROR
    assert refused.attributes == (ErrorCode(401, "Unauthenticated"), Realm("r"))
    assert request.error(401, "no").get(ErrorCode) == ErrorCode(401, "no")
    assert request.error(699).get(ErrorCode) == ErrorCode(699, "")


def test_unknown_attributes_that_must_be_understood_are_named() -> None:
    """STUN-29, I-09: distinct, in order, 16 at most; optional ones are not among them."""
    message = Message.decode(wire(tlv(0x7001), tlv(0x7000), tlv(0x7001), tlv(0xFF00), tlv(6)))
    assert message.unknown_attributes() == (0x7001, 0x7000)
    assert message.unknown_attributes({0x7001, 0x7000}) == (6,)
    many = Message.decode(wire(*(tlv(0x7000 + number) for number in range(40))))
    assert many.unknown_attributes() == tuple(range(0x7000, 0x7010))
    assert message.attributes[3] == RawAttribute(0xFF00, b"")


@pytest.mark.parametrize("size", range(16, 33, 4))
def test_truncated_sha256_is_accepted_only_where_allowed(size: int) -> None:
    """STUN-25: RFC 8489 §14.6, 16 to 32 bytes in steps of 4."""
    request = Message(Method.BINDING, MessageClass.REQUEST, ID, [Username("u")])
    data = request.encode(key=KEY, integrity=Integrity.SHA256, sha256_size=size)
    message = Message.decode(data)
    assert len(message.require(MessageIntegritySha256).value) == size
    assert message.verify(KEY, sha256_size=size)
    assert message.verify(KEY) == (size == 32)
    assert not message.verify(b"other", sha256_size=16)


@pytest.mark.parametrize("size", [0, 4, 12, 17, 36, 40])
def test_sha256_of_another_size_is_refused(size: int) -> None:
    """STUN-25: an empty or short value must never compare equal."""
    message = Message.decode(wire(tlv(0x1C, bytes(size))))
    assert not message.verify(KEY, sha256_size=0)
    request = Message(Method.BINDING, MessageClass.REQUEST, ID)
    with pytest.raises(InvalidAccessError):
        request.encode(key=KEY, integrity=Integrity.SHA256, sha256_size=size)


def test_message_integrity_of_another_size_is_refused() -> None:
    """X-03, STUN-25: zero bytes compared with zero bytes are equal, and no proof."""
    for size in (0, 4, 16, 24):
        assert not Message.decode(wire(tlv(8, bytes(size)))).verify(KEY)


def test_stronger_integrity_decides() -> None:
    """I-13: a right SHA-1 beside a wrong SHA-256 proves nothing."""
    request = Message(Method.BINDING, MessageClass.REQUEST, ID)
    data = bytearray(request.encode(key=KEY, integrity=Integrity.BOTH))
    assert Message.decode(bytes(data)).verify(KEY)
    data[-1] ^= 1
    assert not Message.decode(bytes(data)).verify(KEY)


def test_message_without_integrity_is_never_authentic() -> None:
    """I-01: nor is one that was built here and not decoded."""
    request = Message(Method.BINDING, MessageClass.REQUEST, ID)
    assert not Message.decode(request.encode()).verify(KEY)
    assert not request.verify(KEY)
    assert not request.fingerprint_ok
    assert request.integrity is None


def test_message_that_does_not_fit_its_length_field_is_refused() -> None:
    """STUN-05: nothing is cut silently."""
    for attributes in ([Data(bytes(65536))], [Data(bytes(40000)), Data(bytes(40000))]):
        message = Message(Method.SEND, MessageClass.INDICATION, ID, attributes)
        with pytest.raises(InvalidAccessError):
            message.encode(key=KEY, fingerprint=True, integrity=Integrity.BOTH)
    largest = Message(Method.SEND, MessageClass.INDICATION, ID, [Data(bytes(65460))])
    data = largest.encode(key=KEY, fingerprint=True, integrity=Integrity.BOTH)
    assert Message.decode(data) == largest


@pytest.mark.parametrize("first", range(256))
def test_is_stun_looks_at_the_first_byte(first: int) -> None:
    """M-02: 0 to 3, with cookie and a length that is a multiple of 4."""
    data = bytes([first]) + wire(tlv(6, b"user"))[1:]
    assert is_stun(data) == (first <= 3)
    assert not is_stun(data[:4] + b"\0" + data[5:])
    assert not is_stun(data[:3] + b"\x07" + data[4:] + bytes(3))


def test_repr_shows_what_a_peer_wrote_escaped_and_short() -> None:
    """X-10: no line breaks, no escape sequences, no 50 KB lines."""
    evil = "a\r\n\x1b[31m\u202e" + "x" * 400
    message = Message(
        Method.BINDING,
        MessageClass.ERROR,
        ID,
        [Software(evil), ErrorCode(400, evil), Data(bytes(50000)), RawAttribute(9999, b"\n" * 999)],
    )
    shown = repr(Message.decode(message.encode()))
    assert shown.isprintable()
    assert len(shown) < 2500
    assert shown.startswith(f"<BINDING ERROR {ID.hex()} [Software(")


@dataclass(frozen=True, slots=True)
class Colour:
    """An attribute of somebody else's."""

    type: ClassVar[int] = 0xC0DE

    name: str

    @classmethod
    def decode(cls, value: bytes, transaction_id: bytes) -> Self:
        return cls(value.decode("ascii", "replace"))

    def encode(self, transaction_id: bytes) -> bytes:
        return self.name.encode()


def test_attribute_classes_of_others_can_be_sent_and_asked_for() -> None:
    """STUN-26."""
    message = Message(Method.BINDING, MessageClass.REQUEST, ID, [Colour("red")])
    decoded = Message.decode(message.encode())
    assert decoded.get(Colour) == Colour("red")
    assert decoded.attributes == (RawAttribute(0xC0DE, b"red"),)
    assert decoded == message
