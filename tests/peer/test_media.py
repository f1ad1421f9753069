"""Which transceiver a track gets, and what the application does with it. webrtc-pc §5.1.2.

Rows PC-14 to PC-18.
"""

from random import Random

import pytest

from webrtc.errors import InvalidAccessError, InvalidModificationError, InvalidStateError
from webrtc.jsep.numbers import Numbers
from webrtc.peer.media import Media, capabilities
from webrtc.peer.parameters import RTCRtpCodec, RTCRtpEncodingParameters
from webrtc.sdp import Direction
from webrtc.settings import SettingEngine


class Wanting:
    """Counts how often an offer was asked for."""

    def __init__(self) -> None:
        self.times = 0
        self.media = Media(SettingEngine(), Random(1), Numbers(), 0.0, self.want)

    def want(self) -> None:
        self.times += 1


@pytest.fixture
def wanting() -> Wanting:
    return Wanting()


@pytest.fixture
def media(wanting: Wanting) -> Media:
    return wanting.media


def test_they_stay_in_the_order_of_creation(media: Media) -> None:
    audio = media.add_transceiver("audio", None, None, "recvonly", (), ())
    video = media.add_track("video", object(), ["s"], None)
    late = media.make("audio")
    assert list(media.transceivers) == [audio, video]
    media.adopt(late)
    assert list(media.transceivers) == [audio, video, late.transceiver]
    assert (video.added, video.direction, video.stream_ids) == (True, Direction.SENDRECV, ("s",))
    assert late.transceiver.offered
    assert late.transceiver.direction is Direction.RECVONLY
    media.drop(late)
    assert list(media.transceivers) == [audio, video]


def test_a_track_goes_with_the_first_that_never_sent(media: Media) -> None:
    media.add_transceiver("audio", None, None, "recvonly", (), ())
    fresh = media.add_transceiver("video", None, None, "recvonly", (), ())
    assert media.add_track("video", object(), (), None) is fresh
    assert fresh.direction is Direction.SENDRECV
    assert media.add_track("video", object(), (), None) is not fresh


def test_one_track_is_not_sent_twice(media: Media) -> None:
    track = object()
    made = media.add_track("video", track, (), None)
    with pytest.raises(InvalidAccessError):
        media.add_track("video", track, (), None)
    media.remove_track(made)
    assert media.add_track("video", track, (), None) is made


@pytest.mark.parametrize(("kind", "direction"), [("data", "sendrecv"), ("audio", "stopped")])
def test_what_there_is_not_is_a_type_error(media: Media, kind: str, direction: str) -> None:
    with pytest.raises(TypeError):
        media.add_transceiver(kind, None, None, direction, (), ())


def test_an_offer_is_asked_for_when_something_has_changed(wanting: Wanting) -> None:
    made = wanting.media.add_transceiver("video", None, None, "sendrecv", (), ())
    assert wanting.times == 1
    wanting.media.set_direction(made, "sendrecv")
    wanting.media.remove_track(made)
    assert wanting.times == 1
    wanting.media.set_direction(made, "recvonly")
    wanting.media.set_streams(made, ["s"])
    wanting.media.stop(made, 0.0)
    wanting.media.stop(made, 0.0)
    assert wanting.times == 4


def test_one_that_no_description_has_is_gone_when_stopped(media: Media) -> None:
    """It would never be offered, and an offer be asked for for ever."""
    made = media.add_transceiver("video", None, None, "sendrecv", (), ())
    media.stop(made, 0.0)
    assert media.transceivers == ()
    assert made.stopped


def test_preferences_are_of_what_there_is(media: Media) -> None:
    made = media.add_transceiver("video", None, None, "sendrecv", (), ())
    found = capabilities("video")
    assert found is not None
    assert capabilities("data") is None
    first = found.codecs[0]
    media.set_codec_preferences(made, [first, first])
    assert list(made.preferences) == [first]
    media.set_codec_preferences(made, [])
    assert list(made.preferences) == []
    rtx = next(each for each in found.codecs if each.name == "rtx")
    for wrong in (RTCRtpCodec(mime_type="video/Theora", clock_rate=90000), rtx):
        with pytest.raises(InvalidModificationError):
            media.set_codec_preferences(made, [wrong])


def test_parameters_are_changed_only_from_what_was_got(media: Media) -> None:
    encodings = [RTCRtpEncodingParameters(rid="a"), RTCRtpEncodingParameters(rid="b")]
    made = media.add_transceiver("video", None, None, "sendrecv", (), encodings)
    told = media.get_parameters(made)
    assert media.get_parameters(made) is told
    assert told.rtcp.cname == media.cname
    media.set_parameters(made, told, 0.0)
    with pytest.raises(InvalidStateError):
        media.set_parameters(made, told, 0.0)
    assert media.get_parameters(made).transaction_id != told.transaction_id
    media.stop(made, 0.0)
    with pytest.raises(InvalidStateError):
        media.set_parameters(made, told, 0.0)
