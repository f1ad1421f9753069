"""Which codecs are offered, answered and agreed."""

from dataclasses import replace

import pytest

from tests.sdp_samples import OFFERS, sample
from webrtc.engine import AUDIO, VIDEO, MediaEngine
from webrtc.jsep.codecs import (
    answered_codecs,
    common_codecs,
    offered_codecs,
    ordered_as,
    repeated,
)
from webrtc.jsep.numbers import Numbers
from webrtc.sdp import MediaDescription, SessionDescription
from webrtc.sdp.codecs import Codec

OPUS = Codec(111, "opus", 48000, 2, "minptime=10", ("transport-cc",))
RED = Codec(63, "red", 48000, 2)
PCMU = Codec(0, "PCMU", 8000)
CN = Codec(13, "CN", 8000)
EVENTS = Codec(126, "telephone-event", 8000)
VP8 = Codec(96, "VP8", 90000, None, "", ("nack", "nack pli"))
VP9 = Codec(98, "VP9", 90000, None, "profile-id=0", ("nack",))
RTX = Codec(97, "rtx", 90000)


def h264(payload_type: int, profile: str, mode: int = 1, *, asymmetric: bool = True) -> Codec:
    fmtp = f"packetization-mode={mode};profile-level-id={profile}"
    if asymmetric:
        fmtp = "level-asymmetry-allowed=1;" + fmtp
    return Codec(payload_type, "H264", 90000, None, fmtp)


def offer(*wanted: Codec) -> list[str]:
    return shown(offered_codecs(wanted, Numbers()))


def shown(codecs: tuple[Codec, ...]) -> list[str]:
    """Number, name and what it repeats."""
    repeats = {"rtx", "red"}
    return [
        f"{each.payload_type} {each.name}" + (f" {each.fmtp}" if each.name in repeats else "")
        for each in codecs
    ]


def apt(payload_type: int, primary: object) -> Codec:
    return replace(RTX, payload_type=payload_type, fmtp=f"apt={primary}")


def test_every_codec_of_an_offer_has_its_rtx_behind_it() -> None:
    """RFC 9429 §5.2.1: "one rtx for each"."""
    assert offer(VP8, VP9, RTX) == ["96 VP8", "97 rtx apt=96", "98 VP9", "99 rtx apt=98"]


def test_who_does_not_list_rtx_gets_none() -> None:
    """Trap 4: the list decides."""
    assert offer(VP8, VP9) == ["96 VP8", "98 VP9"]


def test_the_order_is_that_of_the_list() -> None:
    assert offer(RTX, VP9, VP8) == ["98 VP9", "99 rtx apt=98", "96 VP8", "97 rtx apt=96"]


def test_red_names_the_codec_that_it_carries() -> None:
    """RFC 2198 §5: in front of it where it is preferred."""
    assert offer(OPUS, RED) == ["111 opus", "63 red 111/111"]
    assert offer(RED, OPUS) == ["63 red 111/111", "111 opus"]
    assert offer(RED, PCMU) == ["0 PCMU"]


def test_what_stands_in_for_speech_needs_a_codec_with_its_clock() -> None:
    assert offer(OPUS, CN, EVENTS) == ["111 opus"]
    assert offer(OPUS, PCMU, CN, EVENTS) == ["111 opus", "0 PCMU", "13 CN", "126 telephone-event"]


def test_what_finds_no_number_is_left_out() -> None:
    many = [Codec(96, f"codec{index}", 90000) for index in range(70)]
    assert len(offer(*many)) == 61
    assert "rtx" not in " ".join(offer(*many, RTX))


def test_an_offer_made_again_says_the_same() -> None:
    numbers = Numbers()
    assert offered_codecs(VIDEO, numbers) == offered_codecs(VIDEO, numbers)


