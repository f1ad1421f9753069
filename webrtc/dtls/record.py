"""Records of DTLS 1.2: the layout, and their protection by an AEAD. RFC 6347 §4.1.

A `number` is the 16-bit epoch and the 48-bit sequence number as one 64-bit integer. AES-GCM puts
it on the wire as explicit nonce (RFC 5288 §3), ChaCha20-Poly1305 derives its nonce from it
(RFC 7905 §2), so a number is used once under one key.
"""

import struct
from collections.abc import Iterator, Sequence
from typing import ClassVar, Final, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import aead

CHANGE_CIPHER_SPEC: Final = 20
ALERT: Final = 21
HANDSHAKE: Final = 22
APPLICATION_DATA: Final = 23

DTLS_1_0: Final = 0xFEFF
DTLS_1_2: Final = 0xFEFD

EPOCH: Final = 1 << 48
"""Number of the first record of epoch 1. There is no other protected epoch: no renegotiation."""

HEADER: Final = struct.Struct("!BHQH")  # type, version, number, length
MAX_PLAINTEXT: Final = 1 << 14
MAX_CIPHERTEXT: Final = MAX_PLAINTEXT + 256
"""Stricter than RFC 5246 §6.2.3, which lets a cipher add 2048 bytes; ours add 24 at most."""
MAX_RECORD: Final = HEADER.size + MAX_CIPHERTEXT

_GCM_HEADER: Final = struct.Struct("!BHQHQ")  # the same, then the explicit nonce
_ADDITIONAL_DATA: Final = struct.Struct("!QBHH")  # number, type, version, length of the plaintext
_NUMBER: Final = struct.Struct("!Q")
_TAG: Final = 16


class Protection(Protocol):
    """Seals and opens the records of one direction."""

    overhead: ClassVar[int]
    """Bytes that a record adds to its plaintext, its header included."""
    iv_length: ClassVar[int]
    """Bytes of the key block that go into the nonce."""

    def __init__(self, key: bytes, iv: bytes) -> None: ...

    def seal(self, type_: int, number: int, plaintext: bytes) -> bytes:
        """Whole record around `plaintext`."""

    def seal_all(self, number: int, plaintexts: Sequence[bytes]) -> list[bytes]:
        """Whole records of application data, numbered from `number` on."""

    def open(self, type_: int, number: int, record: bytes) -> bytes | None:
        """Plaintext of a whole record, None when it is not authentic."""

    def open_all(self, records: Sequence[tuple[int, bytes]]) -> list[bytes | None]:
        """As `open` for records of application data, each with its number."""


class AesGcm:
    """AES-GCM with the number as explicit nonce. RFC 5288 §3."""

    __slots__ = ("_decrypt", "_encrypt", "_salt")
    overhead: ClassVar[int] = _GCM_HEADER.size + _TAG
    iv_length: ClassVar[int] = 4

    def __init__(self, key: bytes, iv: bytes) -> None:
        cipher = aead.AESGCM(key)
        self._encrypt = cipher.encrypt
        self._decrypt = cipher.decrypt
        self._salt = iv

    def seal(self, type_: int, number: int, plaintext: bytes) -> bytes:
        size = len(plaintext)
        return _GCM_HEADER.pack(type_, DTLS_1_2, number, size + 24, number) + self._encrypt(
            self._salt + _NUMBER.pack(number),
            plaintext,
            _ADDITIONAL_DATA.pack(number, type_, DTLS_1_2, size),
        )

    def seal_all(self, number: int, plaintexts: Sequence[bytes]) -> list[bytes]:
        encrypt, salt = self._encrypt, self._salt
        records = []
        for plaintext in plaintexts:
            size = len(plaintext)
            records.append(
                _GCM_HEADER.pack(APPLICATION_DATA, DTLS_1_2, number, size + 24, number)
                + encrypt(
                    salt + _NUMBER.pack(number),
                    plaintext,
                    _ADDITIONAL_DATA.pack(number, APPLICATION_DATA, DTLS_1_2, size),
                )
            )
            number += 1
        return records

    def open_all(self, records: Sequence[tuple[int, bytes]]) -> list[bytes | None]:
        decrypt, salt, overhead = self._decrypt, self._salt, self.overhead
        plaintexts: list[bytes | None] = []
        for number, record in records:
            size = len(record) - overhead
            plaintext = None
            if size >= 0:
                additional = _ADDITIONAL_DATA.pack(number, APPLICATION_DATA, DTLS_1_2, size)
                try:
                    plaintext = decrypt(salt + record[13:21], record[21:], additional)
                except InvalidTag:
                    pass
            plaintexts.append(plaintext)
        return plaintexts

    def open(self, type_: int, number: int, record: bytes) -> bytes | None:
        size = len(record) - self.overhead
        if size < 0:
            return None
        try:
            return self._decrypt(
                self._salt + record[13:21],
                record[21:],
                _ADDITIONAL_DATA.pack(number, type_, DTLS_1_2, size),
            )
        except InvalidTag:
            return None


