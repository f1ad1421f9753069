import pytest
from hypothesis import given
from hypothesis import strategies as st

from webrtc.ice import CandidateType
from webrtc.ice.priority import LocalPreferences, candidate_priority, pair_priority

PRIORITIES = st.integers(1, 2**31 - 1)


@pytest.mark.parametrize(
    ("type_", "preference", "component", "priority"),
    [
        (CandidateType.HOST, 65535, 1, 2130706431),
        (CandidateType.HOST, 65535, 2, 2130706430),
        (CandidateType.PEER_REFLEXIVE, 65535, 1, 1862270975),
        (CandidateType.SERVER_REFLEXIVE, 65535, 1, 1694498815),
        (CandidateType.RELAYED, 0, 1, 255),
    ],
)
def test_formula(type_: CandidateType, preference: int, component: int, priority: int) -> None:
    """ICE-27: RFC 8445 §5.1.2.1."""
    assert candidate_priority(type_, preference, component) == priority


@given(PRIORITIES, PRIORITIES)
def test_pair_priority_is_the_same_number_on_both_sides(one: int, two: int) -> None:
    """ICE-27: RFC 8445 §6.1.2.3; both agents give controlling and controlled in this order."""
    priority = pair_priority(one, two)
    assert priority == 2**32 * min(one, two) + 2 * max(one, two) + (1 if one > two else 0)
    assert (priority > pair_priority(two, one)) is (one > two)


def test_families_take_turns() -> None:
    """ICE-27: RFC 8421 §4: neither family can hold the other up."""
    preferences = LocalPreferences()
    hosts = ["192.0.2.1", "192.0.2.2", "2001:db8::1", "2001:db8::2", "2002::1", "fe80::1%eth0"]
    hosts.append("127.0.0.1")
    ranked = sorted(hosts, key=preferences.of, reverse=True)
    assert ranked == [
        "2001:db8::1",
        "192.0.2.1",
        "2001:db8::2",
        "192.0.2.2",
        "2002::1",
        "fe80::1%eth0",
        "127.0.0.1",
    ]
    assert preferences.of("192.0.2.2") == preferences.of("192.0.2.2")


def test_preferences_are_distinct_and_fit_16_bits() -> None:
    preferences = LocalPreferences()
    values = [preferences.of(f"10.0.0.{n}") for n in range(200)]
    values += [preferences.of(f"2001:db8::{n:x}") for n in range(200)]
    assert len(set(values)) == 400
    assert all(0 < value <= 65535 for value in values)
