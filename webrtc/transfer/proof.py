"""Both ends prove that they know the code, bound to the certificates of this connection.

A key is derived by scrypt (RFC 7914) from the words, with the SHA-256 fingerprints of both
certificates as its salt; each side proves it by HMAC (RFC 2104) over its role. DTLS has shown that
the peer owns its certificate, so somebody in the middle has other fingerprints, and proofs that
are passed on are wrong. The receiver goes first: who only guesses learns nothing but that the guess
was wrong, and a `Guard` allows few guesses.
"""

import asyncio
import hashlib
import hmac
from typing import NamedTuple

from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from webrtc import RTCDataChannel, RTCPeerConnection
from webrtc.errors import DecodeError, InvalidStateError
from webrtc.sdp import SessionDescription
from webrtc.transfer.code import Code
from webrtc.transfer.conversation import (
    Conversation,
    TransferError,
    closed,
    conversation,
    in_thread,
)
from webrtc.transfer.wire import Proof, Refused

TRIES = 3
"""Wrong proofs until a code is worth nothing."""
PROOF_TIMEOUT = 20.0
"""Seconds in which the other side has to prove that it knows the code."""

_COST = 2**15  # scrypt's N: 32 MiB and a tenth of a second for each guess
_BLOCK_SIZE = 8
_LABEL = b"webrtc file transfer 1"


class WrongCode(TransferError):
    """The other side has another code, or none."""


class Proofs(NamedTuple):
    """What each side has to say."""

    receiver: str
    sender: str

    @classmethod
    def derive(cls, code: Code, sender: bytes, receiver: bytes) -> "Proofs":
        """From the code and both certificates' fingerprints. Takes a tenth of a second."""
        salt = _LABEL + sender + receiver
        kdf = Scrypt(salt=salt, length=32, n=_COST, r=_BLOCK_SIZE, p=1)
        key = kdf.derive("-".join(code.words).encode())
        return cls(*(hmac.digest(key, role, "sha256").hex() for role in (b"receiver", b"sender")))


class Guard:
    """The sender's side: lets in who knows the code, and few that do not."""

    def __init__(self, code: Code, tries: int = TRIES) -> None:
        self._code = code
        self._turn = asyncio.Lock()
        self.tries = tries
        """Wrong proofs that are left; at 0 nobody is let in any more."""

    async def check(self, pc: RTCPeerConnection, channel: RTCDataChannel) -> None:
        """Let the receiver at the other end of `channel` prove itself, then do the same.

        Raises WrongCode, or what else a `conversation` raises.
        """
        async with conversation(channel, PROOF_TIMEOUT) as talk:
            proof = await talk.expect(Proof)
            async with self._turn:
                right = self.tries > 0 and await self._is_right(pc, proof, talk)
                self.tries -= not right and self.tries > 0
            if right:
                return
            await talk.tell(Refused(self.tries))
        channel.close()
        await closed(channel)
        raise WrongCode("the other side has a wrong code")

    async def _is_right(self, pc: RTCPeerConnection, proof: Proof, talk: Conversation) -> bool:
        local, remote = fingerprints(pc)
        proofs = await in_thread(Proofs.derive, self._code, local, remote)
        if not hmac.compare_digest(proofs.receiver, proof.mac):
            return False
        await talk.tell(Proof(proofs.sender))
        return True


async def prove(pc: RTCPeerConnection, channel: RTCDataChannel, code: Code) -> None:
    """The receiver's side: show that we know the code, and see that the sender does.

    Raises WrongCode, or what else a `conversation` raises.
    """
    async with conversation(channel, PROOF_TIMEOUT) as talk:
        local, remote = fingerprints(pc)
        proofs = await in_thread(Proofs.derive, code, remote, local)
        await talk.tell(Proof(proofs.receiver))
        match await talk.recv():
            case Proof(mac) if hmac.compare_digest(proofs.sender, mac):
                return
            case Proof():
                raise WrongCode("the other side does not know the code")
            case Refused(tries):
                channel.close()
                raise WrongCode(f"wrong code; {_count(tries)} left")
            case other:
                raise DecodeError(f"{type(other).__name__} instead of Proof")


def fingerprints(pc: RTCPeerConnection) -> tuple[bytes, bytes]:
    """SHA-256 of our certificate, and of the one that the peer has shown in DTLS.

    Raises InvalidStateError unless connected.
    """
    chain = pc.sctp.transport.get_remote_certificates() if pc.sctp is not None else []
    if not chain or pc.local_description is None:
        raise InvalidStateError("no proof without a connection")
    description = SessionDescription.parse(pc.local_description.sdp)
    told = (each for media in description.media for each in description.fingerprints(media))
    local = next(each.value for each in told if each.algorithm == "sha-256")
    return bytes.fromhex(local.replace(":", "")), hashlib.sha256(chain[0]).digest()


def _count(tries: int) -> str:
    return f"{tries} {'try is' if tries == 1 else 'tries are'}"
