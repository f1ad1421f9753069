"""Stream identifiers for channels of our own."""

import pytest

from webrtc.datachannel.identifiers import MAX_ID, Identifiers


@pytest.mark.parametrize(("client", "expected"), [(True, [0, 2, 4]), (False, [1, 3, 5])])
def test_each_side_numbers_with_its_own_parity(expected: list[int], *, client: bool) -> None:
    """RFC 8832 §6."""
    ids, used = Identifiers(client=client), set[int]()
    for _ in expected:
        id_ = ids.take(used)
        assert id_ is not None
        used.add(id_)
    assert sorted(used) == expected
    assert all(ids.owns(id_) and not ids.owns(id_ + 1) for id_ in used)


def test_the_lowest_that_came_back_is_taken_first() -> None:
    ids, used = Identifiers(client=True), {0, 2, 4, 6}
    assert ids.take(used) == 8
    for id_ in (4, 2, 4, 3):
        used.discard(id_)
        ids.give_back(id_)
    assert [ids.take(used), ids.take(used), ids.take(used)] == [2, 4, 8]


def test_what_is_blocked_is_passed_over_until_it_comes_back() -> None:
    """DC-02: and what nobody has taken yet is not kept."""
    ids = Identifiers(client=True)
    ids.blocked.update((0, 2, 100))
    assert ids.take(()) == 4
    for id_ in (2, 100):
        ids.blocked.discard(id_)
        ids.give_back(id_)
    assert ids.take(()) == 2
    assert ids.take({2}) == 4


def test_there_is_an_end() -> None:
    """65535 is reserved."""
    assert Identifiers(client=True).take(range(0, MAX_ID, 2)) == MAX_ID
    assert Identifiers(client=True).take(range(0, MAX_ID + 1, 2)) is None
    assert Identifiers(client=False).take(range(1, MAX_ID, 2)) is None
