"""Whole frames, and after a loss none before a key frame."""

from tests.streams.support import AUDIO, BEGINS, ENDS, FORMATS, KEY, VIDEO
from webrtc.rtp import EncodedFrame, RtpPacket
from webrtc.rtp.codec import Codec
from webrtc.streams.assembler import MAX_FRAME, Assembler

WHOLE = BEGINS | ENDS


class Assembling:
    def __init__(self, kind: str = "video") -> None:
        self.frames: list[EncodedFrame] = []
        self.wanted: list[float] = []
        self.had = 0
        codec = VIDEO if kind == "video" else AUDIO
        self.codecs = {codec.payload_type: codec}
        self.assembler = Assembler(
            kind, self.codecs, FORMATS, self._deliver, self.wanted.append, self._has
        )
        self.payload_type = codec.payload_type

    def feed(
        self, sequence: int, timestamp: int, flags: int, data: bytes = b"x", now: float = 0.0
    ) -> None:
        payload = bytes((flags,)) + data if data else b""
        packet = RtpPacket(self.payload_type, sequence & 0xFFFF, timestamp, 1, payload)
        self.assembler.take(packet, now)

    def _deliver(self, frame: EncodedFrame, first: RtpPacket) -> None:
        self.frames.append(frame)

    def _has(self) -> None:
        self.had += 1

    @property
    def data(self) -> list[bytes]:
        return [frame.data for frame in self.frames]


def test_packets_become_frames() -> None:
    it = Assembling()
    it.feed(1, 0, KEY | BEGINS, b"a")
    it.feed(2, 0, ENDS | KEY, b"b")
    it.feed(3, 3000, WHOLE, b"c")
    assert it.data == [b"ab", b"c"]
    assert [frame.keyframe for frame in it.frames] == [True, False]
    assert it.assembler.keyframes == 1
    assert it.wanted == []


def test_video_begins_with_a_key_frame() -> None:
    it = Assembling()
    it.feed(1, 0, WHOLE, b"a", now=5.0)
    assert it.data == []
    assert it.wanted == [5.0]
    it.feed(2, 3000, WHOLE | KEY, b"b")
    assert it.data == [b"b"]
    assert it.had


def test_sound_begins_with_anything_and_goes_on_after_a_loss() -> None:
    it = Assembling("audio")
    it.feed(1, 0, WHOLE, b"a")
    it.feed(3, 1920, WHOLE, b"c")
    assert it.data == [b"a", b"c"]
    assert it.wanted == []


def test_a_frame_with_a_hole_is_dropped_with_all_up_to_the_next_key_frame() -> None:
    it = Assembling()
    it.feed(1, 0, WHOLE | KEY, b"a")
    it.feed(2, 3000, BEGINS, b"b")
    it.feed(4, 3000, ENDS, b"b", now=1.0)
    it.feed(5, 6000, WHOLE, b"c")
    it.feed(6, 9000, WHOLE | KEY, b"d")
    assert it.data == [b"a", b"d"]
    assert it.wanted


def test_a_loss_between_frames_may_have_been_a_frame() -> None:
    it = Assembling()
    it.feed(1, 0, WHOLE | KEY, b"a")
    it.feed(3, 6000, WHOLE, b"c")
    assert it.data == [b"a"]
    assert it.wanted


def test_the_next_timestamp_ends_a_frame_that_does_not_tell() -> None:
    it = Assembling()
    it.feed(1, 0, BEGINS | KEY, b"a")
    it.feed(2, 3000, BEGINS, b"b")
    assert it.data == [b"a"]


def test_padding_is_no_loss_and_no_frame() -> None:
    it = Assembling()
    it.feed(1, 0, WHOLE | KEY, b"a")
    it.feed(2, 0, 0, b"")
    it.feed(3, 3000, WHOLE, b"b")
    assert it.data == [b"a", b"b"]


def test_a_malformed_frame_asks_for_a_key_frame() -> None:
    it = Assembling()
    it.feed(1, 0, WHOLE | KEY, b"malformed")
    it.feed(2, 3000, WHOLE, b"b")
    assert it.data == []
    assert it.wanted
    assert it.assembler.dropped == 2


def test_a_frame_is_bounded() -> None:
    it = Assembling()
    it.feed(0, 0, BEGINS | KEY, b"a")
    for sequence in range(1, MAX_FRAME // 60_000 + 3):
        it.feed(sequence, 0, KEY, bytes(60_000))
    assert it.assembler._size == 0
    assert it.assembler.dropped == 1


def test_a_payload_type_without_a_format_is_nothing() -> None:
    it = Assembling()
    it.payload_type = 50
    it.feed(1, 0, WHOLE | KEY)
    assert it.data == []


def test_other_codecs_in_the_middle() -> None:
    it = Assembling()
    it.feed(1, 0, WHOLE | KEY, b"a")
    other = Codec(100, "TEST", 90000)
    it.assembler.update({100: other})
    it.payload_type = 100
    it.feed(2, 3000, WHOLE, b"b")
    assert it.data == [b"a", b"b"]
    it.payload_type = VIDEO.payload_type
    it.feed(3, 6000, WHOLE, b"c")
    assert it.data == [b"a", b"b"]
