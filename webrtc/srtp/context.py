"""Cryptographic contexts: what protects, and what opens, the packets of one session. RFC 3711 §3.2.

A context is one direction. It takes and gives whole packets; it knows no socket and no stream.
"""

import struct
from collections import OrderedDict
from enum import Enum
from itertools import islice
from typing import Final

from webrtc.errors import InvalidAccessError, OperationError
from webrtc.srtp.ciphers import ENCRYPTED, FIXED_HEADER, make
from webrtc.srtp.derivation import rtcp_keys, rtp_keys
from webrtc.srtp.keys import Keys
from webrtc.srtp.profiles import ProtectionProfile
from webrtc.srtp.rollover import LAST_INDEX, ROLLOVER, Source, estimate
from webrtc.util.replay import ReplayWindow

WINDOW: Final = 1024
"""Packets that may arrive late. RFC 3711 §3.3.2 asks for at least 64."""
MAX_SOURCES: Final = 4096 + 64
LAST_RTCP_INDEX: Final = ENCRYPTED - 1
SILENCE: Final = 1.0
"""Seconds without a packet after which a lost rollover is looked for."""
_LOOK_AHEAD: Final = (ROLLOVER, 2 * ROLLOVER)
_LOOK_EVERY: Final = 0.1
_LOOK_AT: Final = 16

_HEAD: Final = struct.Struct("!BxH4xI")  # version, X and CC; sequence number; SSRC
_RTCP_HEAD: Final = struct.Struct("!4xI")
_EXTENSION: Final = struct.Struct("!HH")
_PLAIN = {0xC0DE: b"\xbe\xde", 0xC2DE: b"\x10\x00"}
_HIDDEN = {0xBEDE: b"\xc0\xde", 0x1000: b"\xc2\xde"}
_EMPTY_EXTENSION = b"\xbe\xde\x00\x00"


class CryptexPolicy(Enum):
    """Whether CSRCs and header extensions are encrypted. RFC 9335 §4."""

    DISABLE = 0
    NEGOTIATED = 1
    """The peer takes it: ours are, its own need not be."""
    REQUIRE = 2


def header_length(packet: bytes) -> int:
    """Bytes up to the payload, -1 if they are not all there or this is not version 2."""
    size = len(packet)
    if size < FIXED_HEADER:
        return -1
    first = packet[0]
    if first == 0x80:
        return FIXED_HEADER
    if first >> 6 != 2:
        return -1
    length = FIXED_HEADER + 4 * (first & 0x0F)
    if first & 0x10:
        if size < length + 4:
            return -1
        length += 4 + 4 * (packet[length + 2] << 8 | packet[length + 3])
    return length if length <= size else -1


class OutboundContext:
    """Protects what we send.

    No index of a source is used twice, since a cipher breaks when its nonce comes again: a packet
    that is to be sent again is kept sealed, or sent by another source (RFC 4588).
    """

    def __init__(
        self,
        profile: ProtectionProfile,
        keys: Keys,
        *,
        cryptex: CryptexPolicy = CryptexPolicy.DISABLE,
    ) -> None:
        """Raises InvalidAccessError for keys of another length."""
        keys.check(profile)
        self._rtp = make(profile, rtp_keys(profile, keys.key, keys.salt), profile.rtp_tag_length)
        self._rtcp = make(profile, rtcp_keys(profile, keys.key, keys.salt), profile.rtcp_tag_length)
        self._cryptex = cryptex is not CryptexPolicy.DISABLE
        self._sources: dict[int, ReplayWindow] = {}
        self._rtcp_indexes: dict[int, int] = {}

    def seal_rtp(self, header: bytes, payload: bytes, ssrc: int, sequence: int) -> bytes:
        """Protect one packet; `ssrc` and `sequence` are those of `header`.

        Raises OperationError when the sequence number was used before or the key is used up.
        """
        sent = self._sources.get(ssrc)
        if sent is None:
            sent = self._sources[ssrc] = ReplayWindow(WINDOW)
        index = sent.top + 1
        if index & 0xFFFF != sequence or not index:
            index = estimate(sent.top, sequence)
        if index <= sent.top and not sent.check(index):
            raise OperationError(f"packet {index} of source {ssrc:#x} was protected before")
        if index > LAST_INDEX:
            raise OperationError(f"the SRTP key of source {ssrc:#x} has protected 2**48 packets")
        sent.accept(index)
        if self._cryptex and header[0] & 0x1F:
            return self._rtp.seal_cryptex(_hide(header), payload, ssrc, index)
        return self._rtp.seal_rtp(header, payload, ssrc, index)

    def seal_rtcp(self, packet: bytes) -> bytes:
        """Protect a compound packet. Raises OperationError when the key is used up."""
        (ssrc,) = _RTCP_HEAD.unpack_from(packet)
        index = self._rtcp_indexes.get(ssrc, 0) + 1  # libsrtp begins at 1, too
        if index > LAST_RTCP_INDEX:
            raise OperationError(f"the SRTCP key of source {ssrc:#x} has protected 2**31 packets")
        self._rtcp_indexes[ssrc] = index
        return self._rtcp.seal_rtcp(packet, ssrc, index)


