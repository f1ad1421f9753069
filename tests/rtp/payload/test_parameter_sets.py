from base64 import b64encode

from webrtc.errors import DecodeError
from webrtc.rtp.payload.parameter_sets import ParameterSets

SLICE, FIRST, SECOND = b"S0", b"A0", b"B0"


def _id_of(unit: bytes) -> int:
    if not unit[1:2].isdigit():
        raise DecodeError("no id")
    return int(unit[1:2])


def sets() -> ParameterSets:
    return ParameterSets((ord("A"), ord("B")), lambda unit: unit[0], _id_of)


def test_the_sets_that_are_missing_come_first_and_in_order() -> None:
    kept = sets()
    kept.keep([SECOND, SLICE, FIRST])
    assert kept.complete([SLICE]) == [FIRST, SECOND, SLICE]
    assert kept.complete([b"S1", b"A7", SLICE]) == [b"A7", SECOND, b"S1", SLICE]
    assert kept.complete([FIRST, SECOND, SLICE]) == [FIRST, SECOND, SLICE]


def test_a_new_set_replaces_the_one_of_its_id() -> None:
    kept = sets()
    kept.keep([FIRST, b"A1", b"A0 newer"])
    assert kept.complete([SLICE]) == [b"A0 newer", b"A1", SLICE]


def test_what_cannot_be_read_or_is_too_long_is_not_kept() -> None:
    kept = sets()
    kept.keep([b"Ax", b"A0" + bytes(4096)])
    assert kept.complete([SLICE]) == [SLICE]


def test_no_more_sets_than_a_bound_are_kept() -> None:
    kept = ParameterSets((ord("A"),), lambda unit: unit[0], lambda unit: int(unit[1:]))
    kept.keep([b"A%d" % number for number in range(1000)])
    assert len(kept.complete([SLICE])) == 65
    kept.keep([b"A00"])
    assert kept.complete([SLICE])[0] == b"A00"


def test_sets_of_a_description() -> None:
    kept = sets()
    kept.keep_encoded(
        ",".join(["!", "", "A", b64encode(FIRST).decode(), b64encode(SECOND).decode()])
    )
    assert kept.complete([SLICE]) == [FIRST, SECOND, SLICE]
    kept.keep_encoded("\N{SNOWMAN}")
