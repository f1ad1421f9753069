"""The numbers of STUN: classes, methods, attribute types, error codes. RFC 8489 §18."""

from enum import IntEnum
from typing import Self

MAGIC_COOKIE = 0x2112A442

DEFAULT_PORT = 3478
DEFAULT_TLS_PORT = 5349


class MessageClass(IntEnum):
    """What a message is to its transaction. RFC 8489 §5."""

    REQUEST = 0
    INDICATION = 1
    SUCCESS = 2
    ERROR = 3


class Method(IntEnum):
    """What a message asks for. RFC 8489 §18.2, RFC 8656 §17, RFC 6062 §6.1."""

    BINDING = 0x001
    ALLOCATE = 0x003
    REFRESH = 0x004
    SEND = 0x006
    DATA = 0x007
    CREATE_PERMISSION = 0x008
    CHANNEL_BIND = 0x009
    CONNECT = 0x00A
    CONNECTION_BIND = 0x00B
    CONNECTION_ATTEMPT = 0x00C


def message_type(method: int, message_class: int) -> int:
    """The 14-bit type field: the two class bits lie between the method bits. RFC 8489 §5."""
    spread = (method & 0xF80) << 2 | (method & 0x070) << 1 | method & 0x00F
    return spread | (message_class & 2) << 7 | (message_class & 1) << 4


class AttributeType(IntEnum):
    """Attribute types that this library knows. RFC 8489 §18.3 and the usages named beside them."""

    MAPPED_ADDRESS = 0x0001
    CHANGE_REQUEST = 0x0003  # RFC 5780
    USERNAME = 0x0006
    MESSAGE_INTEGRITY = 0x0008
    ERROR_CODE = 0x0009
    UNKNOWN_ATTRIBUTES = 0x000A
    CHANNEL_NUMBER = 0x000C  # RFC 8656 to RESERVATION_TOKEN, where nothing else is said
    LIFETIME = 0x000D
    XOR_PEER_ADDRESS = 0x0012
    DATA = 0x0013
    REALM = 0x0014
    NONCE = 0x0015
    XOR_RELAYED_ADDRESS = 0x0016
    REQUESTED_ADDRESS_FAMILY = 0x0017
    EVEN_PORT = 0x0018
    REQUESTED_TRANSPORT = 0x0019
    DONT_FRAGMENT = 0x001A
    ACCESS_TOKEN = 0x001B  # RFC 7635
    MESSAGE_INTEGRITY_SHA256 = 0x001C
    PASSWORD_ALGORITHM = 0x001D
    USERHASH = 0x001E
    XOR_MAPPED_ADDRESS = 0x0020
    RESERVATION_TOKEN = 0x0022
    PRIORITY = 0x0024  # RFC 8445
    USE_CANDIDATE = 0x0025  # RFC 8445
    PADDING = 0x0026  # RFC 5780
    RESPONSE_PORT = 0x0027  # RFC 5780
    CONNECTION_ID = 0x002A  # RFC 6062
    ADDITIONAL_ADDRESS_FAMILY = 0x8000  # RFC 8656
    ADDRESS_ERROR_CODE = 0x8001  # RFC 8656
    PASSWORD_ALGORITHMS = 0x8002
    ALTERNATE_DOMAIN = 0x8003
    ICMP = 0x8004  # RFC 8656
    SOFTWARE = 0x8022
    ALTERNATE_SERVER = 0x8023
    TRANSACTION_TRANSMIT_COUNTER = 0x8025  # RFC 7982
    FINGERPRINT = 0x8028
    ICE_CONTROLLED = 0x8029  # RFC 8445
    ICE_CONTROLLING = 0x802A  # RFC 8445
    RESPONSE_ORIGIN = 0x802B  # RFC 5780
    OTHER_ADDRESS = 0x802C  # RFC 5780
    THIRD_PARTY_AUTHORIZATION = 0x802E  # RFC 7635
    MOBILITY_TICKET = 0x8030  # RFC 8016
    NOMINATION = 0xC001  # draft-thatcher-ice-renomination, sent by Chrome

    @property
    def comprehension_required(self) -> bool:
        """Whether a receiver that does not know the type must refuse the message."""
        return self < COMPREHENSION_OPTIONAL


COMPREHENSION_OPTIONAL = 0x8000
"""First attribute type that a receiver may ignore. RFC 8489 §14."""


class Code(IntEnum):
    """Error codes and their recommended reason phrases. RFC 8489 §14.8, RFC 8656 §19."""

    phrase: str
    """Recommended reason phrase."""

    def __new__(cls, value: int, phrase: str) -> Self:
        code = int.__new__(cls, value)
        code._value_ = value
        code.phrase = phrase
        return code

    TRY_ALTERNATE = 300, "Try Alternate"
    BAD_REQUEST = 400, "Bad Request"
    UNAUTHENTICATED = 401, "Unauthenticated"
    FORBIDDEN = 403, "Forbidden"
    MOBILITY_FORBIDDEN = 405, "Mobility Forbidden"
    UNKNOWN_ATTRIBUTE = 420, "Unknown Attribute"
    ALLOCATION_MISMATCH = 437, "Allocation Mismatch"
    STALE_NONCE = 438, "Stale Nonce"
    ADDRESS_FAMILY_NOT_SUPPORTED = 440, "Address Family not Supported"
    WRONG_CREDENTIALS = 441, "Wrong Credentials"
    UNSUPPORTED_TRANSPORT_PROTOCOL = 442, "Unsupported Transport Protocol"
    PEER_ADDRESS_FAMILY_MISMATCH = 443, "Peer Address Family Mismatch"
    CONNECTION_ALREADY_EXISTS = 446, "Connection Already Exists"
    CONNECTION_TIMEOUT_OR_FAILURE = 447, "Connection Timeout or Failure"
    ALLOCATION_QUOTA_REACHED = 486, "Allocation Quota Reached"
    ROLE_CONFLICT = 487, "Role Conflict"
    SERVER_ERROR = 500, "Server Error"
    INSUFFICIENT_CAPACITY = 508, "Insufficient Capacity"


PHRASES = {int(code): code.phrase for code in Code}
