"""Whose packet is it? RFC 9143 §9.2, RFC 8852."""

from collections import OrderedDict
from collections.abc import Mapping
from typing import Final, NamedTuple

from webrtc.errors import DecodeError
from webrtc.rtp.header_values import MID, REPAIRED_RID, RID
from webrtc.rtp.packet import RtpPacket
from webrtc.streams.inbound import InboundSource
from webrtc.streams.receiver import Receiver

MAX_TOLD: Final = 64
"""Sources whose sections RTCP has told."""
MAX_CHECKS: Final = 5
"""How often in a second MID and RID of a known source are read again."""


class Destination(NamedTuple):
    """What a packet tells of its stream."""

    receiver: Receiver
    rid: str | None
    repair: bool
    """Whether it is a retransmission."""


class Names(NamedTuple):
    """What the header extensions of a packet say."""

    mid: str | None
    rid: str | None
    repaired_rid: str | None


class Router:
    """Knows the sections of a transport, and the sources that belong to them.

    A packet of a known source needs nothing but `sources`. All others are looked at.
    """

    def __init__(self) -> None:
        self.sources: dict[int, InboundSource] = {}
        """By SSRC: those whose packets need no more than a look-up."""
        self._unsure: dict[int, InboundSource] = {}
        self._receivers: list[Receiver] = []
        self._by_mid: dict[str, Receiver] = {}
        self._by_payload_type: dict[int, Receiver | None] = {}
        self._by_ssrc: dict[int, Destination] = {}
        self._ids: dict[str, int] = {}
        self._told: OrderedDict[int, str] = OrderedDict()  # mids by SSRC, as RTCP tells them

    @property
    def receivers(self) -> tuple[Receiver, ...]:
        """Those that are bound."""
        return tuple(self._receivers)

    def add(self, receiver: Receiver) -> None:
        """Know a section, or its new terms. Every source is looked at again."""
        if receiver not in self._receivers:
            self._receivers.append(receiver)
        self._index()

    def remove(self, receiver: Receiver) -> None:
        """Forget a section. Harmless when unknown."""
        if receiver in self._receivers:
            self._receivers.remove(receiver)
            self._index()

    def known(self, ssrc: int) -> InboundSource | None:
        """The source, whether it has to be looked at or not."""
        return self.sources.get(ssrc) or self._unsure.get(ssrc)

    def forget(self, ssrc: int) -> None:
        """Forget a source. Harmless when unknown."""
        self.sources.pop(ssrc, None)
        self._unsure.pop(ssrc, None)

    def confirm(self, source: InboundSource) -> None:
        """Take a source for what it is until something does not fit."""
        self._unsure.pop(source.ssrc, None)
        self.sources[source.ssrc] = source

    def may_check(self, source: InboundSource, now: float) -> bool:
        """Whether the names in a packet of a known source may be read: five times a second."""
        if now - source.checked >= 1.0:
            source.checked = now
            source.checks = 0
        source.checks += 1
        return source.checks <= MAX_CHECKS

    def tell(self, ssrc: int, mid: str) -> None:
        """RTCP says which section a source belongs to; its packets may say so, too."""
        self._told[ssrc] = mid
        self._told.move_to_end(ssrc)
        if len(self._told) > MAX_TOLD:
            self._told.popitem(last=False)

    def names(self, packet: RtpPacket) -> Names:
        """What a packet says of itself; nothing where it is malformed."""
        if not packet.extension_profile:
            return Names(None, None, None)
        try:
            values = packet.extensions
        except DecodeError:
            return Names(None, None, None)
        return Names(
            self._text(values, MID), self._text(values, RID), self._text(values, REPAIRED_RID)
        )

    def find(self, packet: RtpPacket, known: InboundSource | None = None) -> Destination | None:
        """Who is to have a packet: by its MID, else its SSRC, else a payload type of one alone.

        `known`: what its SSRC was until now; it stays that where nothing says otherwise.
        """
        names = self.names(packet)
        repair = names.repaired_rid is not None
        rid = names.repaired_rid if repair else names.rid
        signalled = self._by_ssrc.get(packet.ssrc)
        receiver: Receiver | None
        mid = names.mid if names.mid is not None else self._told.get(packet.ssrc)
        if mid is not None:
            receiver = self._by_mid.get(mid)
        elif signalled is not None:
            receiver = signalled.receiver
        elif known is not None:
            receiver = known.receiver
        else:
            receiver = self._by_payload_type.get(packet.payload_type)
        if receiver is None or (rid is not None and not _takes(receiver, rid)):
            return None
        payload_type = packet.payload_type
        for codec in receiver.terms.codecs:
            if codec.payload_type == payload_type:
                return Destination(receiver, rid, repair=False)
            if codec.rtx == payload_type:
                return Destination(receiver, rid, repair=True)
        return None

    def repaired_by(self, ssrc: int) -> int | None:
        """The source that a signalled one repairs."""
        signalled = self._by_ssrc.get(ssrc)
        if signalled is None or not signalled.repair:
            return None
        sources = signalled.receiver.terms.sources
        return next((repaired for repaired, rtx in sources.items() if rtx == ssrc), None)

    def _text(self, values: Mapping[int, bytes], uri: str) -> str | None:
        value = values.get(self._ids.get(uri, 0))
        return value.decode(errors="replace") if value else None

    def _index(self) -> None:
        self._unsure.update(self.sources)
        self.sources.clear()
        self._by_mid.clear()
        self._by_payload_type.clear()
        self._by_ssrc.clear()
        self._ids.clear()
        for receiver in self._receivers:
            terms = receiver.terms
            self._ids.update(terms.extensions)
            if terms.mid is not None:
                self._by_mid[terms.mid] = receiver
            for ssrc, rtx in terms.sources.items():
                self._by_ssrc[ssrc] = Destination(receiver, None, repair=False)
                if rtx is not None:
                    self._by_ssrc[rtx] = Destination(receiver, None, repair=True)
            numbers = {codec.payload_type for codec in terms.codecs}
            numbers |= {codec.rtx for codec in terms.codecs if codec.rtx is not None}
            for number in numbers:
                # Of two sections with one payload type it tells neither.
                unique = number not in self._by_payload_type
                self._by_payload_type[number] = receiver if unique else None


def _takes(receiver: Receiver, rid: str) -> bool:
    """Whether an encoding is one of a section; sections without any take what comes."""
    return not receiver.terms.rids or rid in receiver.terms.rids
