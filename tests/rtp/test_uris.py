"""Names of header extensions, against those that browsers write."""

from tests.sdp_samples import OFFERS, sample
from webrtc.rtp import uris
from webrtc.sdp import SessionDescription


def test_names_are_those_of_browsers() -> None:
    """RTPEXT: a letter that is wrong would never be answered."""
    told = {
        each.uri
        for name in OFFERS
        for media in SessionDescription.parse(sample(name)).media
        for each in media.extmaps
    }
    known = {value for name, value in vars(uris).items() if name.isupper() and name[0] != "_"}
    assert len(known) == 18
    assert told <= known
    assert known - told == {uris.ABS_CAPTURE_TIME, uris.INBAND_CN, uris.CORRUPTION_DETECTION}
