import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webrtc.core import Path
from webrtc.errors import InvalidAccessError, InvalidStateError, ProtocolError
from webrtc.stun import Client, Integrity, Message, MessageClass, Method, Responder
from webrtc.stun.attributes import ErrorCode, Nonce, RawAttribute, Software, XorMappedAddress
from webrtc.stun.client import ResponseReceived
from webrtc.stun.transaction import Failure, TransactionFailed
from webrtc.vnet import Link, Network

LOCAL, SERVER = ("192.0.2.1", 1000), ("192.0.2.2", 3478)
PATH = Path(LOCAL, SERVER)
STREAM = Path(LOCAL, SERVER, "tcp")
KEY = b"secret"


def binding(seed: int = 1) -> Message:
    return Message.request(Method.BINDING, (), random.Random(seed))


def started(key: bytes | None = None, path: Path = PATH) -> tuple[Client, Message]:
    client, request = Client(), binding()
    client.request(request, path, 0.0, key=key)
    assert client.poll_write() is not None
    return client, request


def success(request: Message) -> Message:
    return request.success([XorMappedAddress(LOCAL)])


def test_request_is_answered_by_a_responder() -> None:
    """STUN-18, STUN-32: two cores, their bytes carried by hand."""
    client, responder = Client(), Responder()
    client.request(binding(), PATH, 0.0)
    transmit = client.poll_write()
    assert transmit is not None
    responder.handle_read(transmit.data, Path(SERVER, LOCAL), 0.1)
    answer = responder.poll_write()
    assert answer is not None
    client.handle_read(answer.data, PATH, 0.2)
    event = client.poll_event()
    assert isinstance(event, ResponseReceived)
    assert event.message.get(XorMappedAddress) == XorMappedAddress(LOCAL)
    assert (event.path, event.authentic, event.round_trip) == (PATH, False, 0.2)
    assert client.poll_event() is None
    assert client.poll_timeout() is None


def test_requests_carry_a_fingerprint_and_integrity() -> None:
    client = Client()
    client.request(binding(), PATH, 0.0, key=KEY, integrity=Integrity.BOTH)
    transmit = client.poll_write()
    assert transmit is not None
    message = Message.decode(transmit.data)
    assert message.fingerprint_ok
    assert message.verify(KEY)
    assert message.integrity is Integrity.BOTH


@pytest.mark.parametrize("loss", range(7))
def test_any_one_of_seven_transmissions_is_enough(loss: int) -> None:
    """STUN-18: the round trip of a request that was repeated is not known."""
    client, request = started()
    for _ in range(loss):
        deadline = client.poll_timeout()
        assert deadline is not None
        client.handle_timeout(deadline)
        assert client.poll_write() is not None
    now = 0.5 * 2**loss
    client.handle_read(success(request).encode(), PATH, now)
    event = client.poll_event()
    assert isinstance(event, ResponseReceived)
    assert (event.round_trip is None) == (loss > 0)


def test_response_comes_once() -> None:
    """STUN-15: a duplicate is discarded."""
    client, request = started()
    for _ in range(3):
        client.handle_read(success(request).encode(), PATH, 0.1)
    assert isinstance(client.poll_event(), ResponseReceived)
    assert client.poll_event() is None
    assert client.discarded == 2


@pytest.mark.parametrize(
    "make",
    [
        lambda request: b"",
        lambda request: b"\x01\x01",
        lambda request: request.encode(),
        lambda request: success(binding(2)).encode(),
        lambda request: success(request).encode(fingerprint=True)[:-1] + b"\0",
        lambda request: success(request).encode()[:-4],
        lambda request: Message(
            Method.BINDING, MessageClass.ERROR, request.transaction_id
        ).encode(),
        lambda request: Message(
            Method.BINDING, MessageClass.ERROR, request.transaction_id, [RawAttribute(9, b"\0\0")]
        ).encode(),
    ],
    ids="empty short request unknown fingerprint cut no-code bad-code".split(),  # noqa: SIM905 (reads better)
)
def test_what_is_no_response_is_discarded_and_retransmission_goes_on(make) -> None:  # type: ignore[no-untyped-def]  # pytest passes the lambda
    """STUN-15, I-06, I-07, M-01."""
    client, request = started()
    client.handle_read(make(request), PATH, 0.1)
    assert client.discarded == 1
    assert client.poll_event() is None
    assert client.poll_timeout() == 0.5


