"""FFmpeg beside our own readers and writers."""

from collections.abc import Sequence
from fractions import Fraction
from functools import cache
from io import BytesIO
from typing import NamedTuple

import av
from av.video.codeccontext import VideoCodecContext

from tests import video
from webrtc.media.frames import nal_frame, video_frame
from webrtc.rtp.frame import EncodedFrame
from webrtc.rtp.payload import annexb

STEP = 3000
"""Ticks of 90 kHz between pictures."""


class Packet(NamedTuple):
    """What a demuxer gives."""

    stream: int
    data: bytes
    time: float
    keyframe: bool


class File(NamedTuple):
    """What FFmpeg finds in a file."""

    codecs: list[str]
    packets: list[Packet]
    duration: float | None
    """Seconds, if the file tells it."""
    sizes: list[tuple[int, int]]

    def of(self, stream: int) -> list[Packet]:
        return [packet for packet in self.packets if packet.stream == stream]


def opened(data: bytes, format_: str | None = None) -> File:
    with av.open(BytesIO(data), "r", format=format_) as container:
        duration = container.duration and container.duration / av.time_base
        codecs = [stream.codec_context.name for stream in container.streams]
        sizes = [(each.width, each.height) for each in container.streams.video]
        packets = [
            Packet(
                packet.stream_index,
                bytes(packet),
                float(packet.pts * packet.time_base),
                packet.is_keyframe,
            )
            for packet in container.demux()
            if packet.size and packet.pts is not None and packet.time_base is not None
        ]
    return File(codecs, packets, duration, sizes)


def decoded(data: bytes) -> int:
    """How many frames FFmpeg decodes, of all streams."""
    with av.open(BytesIO(data), "r") as container:
        return len(list(container.decode()))


@cache
def pictures(codec: str) -> list[EncodedFrame]:
    """Twelve frames at 30 a second, every sixth a key frame."""
    data = video.frames(codec.lower())
    if codec in {"H264", "H265"}:
        return [nal_frame(codec, annexb.split(each), STEP * n) for n, each in enumerate(data)]
    return [video_frame(codec, each, STEP * number) for number, each in enumerate(data)]


@cache
def sound(seconds: float = 1.0) -> list[EncodedFrame]:
    """A rising tone in packets of Opus of 20 ms."""
    context = av.CodecContext.create("libopus", "w")
    context.sample_rate, context.layout, context.format = 48000, "stereo", "s16"
    packets = []
    for number in range(round(seconds * 50)):
        frame = av.AudioFrame("s16", "stereo", 960)
        frame.planes[0].update(bytes((sample * number) & 0x1F for sample in range(3840)))
        frame.sample_rate, frame.pts = 48000, 960 * number
        packets += context.encode(frame)
    packets += context.encode(None)
    return [
        EncodedFrame(bytes(each), "opus", 960 * n, keyframe=True) for n, each in enumerate(packets)
    ]


def muxed(format_: str, library: str, frames: Sequence[EncodedFrame], rate: int) -> bytes:
    """A file that FFmpeg writes of frames; `rate` is that of their timestamps."""
    file = BytesIO()
    with av.open(file, "w", format=format_) as container:
        if library == "libopus":
            stream = container.add_stream(library, rate=48000, layout="stereo")
        else:
            stream = container.add_stream(library, rate=30)
            context = stream.codec_context
            assert isinstance(context, VideoCodecContext)
            context.width, context.height, context.pix_fmt = 150, 90, "yuv420p"
        for frame in frames:
            packet = av.Packet(frame.data)
            packet.stream, packet.time_base = stream, Fraction(1, rate)
            packet.pts = packet.dts = frame.timestamp
            packet.is_keyframe = frame.keyframe
            if library == "libopus":
                packet.duration = 960
            container.mux(packet)
    return file.getvalue()
