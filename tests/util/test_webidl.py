import math
from dataclasses import dataclass

import pytest

from webrtc.util.webidl import (
    fill_in,
    number,
    octet,
    one_of,
    seconds,
    sequence,
    text,
    unsigned_long,
    unsigned_short,
)


@dataclass(frozen=True)
class Dictionary:
    required: str
    word: str = "all"
    nullable: int | None = None


def test_none_is_the_default_where_there_is_one() -> None:
    made = Dictionary(None, None)  # type: ignore[arg-type] # as without types
    fill_in(made)
    assert made == Dictionary(None, "all", None)  # type: ignore[arg-type] # it has no default


@pytest.mark.parametrize("value", [None, 0, 1, 65535])
def test_unsigned_short_in_range(value: int | None) -> None:
    unsigned_short("id", value)


@pytest.mark.parametrize("value", [-1, 65536, 1.5, "1", b"\1", [1], True])
def test_unsigned_short_out_of_range_is_a_type_error(value: object) -> None:
    """WebIDL [EnforceRange]."""
    with pytest.raises(TypeError, match="id is"):
        unsigned_short("id", value)


@pytest.mark.parametrize("value", [-1, 2**32, None, 1.0, "1", False])
def test_unsigned_long_out_of_range_is_a_type_error(value: object) -> None:
    unsigned_long("amount", 2**32 - 1)
    with pytest.raises(TypeError, match="amount is"):
        unsigned_long("amount", value)


@pytest.mark.parametrize("value", [-1, 256, None, 1.0, "1", True])
def test_an_octet_out_of_range_is_a_type_error(value: object) -> None:
    octet("pool", 0)
    octet("pool", 255)
    with pytest.raises(TypeError, match="pool is"):
        octet("pool", value)


@pytest.mark.parametrize("value", [-1, -0.1, 2**53, math.nan, math.inf, None, "1", True])
def test_seconds_out_of_range_are_a_type_error(value: object) -> None:
    for good in (0, 0.5, 1e9):
        seconds("lifetime", good)
    with pytest.raises(TypeError, match="lifetime is"):
        seconds("lifetime", value)


@pytest.mark.parametrize(
    ("value", "what"),
    [
        (None, "is a NoneType"),
        ("ab", "is a str"),
        (b"ab", "is a bytes"),
        (3, "is a int"),
        ({"a"}, "is a set"),
        (["a", 3], "holds a int, not a str or bytes"),
    ],
)
def test_what_is_no_sequence_of_a_kind_is_a_type_error(value: object, what: str) -> None:
    sequence("urls", [], str)
    sequence("urls", ("a", b"b"), str, bytes)
    with pytest.raises(TypeError, match=f"urls {what}"):
        sequence("urls", value, str, bytes)


@pytest.mark.parametrize("value", [None, b"text", 1])
def test_what_is_no_string_is_a_type_error(value: object) -> None:
    text("label", "")
    with pytest.raises(TypeError, match="label is a"):
        text("label", value)


@pytest.mark.parametrize("value", [None, "1", True])
def test_what_is_no_number_is_a_type_error(value: object) -> None:
    number("duration", 1.5)
    with pytest.raises(TypeError, match="duration is a"):
        number("duration", value)


@pytest.mark.parametrize("value", ["", "ALL", None, 3, []])
def test_values_outside_an_enumeration_are_type_errors(value: object) -> None:
    one_of("policy", "all", ("all", "relay"))
    with pytest.raises(TypeError, match="not one of all, relay"):
        one_of("policy", value, ("all", "relay"))


def test_huge_values_do_not_flood_the_message() -> None:
    with pytest.raises(TypeError) as caught:
        unsigned_short("id", "9" * 100_000)
    assert len(str(caught.value)) < 200
