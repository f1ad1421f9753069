"""An RTP session under a peer that has its keys.

What it sends is authentic, well formed and nearly right: numbers next to those that are due,
sources, names and payload types that belong elsewhere, feedback about anything.
"""

from random import Random

from tests.fuzz.choices import Choices
from tests.fuzz.rtp import SAMPLES
from tests.streams.support import AUDIO, EXTENSIONS, KEYS, PROFILE, VIDEO, session
from webrtc import rtcp
from webrtc.errors import OperationError
from webrtc.rtp import EncodedFrame, RtpPacket
from webrtc.srtp import InboundContext, OutboundContext
from webrtc.streams import Receiver, ReceiveTerms, RtpSession, Sender, SendTerms
from webrtc.streams.packet_buffer import MAX_PACKETS

WRITES = 4000
"""Datagrams that one step may make a session send: a second of media again, at most."""


class Peer:
    """The session, and what its peer knows."""

    def __init__(self, seed: int) -> None:
        self.now = 100.0
        self.rtp: RtpSession = session(seed)
        self.rtp.secure(InboundContext(PROFILE, KEYS[1]), OutboundContext(PROFILE, KEYS[0]))
        self.context = OutboundContext(PROFILE, KEYS[1])
        self.sender = Sender("video", Random(seed), ("q", "h"))
        self.sender.configure(SendTerms("v", (VIDEO,), EXTENSIONS))
        self.receivers = [Receiver("audio"), Receiver("video"), Receiver("video")]
        self.terms = [
            ReceiveTerms("a", (AUDIO,), EXTENSIONS, sources={50: None}),
            ReceiveTerms("v", (VIDEO,), EXTENSIONS, ("q", "h")),
            ReceiveTerms("w", (VIDEO,), EXTENSIONS, sources={60: 61}),
        ]
        self.rtp.bind_sender(self.sender)
        for receiver, terms in zip(self.receivers, self.terms, strict=True):
            receiver.configure(terms)
            self.rtp.bind_receiver(receiver)
        self.sequences: dict[int, int] = {}
        self.timestamp = 0

    def settle(self) -> None:
        """Take all that the session has, and look how much it keeps."""
        for count in range(WRITES + 1):
            if self.rtp.poll_write() is None:
                break
            assert count < WRITES
        while self.rtp.poll_event() is not None:
            pass
        while self.rtp.poll_media() is not None:
            pass
        assert len(self.rtp._sources.router.sources) <= 64 + 4
        for receiver in self.receivers:
            for source in receiver.sources.values():
                assert source.buffer.held <= MAX_PACKETS + 1  # type: ignore[attr-defined]


def session_under(data: bytes) -> None:
    """Let the input decide what the peer sends, and when."""
    choices = Choices(data)
    peer = Peer(choices.byte())
    while choices.left:
        _STEPS[choices.below(len(_STEPS))](peer, choices)
        peer.settle()
    for _ in range(200):
        deadline = peer.rtp.poll_timeout()
        if deadline is None:
            break
        peer.now = max(peer.now, deadline)
        peer.rtp.handle_timeout(peer.now)
        peer.settle()
        following = peer.rtp.poll_timeout()
        assert following is None or following > peer.now - 1e-9


def _packet(peer: Peer, choices: Choices) -> None:
    ssrc = (50, 60, 61, 70, 71, 72, 0, choices.byte() << 8)[choices.below(8)]
    payload_type = (96, 97, 111, 50)[choices.below(4)]
    sequence = peer.sequences.get(ssrc, 65500)
    sequence += (1, 1, 1, 2, 3, 0, -1, 40, 500, 2000, 32767, -300)[choices.below(12)]
    peer.timestamp += (0, 3000, -3000, 1 << 31, 5)[choices.below(5)]
    payload = choices.random().randbytes(choices.below(40))
    packet = RtpPacket(payload_type, sequence & 0xFFFF, peer.timestamp & 0xFFFFFFFF, ssrc, payload)
    names = choices.byte()
    for bit, id_, values in ((1, 1, b"avwx"), (2, 2, b"qhx"), (4, 3, b"qhx"), (8, 5, b"\0\xff")):
        if names & bit:
            packet.set_extension(id_, values[choices.below(len(values)) :][:2])
    if names & 16:
        packet.extension_profile, packet.extension = 0xBEDE, choices.random().randbytes(8)
    if names & 32:
        packet.padding = 1 + choices.below(9)
    peer.sequences[ssrc] = max(sequence, 0)
    try:
        sealed = peer.context.seal_rtp(packet.header(), packet.body(), ssrc, sequence & 0xFFFF)
    except OperationError:
        return
    peer.rtp.handle_rtp(sealed, peer.now)


def _feedback(peer: Peer, choices: Choices) -> None:
    ours = [each.ssrc for each in peer.sender.encodings]
    ssrc = (*ours, 50, 99)[choices.below(4)]
    numbers = tuple(choices.random().getrandbits(16) for _ in range(choices.below(200)))
    block = rtcp.ReportBlock(ssrc, 255, -1, choices.byte(), 1 << 31, choices.byte() << 24, 1)
    packets: list[rtcp.RtcpPacket] = [
        rtcp.GenericNack(5, ssrc, numbers or (1,)),
        rtcp.PictureLossIndication(5, ssrc),
        rtcp.FullIntraRequest(5, ((ssrc, choices.byte()),) * (1 + choices.below(20))),
        rtcp.ReceiverReport(5, (block,) * choices.below(32)),
        rtcp.SenderReport(60, choices.byte() << 56, choices.byte(), 1, 1, (block,)),
        rtcp.Goodbye((ssrc, 60, 50, 70)),
        rtcp.ReceiverEstimatedMaximumBitrate(5, choices.byte() << 40, (ssrc,)),
        rtcp.ExtendedReport(choices.byte(), (rtcp.ReceiverReferenceTime(choices.byte() << 56),)),
        SAMPLES[choices.below(len(SAMPLES))],
    ]
    encoded = bytearray(packets[choices.below(len(packets))].encode())
    for _ in range(choices.below(3)):
        encoded[choices.byte() % len(encoded)] = choices.byte()
    peer.rtp.handle_rtcp(peer.context.seal_rtcp(bytes(encoded).ljust(8, b"\0")), peer.now)


def _wait(peer: Peer, choices: Choices) -> None:
    peer.now += (0.0, 0.001, 0.03, 0.5, 3.0)[choices.below(5)]
    peer.rtp.handle_timeout(peer.now)


def _send(peer: Peer, choices: Choices) -> None:
    rid = "qh"[choices.below(2)]
    size = 1 + choices.byte() * 30
    frame = EncodedFrame(bytes(size), "TEST", peer.timestamp & 0xFFFFFFFF, rid=rid)
    peer.sender.send(frame, peer.now)


def _bind(peer: Peer, choices: Choices) -> None:
    which = choices.below(3)
    receiver = peer.receivers[which]
    if choices.below(2):
        peer.rtp.unbind_receiver(receiver)
    receiver.configure(peer.terms[choices.below(3) if choices.below(4) == 0 else which])
    peer.rtp.bind_receiver(receiver)


def _garbage(peer: Peer, choices: Choices) -> None:
    data = choices.random().randbytes(choices.below(100))
    peer.rtp.handle_rtp(data, peer.now)
    peer.rtp.handle_rtcp(data, peer.now)


_STEPS = [_packet, _packet, _packet, _packet, _feedback, _feedback, _wait, _send, _bind, _garbage]
