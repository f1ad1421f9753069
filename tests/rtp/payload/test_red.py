import pytest
from hypothesis import given
from hypothesis import strategies as st

from webrtc.errors import DecodeError
from webrtc.rtp import EncodedFrame, RtpPacket, SampleBuilder
from webrtc.rtp.payload.opus import OPUS
from webrtc.rtp.payload.red import MAX_OFFSET, Block, Recovery, RedPacketizer, decode, encode

RED, INNER = 63, 111
EXAMPLE = bytes.fromhex("87 00501405") + bytes(20) + b"\x11" * 40
"""RFC 2198 §3's layout: 20 bytes of type 7 that are 20 ticks older, then 40 of type 5."""

blocks = st.builds(Block, st.integers(0, 127), st.integers(0, MAX_OFFSET), st.binary(max_size=1023))


def test_bits_of_the_headers() -> None:
    """RFC 2198 §3: F, type, 14 bits of offset, 10 bits of length; then F and type alone."""
    found = decode(EXAMPLE)
    assert found == [Block(7, 20, bytes(20)), Block(5, 0, b"\x11" * 40)]
    assert encode(found) == EXAMPLE


@given(st.lists(blocks, max_size=5), st.sampled_from([0, 9, 127]), st.binary(max_size=100))
def test_blocks_survive_the_wire(old: list[Block], own_type: int, own: bytes) -> None:
    made = [*old, Block(own_type, 0, own)]
    assert decode(encode(made)) == made


@given(st.binary(max_size=60))
def test_garbage_raises_only_decode_error(payload: bytes) -> None:
    for data in (payload, b"\x80" + payload):
        try:
            decode(data)
            Recovery().unwrap(RtpPacket(RED, 1, 2, 3, data))
        except DecodeError:
            pass


@pytest.mark.parametrize(
    "payload",
    [b"", b"\x87", EXAMPLE[:4], EXAMPLE[:24], b"\x87\x00\x00\x00"],
    ids=["empty", "torn header", "no own header", "torn block", "no own block"],
)
def test_what_is_torn_is_an_error(payload: bytes) -> None:
    with pytest.raises(DecodeError):
        decode(payload)


@pytest.mark.parametrize("old", [Block(1, MAX_OFFSET + 1, b""), Block(1, 0, bytes(1024))])
def test_what_does_not_fit_is_refused(old: Block) -> None:
    with pytest.raises(ValueError, match="redundant block"):
        encode([old, Block(1, 0, b"")])


def sent(
    sounds: list[bytes], distance: int = 1, size: int = 1200, ticks: int = 960
) -> list[RtpPacket]:
    packetizer = RedPacketizer(OPUS.packetizer({}), INNER, distance)
    made = []
    for number, sound in enumerate(sounds):
        frame = EncodedFrame(sound, "opus", (number - 2) * ticks & 0xFFFFFFFF)
        [payload] = packetizer.split(frame, size)
        assert len(payload) <= size
        made.append(RtpPacket(RED, (number - 2) & 0xFFFF, frame.timestamp, 1, payload))
    return made


SOUNDS = [bytes([0xF8, number]) * 10 for number in range(8)]


def received(packets: list[RtpPacket]) -> list[RtpPacket]:
    recovery = Recovery()
    return [found for packet in packets for found in recovery.unwrap(packet)]


@pytest.mark.parametrize("distance", [1, 2, 3])
def test_losses_up_to_the_distance_are_made_good(distance: int) -> None:
    """Over the wrap of sequence numbers and timestamps, each in its own place."""
    packets = sent(SOUNDS, distance)
    lost = range(3, 3 + distance)
    kept = [packet for number, packet in enumerate(packets) if number not in lost]
    found = received(kept)
    assert [packet.payload for packet in found] == SOUNDS
    assert [packet.sequence_number for packet in found] == [(n - 2) & 0xFFFF for n in range(8)]
    assert [packet.timestamp for packet in found] == [(n - 2) * 960 % 2**32 for n in range(8)]
    assert {packet.payload_type for packet in found} == {INNER}


def test_frames_are_put_together_as_if_nothing_were_lost() -> None:
    builder = SampleBuilder(OPUS.depacketizer({}), OPUS.clock_rate)
    for packet in received(sent(SOUNDS, distance=2)[::3]):
        builder.push(packet)
    samples = list(builder)
    assert [sample.frame.data for sample in samples] == SOUNDS[:7]
    assert {sample.dropped for sample in samples} == {0}


def test_without_loss_nothing_comes_twice() -> None:
    assert [packet.payload for packet in received(sent(SOUNDS, 2))] == SOUNDS


def test_what_the_header_says_of_a_packet_stays_with_it() -> None:
    [packet] = sent(SOUNDS[:1])
    packet.marker = True
    packet.csrcs = (5,)
    packet.set_extension(1, b"x")
    [found] = Recovery().unwrap(packet)
    assert (found.marker, found.csrcs, found.extensions) == (True, (5,), {1: b"x"})
    assert packet.payload_type == RED


def test_redundancy_never_makes_a_packet_too_large() -> None:
    """The oldest goes first, and what follows it nowhere leaves a hole."""
    for spare in (0, 23):
        packets = sent(SOUNDS, distance=3, size=1 + 20 + 2 * (4 + 20) + spare)
        assert [len(decode(packet.payload)) for packet in packets] == [1, 2, 3, 3, 3, 3, 3, 3]


def test_what_is_too_old_is_not_repeated() -> None:
    """14 bits of ticks: 341 ms at 48 kHz, which DTX can exceed."""
    for ticks, repeated in ((MAX_OFFSET, 2), (MAX_OFFSET + 1, 1)):
        packets = sent(SOUNDS[:2], ticks=ticks)
        assert [len(decode(packet.payload)) for packet in packets] == [1, repeated]


def test_red_within_red_is_an_error() -> None:
    """P-16."""
    packet = RtpPacket(RED, 1, 2, 3, encode([Block(RED, 0, EXAMPLE)]))
    with pytest.raises(DecodeError, match="within"):
        Recovery().unwrap(packet)
