"""Which sections share a transport, and which must stay for its sake. RFC 9143."""

import pytest

from webrtc.jsep.bundle import (
    idle_sections,
    negotiated_mids,
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
