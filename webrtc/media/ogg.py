"""Ogg Opus, several tracks in one file. RFC 7845, RFC 3533."""

import struct
from collections.abc import Iterator, Sequence
from typing import BinaryIO, Final

from webrtc.errors import DecodeError
from webrtc.media.ogg_page import (
    CONTINUED,
    FIRST,
    LAST,
    MAX_SEGMENTS,
    NO_GRANULE,
    Page,
    read_page,
)
from webrtc.media.private import opus_head
from webrtc.media.track import Timeline, Track
from webrtc.rtp.frame import EncodedFrame
from webrtc.rtp.payload.opus import duration

CLOCK: Final = 48_000
_PAGE_TICKS = CLOCK
"""A page holds a second: what a crash may cost."""
_MAX_PACKET = 61_440
"""RFC 7845 §6: what a decoder need not take."""
_MAX_TRACKS = 255
_TAGS: Final = b"OpusTags" + struct.pack("<I", 6) + b"webrtc" + bytes(4)


class OggWriter:
    """Writes tracks of Opus. The file stays the caller's, and is never rewound.

    Where a track has a gap, or begins late, packets without sound fill it (RFC 7845 §4.1): all
    tracks keep one clock. Without `close` a file lacks its last second.
    """

    def __init__(self, file: BinaryIO, tracks: Sequence[Track], *, pre_skip: int = 0) -> None:
        """Write the headers. `pre_skip`: how much players leave out at first, in 1/48000 s.

        Raises ValueError for a track that is not Opus, mono or stereo.
        """
        for track in tracks:
            if track.codec.lower() != "opus" or track.channels not in {1, 2}:
                raise ValueError(f"Ogg with {track.codec} of {track.channels} channels")
        if not 0 < len(tracks) <= _MAX_TRACKS:
            raise ValueError(f"Ogg with {len(tracks)} tracks")
        self._tracks = tracks
        self._streams = [_Outlet(file, serial) for serial in range(1, len(tracks) + 1)]
        for stream, track in zip(self._streams, tracks, strict=True):
            stream.put(FIRST, 0, [opus_head(track.channels, pre_skip)])
        for stream in self._streams:
            stream.put(0, 0, [_TAGS])

    def write(self, frame: EncodedFrame, time: float, track: int = 0) -> None:
        """Add a packet that sounds from `time` on, in seconds.

        Raises ValueError for a frame of another codec, one that is no packet of Opus, or with a
        time before the last.
        """
        self._tracks[track].check(frame)
        if len(frame.data) > _MAX_PACKET:
            raise ValueError(f"a packet of Opus of {len(frame.data)} bytes")
        try:
            ticks = duration(frame.data)
        except DecodeError as error:
            raise ValueError(str(error)) from None
        self._streams[track].write(frame.data, ticks, time)

    def close(self) -> None:
        """End all tracks."""
        for stream in self._streams:
            stream.flush(LAST)


