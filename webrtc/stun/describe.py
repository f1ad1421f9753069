"""STUN messages in words: for captures. RFC 8489 §5."""

from webrtc.errors import DecodeError
from webrtc.stun.message import Message


def describe(data: bytes) -> str:
    """Method and class, then each attribute; what is wrong when it cannot be read."""
    try:
        message = Message.decode(data)
    except DecodeError as error:
        return f"malformed: {error}"
    try:
        attributes = [repr(each) for each in message.attributes]
    except DecodeError as error:
        attributes = [f"malformed attribute: {error}"]
    method = message.method.name.replace("_", " ").capitalize()
    integrity = [] if message.integrity is None else ["authenticated"]
    return " ".join([method, message.message_class.name.lower(), *attributes, *integrity])
