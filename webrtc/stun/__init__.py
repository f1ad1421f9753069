"""STUN: RFC 8489, with the attributes of ICE (RFC 8445) and TURN (RFC 8656)."""

from webrtc.stun import attributes
from webrtc.stun.client import Client
from webrtc.stun.integrity import Integrity
from webrtc.stun.message import Message, is_stun
from webrtc.stun.registry import Code, MessageClass, Method
from webrtc.stun.responder import Responder
from webrtc.stun.transaction import Transaction, Transactions
from webrtc.stun.uri import ServerUri, parse_uri

__all__ = [
    "Client",
    "Code",
    "Integrity",
    "Message",
    "MessageClass",
    "Method",
    "Responder",
    "ServerUri",
    "Transaction",
    "Transactions",
    "attributes",
    "is_stun",
    "parse_uri",
]
