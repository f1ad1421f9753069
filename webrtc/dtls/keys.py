"""What follows from the master secret: keys of records and exported ones. RFC 5246 §5, §6.3."""

import hmac
from dataclasses import dataclass

from webrtc.dtls.record import Protection
from webrtc.dtls.suites import CipherSuite
from webrtc.errors import InvalidAccessError

RESERVED_LABELS = frozenset(
    {
        b"client finished",
        b"server finished",
        b"master secret",
        b"extended master secret",
        b"key expansion",
    }
)
"""Labels of TLS itself, which an exporter must not be asked for. RFC 5705 §4."""


def prf(hash_name: str, secret: bytes, label: bytes, seed: bytes, length: int) -> bytes:
    """`length` bytes of the pseudorandom function of TLS 1.2. RFC 5246 §5."""
    seed = label + seed
    output = bytearray()
    chain = seed
    while len(output) < length:
        chain = hmac.digest(secret, chain, hash_name)
        output += hmac.digest(secret, chain + seed, hash_name)
    return bytes(output[:length])


@dataclass(frozen=True, slots=True, repr=False)
class Secrets:
    """The outcome of a handshake. Never shown: it has no repr."""

    suite: CipherSuite
    master_secret: bytes
    client_random: bytes
    server_random: bytes

    def protections(self) -> tuple[Protection, Protection]:
        """Protection of what the client writes and of what the server writes. RFC 5246 §6.3."""
        protection, key = self.suite.protection, self.suite.key_length
        iv = protection.iv_length
        seed = self.server_random + self.client_random
        block = self._expand(b"key expansion", seed, 2 * (key + iv))
        ivs = block[2 * key :]
        return (
            protection(block[:key], ivs[:iv]),
            protection(block[key : 2 * key], ivs[iv:]),
        )

    def export(self, label: bytes, length: int, context: bytes | None) -> bytes:
        """Keying material for another protocol. RFC 5705 §4.

        No context and an empty one give different material. Raises InvalidAccessError when
        `label` belongs to TLS itself, or `length` or `context` cannot be encoded.
        """
        if label in RESERVED_LABELS:
            raise InvalidAccessError(f"exporter label {label!r} is reserved for TLS itself")
        if length < 1 or (context is not None and len(context) > 0xFFFF):
            raise InvalidAccessError("exporter wants a length above 0 and a context below 64 KiB")
        seed = self.client_random + self.server_random
        if context is not None:
            seed += len(context).to_bytes(2, "big") + context
        return self._expand(label, seed, length)

    def key_log_line(self) -> str:
        """Line of an SSLKEYLOGFILE, without its line feed. RFC 9850 §2.1."""
        return f"CLIENT_RANDOM {self.client_random.hex()} {self.master_secret.hex()}"

    def _expand(self, label: bytes, seed: bytes, length: int) -> bytes:
        return prf(self.suite.hash, self.master_secret, label, seed, length)