def test_a_message_that_was_decoded_already_can_be_handed_over() -> None:
    """As ICE does, which asks servers and peers over the same sockets."""
    client, request = started()
    with pytest.raises(ProtocolError, match="transaction ID"):
        client.handle_response(success(binding(2)), PATH, 0.1)
    assert client.poll_event() is None
    client.handle_response(success(request), PATH, 0.1)
    assert isinstance(client.poll_event(), ResponseReceived)


def test_forged_responses_do_not_end_a_request_but_are_reported_at_its_end() -> None:
    """STUN-31, I-07: IntegrityMismatch; the true response still counts when it comes."""
    client, request = started(KEY)
    forged = [success(request).encode(), success(request).encode(key=b"wrong")]
    forged.append(request.error(400).encode())
    for data in forged:
        client.handle_read(data, PATH, 0.1)
    assert client.discarded == 3
    assert client.poll_event() is None
    client.handle_read(success(request).encode(key=KEY), PATH, 0.2)
    event = client.poll_event()
    assert isinstance(event, ResponseReceived)
    assert event.authentic

    client, request = started(KEY)
    client.handle_read(forged[1], PATH, 0.1)
    while (deadline := client.poll_timeout()) is not None:
        client.handle_timeout(deadline)
    assert client.poll_event() == TransactionFailed(request.transaction_id, Failure.INTEGRITY)


def test_forged_response_on_a_stream_ends_the_request_at_once() -> None:
    """RFC 8489 §9.2.5: on a reliable transport nothing better will come."""
    client, request = started(KEY, STREAM)
    client.handle_read(success(request).encode(key=b"wrong"), STREAM, 0.1)
    assert client.poll_event() == TransactionFailed(request.transaction_id, Failure.INTEGRITY)
    assert client.poll_timeout() is None


def test_answer_in_sha1_to_a_request_in_sha256_is_refused() -> None:
    """I-13: bid-down by the answer."""
    client, request = Client(), binding()
    client.request(request, PATH, 0.0, key=KEY, integrity=Integrity.SHA256)
    client.handle_read(success(request).encode(key=KEY), PATH, 0.1)
    assert client.poll_event() is None
    client.handle_read(success(request).encode(key=KEY, integrity=Integrity.SHA256), PATH, 0.1)
    assert isinstance(client.poll_event(), ResponseReceived)


@pytest.mark.parametrize("code", [401, 438])
def test_challenge_is_let_through_unsigned(code: int) -> None:
    """STUN-25: and marked as not authentic."""
    client, request = started(KEY)
    client.handle_read(request.error(code, attributes=[Nonce("n")]).encode(), PATH, 0.1)
    event = client.poll_event()
    assert isinstance(event, ResponseReceived)
    assert not event.authentic
    assert event.message.require(ErrorCode).code == code


def test_response_that_must_be_understood_and_is_not_fails_the_request() -> None:
    """STUN-29: RFC 8489 §6.3.3."""
    client, request = started()
    client.handle_read(success(request).add(RawAttribute(0x7000, b"")).encode(), PATH, 0.1)
    assert client.poll_event() == TransactionFailed(
        request.transaction_id, Failure.UNKNOWN_ATTRIBUTES
    )


def test_requests_on_a_stream_are_sent_once() -> None:
    """STUN-18, STUN-35: and wait 39.5 s for a response."""
    client, request = started(path=STREAM)
    assert client.poll_timeout() == 39.5
    client.handle_timeout(39.5)
    assert client.poll_write() is None
    assert client.poll_event() == TransactionFailed(request.transaction_id, Failure.TIMED_OUT)


