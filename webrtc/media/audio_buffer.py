"""Samples of sound in memory, channels in turn or each by itself."""

import sys
from array import array
from collections.abc import Iterable, Sequence
from typing import Final, Literal, Self

_SAMPLE: Final = 2
_FULL: Final = 32768
"""What a floating point sample of 1.0 would be."""


class AudioBuffer:
    """Samples of 16 bits. Slices and planes are views: they share the samples of their buffer."""

    __slots__ = ("_samples", "channels")

    def __init__(self, frames: int, channels: int = 1) -> None:
        """Make silence of `frames` samples a channel. Raises ValueError for less than a channel."""
        if channels < 1 or frames < 0:
            raise ValueError(f"{frames} samples of {channels} channels")
        self.channels = channels
        self._samples = memoryview(array("h", bytes(_SAMPLE * frames * channels)))

    @classmethod
    def from_bytes(
        cls, data: bytes, channels: int = 1, byteorder: Literal["little", "big"] = "big"
    ) -> Self:
        """Copy samples with the channels in turn; L16 is big-endian, WAV is little-endian.

        Raises ValueError if they do not make the same number for every channel.
        """
        samples = array("h")
        if channels < 1 or len(data) % (_SAMPLE * channels):
            raise ValueError(f"{len(data)} bytes for {channels} channels of 16 bits")
        samples.frombytes(data)
        if byteorder != sys.byteorder:
            samples.byteswap()
        return cls._of(memoryview(samples), channels)

    @classmethod
    def from_planes(cls, planes: Sequence[Sequence[int]]) -> Self:
        """Copy the samples of each channel. Raises ValueError if they differ in number."""
        buffer = cls(len(planes[0]) if planes else 0, len(planes))
        for channel, plane in enumerate(planes):
            buffer.plane(channel)[:] = memoryview(array("h", plane))
        return buffer

    @classmethod
    def from_floats(cls, values: Iterable[float], channels: int = 1) -> Self:
        """Convert samples from -1.0 to 1.0 with the channels in turn; what is louder is clipped.

        Raises ValueError for what is no number, or not the same number for every channel.
        """
        clipped = [max(-_FULL, min(_FULL - 1, round(value * _FULL))) for value in values]
        return cls.from_bytes(array("h", clipped).tobytes(), channels, sys.byteorder)

    @classmethod
    def _of(cls, samples: memoryview, channels: int) -> Self:
        buffer = cls.__new__(cls)
        buffer.channels = channels
        buffer._samples = samples  # noqa: SLF001 (its own)
        return buffer

    def __len__(self) -> int:
        """Samples of each channel."""
        return len(self._samples) // self.channels

    def __getitem__(self, part: slice) -> Self:
        """A part of the time as a view. Raises ValueError for steps."""
        start, stop, step = part.indices(len(self))
        if step != 1:
            raise ValueError(f"every {step} samples of sound")
        stop = max(start, stop)
        samples = self._samples[start * self.channels : stop * self.channels]
        return self._of(samples, self.channels)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, AudioBuffer):
            return NotImplemented
        return self.channels == other.channels and self._samples == other._samples

    __hash__ = None  # type: ignore[assignment]

    def plane(self, channel: int) -> memoryview:
        """The samples of one channel as a view that can be written. Raises IndexError."""
        if not 0 <= channel < self.channels:
            raise IndexError(f"channel {channel} of {self.channels}")
        return self._samples[channel :: self.channels]

    def to_bytes(self, byteorder: Literal["little", "big"] = "big") -> bytes:
        """Copy the samples with the channels in turn."""
        if byteorder == sys.byteorder:
            return self._samples.tobytes()
        samples = array("h", self._samples.tobytes())
        samples.byteswap()
        return samples.tobytes()

    def to_floats(self) -> "array[float]":
        """Samples from -1.0 to 1.0 with the channels in turn."""
        return array("f", [sample / _FULL for sample in self._samples])