@pytest.mark.parametrize("name", OFFERS)
def test_answers_have_the_numbers_and_the_order_of_the_offer(name: str) -> None:
    """Traps 1, 2, 3: with every offer of another implementation."""
    for media in SessionDescription.parse(sample(name)).media:
        if not media.is_rtp:
            continue
        answer = answered_codecs(AUDIO if media.kind == "audio" else VIDEO, media.codecs)
        numbers = [codec.payload_type for codec in answer]
        assert numbers == [int(text) for text in media.formats if int(text) in numbers]
        for codec in answer:
            offered = media.codec(codec.payload_type)
            assert offered is not None
            assert offered.matches(codec)
            assert set(codec.feedback) <= set(offered.feedback)
            if codec.name == "rtx":
                assert repeated(codec) in numbers


def test_an_rtx_goes_with_its_codec() -> None:
    """Trap 3."""
    offered = [VP8, apt(97, 96), Codec(100, "H263", 90000), apt(101, 100)]
    assert shown(answered_codecs(VIDEO, offered)) == ["96 VP8", "97 rtx apt=96"]
    assert shown(answered_codecs([VP8], offered)) == ["96 VP8"]


@pytest.mark.parametrize("fmtp", ["9" * 5000, "111/" + "9" * 5000, "111/128", "x", "111//"])
def test_a_red_of_nonsense_is_refused(fmtp: str) -> None:
    assert shown(answered_codecs(AUDIO, [OPUS, replace(RED, fmtp=fmtp)])) == ["111 opus"]


def test_a_red_that_says_nothing_carries_what_is_like_it() -> None:
    assert shown(answered_codecs(AUDIO, [OPUS, RED])) == ["111 opus", "63 red "]


@pytest.mark.parametrize("primary", [99, "", "x", 128, 97])
def test_an_rtx_of_nothing_is_refused(primary: object) -> None:
    assert shown(answered_codecs(VIDEO, [VP8, apt(97, primary)])) == ["96 VP8"]


def test_video_red_and_fec_are_refused_and_so_are_their_rtx() -> None:
    """Accepting them makes libwebrtc wrap VP8 in RED."""
    fec = Codec(120, "ulpfec", 90000)
    flexfec = Codec(121, "flexfec-03", 90000)
    red = Codec(118, "red", 90000)
    assert shown(answered_codecs(VIDEO, [red, apt(119, 118), fec, flexfec, VP8])) == ["96 VP8"]


def test_audio_red_is_answered_with_what_it_carries() -> None:
    red = replace(RED, fmtp="111/111")
    assert shown(answered_codecs(AUDIO, [OPUS, red])) == ["111 opus", "63 red 111/111"]
    assert shown(answered_codecs([RED, PCMU], [OPUS, red, PCMU])) == ["0 PCMU"]
    assert shown(answered_codecs([RED, OPUS], [OPUS, replace(RED, fmtp="111/9")])) == ["111 opus"]


def test_what_is_preferred_comes_first_in_an_answer_too() -> None:
    """Codec preferences order offers and answers; audio red first, or browsers do not send it."""
    offered = [VP8, VP9, apt(100, 96), apt(101, 98)]
    answer = answered_codecs([VP9, RTX, VP8], offered, reorder=True)
    assert shown(answer) == ["98 VP9", "101 rtx apt=98", "96 VP8", "100 rtx apt=96"]
    red = replace(RED, fmtp="111/111")
    assert shown(answered_codecs([RED, OPUS], [OPUS, red], reorder=True))[0] == "63 red 111/111"


def test_h264_matches_by_profile_and_mode_and_not_by_level() -> None:
    """Trap 36: constrained baseline has several names."""
    offered = [
        h264(100, "42e01f"),
        h264(102, "4d001f"),
        h264(104, "42e01f", 0),
        h264(106, "42c01f"),
    ]
    answer = answered_codecs([h264(1, "42e034")], offered)
    assert [codec.payload_type for codec in answer] == [100, 106]
    assert [codec.parameters["profile-level-id"] for codec in answer] == ["42e034", "42c034"]


