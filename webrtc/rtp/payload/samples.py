"""Sound by the sample: G.711, G.722 and L16. RFC 3551 §4.5."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from webrtc.rtp.frame import EncodedFrame
from webrtc.rtp.payload.registry import Parameters, PayloadFormat
from webrtc.rtp.payload.whole import WholeDepacketizer, WholePacketizer

PTIME: Final = 0.02
"""RFC 3551 §4.2: seconds of sound in a packet, unless something else was agreed."""


class SamplesPacketizer(WholePacketizer):
    """Makes each frame a payload, if it has whole samples of every channel."""

    def __init__(self, encoding_name: str, clock_rate: int, bytes_per_tick: int) -> None:
        super().__init__(encoding_name)
        self._clock_rate = clock_rate
        self._bytes_per_tick = bytes_per_tick

    def split(self, frame: EncodedFrame, size: int) -> list[bytes]:
        payloads = super().split(frame, size)
        odd = len(frame.data) % self._bytes_per_tick
        if odd:
            raise ValueError(f"a frame of {self._encoding_name} with {odd} bytes of a sample")
        return payloads

    def cut(self, frame: EncodedFrame, ptime: float = PTIME) -> Iterator[EncodedFrame]:
        """Frames of `ptime` seconds from one of any length; the last may be shorter.

        Raises ValueError if `ptime` is less than a sample.
        """
        ticks = round(ptime * self._clock_rate)
        if ticks < 1:
            raise ValueError(f"packets of {ptime} s at {self._clock_rate} Hz")
        step = ticks * self._bytes_per_tick
        for number, start in enumerate(range(0, len(frame.data), step)):
            part = replace(frame, data=frame.data[start : start + step])
            part.timestamp = (frame.timestamp + number * ticks) & 0xFFFFFFFF
            if frame.captured is not None:
                part.captured = frame.captured + number * ticks / self._clock_rate
            yield part


def _samples(encoding_name: str, clock_rate: int, bytes_per_sample: int) -> PayloadFormat:
    def packetizer(parameters: Parameters) -> SamplesPacketizer:
        channels = int(parameters.get("channels", "1"))
        if channels < 1:
            raise ValueError(f"{channels} channels of {encoding_name}")
        rate = int(parameters.get("rate", clock_rate))
        return SamplesPacketizer(encoding_name, rate, bytes_per_sample * channels)

    return PayloadFormat(
        encoding_name, "audio", clock_rate, packetizer, lambda _: WholeDepacketizer(encoding_name)
    )


PCMU: Final = _samples("PCMU", 8000, 1)
PCMA: Final = _samples("PCMA", 8000, 1)
# It samples at 16 kHz, two to a byte; that its clock says 8000 is an error kept: RFC 3551 §4.5.2.
G722: Final = _samples("G722", 8000, 1)
# Big-endian. Parameters tell of other rates and more channels: RFC 3551 §4.5.11.
L16: Final = _samples("L16", 44100, 2)