class ChaCha20Poly1305:
    """ChaCha20-Poly1305, its nonce the number XORed into the IV. RFC 7905 §2."""

    __slots__ = ("_cipher", "_iv")
    overhead: ClassVar[int] = HEADER.size + _TAG
    iv_length: ClassVar[int] = 12

    def __init__(self, key: bytes, iv: bytes) -> None:
        self._cipher = aead.ChaCha20Poly1305(key)
        self._iv = int.from_bytes(iv, "big")

    def seal(self, type_: int, number: int, plaintext: bytes) -> bytes:
        size = len(plaintext)
        return HEADER.pack(type_, DTLS_1_2, number, size + _TAG) + self._cipher.encrypt(
            (self._iv ^ number).to_bytes(12, "big"),
            plaintext,
            _ADDITIONAL_DATA.pack(number, type_, DTLS_1_2, size),
        )

    def seal_all(self, number: int, plaintexts: Sequence[bytes]) -> list[bytes]:
        numbered = enumerate(plaintexts, number)
        return [self.seal(APPLICATION_DATA, each, plaintext) for each, plaintext in numbered]

    def open_all(self, records: Sequence[tuple[int, bytes]]) -> list[bytes | None]:
        return [self.open(APPLICATION_DATA, number, record) for number, record in records]

    def open(self, type_: int, number: int, record: bytes) -> bytes | None:
        size = len(record) - self.overhead
        if size < 0:
            return None
        try:
            return self._cipher.decrypt(
                (self._iv ^ number).to_bytes(12, "big"),
                record[13:],
                _ADDITIONAL_DATA.pack(number, type_, DTLS_1_2, size),
            )
        except InvalidTag:
            return None


def plain(type_: int, number: int, payload: bytes) -> bytes:
    """Whole unprotected record, as epoch 0 has them."""
    return HEADER.pack(type_, DTLS_1_2, number, len(payload)) + payload


def data_number(datagram: bytes) -> int:
    """Number of the record of data, of epoch 1, that is all of a datagram; 0 when it is none."""
    size = len(datagram) - HEADER.size
    if size <= 0 or size > MAX_CIPHERTEXT:
        return 0
    type_, version, number, length = HEADER.unpack_from(datagram)
    if type_ != APPLICATION_DATA or version != DTLS_1_2 or length != size or number >> 48 != 1:
        return 0
    return int(number)


def split(datagram: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Type, number and bytes (header included) of each record; stops where they end.

    Records of a foreign version or longer than RFC 6347 allows are left out, and so is what
    follows a length that the datagram cannot hold.
    """
    start, size = 0, len(datagram)
    while size - start >= HEADER.size:
        type_, version, number, length = HEADER.unpack_from(datagram, start)
        end = start + HEADER.size + length
        if end > size:
            return
        if version in {DTLS_1_0, DTLS_1_2} and end - start <= MAX_RECORD:
            yield type_, number, datagram[start:end]
        start = end
