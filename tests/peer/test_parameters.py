"""The dictionaries of webrtc-pc §5.2 and what may be in them. Rows PC-31, PC-35."""

from dataclasses import replace

import pytest

from webrtc.errors import InvalidModificationError, OperationError
from webrtc.peer.parameters import (
    MAX_ENCODINGS,
    RTCResolutionRestriction,
    RTCRtpCodec,
    RTCRtpCodecParameters,
    RTCRtpEncodingParameters,
    RTCRtpSendParameters,
    changed_encodings,
    initial_encodings,
    matches,
)

VP8 = RTCRtpCodec(mime_type="video/VP8", clock_rate=90000)
BOX = RTCResolutionRestriction(max_width=640, max_height=480)
Encoding = RTCRtpEncodingParameters


def scales(encodings: tuple[Encoding, ...]) -> list[float | None]:
    return [each.scale_resolution_down_by for each in encodings]


def test_without_encodings_there_is_one_that_is_sent_as_it_is() -> None:
    assert initial_encodings("video", (), ()) == (Encoding(scale_resolution_down_by=1.0),)
    assert initial_encodings("audio", (), ()) == (Encoding(),)


def test_several_of_video_halve_from_one_to_the_next() -> None:
    made = initial_encodings("video", [Encoding(rid=rid) for rid in "qhf"], ())
    assert scales(made) == [4.0, 2.0, 1.0]
    assert [each.rid for each in made] == ["q", "h", "f"]


def test_a_scale_of_one_gives_the_others_the_scale_of_1() -> None:
    made = initial_encodings(
        "video", [Encoding(rid="a", scale_resolution_down_by=2.0), Encoding(rid="b")], ()
    )
    assert scales(made) == [2.0, 1.0]


def test_the_only_one_needs_no_rid_and_several_get_one() -> None:
    assert initial_encodings("video", [Encoding(rid="a")], ())[0].rid is None
    made = initial_encodings("video", [Encoding()] * 3, ())
    assert [each.rid for each in made] == ["0", "1", "2"]


def test_more_than_can_be_sent_are_cut_off() -> None:
    wanted = [Encoding(rid=f"r{index}") for index in range(MAX_ENCODINGS + 3)]
    made = initial_encodings("video", wanted, ())
    assert [each.rid for each in made] == [each.rid for each in wanted[:MAX_ENCODINGS]]


def test_audio_has_neither_scale_nor_frame_rate() -> None:
    given = Encoding(scale_resolution_down_by=0.1, max_framerate=-1.0, scale_resolution_down_to=BOX)
    assert initial_encodings("audio", [given], ()) == (Encoding(),)


@pytest.mark.parametrize(
    "rids",
    [("a", "a"), ("a", None), ("a-b", "c"), ("", "c"), ("a" * 17, "c"), ("ä", "c"), (5, "c")],
)
def test_rids_that_cannot_be_are_refused(rids: tuple[str | None, ...]) -> None:
    with pytest.raises(TypeError):
        initial_encodings("video", [Encoding(rid=rid) for rid in rids], ())


@pytest.mark.parametrize(
    ("encoding", "error"),
    [
        (Encoding(scale_resolution_down_by=0.9), ValueError),
        (Encoding(scale_resolution_down_by=float("nan")), ValueError),
        (Encoding(max_framerate=-0.1), ValueError),
        (Encoding(codec=VP8), OperationError),
        (Encoding(priority="urgent"), TypeError),
        (Encoding(network_priority="urgent"), TypeError),
        (
            Encoding(scale_resolution_down_to=RTCResolutionRestriction(max_width=0, max_height=1)),
            OperationError,
        ),
    ],
)
def test_values_that_cannot_be_are_refused(encoding: Encoding, error: type[Exception]) -> None:
    with pytest.raises(error):
        initial_encodings("video", [encoding], ())


def test_a_codec_that_can_be_sent_is_taken() -> None:
    made = initial_encodings("video", [Encoding(codec=VP8)], [VP8])
    assert made[0].codec is VP8


def test_a_box_is_for_all_that_are_sent_or_for_none() -> None:
    boxed, free = Encoding(rid="a", scale_resolution_down_to=BOX), Encoding(rid="b")
    with pytest.raises(OperationError):
        initial_encodings("video", [boxed, free], ())
    assert initial_encodings("video", [boxed, replace(free, active=False)], ())


TOLD = RTCRtpSendParameters(
    transaction_id="1",
    encodings=(
        Encoding(rid="a", scale_resolution_down_by=2.0),
        Encoding(rid="b", scale_resolution_down_by=1.0),
    ),
    codecs=(RTCRtpCodecParameters(mime_type="video/VP8", clock_rate=90000, payload_type=96),),
)


def test_what_may_be_changed_is_changed() -> None:
    wanted = replace(
        TOLD,
        encodings=(
            replace(TOLD.encodings[0], active=False, max_bitrate=1000, codec=VP8),
            replace(TOLD.encodings[1], scale_resolution_down_by=None, max_framerate=0.0),
        ),
    )
    made = changed_encodings("video", TOLD, wanted)
    assert (made[0].active, made[0].max_bitrate, made[0].codec) == (False, 1000, VP8)
    assert (made[1].scale_resolution_down_by, made[1].max_framerate) == (1.0, 0.0)


@pytest.mark.parametrize(
    "wanted",
    [
        replace(TOLD, transaction_id="2"),
        replace(TOLD, codecs=()),
        replace(TOLD, encodings=TOLD.encodings[:1]),
        replace(TOLD, encodings=TOLD.encodings[::-1]),
        replace(TOLD, encodings=(replace(TOLD.encodings[0], rid="x"), TOLD.encodings[1])),
        replace(
            TOLD,
            encodings=(
                replace(TOLD.encodings[0], codec=replace(VP8, mime_type="video/AV1")),
                TOLD.encodings[1],
            ),
        ),
        replace(
            TOLD,
            encodings=(
                replace(TOLD.encodings[0], scale_resolution_down_to=BOX),
                TOLD.encodings[1],
            ),
        ),
    ],
    ids=["transaction", "codecs", "fewer", "order", "renamed", "codec", "box"],
)
def test_what_can_only_be_read_is_not(wanted: RTCRtpSendParameters) -> None:
    with pytest.raises(InvalidModificationError):
        changed_encodings("video", TOLD, wanted)


@pytest.mark.parametrize("scale", [0.5, 0.0, -1.0])
def test_a_scale_below_1_is_refused_later_too(scale: float) -> None:
    first = replace(TOLD.encodings[0], scale_resolution_down_by=scale)
    with pytest.raises(ValueError, match="below 1"):
        changed_encodings("video", TOLD, replace(TOLD, encodings=(first, TOLD.encodings[1])))


def test_codecs_match_without_case_and_with_parameters_in_any_order() -> None:
    one = RTCRtpCodec(mime_type="video/H264", clock_rate=90000, sdp_fmtp_line="a=1;b=2")
    assert matches(one, replace(one, mime_type="VIDEO/h264", sdp_fmtp_line="b=2; A=1"))
    assert not matches(one, replace(one, sdp_fmtp_line=None))
    assert not matches(one, replace(one, clock_rate=8000))
    assert not matches(one, replace(one, channels=2))
    assert one.name == "H264"