class InboundContext:
    """Opens what the peer sends. What fails is counted and leaves no trace.

    A source is remembered once a packet of it has authenticated; of more than `max_sources` one
    that was silent for longest is forgotten.
    """

    def __init__(
        self,
        profile: ProtectionProfile,
        keys: Keys,
        *,
        window: int = WINDOW,
        cryptex: CryptexPolicy = CryptexPolicy.DISABLE,
        max_sources: int = MAX_SOURCES,
    ) -> None:
        """`window`: packets that may come late, at least 64; 0 switches replay protection off.

        Raises InvalidAccessError for keys of another length or a smaller window.
        """
        keys.check(profile)
        if 0 < window < 64:
            raise InvalidAccessError(f"replay window of {window} packets, below 64")
        self.failed = 0
        """Packets that were malformed or did not authenticate."""
        self.replayed = 0
        """Packets that came twice or too late."""
        self._rtp = make(profile, rtp_keys(profile, keys.key, keys.salt), profile.rtp_tag_length)
        self._rtcp = make(profile, rtcp_keys(profile, keys.key, keys.salt), profile.rtcp_tag_length)
        self._least_rtp = FIXED_HEADER + profile.rtp_tag_length
        self._least_rtcp = 8 + profile.rtcp_overhead
        self._rtp_tag = profile.rtp_tag_length
        self._rtcp_index_at = 4 if profile.aead else 4 + profile.rtcp_tag_length
        self._cryptex = cryptex
        self._window = window
        self._max_sources = max_sources
        self._sources: OrderedDict[int, Source] = OrderedDict()
        self._stranger = Source(window)  # stands in for any source that is not known yet
        self._rtcp_sources: OrderedDict[int, ReplayWindow] = OrderedDict()
        self._looked = -_LOOK_EVERY

    def open_rtp(self, packet: bytes, now: float) -> bytes | None:
        """The packet in the clear, or None: forged, malformed, late or a replay."""
        length = header_length(packet) if len(packet) >= self._least_rtp else -1
        if length < 0 or length > len(packet) - self._rtp_tag:
            self.failed += 1
            return None
        _, sequence, ssrc = _HEAD.unpack_from(packet)
        source = self._sources.get(ssrc, self._stranger)
        window = source.packets
        index = window.top + 1
        if index & 0xFFFF != sequence or not index:
            index = estimate(window.top, sequence)
        fresh = index > window.top or window.check(index)
        opened = self._open(packet, length, ssrc, index) if fresh else None
        known = source is not self._stranger
        silent = now - source.heard > SILENCE
        if opened is None and known and silent:
            opened, index = self._look_ahead(packet, length, ssrc, index, now)
        if opened is None:
            if fresh:
                self.failed += 1
            else:
                self.replayed += 1
            return None
        window.accept(index)
        source.heard = now
        if not known:
            self._remember(ssrc)
        elif silent:
            self._sources.move_to_end(ssrc)
        return opened

    def open_rtcp(self, packet: bytes) -> bytes | None:
        """The compound packet in the clear, or None. One that is not encrypted is not taken."""
        at = len(packet) - self._rtcp_index_at
        if len(packet) < self._least_rtcp:
            self.failed += 1
            return None
        (ssrc,) = _RTCP_HEAD.unpack_from(packet)
        word = int.from_bytes(packet[at : at + 4], "big")
        index = word & ~ENCRYPTED
        window = self._rtcp_sources.get(ssrc)
        if window is not None and not window.check(index):
            self.replayed += 1
            return None
        opened = self._rtcp.open_rtcp(packet, ssrc, index) if word & ENCRYPTED else None
        if opened is None:
            self.failed += 1
            return None
        if window is None:
            window = self._rtcp_sources[ssrc] = ReplayWindow(self._window)
            if len(self._rtcp_sources) > self._max_sources:
                self._rtcp_sources.popitem(last=False)
        window.accept(index)
        return opened

    def forget(self, ssrc: int) -> None:
        """Drop what is kept of a source that is gone for good. Harmless when unknown."""
        self._sources.pop(ssrc, None)
        self._rtcp_sources.pop(ssrc, None)

    def _open(self, packet: bytes, length: int, ssrc: int, index: int) -> bytes | None:
        if packet[0] & 0x1F and self._cryptex is not CryptexPolicy.DISABLE:
            if packet[0] & 0x10:
                at = FIXED_HEADER + 4 * (packet[0] & 0x0F)
                plain = _PLAIN.get(packet[at] << 8 | packet[at + 1])
                if plain is not None:
                    opened = self._rtp.open_cryptex(packet, length, ssrc, index)
                    return opened and opened[:at] + plain + opened[at + 2 :]
            if self._cryptex is CryptexPolicy.REQUIRE:
                return None
        payload = self._rtp.open_rtp(packet, length, ssrc, index)
        return None if payload is None else packet[:length] + payload

    def _look_ahead(
        self, packet: bytes, length: int, ssrc: int, index: int, now: float
    ) -> tuple[bytes | None, int]:
        """Try the rollovers behind the likely one: more than 32 767 packets may have been lost.

        Bounded, since a forged packet costs as much: a few tries, ten times a second.
        """
        if now - self._looked < _LOOK_EVERY:
            return None, index
        self._looked = now
        for step in _LOOK_AHEAD:
            opened = self._open(packet, length, ssrc, index + step)
            if opened is not None:
                return opened, index + step
        return None, index

    def _remember(self, ssrc: int) -> None:
        self._sources[ssrc] = self._stranger
        self._stranger = Source(self._window)
        if len(self._sources) > self._max_sources:
            # The order is that of their coming: one that is being heard may be the first.
            oldest = islice(self._sources.items(), _LOOK_AT)
            del self._sources[min(oldest, key=lambda each: each[1].heard)[0]]


def _hide(header: bytes) -> bytes:
    """The header with the magic number of RFC 9335; CSRCs alone get an empty extension."""
    at = FIXED_HEADER + 4 * (header[0] & 0x0F)
    if not header[0] & 0x10:
        header = bytes((header[0] | 0x10,)) + header[1:] + _EMPTY_EXTENSION
    hidden = _HIDDEN.get(header[at] << 8 | header[at + 1])
    if hidden is None:
        raise InvalidAccessError("cryptex with a header extension of no known form")
    return header[:at] + hidden + header[at + 2 :]
