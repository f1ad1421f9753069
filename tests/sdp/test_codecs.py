"""Codecs: their lines, and which two are the same."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webrtc.errors import SdpError
from webrtc.sdp.codecs import (
    MAX_FEEDBACK,
    Codec,
    Fmtp,
    RtcpFeedback,
    RtpMap,
    assemble,
    parse_parameters,
)
from webrtc.sdp.media import MediaDescription

tokens = st.text("azAZ09-", min_size=1, max_size=8)
payload_types = st.integers(0, 127)
codecs = st.builds(
    Codec,
    payload_types,
    tokens,
    st.integers(1, 1_000_000),
    st.one_of(st.none(), st.integers(1, 32)),
    st.one_of(st.just(""), st.lists(tokens, min_size=1).map(";".join)),
    st.lists(st.lists(tokens, min_size=1, max_size=2).map(" ".join), unique=True).map(tuple),
)


@given(st.lists(codecs, max_size=5, unique_by=lambda codec: codec.payload_type))
def test_codecs_round_trip(listed: list[Codec]) -> None:
    """SDP-13, SDP-21, SDP-39, X-06."""
    media = MediaDescription.rtp("audio", listed)
    assert media.codecs == listed
    for codec in listed:
        assert media.codec(codec.payload_type) == codec
        found = media.payload_type(codec)
        assert found is not None
        assert listed[media.formats.index(str(found))].matches(codec)


def test_order_is_that_of_the_formats_and_the_first_line_counts() -> None:
    """S-05, SDP-13."""
    found = assemble(
        ["97", "0", "96", "97", "55", "x", "٩٦"],
        [RtpMap(96, "VP8", 90000), RtpMap(97, "opus", 48000, 2), RtpMap(96, "H264", 90000)],
        [Fmtp(96, "a=1"), Fmtp(96, "a=2")],
        [RtcpFeedback(96, "nack"), RtcpFeedback(None, "x"), RtcpFeedback(96, "nack")],
    )
    assert found == [
        Codec(97, "opus", 48000, 2, "", ("x",)),
        Codec(0, "PCMU", 8000, None, "", ("x",)),
        Codec(96, "VP8", 90000, None, "a=1", ("x", "nack")),
    ]


def test_feedback_of_one_codec_is_bounded() -> None:
    """S-02."""
    many = [RtcpFeedback(None, f"x{number}") for number in range(10_000)]
    (codec,) = assemble(["0"], [], [], many)
    assert len(codec.feedback) == MAX_FEEDBACK


def test_parameters() -> None:
    fmtp = " Profile-Level-Id=42e01f; packetization-mode=1;;0-15 ;a=b=c;A=z;=x"
    assert parse_parameters(fmtp) == {
        "profile-level-id": "42e01f",
        "packetization-mode": "1",
        "0-15": "",
        "a": "b=c",
    }
    assert parse_parameters("") == {}


H264 = Codec(96, "H264", 90000, fmtp="profile-level-id=42e01f;packetization-mode=1")


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        (Codec(1, "opus", 48000, 2), Codec(2, "OPUS", 48000, 2, "stereo=1"), True),
        (Codec(1, "opus", 48000, 2), Codec(1, "opus", 48000), False),
        (Codec(1, "G722", 8000, 1), Codec(1, "G722", 8000), True),
        (Codec(1, "PCMU", 8000), Codec(1, "PCMU", 16000), False),
        (Codec(1, "VP8", 90000), Codec(1, "VP9", 90000), False),
        (H264, Codec(1, "H264", 90000, fmtp="packetization-mode=1"), True),
        (H264, Codec(1, "H264", 90000, fmtp="profile-level-id=42e02a"), False),
        (
            H264,
            Codec(1, "h264", 90000, fmtp="packetization-mode=1;profile-level-id=4de034"),
            True,
        ),
        (
            H264,
            Codec(1, "h264", 90000, fmtp="packetization-mode=1;profile-level-id=64001f"),
            False,
        ),
        (Codec(1, "VP9", 90000), Codec(1, "VP9", 90000, fmtp="profile-id=0"), True),
        (Codec(1, "VP9", 90000), Codec(1, "VP9", 90000, fmtp="profile-id=2"), False),
        (Codec(1, "AV1", 90000, fmtp="level-idx=5"), Codec(1, "AV1", 90000), True),
        (Codec(1, "H265", 90000, fmtp="tx-mode=MRST"), Codec(1, "H265", 90000), False),
        (Codec(1, "rtx", 90000, fmtp="apt=1"), Codec(1, "rtx", 90000, fmtp="apt=2"), True),
    ],
)
def test_matching(left: Codec, right: Codec, *, same: bool) -> None:
    """SDP-14: RFC 3264 §6.1, RFC 6184 §8.2.2."""
    assert left.matches(right) is same
    assert right.matches(left) is same


@pytest.mark.parametrize(
    ("parse", "text"),
    [
        (RtpMap.parse, ""),
        (RtpMap.parse, "96"),
        (RtpMap.parse, "96 VP8"),
        (RtpMap.parse, "96 VP8/0"),
        (RtpMap.parse, "96 VP8/-1"),
        (RtpMap.parse, "96 VP8/1e9"),
        (RtpMap.parse, "128 VP8/90000"),
        (RtpMap.parse, "96 opus/48000/255"),
        (RtpMap.parse, "96 opus/48000/0"),
        (RtpMap.parse, "96 opus/48000/2/2"),
        (RtpMap.parse, "96 /48000"),
        (RtcpFeedback.parse, "96"),
        (RtcpFeedback.parse, "** nack"),
        (Fmtp.parse, "x a=b"),
    ],
)
def test_malformed_codec_lines_raise_sdp_error(parse: Callable[[str], object], text: str) -> None:
    """S-09, SDP-42."""
    with pytest.raises(SdpError):
        parse(text)
