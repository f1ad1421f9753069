"""libsrtp, by pylibsrtp, as the judge of every byte."""

import struct
from random import Random

import pylibsrtp
import pytest

from webrtc.srtp import InboundContext, Keys, OutboundContext, ProtectionProfile

PACKETS = 10_000
PROFILES = {
    ProtectionProfile.AES128_CM_SHA1_80: pylibsrtp.Policy.SRTP_PROFILE_AES128_CM_SHA1_80,
    ProtectionProfile.AES128_CM_SHA1_32: pylibsrtp.Policy.SRTP_PROFILE_AES128_CM_SHA1_32,
    ProtectionProfile.AEAD_AES_128_GCM: pylibsrtp.Policy.SRTP_PROFILE_AEAD_AES_128_GCM,
    ProtectionProfile.AEAD_AES_256_GCM: pylibsrtp.Policy.SRTP_PROFILE_AEAD_AES_256_GCM,
}

each_profile = pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.name)


def keys(profile: ProtectionProfile) -> Keys:
    random = Random(1)
    return Keys(random.randbytes(profile.key_length), random.randbytes(profile.salt_length))


def libsrtp(profile: ProtectionProfile, *, inbound: bool) -> pylibsrtp.Session:
    master = keys(profile)
    direction = pylibsrtp.Policy.SSRC_ANY_INBOUND if inbound else pylibsrtp.Policy.SSRC_ANY_OUTBOUND
    policy = pylibsrtp.Policy(
        key=master.key + master.salt, ssrc_type=direction, srtp_profile=PROFILES[profile]
    )
    policy.window_size = 1024
    return pylibsrtp.Session(policy=policy)


def packets(seed: int) -> list[tuple[int, int, bytes, bytes]]:
    """Index, SSRC, header and payload; two sources, one with CSRCs and an extension; wraps."""
    random, made = Random(seed), []
    for n in range(PACKETS):
        ssrc, index = 7 + n % 2, 60_000 + n * 9
        if n % 2:
            header = struct.pack("!BBHIII", 0x91, 96, index & 0xFFFF, n, ssrc, 9)
            header += struct.pack("!HHI", 0xBEDE, 1, n)
        else:
            header = struct.pack("!BBHII", 0x80, 111, index & 0xFFFF, n, ssrc)
        made.append((index, ssrc, header, random.randbytes(random.randrange(0, 1200))))
    return made


def mixed(sealed: list[bytes], seed: int) -> list[bytes]:
    """A tenth is lost, the rest moves by up to 50 places."""
    random = Random(seed)
    kept = [
        (n + random.randrange(50), each) for n, each in enumerate(sealed) if random.random() > 0.1
    ]
    return [each for _, each in sorted(kept, key=lambda pair: pair[0])]


@each_profile
def test_we_seal_the_same_bytes(profile: ProtectionProfile) -> None:
    ours, theirs = OutboundContext(profile, keys(profile)), libsrtp(profile, inbound=False)
    for index, ssrc, header, payload in packets(1):
        sealed = ours.seal_rtp(header, payload, ssrc, index & 0xFFFF)
        assert sealed == theirs.protect(header + payload)


@each_profile
def test_we_open_what_libsrtp_seals_and_it_opens_what_we_seal(profile: ProtectionProfile) -> None:
    """Over loss, reordering and the wrap of sequence numbers."""
    made = packets(2)
    clear = {header + payload for _, _, header, payload in made}
    sender, receiver = libsrtp(profile, inbound=False), InboundContext(profile, keys(profile))
    for packet in mixed([sender.protect(header + payload) for _, _, header, payload in made], 3):
        assert receiver.open_rtp(packet, 0.0) in clear
    ours, theirs = OutboundContext(profile, keys(profile)), libsrtp(profile, inbound=True)
    sealed = [
        ours.seal_rtp(header, payload, ssrc, index & 0xFFFF)
        for index, ssrc, header, payload in made
    ]
    for packet in mixed(sealed, 4):
        assert theirs.unprotect(packet) in clear


@each_profile
def test_reports_are_the_same_bytes_both_ways(profile: ProtectionProfile) -> None:
    ours, theirs = OutboundContext(profile, keys(profile)), libsrtp(profile, inbound=False)
    ours_in, theirs_in = InboundContext(profile, keys(profile)), libsrtp(profile, inbound=True)
    random = Random(5)
    for n in range(1000):
        words = random.randrange(0, 100)
        report = struct.pack("!BBHI", 0x80, 201, words + 1, n % 3) + random.randbytes(4 * words)
        sealed = ours.seal_rtcp(report)
        assert sealed == theirs.protect_rtcp(report)
        assert ours_in.open_rtcp(sealed) == report
        assert theirs_in.unprotect_rtcp(sealed) == report
