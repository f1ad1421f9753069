"""Files over a data channel, with resume; code phrases that say who is at the other end."""

from webrtc.transfer.code import Code
from webrtc.transfer.conversation import Progress, TransferError, closed
from webrtc.transfer.proof import Guard, WrongCode, prove
from webrtc.transfer.receive import receive_file
from webrtc.transfer.send import Transfer, send_file
from webrtc.transfer.wire import PROTOCOL

__all__ = [
    "PROTOCOL",
    "Code",
    "Guard",
    "Progress",
    "Transfer",
    "TransferError",
    "WrongCode",
    "closed",
    "prove",
    "receive_file",
    "send_file",
]
