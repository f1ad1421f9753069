"""Attributes of sessions and transports."""

from base64 import b64encode
from collections.abc import Callable
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webrtc.errors import SdpError
from webrtc.sdp.attributes import (
    Direction,
    ExtMap,
    Fingerprint,
    Group,
    SctpMap,
    Setup,
    parse_direction,
    parse_ice_options,
    parse_ice_pwd,
    parse_ice_ufrag,
    parse_max_message_size,
    parse_mid,
    parse_sctp_init,
    parse_sctp_port,
)

tokens = st.text("azAZ09-", min_size=1, max_size=8)
SHA_256 = ":".join(["AB"] * 32)


def test_directions() -> None:
    """SDP-25, SDP-34."""
    for send, receive in product([True, False], repeat=2):
        direction = Direction.of(send=send, receive=receive)
        assert (direction.sends, direction.receives) == (send, receive)
        assert direction.reversed().reversed() is direction
        assert parse_direction(str(direction)) is direction
    assert Direction.SENDONLY.reversed() is Direction.RECVONLY
    assert Direction.SENDRECV.intersect(Direction.RECVONLY) is Direction.RECVONLY
    assert Direction.SENDONLY.intersect(Direction.RECVONLY) is Direction.INACTIVE
    assert parse_direction("SENDRECV") is Direction.SENDRECV
    with pytest.raises(SdpError):
        parse_direction("both")


@pytest.mark.parametrize(
    ("offer", "answers"),
    [
        (Setup.ACTPASS, {Setup.ACTIVE, Setup.PASSIVE}),
        (Setup.ACTIVE, {Setup.PASSIVE}),
        (Setup.PASSIVE, {Setup.ACTIVE}),
        (Setup.HOLDCONN, set()),
    ],
)
def test_answers_to_a_setup_role(offer: Setup, answers: set[Setup]) -> None:
    """SDP-38: RFC 4145 §4.1 without holdconn, which RFC 5763 §5 forbids."""
    assert {answer for answer in Setup if offer.allows(answer)} == answers
    assert Setup.parse(str(offer)) is Setup.parse(str(offer).title()) is offer
    with pytest.raises(SdpError):
        Setup.parse("act")


def test_any_token_is_a_mid() -> None:
    """RFC 5888 §4: gateways write UUIDs, and more."""
    for mid in ("7d1a1c64-5f4b-4bd0-8c0a-2f6c5d9f0b11", "m" * 255, "{audio|0'~"):
        assert parse_mid(mid) == mid


@given(st.builds(Group, tokens, st.lists(tokens).map(tuple)))
def test_group_round_trip(group: Group) -> None:
    """SDP-28, SDP-37."""
    assert Group.parse(str(group)) == group


def test_fingerprint_is_normalised() -> None:
    """SDP-12: RFC 8122 §5; unknown algorithms are kept for the caller to pass over."""
    assert Fingerprint.parse(f"SHA-256 {SHA_256.lower()} ") == Fingerprint("sha-256", SHA_256)
    assert Fingerprint.parse("sha3-256 00:ff") == Fingerprint("sha3-256", "00:FF")
    assert str(Fingerprint("sha-256", SHA_256)) == f"sha-256 {SHA_256}"


@given(
    tokens.map(str.lower).filter(lambda name: not name.startswith("sha-")),
    st.binary(min_size=1, max_size=64),
)
def test_fingerprint_round_trip(algorithm: str, digest: bytes) -> None:
    print_ = Fingerprint(algorithm, digest.hex(":").upper())
    assert Fingerprint.parse(str(print_)) == print_


@given(
    st.builds(
        ExtMap,
        st.one_of(st.integers(1, 255), st.integers(4096, 4351)),
        tokens.map("urn:x:".__add__),
        st.one_of(st.none(), st.sampled_from(Direction)),
        st.one_of(st.none(), tokens),
    )
)
def test_extmap_round_trip(extmap: ExtMap) -> None:
    """SDP-26, SDP-35."""
    assert ExtMap.parse(str(extmap)) == extmap


def test_sctpmap() -> None:
    """SDP-03, S-10."""
    assert SctpMap.parse("5000 webrtc-datachannel 1024") == SctpMap(5000, streams=1024)
    assert str(SctpMap(5000, streams=1024)) == "5000 webrtc-datachannel 1024"
    assert str(SctpMap(5000)) == "5000 webrtc-datachannel"


def test_ice_credentials_and_options() -> None:
    """ICE-03, SDP-33."""
    assert parse_ice_ufrag("a+/9") == "a+/9"
    assert parse_ice_pwd("x" * 22) == "x" * 22
    assert parse_ice_ufrag("_-=#" * 64) == "_-=#" * 64
    assert parse_ice_options("trickle  ice2 ") == ("trickle", "ice2")
    assert parse_ice_options("ice2,trickle") == ("ice2", "trickle")
    assert parse_ice_options("") == ()


def test_sctp_values() -> None:
    """SDP-03, S-10."""
    assert parse_sctp_port("65535") == 65535
    assert parse_max_message_size("0") == 0
    assert parse_max_message_size("18446744073709551615") == 2**64 - 1
    assert parse_sctp_init(b64encode(b"\1\0\0\4").decode()) == b"\1\0\0\4"


def test_password_is_not_in_the_message() -> None:
    """X-10."""
    for value in ("secret", "secret with spaces and more"):
        with pytest.raises(SdpError) as caught:
            parse_ice_pwd(value)
        assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("parse", "text"),
    [
        (parse_mid, ""),
        (parse_mid, "a b"),
        (parse_mid, "m" * 256),
        (Group.parse, ""),
        (Group.parse, "BUNDLE ä"),
        (Fingerprint.parse, ""),
        (Fingerprint.parse, "sha-256"),
        (Fingerprint.parse, f"sha-256 {SHA_256[:-3]}"),
        (Fingerprint.parse, f"sha-256 {SHA_256}:"),
        (Fingerprint.parse, f"sha-1 {SHA_256}"),
        (Fingerprint.parse, "x A:B"),
        (Fingerprint.parse, "x AG"),
        (Fingerprint.parse, "x AB-CD"),
        (Fingerprint.parse, "x A"),
        (Fingerprint.parse, "x :::::"),
        (ExtMap.parse, ""),
        (ExtMap.parse, "1"),
        (ExtMap.parse, "0 urn:x"),
        (ExtMap.parse, "256 urn:x"),
        (ExtMap.parse, "4352 urn:x"),
        (ExtMap.parse, "1/both urn:x"),
        (ExtMap.parse, "1/ urn:x"),
        (SctpMap.parse, "5000"),
        (SctpMap.parse, "5000 x y"),
        (parse_ice_ufrag, "abc"),
        (parse_ice_ufrag, "a" * 257),
        (parse_ice_ufrag, "ab:cd"),
        (parse_ice_ufrag, "ab\u00e4cd"),
        (parse_ice_pwd, "x" * 21),
        (parse_sctp_port, "0"),
        (parse_sctp_port, "65536"),
        (parse_sctp_port, "5000 5001"),
        (parse_max_message_size, "-1"),
        (parse_max_message_size, "18446744073709551616"),
        (parse_sctp_init, "not base64!"),
        (parse_sctp_init, "ä==="),
        (parse_sctp_init, "A" * 4097),
    ],
)
def test_malformed_attributes_raise_sdp_error(parse: Callable[[str], object], text: str) -> None:
    """ICE-03, S-06, S-10, SDP-42."""
    with pytest.raises(SdpError):
        parse(text)
