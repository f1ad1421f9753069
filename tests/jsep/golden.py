"""The answers of a whole peer to offers of other implementations, and its own offers."""

from dataclasses import replace

from tests.jsep.lines import ORIGIN, local
from tests.jsep.terms import KINDS, wishes
from tests.sdp_samples import FOLDER
from webrtc.jsep.answer import build_answer
from webrtc.jsep.bundle import answered_lines, offered_seats
from webrtc.jsep.local import LocalData, LocalLine
from webrtc.jsep.media import MediaTerms, carries_media
from webrtc.jsep.numbers import Numbers
from webrtc.jsep.offer import build_offer
from webrtc.jsep.remote import RemoteLine, read_line
from webrtc.jsep.wishes import answered_terms, offered_terms
from webrtc.sdp import Direction, SessionDescription, Setup

VECTORS = FOLDER.parent
ANSWERS = VECTORS / "answers"
OWN = VECTORS / "offers"
OFFERS = sorted(path for path in VECTORS.glob("*/*offer*.sdp") if path.parent not in (ANSWERS, OWN))


def answer(offer: SessionDescription, direction: Direction) -> SessionDescription:
    """Of a peer with a track of each kind, or none, and data channels; it does all it can."""
    usable = [
        index
        for index, media in enumerate(offer.media)
        if carries_media(offer, index) or (media.is_data and not media.rejected)
    ]
    lines = {index: read_line(offer, index, answer=False) for index in usable}
    contents = {
        index: content
        for index, line in lines.items()
        if (content := _content(line, direction)) is not None
    }
    places = answered_lines(offer, contents, "balanced", frozenset())
    transport = local(Setup.ACTIVE).transport
    accepted = {index: LocalLine(transport, contents[index]) for index in places}
    return build_answer(ORIGIN, offer, accepted)


def offer(direction: Direction, rids: tuple[str, ...] = ()) -> SessionDescription:
    """The first offer of the same peer, with one video section more, by the default policy."""
    numbers = Numbers()
    kinds = (*KINDS, KINDS[1])
    seats = offered_seats([*kinds, "application"], "balanced", {}, None)
    transport = local(Setup.ACTPASS).transport
    contents: list[MediaTerms | LocalData] = []
    for index, kind in enumerate(kinds):
        ssrc = 1000 * (index + 1)
        wanted = replace(wishes(kind, direction), ssrc=ssrc, repair_ssrc=ssrc + 1, rids=rids)
        contents.append(offered_terms(wanted, numbers))
    contents.append(LocalData(5000, 262144))
    lines = [
        LocalLine(transport, content, seats[index].bundle_only)
        for index, content in enumerate(contents)
    ]
    return build_offer(ORIGIN, None, {}, lines, (), iter("0123"))


def _content(line: RemoteLine, direction: Direction) -> LocalData | MediaTerms | None:
    if not isinstance(line.content, MediaTerms):
        return LocalData(5000, 262144)
    ssrc = 1000 * (KINDS.index(line.media.kind) + 1)
    wanted = replace(wishes(line.media.kind, direction), ssrc=ssrc, repair_ssrc=ssrc + 1)
    return answered_terms(wanted, line.media)
