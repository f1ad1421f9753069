"""The transforms: AES counter mode with HMAC-SHA1, AES-GCM, and none. RFC 3711 §4, RFC 7714.

An `rtp` method takes the packet's 48-bit index, an `rtcp` method its 31-bit one. `open_*` returns
None for what does not authenticate: a forged packet is nothing exceptional.
"""

from typing import Final, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import constant_time
from cryptography.hazmat.primitives.ciphers import Cipher as BlockCipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.hmac import HMAC

from webrtc.srtp.derivation import CipherKeys
from webrtc.srtp.profiles import ProtectionProfile

ENCRYPTED: Final = 0x80000000
"""The E flag in front of an SRTCP index."""
FIXED_HEADER: Final = 12
_RTCP_HEADER: Final = 8


class Cipher(Protocol):
    """Protects packets with one set of session keys."""

    def seal_rtp(self, header: bytes, payload: bytes, ssrc: int, index: int) -> bytes:
        """The protected packet."""

    def open_rtp(self, packet: bytes, header: int, ssrc: int, index: int) -> bytes | None:
        """The payload of a packet whose header has `header` bytes."""

    def seal_cryptex(self, header: bytes, payload: bytes, ssrc: int, index: int) -> bytes:
        """As `seal_rtp`, with CSRCs and extensions encrypted. RFC 9335 §5."""

    def open_cryptex(self, packet: bytes, header: int, ssrc: int, index: int) -> bytes | None:
        """The packet in the clear, but for the magic number of its extension."""

    def seal_rtcp(self, packet: bytes, ssrc: int, index: int) -> bytes:
        """The protected compound packet with its index and tag."""

    def open_rtcp(self, packet: bytes, ssrc: int, index: int) -> bytes | None:
        """The compound packet."""


def make(profile: ProtectionProfile, keys: CipherKeys, tag_length: int) -> Cipher:
    """The cipher of a profile. `tag_length`: bytes of a truncated HMAC."""
    if profile.aead:
        return Gcm(keys)
    if profile is ProtectionProfile.NULL_SHA1_80:
        return Null(keys, tag_length)
    return CounterMode(keys, tag_length)


def _extension(header: bytes) -> int:
    """Where the four bytes in front of the header extension begin, behind the CSRCs."""
    return FIXED_HEADER + 4 * (header[0] & 0x0F)


class CounterMode:
    """AES in counter mode and a truncated HMAC-SHA1. RFC 3711 §4.1.1, §4.2.1."""

    def __init__(self, keys: CipherKeys, tag_length: int) -> None:
        self._salt = int.from_bytes(keys.salt, "big") << 16
        self._stream = BlockCipher(AES(keys.key), CTR(bytes(16))).encryptor()
        self._hmac = HMAC(keys.auth_key, SHA1())  # noqa: S303 (RFC 3711 §5.2 has no other)
        self._tag_length = tag_length

    def seal_rtp(self, header: bytes, payload: bytes, ssrc: int, index: int) -> bytes:
        packet = header + self._crypt(payload, ssrc, index)
        return packet + self._tag(packet + (index >> 16).to_bytes(4, "big"))

    def open_rtp(self, packet: bytes, header: int, ssrc: int, index: int) -> bytes | None:
        end = self._verify(packet, index)
        return self._crypt(packet[header:end], ssrc, index) if end >= header else None

    def seal_cryptex(self, header: bytes, payload: bytes, ssrc: int, index: int) -> bytes:
        split = _extension(header)
        hidden = header[FIXED_HEADER:split] + header[split + 4 :] + payload
        sealed = self._crypt(hidden, ssrc, index)
        behind = split - FIXED_HEADER
        packet = b"".join(
            (header[:FIXED_HEADER], sealed[:behind], header[split : split + 4], sealed[behind:])
        )
        return packet + self._tag(packet + (index >> 16).to_bytes(4, "big"))

    def open_cryptex(self, packet: bytes, header: int, ssrc: int, index: int) -> bytes | None:
        end = self._verify(packet, index)
        if end < header:
            return None
        split = _extension(packet)
        opened = self._crypt(packet[FIXED_HEADER:split] + packet[split + 4 : end], ssrc, index)
        behind = split - FIXED_HEADER
        return b"".join(
            (packet[:FIXED_HEADER], opened[:behind], packet[split : split + 4], opened[behind:])
        )

    def seal_rtcp(self, packet: bytes, ssrc: int, index: int) -> bytes:
        sealed = packet[:_RTCP_HEADER] + self._crypt(packet[_RTCP_HEADER:], ssrc, index)
        sealed += (ENCRYPTED | index).to_bytes(4, "big")
        return sealed + self._tag(sealed)

    def open_rtcp(self, packet: bytes, ssrc: int, index: int) -> bytes | None:
        end = len(packet) - self._tag_length
        if not constant_time.bytes_eq(self._tag(packet[:end]), packet[end:]):
            return None
        return packet[:_RTCP_HEADER] + self._crypt(packet[_RTCP_HEADER : end - 4], ssrc, index)

    def _verify(self, packet: bytes, index: int) -> int:
        """Where the tag begins, or -1 if it is wrong."""
        end = len(packet) - self._tag_length
        tag = self._tag(packet[:end] + (index >> 16).to_bytes(4, "big"))
        return end if constant_time.bytes_eq(tag, packet[end:]) else -1

    def _tag(self, data: bytes) -> bytes:
        code = self._hmac.copy()
        code.update(data)
        return code.finalize()[: self._tag_length]

    def _crypt(self, data: bytes, ssrc: int, index: int) -> bytes:
        stream = self._stream
        stream.reset_nonce((self._salt ^ ssrc << 64 ^ index << 16).to_bytes(16, "big"))
        return stream.update(data)