def test_the_lower_level_is_answered_where_levels_must_be_equal() -> None:
    offered = [h264(100, "42e01f", asymmetric=False)]
    answer = answered_codecs([h264(1, "42e034")], offered)
    assert answer[0].parameters["profile-level-id"] == "42e01f"


@pytest.mark.parametrize(
    ("name", "own", "offered", "taken"),
    [
        ("VP9", "profile-id=0", "", True),
        ("VP9", "profile-id=0", "profile-id=2", False),
        ("AV1", "profile=0;level-idx=5", "level-idx=8", True),
        ("AV1", "profile=0", "profile=1", False),
        ("H265", "profile-id=1;level-id=180", "level-id=93", True),
        ("H265", "profile-id=1", "profile-id=2", False),
        ("H265", "profile-id=1", "tier-flag=1", False),
        ("H265", "", "tx-mode=MRST", False),
        ("VP8", "", "max-fs=12288;max-fr=60", True),
    ],
)
def test_profiles_are_symmetric_and_levels_are_not(
    name: str, own: str, offered: str, taken: bool
) -> None:
    found = answered_codecs(
        [Codec(96, name, 90000, fmtp=own)], [Codec(100, name.lower(), 90000, fmtp=offered)]
    )
    assert bool(found) is taken


def test_feedback_is_what_both_speak() -> None:
    """RFC 4585 §4.2: no nack for audio unless asked for; "*" stands for every codec."""
    media = MediaDescription("video", 9, "UDP/TLS/RTP/SAVPF", ["96"])
    media.add("rtpmap", "96 VP8/90000").add("rtcp-fb", "* nack").add("rtcp-fb", "96 ccm tmmbr")
    assert answered_codecs([VP8], media.codecs)[0].feedback == ("nack",)
    asking = replace(OPUS, feedback=("nack", "transport-cc"))
    assert answered_codecs([OPUS], [asking])[0].feedback == ("transport-cc",)
    assert answered_codecs([asking], [asking])[0].feedback == ("nack", "transport-cc")


def test_an_answer_has_one_kind_of_congestion_feedback() -> None:
    both = replace(VP8, feedback=("ack ccfb", "transport-cc"))
    assert answered_codecs([both], [both])[0].feedback == ("transport-cc",)
    ccfb = replace(VP8, feedback=("ack ccfb",))
    assert answered_codecs([both], [ccfb])[0].feedback == ("ack ccfb",)


def test_what_is_common_is_numbered_by_either_side() -> None:
    ours = (VP8, apt(97, 96), VP9, apt(99, 98))
    theirs = (replace(VP8, payload_type=120, feedback=("nack pli",)), apt(121, 120))
    assert shown(common_codecs(ours, theirs)) == ["96 VP8", "97 rtx apt=96"]
    assert shown(common_codecs(theirs, ours)) == ["120 VP8", "121 rtx apt=120"]
    assert common_codecs(ours, theirs)[0].feedback == ("nack pli",)
    assert shown(common_codecs(ours, theirs[:1])) == ["96 VP8"]


def test_codecs_in_the_order_of_the_last_answer() -> None:
    """RFC 9429 §5.2.2: then the rest."""
    assert ordered_as([VP9, OPUS], [VP8, RTX, VP9]) == (VP9, VP8, RTX)
    assert ordered_as([RED, PCMU], [OPUS, PCMU, RED]) == (RED, PCMU, OPUS)


def test_a_codec_of_the_user_is_negotiated_like_any_other() -> None:
    """INT: an engine with one codec more."""
    mine = Codec(96, "x-depth", 90000)
    engine = MediaEngine(video=(mine, RTX))
    offered = offered_codecs(engine.video, Numbers())
    assert shown(offered) == ["96 x-depth", "97 rtx apt=96"]
    assert answered_codecs(engine.video, offered) == offered
