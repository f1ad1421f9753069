import pytest
from hypothesis import given
from hypothesis import strategies as st

from webrtc.datachannel import dcep
from webrtc.datachannel.dcep import Ack, Open, Parameters
from webrtc.errors import DecodeError

limits = st.one_of(
    st.just((None, None)),
    st.tuples(st.integers(0, 65535), st.none()),
    st.tuples(st.none(), st.integers(0, 65535)),
)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


def test_open_is_laid_out_as_in_rfc_8832_section_5_1() -> None:
    """DC-01: type, channel type, priority, reliability parameter, lengths, label, protocol."""
    parameters = Parameters("chat", "p1", ordered=False, max_retransmits=3, priority=512)
    wire = bytes.fromhex("03 81 0200 00000003 0004 0002") + b"chatp1"
    assert Open(parameters).encode() == wire
    assert dcep.decode(wire) == Open(parameters)


def test_ack_is_one_byte_and_what_follows_it_is_ignored() -> None:
    assert Ack().encode() == b"\x02"
    assert dcep.decode(b"\x02more") == Ack()


@given(texts, texts, st.booleans(), limits, st.integers(0, 65535))
def test_parameters_survive_the_wire(
    label: str, protocol: str, ordered: bool, limit: tuple[int | None, int | None], priority: int
) -> None:
    """X-06, DC-26, DC-19, DC-20, DC-21, DC-22, DC-23, DC-24, DC-25."""
    parameters = Parameters(
        label,
        protocol,
        ordered=ordered,
        max_packet_life_time=limit[0],
        max_retransmits=limit[1],
        priority=priority,
    )
    assert dcep.decode(Open(parameters).encode()) == Open(parameters)


@given(st.binary(max_size=40))
def test_garbage_raises_only_decode_error(data: bytes) -> None:
    """X-01, DC-26, DC-40, DC-41."""
    try:
        dcep.decode(data)
    except DecodeError:
        pass


@pytest.mark.parametrize(
    ("wire", "what"),
    [
        ("", "without a type"),
        ("04", "DCEP message 04"),
        ("03000100000000", "of 7 bytes"),
        ("03 00 0100 00000000 ffff 0000", "wrong label"),
        ("03 00 0100 00000000 0000 ffff", "wrong label"),
        ("03 03 0100 00000000 0000 0000", "channel type 0x03"),
        ("03 00 0100 00000000 0001 0000 ff", "not UTF-8"),
    ],
)
def test_malformed_messages_say_what_is_wrong(wire: str, what: str) -> None:
    """DC-01 of the catalogue, X-02, X-03."""
    with pytest.raises(DecodeError, match=what):
        dcep.decode(bytes.fromhex(wire))
