"""Media streams, their RTP sources and simulcast encodings.

RFC 8830 (msid), RFC 5576 (ssrc), RFC 8851 (rid), RFC 8853 (simulcast).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple, Self

from webrtc.errors import SdpError
from webrtc.sdp.codecs import parse_payload_type
from webrtc.sdp.grammar import UINT32, parse_token, parse_uint, shorten, split_words

MAX_SOURCES = 1024
MAX_ENCODINGS = 64

_RID = re.compile(r"[A-Za-z0-9_-]{1,255}")


class Msid(NamedTuple):
    """`a=msid`: the stream a track belongs to."""

    stream_id: str
    """`-` for a track without a stream. RFC 8829 §5.2.1."""
    track_id: str | None = None

    @classmethod
    def parse(cls, value: str) -> Self:
        """Read the value of `a=msid`."""
        words = split_words(value)
        if len(words) not in {1, 2}:
            raise SdpError(f"malformed msid: {shorten(value)}")
        return cls(*words)

    def __str__(self) -> str:
        words = [self.stream_id] if self.track_id is None else [self.stream_id, self.track_id]
        for word in words:
            if not word or " " in word:
                raise ValueError(f"not a stream or track id: {shorten(word)}")
        return " ".join(words)


@dataclass(slots=True)
class Source:
    """An RTP source and what the `a=ssrc` lines say of it."""

    ssrc: int
    attributes: dict[str, str] = field(default_factory=dict)
    """`cname`, `msid` …; the value of a property is ""."""

    @property
    def cname(self) -> str | None:
        return self.attributes.get("cname")

    @property
    def msid(self) -> Msid | None:
        """The stream of this source where the media description holds several."""
        value = self.attributes.get("msid", "")
        return Msid.parse(value) if len(split_words(value)) in {1, 2} else None


class SsrcGroup(NamedTuple):
    """`a=ssrc-group`: sources that belong together."""

    semantics: str
    """`FID` (a source and its retransmissions), `FEC-FR`, `SIM` …"""
    ssrcs: tuple[int, ...]

    @classmethod
    def parse(cls, value: str) -> Self:
        """Read the value of `a=ssrc-group`."""
        semantics, *ssrcs = split_words(value) or [""]
        parse_token(semantics, "group semantics")
        return cls(semantics, tuple(parse_uint(ssrc, UINT32, "ssrc") for ssrc in ssrcs))

    def __str__(self) -> str:
        return " ".join((self.semantics, *map(str, self.ssrcs)))


class Rid(NamedTuple):
    """`a=rid`: one encoding of a track."""

    id: str
    direction: str
    """`send` or `recv`."""
    payload_types: tuple[int, ...] = ()
    """Empty when every codec may be used."""
    restrictions: tuple[tuple[str, str], ...] = ()
    """`max-width`, `max-br` … with their values."""

    @classmethod
    def parse(cls, value: str) -> Self:
        """Read the value of `a=rid`."""
        words = split_words(value)
        if len(words) not in {2, 3} or not _RID.fullmatch(words[0]):
            raise SdpError(f"malformed rid: {shorten(value)}")
        direction = words[1].lower()
        if direction not in {"send", "recv"}:
            raise SdpError(f"rid direction: {shorten(words[1])}")
        pairs = [part.partition("=")[::2] for part in words[2].split(";")] if words[2:] else []
        formats = [text for name, value in pairs if name == "pt" for text in value.split(",")]
        return cls(
            words[0],
            direction,
            tuple(map(parse_payload_type, formats)),
            tuple(pair for pair in pairs if pair[0] not in {"pt", ""}),
        )

    def __str__(self) -> str:
        parts = [f"pt={','.join(map(str, self.payload_types))}"] if self.payload_types else []
        parts += [f"{name}={value}" if value else name for name, value in self.restrictions]
        return " ".join(filter(None, (self.id, self.direction, ";".join(parts))))


class Encoding(NamedTuple):
    """One rid in `a=simulcast`."""

    rid: str
    paused: bool = False

    def __str__(self) -> str:
        return f"~{self.rid}" if self.paused else self.rid


Encodings = tuple[tuple[Encoding, ...], ...]
"""Streams, each with its alternatives in order of preference."""


class Simulcast(NamedTuple):
    """`a=simulcast`: the encodings sent and received at the same time."""

    send: Encodings = ()
    receive: Encodings = ()

    @classmethod
    def parse(cls, value: str) -> Self:
        """Read the value of `a=simulcast`."""
        words = split_words(value)
        lists = dict(zip((word.lower() for word in words[::2]), words[1::2], strict=False))
        if len(words) != 2 * len(lists) or not {"send", "recv"} >= lists.keys() or not lists:
            raise SdpError(f"malformed simulcast: {shorten(value)}")
        return cls(_parse_encodings(lists.get("send")), _parse_encodings(lists.get("recv")))

    def __str__(self) -> str:
        lists = (("send", self.send), ("recv", self.receive))
        return " ".join(
            f"{name} {_format_encodings(streams)}" for name, streams in lists if streams
        )


def collect_sources(values: Iterable[str]) -> list[Source]:
    """Group the values of `a=ssrc` lines by source.

    Malformed ones are ignored, and so are sources after the first `MAX_SOURCES`.
    """
    sources: dict[int, Source] = {}
    for value in values:
        number, _, rest = value.partition(" ")
        try:
            ssrc = parse_uint(number, UINT32, "ssrc")
        except SdpError:
            continue
        name, _, content = rest.strip(" ").partition(":")
        if ssrc not in sources and len(sources) == MAX_SOURCES:
            continue
        source = sources.setdefault(ssrc, Source(ssrc))
        if name:
            source.attributes.setdefault(name, content)
    return list(sources.values())


def _parse_encodings(text: str | None) -> Encodings:
    if text is None:
        return ()
    if text.count(";") + text.count(",") >= MAX_ENCODINGS:
        raise SdpError(f"more than {MAX_ENCODINGS} simulcast encodings")
    return tuple(
        tuple(_parse_encoding(item) for item in stream.split(",")) for stream in text.split(";")
    )


def _parse_encoding(text: str) -> Encoding:
    rid = text.removeprefix("~")
    if not _RID.fullmatch(rid):
        raise SdpError(f"malformed rid: {shorten(text)}")
    return Encoding(rid, text != rid)


def _format_encodings(streams: Encodings) -> str:
    return ";".join(",".join(map(str, stream)) for stream in streams)
