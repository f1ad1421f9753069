"""From frames to RTP packets, for those who send without a connection. RFC 3550 §5.1."""

from random import Random
from typing import Final, Self

from webrtc.rtp.frame import EncodedFrame
from webrtc.rtp.packet import FIXED_HEADER, RtpPacket
from webrtc.rtp.payload.registry import Parameters, PayloadFormat

PACKET_SIZE: Final = 1200
"""Bytes of a packet that get through wherever browsers' do."""


class Sequencer:
    """Counts the packets of one stream."""

    def __init__(self, first: int) -> None:
        """`first` is the number of the first packet, 16 bits."""
        self._count = first

    @classmethod
    def random(cls, random: Random) -> Self:
        """Begin where nobody can guess it, but not just before a wrap.

        Who misses the first packets would not know of a wrap among them: RFC 3711 §3.3.1.
        """
        return cls(random.getrandbits(15))

    @property
    def rollovers(self) -> int:
        """How often the numbers have wrapped, that of the next packet included."""
        return self._count >> 16

    def next(self) -> int:
        """The number of the next packet."""
        number = self._count & 0xFFFF
        self._count += 1
        return number


class Packetizer:
    """Makes packets of the frames of one stream. Header extensions are the caller's to add."""

    def __init__(
        self,
        format_: PayloadFormat,
        payload_type: int,
        ssrc: int,
        sequencer: Sequencer,
        parameters: Parameters | None = None,
        size: int = PACKET_SIZE,
    ) -> None:
        """`size` bounds a packet, in bytes; leave out of it what is to be added."""
        self.payload_type = payload_type
        self.ssrc = ssrc
        self.sequencer = sequencer
        self._packetizer = format_.packetizer(parameters or {})
        self._is_audio = format_.kind == "audio"
        self._size = size
        self._after_silence = True

    def packetize(self, frame: EncodedFrame) -> list[RtpPacket]:
        """Packets of a frame, with its timestamp. The marker is on the last one of a picture.

        Of sound it is on the first one after silence. Raises ValueError for what the format cannot
        carry.
        """
        packets = [
            RtpPacket(self.payload_type, self.sequencer.next(), frame.timestamp, self.ssrc, payload)
            for payload in self._packetizer.split(frame, self._size - FIXED_HEADER)
        ]
        if not self._is_audio:
            packets[-1].marker = True
        elif self._after_silence:
            packets[0].marker = True
            self._after_silence = False
        return packets

    def pause(self) -> None:
        """Tell that silence is not sent until the next frame. RFC 3551 §4.1."""
        self._after_silence = True
