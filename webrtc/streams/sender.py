"""Who sends: one section's media, of one or more encodings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random

from webrtc.rtp.codec import Codec
from webrtc.rtp.frame import EncodedFrame
from webrtc.rtp.packet import RtpPacket
from webrtc.rtp.payload import Packetizer, PayloadFormat
from webrtc.streams.outbound import Numbers, OutboundStream


@dataclass(frozen=True, slots=True)
class SendTerms:
    """What two peers have agreed on for what one of them sends."""

    mid: str | None = None
    codecs: tuple[Codec, ...] = ()
    """The first is sent."""
    extensions: Mapping[str, int] = field(default_factory=dict)
    """Ids of header extensions by their URI."""


class Encoding:
    """One of the streams of a sender. Its sources stay the same for life."""

    __slots__ = (
        "active",
        "codec",
        "firs",
        "frames",
        "height",
        "keyframes",
        "numbers",
        "packetizer",
        "plis",
        "rid",
        "rtx_ssrc",
        "size",
        "ssrc",
        "stream",
        "width",
    )

    def __init__(self, rid: str | None, random: Random) -> None:
        self.rid = rid
        self.ssrc = random.randrange(1, 1 << 32)
        self.rtx_ssrc = random.randrange(1, 1 << 32)
        """The source that repairs it."""
        self.numbers = Numbers(random)
        self.active = True
        self.stream: OutboundStream | None = None
        """None while it is not bound to a session."""
        self.packetizer: Packetizer | None = None
        self.codec: Codec | None = None
        """What the packetizer is for: it goes on while that is the same."""
        self.size = 0
        """Bytes of a payload at most."""
        self.frames = 0
        """Those that were sent; packets of others are not put together to count them."""
        self.keyframes = 0
        self.plis = self.firs = 0
        """Requests for key frames that came."""
        self.width: int | None = None
        """In pixels, of the last key frame that told."""
        self.height: int | None = None


class Sender:
    """Takes part in a session while it is bound to it, and outlives it."""

    def __init__(self, kind: str, random: Random, rids: Sequence[str] = ()) -> None:
        """`kind`: audio or video. `rids`: of simulcast, one encoding each. RFC 8853."""
        self.kind = kind
        self.terms = SendTerms()
        self.encodings = [Encoding(rid, random) for rid in rids] or [Encoding(None, random)]
        self.dropped = 0
        """Frames that were sent while there was no way to send them."""
        self._silent = True

    @property
    def codec(self) -> Codec | None:
        """What is sent, or None before there are terms."""
        return self.terms.codecs[0] if self.terms.codecs else None

    def configure(self, terms: SendTerms) -> None:
        """Set what was agreed on. A session that it is bound to has to bind it anew."""
        self.terms = terms

    def prepare(self, formats: Mapping[str, PayloadFormat], size: int, tag: int) -> None:
        """Make the packetizers for what was agreed on; the session calls it when it binds."""
        codec = self.codec
        if codec is None:
            return
        format_ = formats.get(codec.name)
        for encoding in self.encodings:
            if encoding.stream is not None:
                encoding.size = encoding.stream.room(size, tag)
            if encoding.codec != codec:
                encoding.codec = codec
                encoding.packetizer = format_.packetizer(codec.parameters) if format_ else None

    def send(
        self, frame: EncodedFrame, now: float, extra: Mapping[int, bytes] | None = None
    ) -> bool:
        """Send a frame in the encoding of its rid; False when there is no way to do so.

        Without a rid it is the first encoding. `extra`: header extension elements by id. Raises
        ValueError for a frame of another codec or in another form.
        """
        encoding = self.encoding(frame.rid)
        stream, packetizer = encoding.stream, encoding.packetizer
        if stream is None or packetizer is None or not encoding.active:
            self.dropped += 1
            return False
        size = encoding.size
        if extra:
            size -= stream.room(0, 0) - stream.room(0, 0, extra)
        payloads = packetizer.split(frame, size)
        marker = self.kind == "video" or self._silent
        self._silent = False
        stream.send(payloads, frame.timestamp, now, marker=marker, extra=extra)
        encoding.frames += 1
        encoding.keyframes += frame.keyframe
        if frame.width is not None:
            encoding.width, encoding.height = frame.width, frame.height
        return True

    def forward(
        self,
        packet: RtpPacket,
        now: float,
        *,
        rid: str | None = None,
        payload_type: int | None = None,
        extra: Mapping[int, bytes] | None = None,
    ) -> bool:
        """Send a packet of another source in an encoding; False when there is no way to do so.

        `payload_type`: one of ours, that of the first codec if none is given; `extra`: header
        extension elements by our ids. Raises ValueError for a payload type that was not agreed on.
        """
        encoding = self.encoding(rid)
        stream = encoding.stream
        if stream is None or not encoding.active:
            self.dropped += 1
            return False
        if payload_type is None:
            payload_type = stream.payload_type
        elif payload_type not in stream.info.codecs:
            raise ValueError(f"payload type {payload_type} was not agreed on")
        stream.forward(packet, now, payload_type, extra)
        return True

    def begin_anew(self) -> None:
        """Let what is forwarded next go on from here, even a source that was forwarded before."""
        for encoding in self.encodings:
            encoding.numbers.source = -1

    def send_event(
        self, payload: bytes, timestamp: int, payload_type: int, now: float, *, marker: bool
    ) -> bool:
        """Send what stands in the place of sound; False when there is no way. RFC 4733 §2.

        `timestamp`: that of frames, as when the event began.
        """
        stream = self.encodings[0].stream
        if stream is None:
            return False
        stream.send([payload], timestamp, now, marker=marker, payload_type=payload_type)
        return True

    def encoding(self, rid: str | None) -> Encoding:
        """The encoding of that rid, for None the first. Raises ValueError when there is none."""
        if rid is None:
            return self.encodings[0]
        for encoding in self.encodings:
            if encoding.rid == rid:
                return encoding
        raise ValueError(f"no encoding has the rid {rid!r:.40}")
