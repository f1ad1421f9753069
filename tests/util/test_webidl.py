import pytest

from webrtc.util.webidl import one_of, text, unsigned_long, unsigned_short


@pytest.mark.parametrize("value", [None, 0, 1, 65535])
def test_unsigned_short_in_range(value: int | None) -> None:
    unsigned_short("id", value)


@pytest.mark.parametrize("value", [-1, 65536, 1.5, "1", b"\1", [1]])
def test_unsigned_short_out_of_range_is_a_type_error(value: object) -> None:
    """WebIDL [EnforceRange]."""
    with pytest.raises(TypeError, match="id is"):
        unsigned_short("id", value)


@pytest.mark.parametrize("value", [-1, 2**32, None, 1.0, "1"])
def test_unsigned_long_out_of_range_is_a_type_error(value: object) -> None:
    unsigned_long("amount", 2**32 - 1)
    with pytest.raises(TypeError, match="amount is"):
        unsigned_long("amount", value)


@pytest.mark.parametrize("value", [None, b"text", 1])
def test_what_is_no_string_is_a_type_error(value: object) -> None:
    text("label", "")
    with pytest.raises(TypeError, match="label is a"):
        text("label", value)


@pytest.mark.parametrize("value", ["", "ALL", None, 3, []])
def test_values_outside_an_enumeration_are_type_errors(value: object) -> None:
    one_of("policy", "all", ("all", "relay"))
    with pytest.raises(TypeError, match="not one of all, relay"):
        one_of("policy", value, ("all", "relay"))


def test_huge_values_do_not_flood_the_message() -> None:
    with pytest.raises(TypeError) as caught:
        unsigned_short("id", "9" * 100_000)
    assert len(str(caught.value)) < 200
