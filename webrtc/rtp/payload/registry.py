"""Payload formats by their encoding name. RFC 4855."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from webrtc.rtp.payload.base import Depacketizer, Packetizer

Parameters = Mapping[str, str]
"""Of the media type, RFC 4855 §3: those of `a=fmtp`, and `rate` and `channels` of `a=rtpmap`."""


@dataclass(frozen=True, slots=True)
class PayloadFormat:
    """How the frames of one codec travel."""

    encoding_name: str
    """As `a=rtpmap` has it. RFC 4855 §3 compares it without case."""
    kind: Literal["audio", "video"]
    clock_rate: int
    """Of the RTP timestamp, in Hz; which G.722 shows is not always that of the samples."""
    packetizer: Callable[[Parameters], Packetizer]
    depacketizer: Callable[[Parameters], Depacketizer]
    channels: int | None = None
    """What `a=rtpmap` says behind the clock rate, where it says anything."""


class Formats(Mapping[str, PayloadFormat]):
    """A table that finds formats whatever the case of the name. It cannot be changed.

    One more codec is a new table: `Formats([*DEFAULT_FORMATS.values(), mine])`. Of two with one
    name the later counts.
    """

    __slots__ = ("_by_name",)

    def __init__(self, formats: Iterable[PayloadFormat]) -> None:
        self._by_name = {each.encoding_name.lower(): each for each in formats}

    def __getitem__(self, encoding_name: str) -> PayloadFormat:
        return self._by_name[encoding_name.lower()]

    def __iter__(self) -> Iterator[str]:
        return (each.encoding_name for each in self._by_name.values())

    def __len__(self) -> int:
        return len(self._by_name)
