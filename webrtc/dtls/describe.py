"""What the records of a datagram are, in words: for logs and captures. RFC 6347 §4.1, RFC 5246."""

from webrtc.dtls import alerts
from webrtc.dtls.fragments import decode
from webrtc.dtls.record import (
    ALERT,
    APPLICATION_DATA,
    CHANGE_CIPHER_SPEC,
    EPOCH,
    HANDSHAKE,
    HEADER,
    split,
)
from webrtc.errors import DecodeError

_RECORDS = {
    CHANGE_CIPHER_SPEC: "ChangeCipherSpec",
    ALERT: "Alert",
    HANDSHAKE: "Handshake",
    APPLICATION_DATA: "ApplicationData",
}
_MESSAGES = {
    0: "HelloRequest",
    1: "ClientHello",
    2: "ServerHello",
    3: "HelloVerifyRequest",
    4: "NewSessionTicket",
    11: "Certificate",
    12: "ServerKeyExchange",
    13: "CertificateRequest",
    14: "ServerHelloDone",
    15: "CertificateVerify",
    16: "ClientKeyExchange",
    20: "Finished",
}
_LEVELS = {alerts.WARNING: "warning", alerts.FATAL: "fatal"}


def describe(datagram: bytes) -> list[str]:
    """One or more words for each record; a fragment has its place: `Certificate 0+500/900`."""
    found: list[str] = []
    size = 0
    for type_, number, record in split(datagram):
        size += len(record)
        payload = record[HEADER.size :]
        name = _RECORDS.get(type_, f"record of type {type_}")
        if number >= EPOCH:
            found.append(name if type_ == APPLICATION_DATA else f"encrypted {name}")
        elif type_ == HANDSHAKE:
            found += _messages(payload)
        elif type_ == ALERT and len(payload) == 2:
            level = _LEVELS.get(payload[0], f"level {payload[0]}")
            found.append(f"Alert {level} {alerts.name(payload[1])}")
        else:
            found.append(name)
    if size < len(datagram):
        found.append(f"{len(datagram) - size} bytes that are no record")
    return found


def _messages(payload: bytes) -> list[str]:
    found: list[str] = []
    try:
        for part in decode(payload):
            name = _MESSAGES.get(part.type, f"handshake message {part.type}")
            whole = len(part.body) == part.length
            place = "" if whole else f" {part.offset}+{len(part.body)}/{part.length}"
            found.append(name + place)
    except DecodeError:
        found.append("malformed Handshake")
    return found
