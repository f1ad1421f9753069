"""The media of a description that anybody may have written: answered, or refused."""

from tests.jsep.golden import answer
from tests.jsep.terms import wishes
from webrtc.errors import InvalidAccessError
from webrtc.jsep.agreed import agree
from webrtc.jsep.checks import check_media, compare
from webrtc.jsep.matching import match, unmatched
from webrtc.jsep.media import carries_media, read_media
from webrtc.jsep.numbers import Numbers
from webrtc.jsep.remote import read_line
from webrtc.jsep.simulcast import accepted_rids, proposed_rids
from webrtc.jsep.wishes import offered_terms
from webrtc.sdp import Direction, SessionDescription


def negotiate(text: str) -> None:
    """Take it as an offer, and as the answer to ours; what is answered must be readable."""
    offer = SessionDescription.parse(text)
    unmatched(offer, match(offer, (), ()))
    numbers = Numbers()
    numbers.note(offer)
    for media in offer.media:
        terms = read_media(offer, media)
        ours = offered_terms(wishes(terms.kind), numbers)
        assert len({codec.payload_type for codec in ours.codecs}) == len(ours.codecs)
        agree(ours, terms)
        accepted_rids(("q", "h"), terms)
        proposed_rids(terms)
        _ = (terms.stream_ids, terms.repairs)
    try:
        compare(offer, None, answer=False)
        found = [index for index in range(len(offer.media)) if carries_media(offer, index)]
        check_media([read_line(offer, index, answer=False) for index in found], None)
        answered = str(answer(offer, Direction.SENDRECV))
    except InvalidAccessError:
        return
    compare(SessionDescription.parse(answered), offer, answer=True)
