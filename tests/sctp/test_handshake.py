"""INIT, INIT ACK and what a cookie means."""

from dataclasses import replace
from random import Random

import pytest

from webrtc.errors import DecodeError
from webrtc.sctp import Config
from webrtc.sctp.causes import CauseCode, Violation
from webrtc.sctp.chunks import Init
from webrtc.sctp.cookie import Cookie, Peering
from webrtc.sctp.handshake import Action, Capability, Handshake
from webrtc.sctp.parameters import Parameter, ParameterType, find

INIT = Init(7, 1 << 20, 1024, 2048, 99)
OVER_DTLS = Parameter(ParameterType.ZERO_CHECKSUM, b"\0\0\0\1")


def value(chunk: bytes) -> bytes:
    return chunk[4 : int.from_bytes(chunk[2:4], "big")]


def answered(handshake: Handshake, init: Init = INIT, current: Peering | None = None) -> Init:
    return Init.decode(value(handshake.answer(init, current, 0.0)))


def cookie_of(handshake: Handshake, init: Init = INIT, current: Peering | None = None) -> Cookie:
    found = find(answered(handshake, init, current).parameters, ParameterType.STATE_COOKIE)
    assert found is not None
    return handshake.open(found)


def test_init_announces_all_streams_and_the_extensions() -> None:
    """SCTP-01: RFC 6525, RFC 3758, RFC 8260 §2.2.1, §2.3.1 and RFC 9653 §4."""
    init = Init.decode(value(Handshake(Config(receive_window=1 << 20), Random(1)).init()))
    assert (init.outbound_streams, init.inbound_streams) == (65535, 65535)
    assert init.receive_window == 1 << 20
    assert init.parameters == (
        Parameter(ParameterType.FORWARD_TSN_SUPPORTED, b""),
        Parameter(ParameterType.SUPPORTED_EXTENSIONS, b"\x82\x84\xc0\x40\xc2"),
        OVER_DTLS,
    )


def test_interleaving_that_is_switched_off_is_neither_offered_nor_accepted() -> None:
    """RFC 8260 §2.2.1: both sides must have it."""
    handshake = Handshake(Config(interleaving=False), Random(1))
    offer = Parameter(ParameterType.SUPPORTED_EXTENSIONS, b"\x82\x84\xc0")
    assert offer in Init.decode(value(handshake.init())).parameters
    init = Init(7, 1 << 20, 1, 1, 99, (Parameter(0x8008, b"\xc0\x82\x40\xc2"),))
    assert offer in answered(handshake, init).parameters
    both = Capability.RE_CONFIG | Capability.FORWARD_TSN
    assert cookie_of(handshake, init).peering.capabilities == both


def test_streams_are_the_smaller_of_what_each_side_has() -> None:
    """SCTP-01: RFC 9260 §5.1.1."""
    peering = cookie_of(Handshake(Config(outbound_streams=100, inbound_streams=60000), Random(1)))
    assert peering.peering.outbound_streams == 100
    assert peering.peering.inbound_streams == 1024


@pytest.mark.parametrize(
    ("parameters", "capabilities"),
    [
        ((), 0),
        ((Parameter(0xC000, b""),), Capability.FORWARD_TSN),
        ((Parameter(0x8008, b"\xc0"),), Capability.FORWARD_TSN),
        ((Parameter(0x8008, b"\x82\xc2"),), Capability.RE_CONFIG),
        ((Parameter(0x8008, b"\x40"),), Capability.INTERLEAVING),
        ((Parameter(0xC000, b""), Parameter(0x8008, b"\xc0\x40")), Capability.INTERLEAVING),
        ((Parameter(0x8008, b"\xc2\x40"),), Capability.INTERLEAVING | Capability.FORWARD_TSN),
        ((Parameter(0x8008, b"\x82\xc0"),), Capability.RE_CONFIG | Capability.FORWARD_TSN),
        ((OVER_DTLS,), Capability.ZERO_CHECKSUM),
        ((Parameter(0x8001, b"\0\0\0\2"),), 0),
        ((Parameter(0x8001, b""),), 0),
    ],
)
def test_capabilities(parameters: tuple[Parameter, ...], capabilities: int) -> None:
    """RFC 8260 §2.3.1: interleaved messages are given up by I-FORWARD-TSN or not at all."""
    init = Init(7, 1 << 20, 1, 1, 99, parameters)
    assert cookie_of(Handshake(Config(), Random(1)), init).peering.capabilities == capabilities


