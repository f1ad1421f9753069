"""Which codecs an offer has, and which an answer takes. RFC 9429 §5.2.1, §5.3.1."""

from collections.abc import Iterable, Iterator, Sequence
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
    taken = {
        codec.payload_type: _answer(own, codec)
        for codec in offered
        if codec.name.lower() != "rtx" and (own := matching(wanted, codec)) is not None
    }
    primaries = [codec for codec in taken.values() if is_primary(codec)]
    numbers = {codec.payload_type for codec in primaries}
    taken = {
        number: codec
        for number, codec in taken.items()
        if _has_company(codec, primaries) and _carried(codec) <= numbers
    }
    for codec in offered:
        is_wanted = codec.name.lower() == "rtx" and matching(wanted, codec) is not None
        if is_wanted and (apt := repeated(codec)) in numbers:
            taken[codec.payload_type] = Codec(
                codec.payload_type, codec.name, codec.clock_rate, codec.channels, f"apt={apt}"
            )
    answer = [taken[codec.payload_type] for codec in offered if codec.payload_type in taken]
    return tuple(_in_order(wanted, answer) if reorder else answer)


def common_codecs(codecs: Sequence[Codec], others: Sequence[Codec]) -> tuple[Codec, ...]:
    """Those of `codecs` that the other side has too, as `codecs` numbers them.

    Feedback is what both sides speak of.
    """
    common = {}
    for codec in codecs:
        other = matching(others, codec)
        if codec.name.lower() != "rtx" and other is not None:
            feedback = tuple(each for each in codec.feedback if each in other.feedback)
            common[codec.payload_type] = replace(codec, feedback=feedback)
    repairs = any(other.name.lower() == "rtx" for other in others)
    return tuple(
        common.get(codec.payload_type, codec)
        for codec in codecs
        if codec.payload_type in common or (repairs and repeated(codec) in common)
    )


def matching(codecs: Iterable[Codec], codec: Codec) -> Codec | None:
    """The first of `codecs` that is the same as `codec`."""
    return next((each for each in codecs if each.matches(codec)), None)


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


def _carried(codec: Codec) -> set[int]:
    """The payload types that a `red` carries, as far as it says."""
    if codec.name.lower() != "red":
        return set()
    return {int(text) for text in codec.fmtp.split("/") if text.isascii() and text.isdigit()}


def _answer(own: Codec, offered: Codec) -> Codec:
    feedback = [each for each in own.feedback if each in offered.feedback]
    if "transport-cc" in feedback and "ack ccfb" in feedback:
        feedback.remove("ack ccfb")  # two reports of one thing: a peer may obey both
    return replace(offered, fmtp=answered_fmtp(own, offered), feedback=tuple(feedback))


def _in_order(wanted: Iterable[Codec], answer: Sequence[Codec]) -> Iterator[Codec]:
    for own in wanted:
        for codec in answer:
            if codec.name.lower() == "rtx" or not codec.matches(own):
                continue
            yield codec
            yield from (each for each in answer if repeated(each) == codec.payload_type)
