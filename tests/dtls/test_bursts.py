"""Records that come or leave together."""

import pytest

from tests.dtls.pair import Pair
from webrtc.dtls import OpenSSLConnection, State
from webrtc.dtls.record import APPLICATION_DATA, EPOCH, plain
from webrtc.errors import InvalidStateError

PACKETS = [b"one", b"two", b"three"]


def pair() -> tuple[OpenSSLConnection, OpenSSLConnection]:
    both = Pair().connect()
    return both.client, both.server


def test_what_was_sealed_together_opens_together_and_one_by_one() -> None:
    client, server = pair()
    records = client.seal(PACKETS)
    server.handle_reads(records, 1.0)
    assert list(server.take_data()) == PACKETS
    assert server.take_data() == ()
    client.send(b"alone")
    records = [*iter(client.poll_write, None), *client.seal(PACKETS)]
    for record in records:
        server.handle_read(record, 1.0)
    assert [*iter(server.poll_data, None)] == [b"alone", *PACKETS]


def test_a_record_is_taken_once_whether_it_comes_again_at_once_or_later() -> None:
    """RFC 6347 §4.1.2.6."""
    client, server = pair()
    records = client.seal(PACKETS)
    server.handle_reads([*records, records[1]], 1.0)
    server.handle_reads(records[:2], 1.0)
    assert list(server.take_data()) == PACKETS
    assert server.counters.replayed == 3


def test_forged_records_among_others_are_counted_and_harm_nothing() -> None:
    client, server = pair()
    records = client.seal(PACKETS)
    forged = records[1][:-1] + bytes([records[1][-1] ^ 1])
    clear = plain(APPLICATION_DATA, 3, b"in the clear")
    server.handle_reads([forged, b"", b"\x17", records[0], clear, *records[1:]], 1.0)
    assert list(server.take_data()) == PACKETS
    assert (server.counters.unauthenticated, server.counters.early_data) == (1, 1)


def test_several_records_in_a_datagram_keep_their_place() -> None:
    client, server = pair()
    records = client.seal([b"1", b"2", b"3", b"4"])
    server.handle_reads([records[0], records[1] + records[2], records[3]], 1.0)
    assert list(server.take_data()) == [b"1", b"2", b"3", b"4"]


def test_what_follows_the_end_in_a_burst_is_not_read() -> None:
    client, server = pair()
    before, behind = client.seal([b"before"]), client.seal([b"behind"])
    client.close(1.0)
    farewell = [*iter(client.poll_write, None)]
    server.handle_reads([*before, *farewell, *behind], 1.0)
    assert list(server.take_data()) == [b"before"]
    assert server.state is State.CLOSED


def test_a_burst_that_overtakes_the_end_of_the_handshake_is_held() -> None:
    both = Pair()
    both.start()
    while both.server.state is not State.CONNECTED:
        both.step()
    assert both.client.state is State.CONNECTING
    both.client.handle_reads(both.server.seal(PACKETS), both.now)
    both.run()
    assert list(both.client.take_data()) == PACKETS


def test_nothing_is_sealed_without_a_connection_or_beyond_the_last_number() -> None:
    client, _ = pair()
    client._writer.number = 2 * EPOCH - 2
    assert len(client.seal([b"x", b"y"])) == 2
    with pytest.raises(InvalidStateError):
        client.seal([b"z"])
    client.close(1.0)
    with pytest.raises(InvalidStateError):
        client.seal([b"z"])
