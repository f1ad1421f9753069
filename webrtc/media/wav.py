"""WAV: sound without compression, G.711 and G.722. RFC 2361; Multimedia Programming Interface."""

import struct
from collections.abc import Iterator
from typing import BinaryIO, Final

from webrtc.errors import DecodeError
from webrtc.media.track import Timeline, Track
from webrtc.rtp.frame import EncodedFrame

_FORMAT: Final = struct.Struct("<HHIIHH")
"""Tag, channels, samples a second, bytes a second, bytes of a block, bits a sample."""
_CHUNK: Final = struct.Struct("<4sI")
_PCM, _A_LAW, _MU_LAW, _G722, _EXTENSIBLE = 1, 6, 7, 0x028F, 0xFFFE
_CODECS = {_PCM: "L16", _A_LAW: "PCMA", _MU_LAW: "PCMU", _G722: "G722"}
_SILENCE = {"L16": b"\0", "PCMA": b"\xd5", "PCMU": b"\xff", "G722": b"\xfa"}
_UNKNOWN = 0xFFFFFFFF
_G722_CLOCK, _G722_RATE = 8000, 16_000
"""Ticks and samples a second. RFC 3551 §4.5.2"""
_MAX_FORMAT = 256
_MAX_CHANNELS, _MAX_RATE = 32, 384_000
_PART: Final = 1 << 16
PTIME: Final = 0.02
"""Seconds of sound in the frames of a reader."""


def bytes_a_tick(track: Track) -> int:
    """Bytes of all channels for a tick of the track's clock."""
    return track.channels * (2 if track.codec == "L16" else 1)


def wave_format(track: Track) -> bytes:
    """WAVEFORMATEX of a track of sound. Raises ValueError for another codec."""
    tags = {codec: tag for tag, codec in _CODECS.items()}
    if track.codec not in tags or not track.channels:
        raise ValueError(f"WAV with {track.codec} of {track.channels} channels")
    rate = _G722_RATE if track.codec == "G722" else track.clock_rate
    block = bytes_a_tick(track)
    bits = {"L16": 16, "G722": 4}.get(track.codec, 8)
    return _FORMAT.pack(
        tags[track.codec], track.channels, rate, block * track.clock_rate, block, bits
    )


class WavWriter:
    """Writes one track of L16, PCMU, PCMA or G722; silence fills what is missing in it.

    The file stays the caller's. Without `close` it does not tell its length, which players accept.
    """

    def __init__(self, file: BinaryIO, track: Track) -> None:
        """Write the header. Raises ValueError for a track of another codec."""
        self._file = file
        self._start = file.tell() if file.seekable() else None
        self._track = track
        self._block = bytes_a_tick(track)
        self._timeline = Timeline()
        self._length = 0
        layout = wave_format(track)
        if track.codec != "L16":
            layout += bytes(2)  # the length of what follows, which all but PCM have
        self._header = b"WAVE" + _CHUNK.pack(b"fmt ", len(layout)) + layout
        self._file.write(self._head(_UNKNOWN, _UNKNOWN))

    def write(self, frame: EncodedFrame, time: float) -> None:
        """Add a frame that sounds from `time` on, in seconds.

        Raises ValueError for a frame of another codec, with a part of a sample, or with a time
        before the last.
        """
        self._track.check(frame)
        if len(frame.data) % self._block:
            raise ValueError(f"a frame of {self._track.codec} of {len(frame.data)} bytes")
        self._timeline.advance(time)
        missing = round(time * self._track.clock_rate) * self._block - self._length
        if missing * 2 >= len(frame.data):  # less than that is jitter
            self._fill(missing)
        data = frame.data
        if self._track.codec == "L16":
            data = swapped(data)
        self._file.write(data)
        self._length += len(data)

    def close(self) -> None:
        """Write the length into the header, if the file can be rewritten."""
        if self._length % 2:
            self._file.write(b"\0")
        if self._start is not None:
            length = min(self._length, _UNKNOWN)
            whole = len(self._header) + _CHUNK.size + length + length % 2
            self._file.seek(self._start)
            self._file.write(self._head(min(whole, _UNKNOWN), length))
            self._file.seek(0, 2)

    def _head(self, whole: int, data: int) -> bytes:
        return _CHUNK.pack(b"RIFF", whole) + self._header + _CHUNK.pack(b"data", data)

    def _fill(self, missing: int) -> None:
        silence = _SILENCE[self._track.codec] * min(missing, _PART)
        self._length += missing
        while missing > 0:
            self._file.write(silence[:missing])
            missing -= len(silence)


class WavReader:
    """Reads a file in frames of 20 ms, up to where it is cut off if it is."""

    def __init__(self, file: BinaryIO) -> None:
        """Read up to the sound. Raises DecodeError for another kind of file, or another codec."""
        head = file.read(12)
        if len(head) < 12 or head[:4] != b"RIFF" or head[8:] != b"WAVE":
            raise DecodeError("not a WAV file")
        track: Track | None = None
        while True:
            header = file.read(_CHUNK.size)
            if len(header) < _CHUNK.size:
                raise DecodeError("a WAV file without sound")
            name, length = _CHUNK.unpack(header)
            if name == b"data":
                break
            if name == b"fmt ":
                track = _track(file.read(min(length, _MAX_FORMAT)))
                length -= min(length, _MAX_FORMAT)
            _pass_over(file, length + length % 2)
        if track is None:
            raise DecodeError("a WAV file that tells no format before its sound")
        self.track = track
        self._file = file
        self._left: int | None = length if 0 < length < _UNKNOWN else None

    def __iter__(self) -> Iterator[EncodedFrame]:
        """Frames with their timestamps at the clock rate of the track."""
        block = bytes_a_tick(self.track)
        step = round(PTIME * self.track.clock_rate) * block
        timestamp = 0
        while data := self._file.read(step if self._left is None else min(step, self._left)):
            if self._left is not None:
                self._left -= len(data)
            data = data[: len(data) // block * block]
            if data:
                sound = swapped(data) if self.track.codec == "L16" else data
                yield EncodedFrame(sound, self.track.codec, timestamp & 0xFFFFFFFF, keyframe=True)
            timestamp += len(data) // block


def swapped(data: bytes) -> bytes:
    """Samples of 16 bits with their bytes the other way round."""
    turned = bytearray(len(data))
    turned[::2], turned[1::2] = data[1::2], data[::2]
    return bytes(turned)


def _track(layout: bytes) -> Track:
    """What the format chunk says. Raises DecodeError for what no payload format carries."""
    if len(layout) < _FORMAT.size:
        raise DecodeError(f"WAV format of {len(layout)} bytes")
    tag, channels, rate, _, _, bits = _FORMAT.unpack_from(layout)
    if tag == _EXTENSIBLE and len(layout) >= 26:
        tag = int.from_bytes(layout[24:26], "little")
    codec = _CODECS.get(tag)
    if codec is None or (codec == "L16" and bits != 16):
        raise DecodeError(f"WAV with format {tag} of {bits} bits")
    if not 1 <= channels <= _MAX_CHANNELS or not 1000 <= rate <= _MAX_RATE:
        raise DecodeError(f"WAV with {channels} channels at {rate} Hz")
    return Track(codec, _G722_CLOCK if codec == "G722" else rate, channels)


def _pass_over(file: BinaryIO, length: int) -> None:
    while length > 0 and (read := len(file.read(min(length, _PART)))):
        length -= read
