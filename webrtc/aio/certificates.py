"""`RTCPeerConnection.generateCertificate`. webrtc-pc §4.9."""

import asyncio
import random
import time

from webrtc.dtls import Certificate, KeyType
from webrtc.dtls.certificate import LIFETIME, MAX_LIFETIME
from webrtc.errors import NotSupportedError
from webrtc.util.webidl import seconds


async def generate_certificate(
    algorithm: KeyType = KeyType.ECDSA, *, lifetime: float = LIFETIME
) -> Certificate:
    """A certificate for several connections, valid for `lifetime` seconds, at most a year.

    Raises NotSupportedError for an unknown kind of key, TypeError for what is no lifetime.
    """
    seconds("lifetime", lifetime)
    if algorithm not in list(KeyType):
        raise NotSupportedError(f"key of kind {algorithm!r:.80}")
    return await asyncio.to_thread(
        Certificate.generate,
        random.SystemRandom(),
        time.time(),
        key_type=KeyType(algorithm),
        lifetime=min(lifetime, MAX_LIFETIME),
    )
