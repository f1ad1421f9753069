"""Payload types and ids of header extensions: what they mean does not change in a session.

RFC 9429 §5.2.2, RFC 9143 §9.1 and §9.2, RFC 8285 §5.
"""

from collections.abc import Iterable
from itertools import chain
from typing import Final, Generic, TypeVar

from webrtc.sdp import SessionDescription
from webrtc.sdp.codecs import Codec

_DYNAMIC: Final = (*range(96, 128), *range(35, 64))
_ALLOWED: Final = frozenset(range(64)) | frozenset(_DYNAMIC)
"""Never 64 to 95: with the marker bit they look like RTCP. RFC 5761 §4."""
_SHORT_IDS: Final = range(1, 15)
_LONG_IDS: Final = range(16, 256)

MeaningT = TypeVar("MeaningT")
CodecKey = tuple[str | int | None, ...]


class _Table(Generic[MeaningT]):
    """Numbers and what they mean. The later meaning of a number counts."""

    __slots__ = ("_meanings", "_numbers")

    def __init__(self) -> None:
        self._numbers: dict[MeaningT, int] = {}
        self._meanings: dict[int, MeaningT] = {}

    def bind(self, meaning: MeaningT, number: int) -> None:
        before = self._meanings.get(number)
        if before is not None and before != meaning and self._numbers.get(before) == number:
            del self._numbers[before]
        self._meanings[number] = meaning
        self._numbers[meaning] = number

    def number(self, meaning: MeaningT) -> int | None:
        return self._numbers.get(meaning)

    def take(self, meaning: MeaningT, candidates: Iterable[int]) -> int | None:
        """Give it the first number that stands for nothing."""
        free = next((each for each in candidates if each not in self._meanings), None)
        if free is not None:
            self.bind(meaning, free)
        return free


class Numbers:
    """The numbers of all descriptions so far. Every section counts, as all may be bundled.

    What an offer of ours needs anew is taken here and kept, whether it is ever set or not. Where
    the peer gives a number another meaning, its word counts.
    """

    __slots__ = ("_codecs", "_extensions")

    def __init__(self) -> None:
        self._codecs: _Table[CodecKey] = _Table()
        self._extensions: _Table[str] = _Table()

    def note(self, description: SessionDescription) -> None:
        """A description of either side was set."""
        for media in description.media:
            if media.kind not in {"audio", "video"}:
                continue
            for codec in media.codecs:
                self._codecs.bind(_key(codec), codec.payload_type)
            for extension in description.extmaps(media):
                if extension.id in _SHORT_IDS or extension.id in _LONG_IDS:
                    self._extensions.bind(extension.uri, extension.id)

    def payload_type(self, codec: Codec) -> int | None:
        """The number of a codec, its own if that is free; None when there is none left.

        An `rtx` or `red` is another one for every codec that its parameters name.
        """
        key = _key(codec)
        known = self._codecs.number(key)
        if known is not None:
            return known
        own = (codec.payload_type,) if codec.payload_type in _ALLOWED else ()
        return self._codecs.take(key, chain(own, _DYNAMIC))

    def extension_id(self, uri: str, *, mixed: bool) -> int | None:
        """The id of a header extension; None when there is none left.

        Those above 14 need the long form, which the peer must allow to be `mixed` in.
        """
        known = self._extensions.number(uri)
        if known is not None:
            return known if known in _SHORT_IDS or mixed else None
        return self._extensions.take(uri, chain(_SHORT_IDS, _LONG_IDS) if mixed else _SHORT_IDS)


def _key(codec: Codec) -> CodecKey:
    """What one number stands for."""
    repeats = codec.name.lower() in {"rtx", "red"}
    return (*codec.identity, codec.fmtp) if repeats else codec.identity
