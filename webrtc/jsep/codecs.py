"""Which codecs an offer has, and which an answer takes. RFC 9429 §5.2.1, §5.3.1."""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from webrtc.errors import SdpError
from webrtc.jsep.fmtp import answered_fmtp
from webrtc.jsep.numbers import Numbers
from webrtc.sdp.codecs import Codec, parse_payload_type

_REPEATS: Final = frozenset({"rtx", "red"})
"""What carries packets of other codecs of the section."""
_FILLS: Final = frozenset({"cn", "telephone-event"})
"""What stands in for speech, on the clock of its codec."""
_REPAIRS: Final = frozenset({"ulpfec", "flexfec", "flexfec-03"})


def is_primary(codec: Codec) -> bool:
    """Whether it carries audio or video by itself."""
    return codec.name.lower() not in _REPEATS | _FILLS | _REPAIRS


def offered_codecs(wanted: Sequence[Codec], numbers: Numbers) -> tuple[Codec, ...]:
    """The codecs of an offer in the order of `wanted`, each under its number in the session.

    Behind every codec comes its `rtx`, if `wanted` has one; `red` names the codec that it carries.
    What has no codec to go with is left out, and what has no number.
    """
    numbered = {
        index: replace(codec, payload_type=number)
        for index, codec in enumerate(wanted)
        if codec.name.lower() not in _REPEATS
        and (number := numbers.payload_type(codec)) is not None
    }
    primaries = [codec for codec in numbered.values() if is_primary(codec)]
    rtx = next((codec for codec in wanted if codec.name.lower() == "rtx"), None)
    found: list[Codec] = []
    for index, codec in enumerate(wanted):
        chosen = numbered.get(index)
        if chosen is None and codec.name.lower() == "red":
            chosen = _red(codec, primaries, numbers)
        if chosen is None or not _has_company(chosen, primaries):
            continue
        found.append(chosen)
        if rtx is not None and is_primary(chosen) and chosen.clock_rate == rtx.clock_rate:
            found += _rtx(rtx, chosen, numbers)
    return tuple(found)


def answered_codecs(
    wanted: Sequence[Codec], offered: Sequence[Codec], *, reorder: bool = False
) -> tuple[Codec, ...]:
    """The codecs of the answer, under the numbers and in the order of the offer.

    With `reorder` they come in the order of `wanted`, each with its `rtx` behind it.
    """
    own = by_identity(wanted)
    taken = {
        codec.payload_type: _answer(own[identity], codec)
        for codec in offered
        if codec.name.lower() != "rtx" and (identity := codec.identity) in own
    }
    primaries = [codec for codec in taken.values() if is_primary(codec)]
    numbers = {codec.payload_type for codec in primaries}
    taken = {
        number: codec
        for number, codec in taken.items()
        if _has_company(codec, primaries)
        and (carried := _carried(codec)) is not None
        and carried <= numbers
    }
    for codec in offered:
        if (apt := repeated(codec)) in numbers and codec.identity in own:
            taken[codec.payload_type] = replace(codec, fmtp=f"apt={apt}", feedback=())
    answer = [taken[codec.payload_type] for codec in offered if codec.payload_type in taken]
    return tuple(_in_order(wanted, answer) if reorder else answer)


def common_codecs(codecs: Sequence[Codec], others: Sequence[Codec]) -> tuple[Codec, ...]:
    """Those of `codecs` that the other side has too, as `codecs` numbers them.

    Feedback is what both sides speak of.
    """
    known = by_identity(others)
    common = {
        codec.payload_type: replace(codec, feedback=_common_feedback(codec, known[identity]))
        for codec in codecs
        if codec.name.lower() != "rtx" and (identity := codec.identity) in known
    }
    repairs = any(other.name.lower() == "rtx" for other in others)
    return tuple(
        common.get(codec.payload_type, codec)
        for codec in codecs
        if codec.payload_type in common or (repairs and repeated(codec) in common)
    )


def ordered_as(before: Iterable[Codec], codecs: Sequence[Codec]) -> tuple[Codec, ...]:
    """The same codecs in the order of `before`, then those that it does not have."""
    ranks = {identity: rank for rank, identity in enumerate(by_identity(before))}
    return tuple(sorted(codecs, key=lambda each: ranks.get(each.identity, len(ranks))))


def by_identity(codecs: Iterable[Codec]) -> dict[Hashable, Codec]:
    """Codecs by what matches, the first of several."""
    found: dict[Hashable, Codec] = {}
    for codec in codecs:
        found.setdefault(codec.identity, codec)
    return found


def repeated(codec: Codec) -> int | None:
    """The payload type that an `rtx` repeats; None for anything else. RFC 4588 §8.1."""
    if codec.name.lower() != "rtx":
        return None
    try:
        return parse_payload_type(codec.parameters.get("apt", ""))
    except SdpError:
        return None


def _rtx(rtx: Codec, codec: Codec, numbers: Numbers) -> Iterator[Codec]:
    number = codec.payload_type + 1
    repeats = replace(rtx, payload_type=number, fmtp=f"apt={codec.payload_type}")
    found = numbers.payload_type(repeats)
    if found is not None:
        yield replace(repeats, payload_type=found)


def _red(red: Codec, primaries: Sequence[Codec], numbers: Numbers) -> Codec | None:
    """It carries the first codec of its clock rate and channels, twice. RFC 2198 §5."""
    carried = next((each for each in primaries if _like(each, red)), None)
    if carried is None:
        return None
    red = replace(red, fmtp=f"{carried.payload_type}/{carried.payload_type}")
    number = numbers.payload_type(red)
    return replace(red, payload_type=number) if number is not None else None


def _like(one: Codec, other: Codec) -> bool:
    return (one.clock_rate, one.channels) == (other.clock_rate, other.channels)


def _has_company(codec: Codec, primaries: Iterable[Codec]) -> bool:
    """Whether there is a codec for it to go with; a primary one needs none."""
    match codec.name.lower():
        case "red":
            return any(_like(each, codec) for each in primaries)
        case "cn" | "telephone-event":
            return any(each.clock_rate == codec.clock_rate for each in primaries)
    return True


def _carried(codec: Codec) -> set[int] | None:
    """The payload types that a `red` carries, as far as it says; None where it says nonsense."""
    if codec.name.lower() != "red" or not codec.fmtp:
        return set()
    try:
        return {parse_payload_type(text) for text in codec.fmtp.split("/")}
    except SdpError:
        return None


def _answer(own: Codec, offered: Codec) -> Codec:
    feedback = _common_feedback(own, offered)
    if "transport-cc" in feedback:  # two reports of one thing: a peer may obey both
        feedback = tuple(each for each in feedback if each != "ack ccfb")
    return replace(offered, fmtp=answered_fmtp(own, offered), feedback=feedback)


def _common_feedback(codec: Codec, other: Codec) -> tuple[str, ...]:
    return tuple(each for each in codec.feedback if each in other.feedback)


def _in_order(wanted: Iterable[Codec], answer: Sequence[Codec]) -> Iterator[Codec]:
    """Sort by `wanted`, each `rtx` behind its codec; several of one identity stay in order."""
    ranks = {identity: rank for rank, identity in enumerate(by_identity(wanted))}
    repairs = {repeated(codec): codec for codec in answer}
    media = (codec for codec in answer if codec.name.lower() != "rtx")
    for codec in sorted(media, key=lambda each: ranks[each.identity]):
        yield codec
        if codec.payload_type in repairs:
            yield repairs[codec.payload_type]
