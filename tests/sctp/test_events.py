"""Events."""

from webrtc.sctp import BufferedAmountLow, Closed, Connected, Message, StreamsReset


def test_events_compare_by_content() -> None:
    assert Connected(1, 2) == Connected(1, 2) != Connected(2, 1)
    assert StreamsReset((1,)) == StreamsReset((1,))
    assert BufferedAmountLow(3) != BufferedAmountLow(4)
    assert Closed(None).reason is None


def test_message_unpacks() -> None:
    stream_id, ppid, data = Message(1, 53, b"x")
    assert (stream_id, ppid, data) == (1, 53, b"x")