def test_stop_and_close() -> None:
    """STUN-14, STUN-17, STUN-19: nothing is left behind."""
    client, request = started()
    client.request(binding(2), PATH, 0.0)
    client.stop(request.transaction_id)
    assert client.poll_event() == TransactionFailed(request.transaction_id, Failure.STOPPED)
    with pytest.raises(InvalidAccessError):
        client.stop(request.transaction_id)
    client.close()
    client.close()
    assert client.poll_event() == TransactionFailed(binding(2).transaction_id, Failure.CLOSED)
    assert client.poll_event() is None
    assert (client.poll_write(), client.poll_timeout()) == (None, None)
    assert client._expected == {}
    with pytest.raises(InvalidStateError):
        client.request(binding(3), PATH, 0.0)


def test_id_in_use_and_too_many_requests_are_refused() -> None:
    """STUN-13, STUN-31."""
    client = Client(limit=1)
    client.request(binding(), PATH, 0.0, key=KEY)
    for again in (binding(), binding(2)):
        with pytest.raises(InvalidStateError):
            client.request(again, PATH, 0.0)
    client.handle_read(success(binding()).encode(), PATH, 0.1)
    assert client.discarded == 1  # the first request's key is still asked for


@pytest.mark.parametrize("seed", range(50))
def test_pair_survives_loss_duplication_and_jitter(seed: int) -> None:
    """STUN-18, STUN-32: a tenth lost each way: all seven are in 1 of 100 000 runs."""
    network = Network(Link(delay=0.1, jitter=0.05, loss=0.1, duplicate=0.1), seed=seed)
    events: list[object] = []
    client, responder = Client(), Responder()
    network.add(SERVER, responder)
    driver = network.add(LOCAL, client, on_event=events.append)
    requests = [binding(number) for number in range(5)]
    for request in requests:
        client.request(request, PATH, network.now)
    driver.flush()
    network.run_until(lambda: len(events) == len(requests), limit=40.0)
    network.run(5.0)
    answered = [event.message for event in events if isinstance(event, ResponseReceived)]
    ids = {message.transaction_id for message in answered}
    assert ids == {request.transaction_id for request in requests}
    assert all(message.get(XorMappedAddress) == XorMappedAddress(LOCAL) for message in answered)
    assert len(events) == len(requests)
    assert client.poll_timeout() is None
    assert responder.dropped == 0


@given(st.lists(st.sampled_from(["lose", "forge", "tick", "answer"]), max_size=12))
def test_any_schedule_ends(schedule: list[str]) -> None:
    """Whatever happens before, the request ends, once, and nothing stays pending."""
    client, request = started(KEY)
    now = 0.0
    for step in [*schedule, *["tick"] * 8]:
        match step:
            case "lose":
                client.poll_write()
            case "forge":
                client.handle_read(success(request).encode(key=b"x"), PATH, now)
            case "answer":
                client.handle_read(success(request).encode(key=KEY), PATH, now)
            case "tick":
                now = max(now, client.poll_timeout() or now)
                client.handle_timeout(now)
    events = []
    while (event := client.poll_event()) is not None:
        events.append(event)
    assert len(events) == 1
    if schedule[:1] == ["answer"]:
        assert isinstance(events[0], ResponseReceived)
    assert client.poll_timeout() is None
    assert client._expected == {}


def test_debug_log_has_no_secret_and_no_raw_text(caplog: pytest.LogCaptureFixture) -> None:
    """X-10."""
    caplog.set_level("DEBUG", logger="webrtc.stun")
    client, request = started(KEY)
    evil = request.success([Software("\r\n\x1b[31m")])
    client.handle_read(evil.encode(key=b"wrong"), PATH, 0.1)
    client.handle_read(b"\r\n" * 30, PATH, 0.1)
    assert len(caplog.messages) == 2
    assert all(one.isprintable() and "secret" not in one for one in caplog.messages)
