"""What a session tells those who use it."""

from typing import NamedTuple

from webrtc.rtp.frame import EncodedFrame
from webrtc.rtp.packet import RtpPacket
from webrtc.streams.receiver import Receiver
from webrtc.streams.sender import Sender


class Media(NamedTuple):
    """A frame, or a packet as it came, of one receiver."""

    receiver: Receiver
    item: EncodedFrame | RtpPacket
    packet: RtpPacket
    """It, or the first one of the frame."""


class KeyFrameWanted(NamedTuple):
    """The peer cannot go on without a key frame. At most one in 300 ms a stream."""

    sender: Sender
    rid: str | None


class BitrateWanted(NamedTuple):
    """What the peer can take of all that is sent to it, in bits a second."""

    senders: tuple[Sender, ...]
    bitrate: int


class Muted(NamedTuple):
    """The last source of a receiver has said goodbye. webrtc-pc §9.3."""

    receiver: Receiver


class Unmuted(NamedTuple):
    """A packet has come for a receiver that was muted, as it is at the beginning."""

    receiver: Receiver


Event = KeyFrameWanted | BitrateWanted | Muted | Unmuted
