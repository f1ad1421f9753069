"""The rate at which data arrives."""

from webrtc.sctp.delivery import Delivery
from webrtc.sctp.outstanding import OutgoingChunk
from webrtc.sctp.queue import OutboundMessage, OutboundStream

MESSAGE = OutboundMessage(OutboundStream(0), 53, b"x")


def sent(delivery: Delivery, now: float) -> OutgoingChunk:
    chunk = OutgoingChunk(1, bytes(1000), MESSAGE, 0, now)
    delivery.stamp(chunk)
    return chunk


def test_rate_is_what_arrived_between_sending_and_acknowledgement() -> None:
    """draft-ietf-ccwg-bbr §4.1."""
    delivery = Delivery()
    delivery.begin(0.0)
    first, second = sent(delivery, 0.0), sent(delivery, 0.01)
    delivery.count(1000, 0.1)
    delivery.measure(first, 0.1)
    assert (delivery.rate, delivery.rtt) == (10000.0, 0.1)
    third = sent(delivery, 0.1)
    delivery.count(1000, 0.11)
    delivery.measure(second, 0.11)
    delivery.count(1000, 0.2)
    delivery.measure(third, 0.2)
    assert delivery.rate == 2000 / 0.1
    assert delivery.prior == 1000


def test_acknowledgements_that_come_together_do_not_make_a_path_faster_than_it_was_fed() -> None:
    delivery = Delivery()
    delivery.begin(0.0)
    chunks = [sent(delivery, n * 0.1) for n in range(10)]
    delivery.count(10000, 0.9001)
    delivery.measure(chunks[-1], 0.9001)
    assert delivery.rate < 10000 / 0.9


def test_a_chunk_sent_twice_tells_no_round_trip() -> None:
    """Karn's rule, RFC 9260 §6.3.1 C5."""
    delivery = Delivery()
    delivery.begin(0.0)
    chunk = sent(delivery, 0.0)
    chunk.transmissions = 2
    delivery.count(1000, 0.1)
    delivery.measure(chunk, 0.1)
    assert delivery.rtt == 0.0


def test_samples_of_an_idle_application_are_marked() -> None:
    delivery = Delivery()
    delivery.begin(0.0)
    delivery.limit(0)
    limited = sent(delivery, 0.0)
    delivery.count(1000, 0.1)
    delivery.measure(limited, 0.1)
    assert delivery.app_limited
    free = sent(delivery, 0.1)
    delivery.count(1000, 0.2)
    delivery.measure(free, 0.2)
    assert not delivery.app_limited
