"""Certificates on request, made in a thread. webrtc-pc §4.9.2."""

import asyncio
import random
import time

from webrtc.dtls import Certificate, KeyType
from webrtc.dtls.certificate import MAX_LIFETIME
from webrtc.errors import NotSupportedError
from webrtc.util.webidl import seconds


async def generate(algorithm: KeyType, lifetime: float) -> Certificate:
    """A fresh one, valid for `lifetime` seconds from now but at most a year.

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
