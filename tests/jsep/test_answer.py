"""Answers. RFC 9429 §5.3."""

import re

import pytest

from tests.jsep.lines import ORIGIN, local, reread
from tests.sdp_samples import OFFERS, sample
from webrtc.jsep.answer import build_answer
from webrtc.sdp import MediaDescription, SessionDescription, Setup


@pytest.mark.parametrize("name", OFFERS)
def test_an_answer_to_each_sample(name: str) -> None:
    """S-08, SDP-28: data accepted, everything else rejected, mids kept, BUNDLE to match."""
    offer = SessionDescription.parse(sample(name))
    data = next(index for index, media in enumerate(offer.media) if media.is_data)
    answer = reread(build_answer(ORIGIN, offer, {data: local(Setup.ACTIVE)}))
    assert [media.kind for media in answer.media] == [media.kind for media in offer.media]
    assert [media.mid for media in answer.media] == [media.mid for media in offer.media]
    assert [media.protocol for media in answer.media] == [media.protocol for media in offer.media]
    accepted = [media for media in answer.media if not media.rejected]
    assert len(accepted) == 1
    assert accepted[0].is_data
    assert [group.mids for group in answer.groups("BUNDLE")] == [(accepted[0].mid,)]
    for media in answer.media:
        if media.rejected:
            assert media.port == 0
            assert media.formats
            assert not re.search(r"a=(ice|fingerprint|setup|candidate|crypto)", str(media))


def test_an_answer_without_data_accepts_nothing() -> None:
    """RFC 9143 §7.3: no mid is left for a BUNDLE group."""
    answer = build_answer(ORIGIN, SessionDescription.parse(sample("offer-chromium")), {})
    assert all(media.rejected for media in answer.media)
    assert answer.groups() == []


def test_the_form_before_rfc_8841_is_answered_in_kind() -> None:
    """SDP-03."""
    old = MediaDescription("application", 9, "DTLS/SCTP", ["5000"]).add("mid", "d")
    answer = build_answer(ORIGIN, SessionDescription.jsep(ORIGIN, [old]), {0: local(Setup.ACTIVE)})
    media = reread(answer).media[0]
    assert media.media_name == "application 9 DTLS/SCTP 5000"
    assert media.get("sctpmap") == "5000 webrtc-datachannel 65535"
    assert not media.has("sctp-port")
