"""Which sections share a transport, and which must stay for its sake. RFC 9143."""

import pytest

from webrtc.jsep.bundle import (
    Policy,
    Seat,
    answered_groups,
    answered_lines,
    idle_sections,
    negotiated_mids,
    offered_seats,
    settled_lines,
    shares_transport,
    transport_index,
    ufrag_in_effect,
)
from webrtc.sdp import SessionDescription

HEAD = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"
ICE = "a=ice-ufrag:{0}{0}{0}{0}\r\na=ice-pwd:pppppppppppppppppppppp\r\n"


def audio(mid: str, port: int = 9, *, own: bool = True) -> str:
    lines = f"m=audio {port} UDP/TLS/RTP/SAVPF 0\r\na=mid:{mid}\r\na=rtcp-mux\r\n"
    return lines + (ICE.format(mid) if own else "")


def data(mid: str, port: int = 9, *, own: bool = True) -> str:
    lines = f"m=application {port} UDP/DTLS/SCTP webrtc-datachannel\r\na=mid:{mid}\r\n"
    return lines + (ICE.format(mid) if own else "")


ONLY = "a=bundle-only\r\n"


def parsed(group: str, *sections: str) -> SessionDescription:
    line = f"a=group:BUNDLE {group}\r\n" if group else ""
    return SessionDescription.parse(HEAD + line + "".join(sections))


def test_bundled_sections_share_a_transport() -> None:
    description = parsed("0 1", audio("0"), audio("1"), audio("2"))
    assert shares_transport(description, 0, 1)
    assert shares_transport(description, 2, 2)
    assert not shares_transport(description, 0, 2)


def test_lines_of_the_transport_may_be_in_the_tagged_section_alone() -> None:
    """§7.2: in offers and in answers."""
    description = parsed("b a", data("a", own=False), audio("b"))
    for answer in (False, True):
        assert transport_index(description, 0, answer=answer) == 1
    assert ufrag_in_effect(description, 0) == "bbbb"


def test_lines_of_a_section_that_may_stand_alone_are_its_own_in_an_offer() -> None:
    """§7.2.1: the answerer may take it out of the bundle; in an answer that is settled."""
    description = parsed("b a", data("a"), audio("b"))
    assert transport_index(description, 0, answer=False) == 0
    assert transport_index(description, 0, answer=True) == 1
    assert ufrag_in_effect(description, 0) == "aaaa"


def test_lines_of_a_bundle_only_section_mean_nothing() -> None:
    """§6: and with another port than 0, `bundle-only` itself means nothing."""
    description = parsed("b a c", data("a", 0) + ONLY, audio("b"), audio("c") + ONLY)
    assert transport_index(description, 0, answer=False) == 1
    assert transport_index(description, 2, answer=False) == 2


def test_a_section_outside_of_every_group_has_its_own_transport() -> None:
    description = parsed("b", data("a", own=False), audio("b"))
    assert transport_index(description, 0, answer=True) == 0
    assert ufrag_in_effect(description, 0) is None


def test_an_answer_may_list_what_it_rejects() -> None:
    """As who copies the group of the offer does: the first section that is there is the tag."""
    description = parsed("b a", data("a"), audio("b", 0))
    assert transport_index(description, 0, answer=True) == 0


def test_what_is_negotiated_is_bundled_on_both_sides() -> None:
    local = parsed("a b", data("a"), audio("b"), audio("c"))
    remote = parsed("a c", data("a"), audio("b"), audio("c"))
    assert negotiated_mids(local, remote) == {"a"}
    assert negotiated_mids(local, parsed("a b", data("a", 0), audio("b"))) == {"b"}


@pytest.mark.parametrize(
    ("offer", "negotiated", "idle"),
    [
        (parsed("b a", data("a"), audio("b")), "", set()),
        (parsed("b a", data("a", 0) + ONLY, audio("b")), "", {1}),
        (parsed("b a", data("a", 0) + ONLY, audio("b", own=False)), "", {1}),
        (parsed("b a", data("a", own=False), audio("b")), "", {1}),
        (parsed("a b", data("a"), audio("b", 0) + ONLY), "", set()),
        (parsed("b a", data("a").replace("aaaa", "bbbb"), audio("b")), "", {1}),
        (parsed("b a", data("a"), audio("b")), "ab", {1}),
        (parsed("a b", data("a"), audio("b")), "ab", {1}),
        (parsed("a b", data("a"), audio("b")), "a", set()),
        (parsed("b a", data("a").replace("aaaa", "bbbb"), audio("b")), "a", set()),
        (parsed("b a c", data("a"), audio("b"), audio("c")), "ab", {1}),
        (parsed("b a", data("a"), audio("b", 0)), "ab", set()),
        (parsed("", data("a"), audio("b")), "", set()),
    ],
    ids=[
        "has a port of its own",
        "is bundle-only",
        "is bundle-only, JSEP's way",
        "has no transport of its own",
        "is the tag",
        "has the tag's credentials",
        "negotiated, tag",
        "negotiated, not the tag",
        "new is not negotiated",
        "new is the tag",
        "new beside negotiated",
        "tag is withdrawn",
        "no group",
    ],
)
def test_what_is_accepted_beside_data(
    offer: SessionDescription, negotiated: str, idle: set[int]
) -> None:
    found = idle_sections(offer, [0], set(negotiated))
    assert found is not None
    assert set(found) == idle


def test_nothing_has_to_be_accepted_for_nothing() -> None:
    offer = parsed("b a", data("a", 0) + ONLY, audio("b"))
    assert idle_sections(offer, [], set("ab")) == frozenset()