def test_zero_checksum_is_offered_in_an_answer_only_to_who_knows_it() -> None:
    """C-01: RFC 9653 §5.1; an old peer drops an INIT ACK that has a parameter too many."""
    handshake = Handshake(Config(), Random(1))
    assert OVER_DTLS not in answered(handshake).parameters
    assert not handshake.takes_zero
    assert OVER_DTLS in answered(handshake, replace(INIT, parameters=(OVER_DTLS,))).parameters
    assert handshake.takes_zero


def test_zero_checksum_can_be_switched_off() -> None:
    """C-01: it is neither announced nor used."""
    handshake = Handshake(Config(zero_checksum=False), Random(1))
    init = replace(INIT, parameters=(OVER_DTLS,))
    assert OVER_DTLS not in answered(handshake, init).parameters
    assert OVER_DTLS not in Init.decode(value(handshake.init())).parameters
    assert not cookie_of(handshake, init).peering.capabilities & Capability.ZERO_CHECKSUM
    assert not handshake.takes_zero


def test_answer_is_little_larger_than_the_question() -> None:
    """C-04: amplification; also with parameters that ask to be reported."""
    for parameters in ((), (Parameter(0xCFFF, b""),) * 60, (Parameter(0xCFFF, bytes(900)),)):
        init = Init(7, 1 << 20, 1, 1, 99, parameters)
        answer = Handshake(Config(), Random(1)).answer(init, None, 0.0)
        assert len(answer) <= len(init.encode()) + 150


@pytest.mark.parametrize(
    "init",
    [
        Init(7, 1 << 20, 0, 1, 99),
        Init(7, 1 << 20, 1, 0, 99),
        Init(7, 1499, 1, 1, 99),
    ],
    ids=["no outbound", "no inbound", "small window"],
)
def test_init_that_must_be_refused(init: Init) -> None:
    """C-06: RFC 9260 §3.3.2."""
    with pytest.raises(Violation) as refusal:
        Handshake(Config(), Random(1)).answer(init, None, 0.0)
    assert refusal.value.cause.type == CauseCode.INVALID_MANDATORY_PARAMETER


def test_init_with_tag_0_is_passed_over() -> None:
    """C-06."""
    with pytest.raises(DecodeError):
        Handshake(Config(), Random(1)).answer(Init(0, 1 << 20, 1, 1, 9), None, 0.0)


def test_init_ack_without_cookie() -> None:
    """C-03: RFC 9260 §3.3.10.2."""
    with pytest.raises(Violation) as refusal:
        Handshake(Config(), Random(1)).accept(INIT)
    assert refusal.value.cause == Parameter(2, b"\0\0\0\1\0\7")


def test_answers_before_an_association_promise_the_same_tag_and_tsn() -> None:
    """SCTP-02: RFC 9260 §5.2.1, collision of INITs."""
    handshake = Handshake(Config(), Random(1))
    first, second = answered(handshake), answered(handshake)
    assert (first.tag, first.initial_tsn) == (handshake.tag, handshake.initial_tsn)
    assert (second.tag, second.initial_tsn) == (first.tag, first.initial_tsn)


@pytest.mark.parametrize(
    ("local", "peer", "ties", "established", "action"),
    [
        ("match", "match", False, True, Action.CONFIRM),
        ("match", "match", False, False, Action.ESTABLISH),
        ("match", "other", False, False, Action.ESTABLISH),
        ("match", "other", False, True, Action.RESTART),
        ("other", "match", False, True, Action.DISCARD),
        ("other", "match", True, True, Action.DISCARD),
        ("other", "other", False, True, Action.DISCARD),
        ("other", "other", True, True, Action.RESTART),
    ],
)
def test_table_12_of_rfc_9260(
    local: str, peer: str, *, ties: bool, established: bool, action: Action
) -> None:
    """C-09, SCTP-02: rows A to D of §5.2.4."""
    handshake = Handshake(Config(), Random(1))
    current = Peering(handshake.tag, 7, 1, 2, 1 << 20, 1, 1, 0)
    found = current._replace(
        local_tag=handshake.tag if local == "match" else 1, peer_tag=7 if peer == "match" else 8
    )
    cookie = Cookie(60.0, found, *((handshake.tag, 7) if ties else (0, 0)))
    assert handshake.judge(cookie, current, established=established) is action


def test_restart_gets_a_new_tag_and_tie_tags() -> None:
    """C-09: RFC 9260 §5.2.2."""
    handshake = Handshake(Config(), Random(1))
    current = Peering(handshake.tag, 7, 1, 2, 1 << 20, 1, 1, 0)
    cookie = cookie_of(handshake, Init(8, 1 << 20, 1, 1, 5), current)
    assert (cookie.tie_local_tag, cookie.tie_peer_tag) == (handshake.tag, 7)
    assert cookie.peering.local_tag not in (0, handshake.tag)
    assert handshake.judge(cookie, current, established=True) is Action.RESTART