class _Outlet:
    """One logical stream on its way into the file."""

    def __init__(self, file: BinaryIO, serial: int) -> None:
        self._file = file
        self._serial = serial
        self._sequence = 0
        self._timeline = Timeline()
        self._granule = 0
        """The end of all sound so far."""
        self._ticks = 0
        self._segments = 0
        self._packets: list[bytes] = []
        """Of the page that is not written yet, with their duration and lacing values."""

    def write(self, data: bytes, ticks: int, time: float) -> None:
        self._timeline.advance(time)
        begins = round(time * CLOCK)
        # The first byte alone is a packet with one frame that has no sound: RFC 6716 §3.2.1.
        silence = bytes((data[0] & 0xFC,))
        length = duration(silence)
        for _ in range((begins - self._granule + length // 2) // length):
            self._append(silence, length)
        self._append(data, ticks)

    def flush(self, flags: int = 0) -> None:
        """Write the page that is begun."""
        self.put(flags, self._granule, self._packets)
        self._packets = []
        self._ticks = self._segments = 0

    def put(self, flags: int, granule: int, packets: Sequence[bytes]) -> None:
        """Write a page."""
        page = Page(flags, granule, self._serial, self._sequence, tuple(packets))
        self._file.write(page.encode())
        self._sequence += 1

    def _append(self, packet: bytes, ticks: int) -> None:
        segments = len(packet) // 255 + 1
        if self._packets and (
            self._segments + segments > MAX_SEGMENTS or self._ticks + ticks > _PAGE_TICKS
        ):
            self.flush()
        self._packets.append(packet)
        self._segments += segments
        self._ticks += ticks
        self._granule += ticks


class OggReader:
    """Reads the packets of one track of Opus, up to where the file is cut off if it is."""

    def __init__(self, file: BinaryIO, track: int = 0) -> None:
        """Read the headers. Raises DecodeError for what is no Ogg with so many tracks of Opus."""
        self.tracks: list[Track] = []
        """All tracks of Opus that the file has."""
        self._file = file
        serials: list[int] = []
        page = read_page(file)
        while page is not None and page.flags & FIRST:
            head = page.packets[0] if page.packets else b""
            if head.startswith(b"OpusHead") and len(head) > 9:
                self.tracks.append(Track("opus", CLOCK, head[9]))
                serials.append(page.serial)
            if len(serials) > _MAX_TRACKS:
                raise DecodeError(f"Ogg with {len(serials)} tracks")
            page = read_page(file)
        if not 0 <= track < len(serials):
            raise DecodeError(f"Ogg with {len(serials)} tracks of Opus")
        self.track = self.tracks[track]
        self._serial = serials[track]
        self._page = page

    def __iter__(self) -> Iterator[EncodedFrame]:
        """Frames with their timestamps at 48 kHz.

        Raises DecodeError for what is malformed, after all that comes before.
        """
        inlet = _Inlet()
        page, self._page = self._page, None
        while page is not None:
            if page.serial == self._serial:
                yield from inlet.read(page)
                if page.flags & LAST:
                    return
            page = read_page(self._file)


class _Inlet:
    """Packets out of the pages of one logical stream."""

    def __init__(self) -> None:
        self._position: int | None = None
        """Where the next packet begins, in ticks."""
        self._parts: list[bytes] = []
        self._length = 0
        self._tags = True
        """The comments come first, of any length: they are passed over."""

    def read(self, page: Page) -> Iterator[EncodedFrame]:
        packets = [packet for packet in self._whole(page) if packet]
        durations = [duration(packet) for packet in packets]
        self._place(page, sum(durations))
        for packet, ticks in zip(packets, durations, strict=True):
            position = self._position or 0
            yield EncodedFrame(packet, "opus", position & 0xFFFFFFFF, keyframe=True)
            self._position = position + ticks

    def _place(self, page: Page, ticks: int) -> None:
        """Begin where the page says: behind a gap or the beginning of a stream that was cut."""
        if page.granule == NO_GRANULE or not ticks:
            return
        begins = page.granule - ticks
        if self._position is None:
            self._position = 0
        if begins > self._position and not page.flags & LAST:
            self._position = begins

    def _whole(self, page: Page) -> Iterator[bytes]:
        """Packets that end on this page."""
        if not page.flags & CONTINUED:
            self._parts = []
            self._length = 0
        lost = page.flags & CONTINUED and not self._parts and not self._tags
        for index, part in enumerate(page.packets):
            if index < len(page.packets) - 1 or page.complete:
                whole = b"".join([*self._parts, part])
                self._parts = []
                self._length = 0
                if self._tags:
                    self._tags = False
                elif index or not lost:
                    yield whole
            elif not self._tags and (index or not lost):
                self._keep(part)

    def _keep(self, part: bytes) -> None:
        self._parts.append(part)
        self._length += len(part)
        if self._length > _MAX_PACKET:
            raise DecodeError(f"a packet of Opus of {self._length} bytes")
