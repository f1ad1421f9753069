"""CPU of the SCTP core alone: two associations in memory, no sockets, no DTLS.

Prints microseconds per packet for sender and receiver with 16 KiB messages, and per round trip and
side with 100-byte messages. `python benchmarks/sctp_core.py [MiB] [DATA]`; without the second
argument messages go in I-DATA.
"""

import gc
import sys
from random import Random
from time import process_time

from webrtc.sctp import Association, Config

BURST = 32
MESSAGE = bytes(16384)
SMALL = bytes(100)


def connected() -> tuple[Association, Association]:
    config = Config(interleaving="DATA" not in sys.argv)
    left, right = (Association(config, Random(seed)) for seed in (1, 2))
    left.connect(0.0)
    right.connect(0.0)
    for _ in range(4):
        for source, sink in ((left, right), (right, left)):
            while (packet := source.poll_write()) is not None:
                sink.handle_read(packet, 0.0)
    return left, right


def tick(association: Association, now: float) -> None:
    """What a driver does after each drain: look at the timer, and act when it is due."""
    deadline = association.poll_timeout()
    if deadline is not None and deadline <= now:
        association.handle_timeout(now)


def bulk(total: int) -> None:
    sender, receiver = connected()
    clock = process_time
    sending = receiving = 0.0
    packets, taken, now = 0, 0, 0.0
    while taken < total:
        now += 0.001
        start = clock()
        while sender.buffered_amount(0) < 1 << 20:
            sender.send(0, 53, MESSAGE, now)
        burst: list[bytes] = []
        while len(burst) < BURST and (packet := sender.poll_write()) is not None:
            burst.append(packet)
        middle = clock()
        for packet in burst:
            receiver.handle_read(packet, now)
        while (message := receiver.poll_data()) is not None:
            taken += len(message.data)
            receiver.consume(message.cost)
        answers = []
        while (packet := receiver.poll_write()) is not None:
            answers.append(packet)
        tick(receiver, now)
        end = clock()
        for packet in answers:
            sender.handle_read(packet, now)
        tick(sender, now)
        sending += middle - start + clock() - end
        receiving += end - middle
        packets += len(burst)
    print(f"bulk 16 KiB: {packets} packets of {taken / packets:.0f} bytes")
    print(f"bulk sender: {sending / packets * 1e6:.2f} us/packet, {sending / taken * 1e9:.2f} s/GB")
    print(
        f"bulk receiver: {receiving / packets * 1e6:.2f} us/packet,"
        f" {receiving / taken * 1e9:.2f} s/GB"
    )


def exchange(sender: Association, receiver: Association, now: float) -> None:
    """One small message over, with what it causes on both sides."""
    sender.send(0, 53, SMALL, now)
    while (packet := sender.poll_write()) is not None:
        receiver.handle_read(packet, now)
    tick(sender, now)
    while (message := receiver.poll_data()) is not None:
        receiver.consume(message.cost)
    while (packet := receiver.poll_write()) is not None:
        sender.handle_read(packet, now)
    tick(receiver, now)


def ping_pong(count: int) -> None:
    left, right = connected()
    start, now = process_time(), 0.0
    for _ in range(count):
        now += 0.0005
        exchange(left, right, now)
        exchange(right, left, now)
    spent = process_time() - start
    print(f"ping-pong 100 B: {spent / count / 2 * 1e6:.2f} us/round trip and side")


def main() -> None:
    total = int(sys.argv[1]) << 20 if len(sys.argv) > 1 else 128 << 20
    gc.freeze()
    bulk(total)
    ping_pong(50000)


if __name__ == "__main__":
    main()