@pytest.mark.parametrize(
    "tag",
    [
        audio("b").replace("UDP/TLS/RTP/SAVPF", "RTP/AVP"),
        data("b").replace("UDP/DTLS/SCTP", "UDP/BFCP"),
    ],
    ids=["in the clear", "unknown"],
)
def test_a_tag_that_cannot_be_accepted_rejects_the_group(tag: str) -> None:
    """§7.3.3."""
    offer = parsed("b a", data("a", 0) + ONLY, tag)
    assert idle_sections(offer, [0], set()) is None


KINDS = ["audio", "video", "audio", "application"]


@pytest.mark.parametrize(
    ("policy", "seats"),
    [
        ("max-compat", [Seat(0), Seat(1), Seat(2), Seat(3)]),
        ("balanced", [Seat(0), Seat(1), Seat(0, bundle_only=True), Seat(3)]),
        ("max-bundle", [Seat(0), *[Seat(0, bundle_only=True)] * 3]),
    ],
)
def test_a_first_offer_by_policy(policy: Policy, seats: list[Seat]) -> None:
    """CFG: RFC 9429 §4.1.1."""
    assert offered_seats(KINDS, policy, {}, None) == dict(enumerate(seats))


def test_the_first_section_that_is_not_rejected_carries_the_others() -> None:
    """RFC 9143 §7.2.1: the tag must have an address."""
    found = offered_seats([None, "video", "audio"], "max-bundle", {}, None)
    assert found == {1: Seat(1), 2: Seat(1, bundle_only=True)}


@pytest.mark.parametrize("policy", ["max-compat", "balanced", "max-bundle"])
def test_new_sections_ride_the_transport_of_the_bundle_at_once(policy: Policy) -> None:
    """RFC 9429 §5.2.2: and bundle-only is for first offers."""
    found = offered_seats(KINDS, policy, {0: 0, 1: 0}, 0)
    assert found == dict.fromkeys(range(4), Seat(0))


def test_new_sections_of_a_peer_that_does_not_bundle_stand_alone() -> None:
    found = offered_seats(KINDS, "max-bundle", {0: 0}, None)
    assert found == {index: Seat(index) for index in range(4)}


def test_the_next_section_takes_over_when_the_tag_is_stopped() -> None:
    """RFC 9143 §7.5.3: with the same transport."""
    assert offered_seats([None, "video"], "balanced", {0: 0, 1: 0}, 0) == {1: Seat(0)}


def test_what_an_answer_has_settled() -> None:
    answer = parsed("b a", data("a"), audio("b", own=False), audio("c"), audio("d", 0))
    assert settled_lines(answer) == ({0: 1, 1: 1, 2: 2}, 1)
    assert settled_lines(parsed("", audio("a"))) == ({0: 0}, None)


@pytest.mark.parametrize(
    ("policy", "accepted"),
    [("max-compat", {0: 0, 1: 1, 2: 2}), ("balanced", {0: 0, 2: 2}), ("max-bundle", {0: 0})],
)
def test_an_answer_to_who_does_not_bundle(policy: Policy, accepted: dict[int, int]) -> None:
    """RFC 9429 §4.1.1."""
    offer = parsed("", audio("a"), audio("b"), data("c"))
    assert answered_lines(offer, range(3), policy, set()) == accepted


def test_what_stands_goes_before_what_is_new() -> None:
    offer = parsed("", audio("a"), audio("b"))
    assert answered_lines(offer, range(2), "max-bundle", {"b"}) == {1: 1}
    assert answered_lines(offer, range(2), "max-bundle", {"a", "b"}) == {0: 0, 1: 1}


@pytest.mark.parametrize(
    ("offer", "wanted", "standing", "lines"),
    [
        (parsed("a b", audio("a"), data("b")), [0, 1], "", {0: 0, 1: 0}),
        (parsed("b a", audio("a"), data("b")), [0, 1], "", {0: 1, 1: 1}),
        (parsed("a b", audio("a"), data("b")), [1], "", {1: 1}),
        (parsed("a b", audio("a", 0), data("b")), [1], "", {1: 1}),
        (parsed("a b", audio("a"), data("b", 0) + ONLY), [1], "", {}),
        (parsed("a b c", audio("a"), data("b", 0) + ONLY, audio("c")), [1, 2], "", {1: 2, 2: 2}),
        (parsed("a b", audio("a"), data("b")), [0, 1], "b", {0: 1, 1: 1}),
        (parsed("a", audio("a"), data("b")), [0, 1], "", {0: 0, 1: 1}),
        (parsed("a", audio("a"), data("b", 0) + ONLY), [0, 1], "", {0: 0}),
    ],
    ids=[
        "first is the tag",
        "the group says who is",
        "tag not accepted",
        "tag rejected by the offer",
        "no transport is left",
        "tag not accepted: next with a transport",
        "what stands is the tag",
        "not in the group",
        "bundle-only without a group",
    ],
)
def test_the_lines_of_an_answer(
    offer: SessionDescription, wanted: list[int], standing: str, lines: dict[int, int]
) -> None:
    """RFC 9143 §7.3.1."""
    assert answered_lines(offer, wanted, "max-compat", set(standing)) == lines


def test_the_tag_of_an_answer_is_its_first_mid() -> None:
    """Trap 15: what is rejected is in no group."""
    offer = parsed("a b c", audio("a"), data("b", 0) + ONLY, audio("c"))
    assert answered_groups(offer, {1, 2}, set())[0].mids == ("c", "b")
    assert answered_groups(offer, {0, 1, 2}, set())[0].mids == ("a", "b", "c")
    assert answered_groups(offer, {0, 1, 2}, {"b"})[0].mids == ("b", "a", "c")
