"""Ordered lines and the index over them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sdp.reading import AUDIO, HEAD, one_media
from webrtc.sdp import Direction, MediaDescription, SessionDescription, Setup
from webrtc.sdp.fields import Bandwidth
from webrtc.sdp.grammar import Attribute, Line, parse_uint
from webrtc.sdp.section import Section, parse_each

names = st.sampled_from(["a", "b", "c", "mid"])
values = st.one_of(st.none(), st.sampled_from(["", "0", "x y"]))


def text_of(section: Section) -> list[str]:
    return [str(line) for line in section.lines]


def test_lines_keep_their_order_and_are_found_by_name() -> None:
    """SDP-09, SDP-11, SDP-15, SDP-19."""
    section = Section([Line("i", "title"), Attribute("x", "1"), Line("b", "AS:5")])
    section.add("rtcp-mux").add("x", 2).add("y", "")
    assert text_of(section) == ["i=title", "a=x:1", "b=AS:5", "a=rtcp-mux", "a=x:2", "a=y:"]
    assert section.attributes[1:] == [
        Attribute("rtcp-mux"),
        Attribute("x", "2"),
        Attribute("y", ""),
    ]
    assert (section.get("x"), section.get_all("x")) == ("1", ["1", "2"])
    assert (section.has("rtcp-mux"), section.get("rtcp-mux")) == (True, None)
    assert section.get_all("rtcp-mux") == []
    assert (section.has("i"), section.field("i"), section.fields("b")) == (False, "title", ["AS:5"])
    assert (section.field("c"), section.fields("c"), section.get("z")) == (None, [], None)
    assert section.information == "title"


def test_typed_lines_of_both_levels() -> None:
    """SDP-06, SDP-07, SDP-08, SDP-17, SDP-36, S-09: an excessive bandwidth is ignored."""
    bandwidths = [Line("b", value) for value in ("AS:1", "junk", "AS:1e308", "TIAS:9" * 9, "CT:2")]
    section = Section([*bandwidths, Line("c", "IN IP6 ::1"), Line("k", "prompt")])
    assert [str(bandwidth) for bandwidth in section.bandwidths] == ["AS:1", "CT:2"]
    assert section.connection_information == ("IN", "IP6", "::1")
    assert section.encryption_key == "prompt"
    assert section.identity is None
    assert section.add("identity", "eyJ").identity == "eyJ"
    assert not section.extmap_allow_mixed


@given(st.lists(st.tuples(st.sampled_from(["add", "replace", "remove"]), names, values)))
def test_index_and_lines_agree_after_any_edit(edits: list[tuple[str, str, str | None]]) -> None:
    section = Section([Attribute("b", "first"), Line("c", "kept"), Attribute("mid", "0")])
    for edit, name, value in edits:
        if edit == "remove":
            section.remove(name)
            assert not section.has(name)
        elif edit == "add":
            section.add(name, value)
        else:
            section.replace(name, value)
            assert [line.value for line in section.attributes if line.name == name] == [value]
        for known in ("a", "b", "c", "mid"):
            given_values = [line.value for line in section.attributes if line.name == known]
            assert section.has(known) == bool(given_values)
            assert section.get(known) == (given_values[0] if given_values else None)
    assert section.fields("c") == ["kept"]


def test_what_was_parsed_follows_every_edit() -> None:
    media = MediaDescription.data().add("mid", "a")
    assert media.mid == media.mid == "a"
    assert media.add("mid", "b").mid == "a"
    assert media.replace("mid", "c").mid == "c"
    assert media.remove("mid").mid is None
    assert media.add("mid", "d").mid == "d"


def test_replace_keeps_the_place_of_the_first() -> None:
    section = Section().add("a", 1).add("b").add("a", 2)
    assert text_of(section.replace("a", 3)) == ["a=a:3", "a=b"]
    assert text_of(section.replace("c", 4)) == ["a=a:3", "a=b", "a=c:4"]


def test_a_field_keeps_its_place_when_it_is_set() -> None:
    section = Section([Line("c", "old"), Attribute("a"), Line("c", "second")])
    assert text_of(section.set_field("c", "new")) == ["c=new", "a=a", "c=second"]
    assert section.fields("c") == ["new", "second"]
    assert text_of(section.set_field("i", "title"))[-1] == "i=title"
    assert section.field("i") == "title"


def test_white_space_at_the_end_of_a_line_means_nothing() -> None:
    """Devices write it. The text stays as it was."""
    lines = [
        "a=mid: 0 ",
        "a=rtcp-mux\t",
        "a=sendonly ",
        "a=ptime:20  ",
        "a=setup:PASSIVE ",
        "b=AS:5 ",
    ]
    media = one_media(*lines)
    assert (media.mid, media.rtcp_mux, media.direction) == ("0", True, Direction.SENDONLY)
    assert (media.packet_time, media.setup) == (20, Setup.PASSIVE)
    assert media.bandwidths == [Bandwidth("AS", 5)]
    assert str(media).split("\r\n")[1:-1] == lines
    assert media.remove("rtcp-mux").rtcp_mux is False
    assert str(media.replace("mid", 1)).split("\r\n")[1:-1] == ["a=mid:1", *lines[2:]]


def test_groups_are_named_in_capitals_or_not() -> None:
    description = SessionDescription.parse(HEAD + "a=group:Bundle 0\r\n" + AUDIO + "a=mid:0\r\n")
    assert [group.mids for group in description.groups("BUNDLE")] == [("0",)]
    assert description.groups("LS") == []


@pytest.mark.parametrize("text", ["x\r\na=evil", "x\ny", "x\ry", "x\0", "\udc80"])
def test_local_text_cannot_break_out_of_its_line(text: str) -> None:
    """S-13: label, msid and cname reach the description through these."""
    section = Section()
    for attempt in (
        lambda: section.add("msid", text),
        lambda: section.add(text),
        lambda: section.replace("msid", text),
        lambda: section.append(Line("s", text)),
        lambda: section.set_field("s", text),
        lambda: Section([Attribute("x", text)]),
    ):
        with pytest.raises(ValueError, match="CR, LF"):
            attempt()
    assert section.lines == ()


def test_parse_each_leaves_out_what_is_malformed_and_stops_at_the_limit() -> None:
    texts = ["1", "x", "2", "3", "4"]
    assert parse_each(lambda text: parse_uint(text, 9), texts) == [1, 2, 3, 4]
    assert parse_each(lambda text: parse_uint(text, 9), texts, 3) == [1, 2, 3]
