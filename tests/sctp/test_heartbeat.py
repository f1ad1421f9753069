"""HEARTBEAT."""

from random import Random

import pytest

from tests.sctp.support import Peer, kinds
from webrtc.errors import DecodeError
from webrtc.sctp import Config, State
from webrtc.sctp.chunks import ChunkType
from webrtc.sctp.heartbeat import MAX_ECHOES, Heartbeat
from webrtc.sctp.packet import encode_chunk


def beat(info: bytes) -> bytes:
    return encode_chunk(ChunkType.HEARTBEAT, 0, info)


def test_silent_path_is_probed_and_the_answer_measures_it() -> None:
    """SCTP-23."""
    peer = Peer(Config(heartbeat_interval=30.0)).connect()
    ((kind, _, info),) = peer.wait(30.0)
    assert kind == ChunkType.HEARTBEAT
    peer.now += 0.08
    peer.send(encode_chunk(ChunkType.HEARTBEAT_ACK, 0, info))
    assert peer.association.srtt == pytest.approx(0.08)
    assert peer.state is State.ESTABLISHED
    assert peer.association.poll_timeout() == pytest.approx(peer.now + 30.0)


def test_path_that_never_answers_ends_the_association() -> None:
    """SCTP-23: the threshold is a setting."""
    peer = Peer(Config(max_retransmissions=4, heartbeat_interval=5.0)).connect()
    chunks = peer.wait(120.0)
    assert kinds(chunks) == [ChunkType.HEARTBEAT] * 5 + [ChunkType.ABORT]
    assert peer.state is State.ENDED
    assert peer.association.poll_timeout() is None


def test_no_probe_while_data_is_under_way_or_when_switched_off() -> None:
    beats = Heartbeat(Random(0), 30.0, 1000)
    beats.start(0.0)
    assert beats.handle_timeout(30.0, 1.0, idle=False) is None
    assert beats.handle_timeout(60.0, 1.0, idle=True) is not None
    off = Heartbeat(Random(0), 0.0, 1000)
    off.start(0.0)
    assert off.deadline is None


@pytest.mark.parametrize("value", [b"", b"\0\1\0\x14" + bytes(16), b"\0\1\0\3", b"junk" * 5])
def test_answer_to_no_heartbeat_of_ours(value: bytes) -> None:
    """C-19: forged, before and after one was sent."""
    beats = Heartbeat(Random(0), 30.0, 1000)
    beats.start(0.0)
    for _ in range(2):
        with pytest.raises(DecodeError):
            beats.handle_ack(value, 30.0)
        beats.handle_timeout(30.0, 1.0, idle=True)
    assert beats.errors == 0


def test_probe_of_the_peer_is_echoed_as_it_came() -> None:
    """SCTP-23."""
    peer = Peer().connect()
    info = b"\0\1\0\7abc\0"
    assert peer.send(beat(info)) == [(ChunkType.HEARTBEAT_ACK, 0, info)]


def test_flood_of_probes_is_answered_ten_times_a_second() -> None:
    """C-19: and one that would not fit into a packet, never."""
    peer = Peer().connect()
    assert sum(len(peer.send(beat(b"x"))) for _ in range(1000)) == MAX_ECHOES
    peer.now += 1.0
    assert peer.send(beat(bytes(64000))) == []
    assert len(peer.send(beat(b"x"))) == 1
