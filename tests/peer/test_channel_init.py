"""webrtc-pc §6.1.1: the arguments of createDataChannel."""

import pytest

from webrtc.datachannel import Parameters
from webrtc.peer import RTCDataChannelInit


def test_defaults() -> None:
    """RTCDC-05: ordered, reliable, announced in band."""
    init = RTCDataChannelInit()
    assert init.parameters("chat") == Parameters("chat")
    assert init.ordered
    assert not init.negotiated
    assert init.id is None


def test_every_member_reaches_the_wire() -> None:
    """RTCDC-05, DC-19, DC-20, DC-21, DC-22, DC-23, DC-24, DC-25."""
    init = RTCDataChannelInit(
        ordered=False, max_retransmits=3, protocol="p", negotiated=True, id=7, priority="high"
    )
    expected = Parameters("l", "p", ordered=False, max_retransmits=3, priority=1024)
    assert init.parameters("l") == expected
    assert RTCDataChannelInit(max_packet_life_time=42).parameters("").max_packet_life_time == 42


@pytest.mark.parametrize(
    ("priority", "value"), [("very-low", 128), ("low", 256), ("medium", 512), ("high", 1024)]
)
def test_priorities(priority: str, value: int) -> None:
    """DC-25: RFC 8831 §6.4."""
    assert RTCDataChannelInit(priority=priority).parameters("").priority == value


def test_zero_retransmits_and_zero_life_time_are_values() -> None:
    assert RTCDataChannelInit(max_retransmits=0).parameters("").max_retransmits == 0
    assert RTCDataChannelInit(max_packet_life_time=0).parameters("").max_packet_life_time == 0


@pytest.mark.parametrize("value", [0, 42])
def test_two_limits_exclude_each_other(value: int) -> None:
    init = RTCDataChannelInit(max_retransmits=value, max_packet_life_time=value)
    with pytest.raises(TypeError, match="exclude each other"):
        init.parameters("")


@pytest.mark.parametrize("label", ["l" * 65536, "µ" * 32768, "\ud800" * 21846], ids=len)
def test_labels_and_protocols_of_more_than_65535_bytes(label: str) -> None:
    """DC-19: counted in bytes of UTF-8."""
    with pytest.raises(TypeError, match="label is longer"):
        RTCDataChannelInit().parameters(label)
    with pytest.raises(TypeError, match="protocol is longer"):
        RTCDataChannelInit(protocol=label).parameters("")


def test_labels_and_protocols_of_65535_bytes() -> None:
    found = RTCDataChannelInit(protocol="p" * 65535).parameters("l" * 65535)
    assert len(found.label) == len(found.protocol) == 65535


def test_lone_surrogates_are_replaced() -> None:
    """A USVString."""
    found = RTCDataChannelInit(protocol="\ud800").parameters("\udc00")
    assert (found.label, found.protocol) == ("\ufffd", "\ufffd")


@pytest.mark.parametrize("value", [-1, 65536, "1", 1.5])
@pytest.mark.parametrize("name", ["id", "max_retransmits", "max_packet_life_time"])
def test_numbers_that_are_no_unsigned_short(name: str, value: object) -> None:
    """Also an id that does not count."""
    init = RTCDataChannelInit(**{name: value})  # type: ignore[arg-type] # as a caller without types
    with pytest.raises(TypeError, match=name):
        init.parameters("")


@pytest.mark.parametrize("id_", [None, 65535])
def test_negotiated_channels_need_an_identifier_up_to_65534(id_: int | None) -> None:
    with pytest.raises(TypeError, match="0 to 65534"):
        RTCDataChannelInit(negotiated=True, id=id_).parameters("")
    RTCDataChannelInit(negotiated=True, id=65534).parameters("")
    RTCDataChannelInit(id=65535).parameters("")


@pytest.mark.parametrize("label", [None, b"bytes", 3])
def test_a_label_that_is_no_text(label: object) -> None:
    with pytest.raises(TypeError, match="label"):
        RTCDataChannelInit().parameters(label)  # type: ignore[arg-type] # as a caller without types


def test_unknown_priority() -> None:
    with pytest.raises(TypeError, match="priority"):
        RTCDataChannelInit(priority="urgent").parameters("")
