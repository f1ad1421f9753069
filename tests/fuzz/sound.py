"""Decoders of sound, of what stands beside it, and of packets in any order, by name."""

from collections.abc import Callable, Sequence

from tests import video
from webrtc.rtp import RtpPacket, SampleBuilder
from webrtc.rtp.payload import opus, red
from webrtc.rtp.payload.comfort_noise import ComfortNoise
from webrtc.rtp.payload.events import Listener, updates
from webrtc.rtp.payload.vp8 import Vp8Depacketizer
from webrtc.rtp.payload.vp9_descriptor import Descriptor, GroupPicture, Structure

RED, OPUS = 63, 111


def _opus(data: bytes) -> None:
    opus.is_stereo(data)
    opus.is_silence(data)
    assert opus.duration(data)


def _red(data: bytes) -> None:
    found = red.Recovery().unwrap(RtpPacket(RED, 1, 2, 3, data))
    assert sum(len(packet.payload) for packet in found) < len(data)


def _redundant() -> list[bytes]:
    sounds = video.frames("opus")
    blocks = [red.Block(OPUS, 960 * back, sounds[back]) for back in (2, 1, 0)]
    return [red.encode(blocks[start:]) for start in range(3)]


def _events(data: bytes) -> None:
    listener = Listener()
    for start in range(0, len(data), 8):
        listener.heard(int.from_bytes(data[start : start + 4], "big"), data[start + 4 : start + 8])


def _keys() -> list[bytes]:
    sent = [*updates(1, 2000, 400), *updates(12, 100_000, 9600)]
    return [b"".join(each.offset.to_bytes(4, "big") + each.payload for each in sent)]


def _samples(data: bytes) -> None:
    """Numbers, timestamps and payloads of a few bytes each."""
    builder = SampleBuilder(Vp8Depacketizer(), 90000, max_late=16, max_delay=0.1)
    for start in range(0, len(data) - 5, 6):
        number = int.from_bytes(data[start : start + 2], "big")
        timestamp = data[start + 2] << 7
        payload = data[start + 3 : start + 6]
        builder.push(RtpPacket(96, number, timestamp, 1, payload, marker=payload[0] & 1 > 0))
    builder.flush()
    assert all(sample.frame.data for sample in builder)


def _arrivals() -> list[bytes]:
    orders = [[*range(20)], [0, 2, 1, 5, 4, 3, 9, 8], [65534, 65535, 0, 2, 1, 40, 41]]
    return [
        b"".join(n.to_bytes(2, "big") + bytes([n // 2 & 0xFF, 0x10 | n & 1, 1, 2]) for n in order)
        for order in orders
    ]


def _structures() -> list[bytes]:
    group = (GroupPicture(0, True, (4,)), GroupPicture(2, False, (1, 3)), GroupPicture(1, True, ()))
    structure = Structure(3, ((160, 90), (320, 180), (640, 360)), group)
    made = [
        Descriptor(picture_id=5, temporal_id=0, structure=structure),
        Descriptor(predicted=True, flexible=True, picture_id=5, temporal_id=1, differences=(1, 2)),
    ]
    return [each.encode() + b"rest" for each in made]


DECODERS: Sequence[tuple[str, Callable[[bytes], object], Callable[[], list[bytes]]]] = [
    ("opus", _opus, lambda: [frame[:60] for frame in video.frames("opus")]),
    ("red", _red, _redundant),
    ("comfort-noise", ComfortNoise.decode, lambda: [bytes.fromhex("287f80007e01")]),
    ("telephone-event", _events, _keys),
    ("sample-builder", _samples, _arrivals),
    ("vp9-descriptor", Descriptor.decode, _structures),
]
