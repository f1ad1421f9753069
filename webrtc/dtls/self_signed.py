"""A self-signed certificate with nothing in it but what there must be, as DER. RFC 5280 §4.1.

A general builder takes twice as long as the key and the signature do, for every connection.
"""

from datetime import UTC, datetime

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

_INTEGER, _BIT_STRING, _UTF8_STRING = 0x02, 0x03, 0x0C
_UTC_TIME, _GENERALIZED_TIME = 0x17, 0x18
_SEQUENCE, _SET = 0x30, 0x31
_VERSION_3 = bytes.fromhex("a003020102")
_COMMON_NAME = bytes.fromhex("0603550403")
_ECDSA_WITH_SHA256 = bytes.fromhex("300a06082a8648ce3d040302")  # RFC 5758 §3.2
_ECDSA = ec.ECDSA(hashes.SHA256())
_SHA256_WITH_RSA = bytes.fromhex("300d06092a864886f70d01010b0500")  # RFC 4055 §5


def self_signed(
    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey,
    common_name: str,
    serial_number: int,
    not_before: float,
    not_after: float,
) -> bytes:
    """A version 3 certificate without extensions. Both times are Unix time."""
    is_ec = isinstance(key, ec.EllipticCurvePrivateKey)
    algorithm = _ECDSA_WITH_SHA256 if is_ec else _SHA256_WITH_RSA
    name = _tlv(_SEQUENCE, _COMMON_NAME + _tlv(_UTF8_STRING, common_name.encode()))
    name = _tlv(_SEQUENCE, _tlv(_SET, name))
    content = _tlv(
        _SEQUENCE,
        b"".join(
            (
                _VERSION_3,
                _tlv(_INTEGER, serial_number.to_bytes(serial_number.bit_length() // 8 + 1, "big")),
                algorithm,
                name,
                _tlv(_SEQUENCE, _time(not_before) + _time(not_after)),
                name,
                key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
            )
        ),
    )
    signature = _sign(key, content)
    return _tlv(_SEQUENCE, content + algorithm + _tlv(_BIT_STRING, b"\0" + signature))


def _sign(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey, content: bytes) -> bytes:
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(content, padding.PKCS1v15(), hashes.SHA256())
    return key.sign(content, _ECDSA)


def _time(unix_time: float) -> bytes:
    """Two digits of the year until 2049, four from 2050. RFC 5280 §4.1.2.5."""
    time = datetime.fromtimestamp(unix_time, UTC)
    rest = (time.month, time.day, time.hour, time.minute, time.second)  # strftime is very slow
    if 1950 <= time.year < 2050:
        return _tlv(_UTC_TIME, b"%02d%02d%02d%02d%02d%02dZ" % (time.year % 100, *rest))
    return _tlv(_GENERALIZED_TIME, b"%04d%02d%02d%02d%02d%02dZ" % (time.year, *rest))


def _tlv(tag: int, content: bytes) -> bytes:
    size = len(content)
    if size < 0x80:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + content
