"""Header extensions of offers and answers."""

import pytest

from webrtc.engine import HeaderExtension
from webrtc.jsep.extensions import answered_extensions, common_extensions, offered_extensions
from webrtc.jsep.numbers import Numbers
from webrtc.sdp import Direction
from webrtc.sdp.attributes import ExtMap

A, B = HeaderExtension("uri:a"), HeaderExtension("uri:b", direction=Direction.RECVONLY)


def texts(extensions: tuple[ExtMap, ...]) -> list[str]:
    return list(map(str, extensions))


def test_an_offer_numbers_them() -> None:
    assert texts(offered_extensions([A, B], Numbers(), mixed=False)) == [
        "1 uri:a",
        "2/recvonly uri:b",
    ]


def test_what_is_only_answered_or_off_is_not_offered() -> None:
    quiet = HeaderExtension("uri:c", offered=False)
    off = HeaderExtension("uri:d", direction=Direction.INACTIVE)
    assert offered_extensions([quiet, off], Numbers(), mixed=False) == ()
    assert texts(answered_extensions([quiet, off], [ExtMap(3, "uri:c")], mixed=False)) == [
        "3 uri:c"
    ]
    assert answered_extensions([off], [ExtMap(3, "uri:d")], mixed=False) == ()


def test_an_answer_has_none_that_was_not_offered() -> None:
    """Traps 6 and 7: and those that were have the ids of the offer."""
    offered = [ExtMap(7, "uri:a"), ExtMap(8, "uri:unknown")]
    assert texts(answered_extensions([A, B], offered, mixed=False)) == ["7 uri:a"]


@pytest.mark.parametrize(
    ("offered", "answered"),
    [("7", "7"), ("7/sendrecv", "7"), ("7/sendonly", "7/recvonly"), ("7/recvonly", "7/sendonly")],
)
def test_directions_are_turned(offered: str, answered: str) -> None:
    """RFC 8285 §7."""
    extension = ExtMap.parse(f"{offered} uri:a")
    assert texts(answered_extensions([A], [extension], mixed=False)) == [f"{answered} uri:a"]


def test_directions_that_exclude_each_other_leave_nothing() -> None:
    assert answered_extensions([B], [ExtMap.parse("7/recvonly uri:b")], mixed=False) == ()
    assert texts(answered_extensions([B], [ExtMap(7, "uri:b")], mixed=False)) == [
        "7/recvonly uri:b"
    ]


def test_ids_above_14_are_taken_where_forms_are_mixed() -> None:
    """Trap 37."""
    for id_ in (15, 255):
        assert answered_extensions([A], [ExtMap(id_, "uri:a")], mixed=False) == ()
        assert texts(answered_extensions([A], [ExtMap(id_, "uri:a")], mixed=True)) == [
            f"{id_} uri:a"
        ]
    assert answered_extensions([A], [ExtMap(4096, "uri:a")], mixed=True) == ()


def test_the_first_of_two_ids_for_one_extension_counts() -> None:
    offered = [ExtMap(7, "uri:a"), ExtMap(8, "uri:a")]
    assert texts(answered_extensions([A], offered, mixed=False)) == ["7 uri:a"]


def test_what_is_common_has_our_direction() -> None:
    ours = [ExtMap(1, "uri:a"), ExtMap(2, "uri:b"), ExtMap(3, "uri:c"), ExtMap(4, "uri:d")]
    theirs = [ExtMap.parse("1/sendonly uri:a"), ExtMap(2, "uri:b"), ExtMap(9, "uri:c")]
    assert common_extensions(ours, theirs) == (
        ExtMap(1, "uri:a", Direction.RECVONLY),
        ExtMap(2, "uri:b", Direction.SENDRECV),
    )
