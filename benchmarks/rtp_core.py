"""What an RTP packet costs in the session: sealed and sent, received and put together.

`python -m benchmarks.rtp_core [--packets 20000] [--size 1000] [--profile gcm|cm]`. Microseconds of
CPU time a packet, one side each, no sockets; the best of several runs.
"""

import argparse
import time
from random import Random

from webrtc.clock import Clock
from webrtc.rtp import EncodedFrame, RtpPacket, header_values
from webrtc.rtp.codec import Codec
from webrtc.rtp.payload import Formats, generic_format
from webrtc.srtp import InboundContext, Keys, OutboundContext, ProtectionProfile
from webrtc.streams import Receiver, ReceiveTerms, RtpSession, Sender, SendTerms

RUNS = 7
PARTS = 10
PROFILES = {
    "gcm": ProtectionProfile.AEAD_AES_128_GCM,
    "cm": ProtectionProfile.AES128_CM_SHA1_80,
}
CODEC = Codec(
    96,
    "DATA",
    90000,
    feedback=frozenset({"nack", "nack pli", "transport-cc"}),
    rtx=97,
)
EXTENSIONS = {
    header_values.MID: 1,
    header_values.ABS_SEND_TIME: 4,
    header_values.TRANSPORT_CC: 5,
}
FORMATS = Formats([generic_format("DATA", "audio", 90000)])


def pair(profile: ProtectionProfile) -> tuple[RtpSession, Sender, RtpSession]:
    """A session that sends to one that receives."""
    keys = [
        Keys(bytes([number] * profile.key_length), bytes(profile.salt_length))
        for number in range(2)
    ]
    sessions = [
        RtpSession(Random(n), Clock(1.7e9), "c", formats=FORMATS, send_transport_cc=True)
        for n in range(2)
    ]
    for session, (local, remote) in zip(sessions, (keys, keys[::-1]), strict=True):
        session.reduced_size = True
        session.secure(InboundContext(profile, remote), OutboundContext(profile, local))
    # Sound does not wait for a key frame, which this format does not tell.
    sender, receiver = Sender("audio", Random(1)), Receiver("audio")
    sender.configure(SendTerms("0", (CODEC,), EXTENSIONS))
    receiver.configure(ReceiveTerms("0", (CODEC,), EXTENSIONS))
    sessions[0].bind_sender(sender)
    sessions[1].bind_receiver(receiver)
    return sessions[0], sender, sessions[1]


def run(profile: ProtectionProfile, packets: int, size: int) -> tuple[float, float]:
    """Microseconds a packet: out, in."""
    left, sender, right = pair(profile)
    room = sender.encodings[0].size
    frame = bytes(min(size, room) * PARTS)
    out = into = 0.0
    frames = sent = 0
    for number in range(packets // PARTS):
        now = number / 30
        begun = time.process_time()
        sender.send(EncodedFrame(frame, "DATA", number * 3000), now)
        datagrams = []
        while (data := left.poll_write()) is not None:
            datagrams.append(data)
        ended = time.process_time()
        out += ended - begun
        for data in datagrams:
            if not 192 <= data[1] <= 223:
                right.handle_rtp(data, now)
        while right.poll_media() is not None:
            frames += 1
        while right.poll_write() is not None:
            pass
        right.poll_timeout()
        into += time.process_time() - ended
        sent += len(datagrams)
        left.handle_timeout(now)
        right.handle_timeout(now)
    if frames < packets // PARTS - 1:  # the last one ends with the next one
        raise RuntimeError(f"{frames} frames of {packets // PARTS} came")
    return out / sent * 1e6, into / sent * 1e6


def cipher(profile: ProtectionProfile, packets: int, size: int) -> tuple[float, float]:
    """Microseconds a packet for protection alone: sealed, opened."""
    key = Keys(bytes(profile.key_length), bytes(profile.salt_length))
    outbound, inbound = OutboundContext(profile, key), InboundContext(profile, key)
    headers = [RtpPacket(96, number & 0xFFFF, 0, 7).header() for number in range(packets)]
    payload = bytes(size)
    begun = time.process_time()
    sealed = [
        outbound.seal_rtp(header, payload, 7, number & 0xFFFF)
        for number, header in enumerate(headers)
    ]
    ended = time.process_time()
    for data in sealed:
        inbound.open_rtp(data, 0.0)
    return (ended - begun) / packets * 1e6, (time.process_time() - ended) / packets * 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description="Cost of an RTP packet.")
    parser.add_argument("--packets", type=int, default=20_000)
    parser.add_argument("--size", type=int, default=1000)
    parser.add_argument("--profile", choices=sorted(PROFILES), default=None)
    options = parser.parse_args()
    for name, profile in PROFILES.items():
        if options.profile in {None, name}:
            runs = [run(profile, options.packets, options.size) for _ in range(RUNS)]
            out, into = (min(column) for column in zip(*runs, strict=True))
            runs = [cipher(profile, options.packets, options.size) for _ in range(RUNS)]
            sealing, opening = (min(column) for column in zip(*runs, strict=True))
            print(
                f"rtp {name:4} {options.size} bytes  out {out:5.1f} us, {sealing:4.1f} to protect"
                f"  in {into:5.1f} us, {opening:4.1f} to open"
            )


if __name__ == "__main__":
    main()