class Null(CounterMode):
    """Authenticates and leaves everything in the clear. RFC 3711 §4.1.3."""

    def _crypt(self, data: bytes, ssrc: int, index: int) -> bytes:  # noqa: ARG002 (one interface)
        return data


class Gcm:
    """AES in Galois/counter mode. RFC 7714 §8, §9."""

    def __init__(self, keys: CipherKeys) -> None:
        self._salt = int.from_bytes(keys.salt, "big")
        aead = AESGCM(keys.key)
        self._encrypt, self._decrypt = aead.encrypt, aead.decrypt

    def seal_rtp(self, header: bytes, payload: bytes, ssrc: int, index: int) -> bytes:
        nonce = (self._salt ^ ssrc << 48 ^ index).to_bytes(12, "big")
        return header + self._encrypt(nonce, payload, header)

    def open_rtp(self, packet: bytes, header: int, ssrc: int, index: int) -> bytes | None:
        nonce = (self._salt ^ ssrc << 48 ^ index).to_bytes(12, "big")
        try:
            return self._decrypt(nonce, packet[header:], packet[:header])
        except InvalidTag:
            return None

    def seal_cryptex(self, header: bytes, payload: bytes, ssrc: int, index: int) -> bytes:
        split = _extension(header)
        hidden = header[FIXED_HEADER:split] + header[split + 4 :] + payload
        fixed, extension = header[:FIXED_HEADER], header[split : split + 4]
        nonce = (self._salt ^ ssrc << 48 ^ index).to_bytes(12, "big")
        sealed = self._encrypt(nonce, hidden, fixed + extension)
        behind = split - FIXED_HEADER
        return b"".join((fixed, sealed[:behind], extension, sealed[behind:]))

    def open_cryptex(self, packet: bytes, header: int, ssrc: int, index: int) -> bytes | None:  # noqa: ARG002 (one interface)
        split = _extension(packet)
        fixed, extension = packet[:FIXED_HEADER], packet[split : split + 4]
        nonce = (self._salt ^ ssrc << 48 ^ index).to_bytes(12, "big")
        hidden = packet[FIXED_HEADER:split] + packet[split + 4 :]
        try:
            opened = self._decrypt(nonce, hidden, fixed + extension)
        except InvalidTag:
            return None
        behind = split - FIXED_HEADER
        return b"".join((fixed, opened[:behind], extension, opened[behind:]))

    def seal_rtcp(self, packet: bytes, ssrc: int, index: int) -> bytes:
        header, word = packet[:_RTCP_HEADER], (ENCRYPTED | index).to_bytes(4, "big")
        nonce = (self._salt ^ ssrc << 48 ^ index).to_bytes(12, "big")
        return header + self._encrypt(nonce, packet[_RTCP_HEADER:], header + word) + word

    def open_rtcp(self, packet: bytes, ssrc: int, index: int) -> bytes | None:
        header, word = packet[:_RTCP_HEADER], packet[-4:]
        nonce = (self._salt ^ ssrc << 48 ^ index).to_bytes(12, "big")
        try:
            return header + self._decrypt(nonce, packet[_RTCP_HEADER:-4], header + word)
        except InvalidTag:
            return None
