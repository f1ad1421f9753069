"""The encodings of a track in offers and answers. RFC 8853 §5.3, RFC 8851 §6."""

from collections.abc import Container, Iterator
from typing import NamedTuple

from webrtc.jsep.media import MediaTerms
from webrtc.sdp.sources import Encoding, Encodings, Rid, Simulcast


class Layers(NamedTuple):
    """The lines of a section that name encodings."""

    rids: tuple[Rid, ...]
    simulcast: Simulcast


def offered_layers(send: tuple[str, ...], receive: tuple[str, ...]) -> Layers:
    """What an offer says of them; one alone is no simulcast."""
    send = send if len(send) > 1 else ()
    receive = receive if len(receive) > 1 else ()
    return _layers([Rid(each, "send") for each in send], [Rid(each, "recv") for each in receive])


def answered_layers(
    offered: MediaTerms, send: Container[str], payload_types: Container[int], *, receive: bool
) -> Layers:
    """What an answer says: `send` are encodings of ours, `receive` takes those of the peer.

    Of alternatives the first that will do is taken.
    """
    sent = [Rid(each, "send") for each in _first(offered.simulcast.receive, send)]
    told = {rid.id: rid for rid in offered.rids if rid.direction == "send"}
    names = _first(offered.simulcast.send, told) if receive else ()
    received = [
        rid for name in names if (rid := _receivable(told[name], payload_types)) is not None
    ]
    return _layers(sent if len(sent) > 1 else [], received)


def proposed_rids(offer: MediaTerms) -> tuple[str, ...]:
    """The encodings that the peer's offer wants to have of us, the first of alternatives."""
    told = {rid.id for rid in offer.rids if rid.direction == "recv"}
    return tuple(_first(offer.simulcast.receive, told))


def accepted_rids(rids: tuple[str, ...], answer: MediaTerms) -> tuple[str, ...]:
    """Those of our encodings that the peer's answer leaves: the first, if it knows none."""
    told = {each.rid for stream in answer.simulcast.receive for each in stream}
    return tuple(each for each in rids if each in told) or rids[:1]


def _first(streams: Encodings, known: Container[str]) -> Iterator[str]:
    """The first known encoding of each stream, each once."""
    seen: set[str] = set()
    for stream in streams:
        name = next((each.rid for each in stream if each.rid in known), None)
        if name is not None and name not in seen:
            seen.add(name)
            yield name


def _receivable(rid: Rid, payload_types: Container[int]) -> Rid | None:
    """The same with the payload types that were accepted; None where none of its own is."""
    kept = tuple(each for each in rid.payload_types if each in payload_types)
    if rid.payload_types and not kept:
        return None
    return Rid(rid.id, "recv", kept, rid.restrictions)


def _layers(send: list[Rid], receive: list[Rid]) -> Layers:
    simulcast = Simulcast(
        tuple((Encoding(rid.id),) for rid in send), tuple((Encoding(rid.id),) for rid in receive)
    )
    return Layers((*send, *receive), simulcast)
