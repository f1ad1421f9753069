"""Streams, sources and simulcast."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webrtc.errors import SdpError
from webrtc.sdp.sources import (
    MAX_ENCODINGS,
    MAX_SOURCES,
    Encoding,
    Msid,
    Rid,
    Simulcast,
    SsrcGroup,
    collect_sources,
)

tokens = st.text("azAZ09_-", min_size=1, max_size=8)
streams = st.lists(
    st.lists(st.builds(Encoding, tokens, st.booleans()), min_size=1, max_size=3).map(tuple),
    max_size=4,
).map(tuple)


@given(st.builds(Msid, tokens, st.one_of(st.none(), tokens)))
def test_msid_round_trip(msid: Msid) -> None:
    """SDP-30."""
    assert Msid.parse(str(msid)) == msid


@pytest.mark.parametrize("msid", [Msid("a b"), Msid(""), Msid("a", "b c"), Msid("a", "")])
def test_local_ids_that_would_be_read_as_something_else(msid: Msid) -> None:
    """S-13."""
    with pytest.raises(ValueError, match="not a stream or track id"):
        str(msid)


@given(st.builds(SsrcGroup, tokens, st.lists(st.integers(0, 2**32 - 1)).map(tuple)))
def test_ssrc_group_round_trip(group: SsrcGroup) -> None:
    """SDP-29, SDP-37."""
    assert SsrcGroup.parse(str(group)) == group


@given(
    st.builds(
        Rid,
        tokens,
        st.sampled_from(["send", "recv"]),
        st.lists(st.integers(0, 127)).map(tuple),
        st.lists(st.tuples(tokens.filter(lambda name: name != "pt"), tokens)).map(tuple),
    )
)
def test_rid_round_trip(rid: Rid) -> None:
    assert Rid.parse(str(rid)) == rid


def test_rid_of_rfc_8851() -> None:
    """RFC 8851 §13."""
    rid = Rid.parse("1 send pt=96,97;max-width=1280;max-height=720;depend=2,3")
    assert rid.payload_types == (96, 97)
    assert rid.restrictions == (("max-width", "1280"), ("max-height", "720"), ("depend", "2,3"))


@given(st.builds(Simulcast, streams, streams).filter(any))
def test_simulcast_round_trip(simulcast: Simulcast) -> None:
    assert Simulcast.parse(str(simulcast)) == simulcast


def test_simulcast_of_rfc_8853() -> None:
    """RFC 8853 §5.1: alternatives, and one that starts paused."""
    simulcast = Simulcast.parse("send 1,~4;2;3 recv c")
    assert simulcast.send[0] == (Encoding("1"), Encoding("4", paused=True))
    assert simulcast.receive == ((Encoding("c"),),)
    assert Simulcast.parse("recv 1 send 2").send == ((Encoding("2"),),)


def test_sources_are_grouped_and_the_first_value_counts() -> None:
    """SDP-22, SDP-29, S-05."""
    first, second = collect_sources(
        ["1 cname:a", "2", "x cname:z", "1 msid:s t", "1 cname:b", "4294967296 cname:z", "1 gone"]
    )
    assert (first.ssrc, first.cname, first.msid) == (1, "a", Msid("s", "t"))
    assert first.attributes == {"cname": "a", "msid": "s t", "gone": ""}
    assert (second.ssrc, second.cname, second.msid) == (2, None, None)


def test_sources_are_bounded() -> None:
    """S-02."""
    values = [f"{ssrc} cname:{ssrc}" for ssrc in range(MAX_SOURCES + 5)] + ["0 msid:s"]
    sources = collect_sources(values)
    assert len(sources) == MAX_SOURCES
    assert sources[0].msid == Msid("s")


@pytest.mark.parametrize(
    ("parse", "text"),
    [
        (Msid.parse, ""),
        (Msid.parse, "a b c"),
        (SsrcGroup.parse, ""),
        (SsrcGroup.parse, "FID -1"),
        (SsrcGroup.parse, "FID 4294967296"),
        (Rid.parse, "a"),
        (Rid.parse, "a both"),
        (Rid.parse, "a.b send"),
        (Rid.parse, "a send pt=x"),
        (Rid.parse, "a send pt=128"),
        (Rid.parse, "a send x y"),
        (Simulcast.parse, ""),
        (Simulcast.parse, "send"),
        (Simulcast.parse, "send a send b"),
        (Simulcast.parse, "send a recv"),
        (Simulcast.parse, "both a"),
        (Simulcast.parse, "send a;"),
        (Simulcast.parse, "send ~~a"),
        (Simulcast.parse, "send " + ";".join(["a"] * (MAX_ENCODINGS + 1))),
    ],
)
def test_malformed_lines_raise_sdp_error(parse: Callable[[str], object], text: str) -> None:
    """SDP-42, S-02."""
    with pytest.raises(SdpError):
        parse(text)
