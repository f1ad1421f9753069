"""What is negotiated unless one says otherwise."""

from tests.sdp_samples import OFFERS, sample
from webrtc.engine import MediaEngine
from webrtc.rtp import header_values as uris
from webrtc.sdp import SessionDescription
from webrtc.sdp.codecs import Codec

ENGINE = MediaEngine()


def test_no_two_codecs_want_one_number() -> None:
    """RFC 9143 §9.1; and of every codec the number behind it is free for its rtx."""
    primaries = [each for each in ENGINE.video if each.name != "rtx"]
    numbers = [each.payload_type for each in (*ENGINE.audio, *primaries)]
    numbers += [each.payload_type + 1 for each in primaries]
    assert len(numbers) == len(set(numbers))
    assert not [each for each in numbers if 64 <= each <= 95 or each > 127]


def test_all_codecs_differ() -> None:
    for codecs in (ENGINE.audio, ENGINE.video):
        assert len({codec.identity for codec in codecs}) == len(codecs)


def test_audio_is_not_asked_for_again() -> None:
    """No nack for audio, as browsers have it."""
    assert {each for codec in ENGINE.audio for each in codec.feedback} == {"transport-cc"}


def test_video_red_and_fec_are_not_spoken() -> None:
    names = {codec.name.lower() for codec in ENGINE.video}
    assert names.isdisjoint({"red", "ulpfec", "flexfec-03"})


def test_what_is_offered_fits_into_short_ids() -> None:
    """RFC 8285 §4.2: one-byte elements have ids up to 14."""
    assert sum(each.offered for each in ENGINE.extensions) <= 14


def test_each_kind_has_its_extensions() -> None:
    audio = {each.uri for each in ENGINE.extensions_of("audio")}
    video = {each.uri for each in ENGINE.extensions_of("video")}
    assert uris.AUDIO_LEVEL in audio - video
    assert uris.RID in video - audio
    assert uris.MID in audio & video


def test_names_of_extensions_are_those_of_browsers() -> None:
    """RTPEXT: one with a wrong letter would never be answered."""
    told = {
        each.uri
        for name in OFFERS
        for media in SessionDescription.parse(sample(name)).media
        for each in media.extmaps
    }
    known = {each.uri for each in ENGINE.extensions}
    assert told <= known
    assert known - told == {uris.ABS_CAPTURE_TIME, uris.INBAND_CN, uris.CORRUPTION_DETECTION}


def test_one_more_codec_is_another_engine() -> None:
    mine = Codec(120, "mine", 90000)
    assert MediaEngine(video=(mine, *ENGINE.video)).codecs("video")[0] is mine


def test_every_codec_has_a_payload_format() -> None:
    """Offered without codecs: what can be carried can be offered. RED and rtx wrap the others."""
    carried = {codec.name for codec in (*ENGINE.audio, *ENGINE.video)} - {"red", "rtx"}
    for name in carried:
        assert name in ENGINE.formats
    for codec in (*ENGINE.audio, *ENGINE.video):
        if codec.name in carried and codec.name != "telephone-event":
            found = ENGINE.formats[codec.name]
            assert (found.clock_rate, found.channels) == (codec.clock_rate, codec.channels)
