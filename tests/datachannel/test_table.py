"""Data channels of two peers that follow the rules."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.datachannel.pair import Pair, inject, opened_pair
from webrtc.datachannel import BufferedAmountLow, ChannelState, Parameters, Ppid
from webrtc.datachannel.dcep import Open
from webrtc.datachannel.identifiers import MAX_ID
from webrtc.errors import InvalidStateError, OperationError, ProtocolError
from webrtc.sctp import Config, Message


def test_the_peer_learns_every_parameter() -> None:
    """DC-03, DC-18, DC-19, DC-20, DC-21, DC-22, DC-23, DC-24, DC-25."""
    told = Parameters("l", "p", ordered=False, max_retransmits=3, priority=512)
    _, client, server = opened_pair(told)
    [channel] = server.announced
    assert channel.parameters == told
    assert channel.id == client.opened[0].id == 0
    assert channel.state is client.opened[0].state is ChannelState.OPEN
    assert not channel.negotiated
    assert client.opened[0].acknowledged


def test_identifiers_follow_the_dtls_role() -> None:
    """DC-18: RFC 8832 §6, even for the client."""
    pair = Pair()
    for end in (pair.client, pair.server):
        for _ in range(3):
            end.channels.open(Parameters(), pair.now)
    pair.run()
    assert [channel.id for channel in pair.client.opened] == [0, 2, 4]
    assert [channel.id for channel in pair.server.opened] == [1, 3, 5]


def test_channels_opened_before_the_role_is_known_get_their_identifiers_later() -> None:
    pair = Pair(connect=False)
    early = [pair.server.channels.open(Parameters(str(n)), 0.0) for n in range(2)]
    assert [channel.id for channel in early] == [None, None]
    pair.server.channels.attach(pair.server.association, client=False)
    assert [channel.id for channel in early] == [1, 3]
    assert early[0].state is ChannelState.CONNECTING
    pair.connect()
    assert [channel.parameters.label for channel in pair.client.announced] == ["0", "1"]


def test_automatic_identifiers_leave_out_the_negotiated_ones() -> None:
    """DC-24."""
    pair = Pair()
    pair.client.channels.open(Parameters(), pair.now, 0)
    pair.client.channels.open(Parameters(), pair.now, 4)
    numbered = [pair.client.channels.open(Parameters(), pair.now).id for _ in range(3)]
    assert numbered == [2, 6, 8]


def test_a_negotiated_channel_is_not_announced_and_works_both_ways() -> None:
    """DC-24."""
    pair = Pair()
    one = pair.client.channels.open(Parameters("a"), pair.now, 7)
    other = pair.server.channels.open(Parameters("b"), pair.now, 7)
    pair.client.channels.send(one, "to the server", pair.now)
    pair.server.channels.send(other, "to the client", pair.now)
    pair.run()
    assert pair.server.received == [(other, "to the server")]
    assert pair.client.received == [(one, "to the client")]
    assert pair.server.announced == pair.client.announced == []


def test_an_identifier_in_use_is_refused() -> None:
    pair = Pair()
    pair.client.channels.open(Parameters(), pair.now, 3)
    with pytest.raises(OperationError, match="3 is in use"):
        pair.client.channels.open(Parameters(), pair.now, 3)


def test_identifiers_beyond_the_negotiated_streams() -> None:
    """webrtc-pc §6.1: OperationError when it is known, else the channel closes with an error."""
    few = Config(outbound_streams=4, inbound_streams=4)
    pair = Pair(config=few, connect=False)
    high = pair.client.channels.open(Parameters(), 0.0, 9)
    pair.connect()
    assert isinstance(pair.client.closed[high], ProtocolError)
    assert pair.client.channels.max_channels == 4
    with pytest.raises(OperationError):
        pair.client.channels.open(Parameters(), pair.now, 4)
    pair.client.channels.open(Parameters(), pair.now)
    pair.client.channels.open(Parameters(), pair.now)
    with pytest.raises(OperationError, match="no data channel id is left"):
        pair.client.channels.open(Parameters(), pair.now)


def test_channels_without_an_identifier_left_close_with_an_error() -> None:
    """webrtc-pc §4.4.1.5: it must not disturb setting the description."""
    pair = Pair(connect=False)
    channels = pair.client.channels
    for id_ in range(0, MAX_ID + 1, 2):
        channels.open(Parameters(), 0.0, id_)
    late = channels.open(Parameters("late"), 0.0)
    channels.attach(pair.client.association, client=True)
    event = channels.poll_event()
    assert late.state is ChannelState.CLOSED
    assert event is not None
    assert event.channel is late
    with pytest.raises(OperationError):
        channels.open(Parameters(), 0.0)


@pytest.mark.parametrize(
    "message", [b"x", b"", "text", "", "世界", "\U0001f600", b"\0" * 70000, "é" * 40000], ids=repr
)
def test_messages_arrive_as_they_were_sent(message: bytes | str) -> None:
    """DC-06, DC-07, DC-08, DC-09, DC-27."""
    pair, client, server = opened_pair()
    client.channels.max_message_size = 200000
    client.channels.send(client.opened[0], message, pair.now)
    pair.run()
    assert server.messages == [message]
    size = len(message.encode() if isinstance(message, str) else message)
    assert client.opened[0].bytes_sent == server.announced[0].bytes_received == size
    assert client.opened[0].messages_sent == server.announced[0].messages_received == 1


def test_a_message_may_be_as_large_as_the_peer_allows() -> None:
    """RFC 8841 §6: counted in bytes."""
    _, client, _ = opened_pair()
    client.channels.max_message_size = 10
    client.channels.send(client.opened[0], b"x" * 10, 0.0)
    client.channels.send(client.opened[0], "éééé", 0.0)
    for message in (b"x" * 11, "é" * 6):
        with pytest.raises(TypeError, match="the peer takes 10"):
            client.channels.send(client.opened[0], message, 0.0)


def test_messages_wait_for_the_channel_they_overtook() -> None:
    """RTCDC-07: unordered data may come before the OPEN."""
    pair = Pair()
    inject(pair, 0, b"early", int(Ppid.BINARY))
    inject(pair, 0, b"two", int(Ppid.STRING))
    assert pair.server.messages == []
    inject(pair, 0, Open(Parameters("late")).encode())
    assert pair.server.messages == [b"early", "two"]


def test_unordered_messages_go_in_order_until_the_channel_is_acknowledged() -> None:
    """RFC 8832 §6."""
    pair = Pair()
    channel = pair.client.channels.open(Parameters(ordered=False), pair.now)
    for number in range(3):
        pair.client.channels.send(channel, str(number), pair.now)
    assert not channel.acknowledged
    packets = list(pair.client.step(pair.now))
    for packet in reversed(packets):
        pair.server.association.handle_read(packet, pair.now)
    pair.run()
    assert pair.server.messages == ["0", "1", "2"]
    assert channel.acknowledged


def test_data_counts_as_an_acknowledgement() -> None:
    pair = Pair()
    channel = pair.client.channels.open(Parameters(ordered=False), pair.now)
    pair.server.association.send(0, int(Ppid.BINARY), b"x", pair.now)
    for packet in list(pair.server.step(pair.now)):
        pair.client.association.handle_read(packet, pair.now)
    list(pair.client.step(pair.now))
    assert channel.acknowledged


@pytest.mark.parametrize("state", [ChannelState.CONNECTING, ChannelState.CLOSED])
def test_only_an_open_channel_sends(state: ChannelState) -> None:
    """RTCDC-06."""
    pair = Pair(connect=False)
    channel = pair.client.channels.open(Parameters(), 0.0)
    if state is ChannelState.CLOSED:
        pair.client.channels.close(channel, 0.0)
    with pytest.raises(InvalidStateError, match=state):
        pair.client.channels.send(channel, b"x", 0.0)


def test_both_sides_of_a_closed_channel_are_told_once() -> None:
    """DC-15: what was sent before is delivered first."""
    pair, client, server = opened_pair()
    for _ in range(20):
        client.channels.send(client.opened[0], b"x" * 1000, pair.now)
    client.channels.close(client.opened[0], pair.now)
    client.channels.close(client.opened[0], pair.now)
    with pytest.raises(InvalidStateError):
        client.channels.send(client.opened[0], b"x", pair.now)
    pair.run()
    assert len(server.messages) == 20
    assert server.closing == server.announced
    assert client.closing == []
    assert client.closed == {client.opened[0]: None}
    assert server.closed == {server.announced[0]: None}
    assert client.channels.active == server.channels.active == []
    assert client.channels.opened == client.channels.closed == 1


def test_closed_from_both_sides_at_once() -> None:
    """DC-07 of the catalogue."""
    pair, client, server = opened_pair()
    client.channels.close(client.opened[0], pair.now)
    server.channels.close(server.announced[0], pair.now)
    pair.run()
    assert list(client.closed.values()) == list(server.closed.values()) == [None]
    assert client.closing == server.closing == []


def test_an_identifier_is_used_again_once_both_resets_are_done() -> None:
    """DC-07 of the catalogue: the stream starts anew."""
    pair, client, server = opened_pair()
    client.channels.send(client.opened[0], "first", pair.now)
    client.channels.close(client.opened[0], pair.now)
    assert client.channels.open(Parameters("meanwhile"), pair.now).id == 2
    pair.run()
    again = client.channels.open(Parameters("again"), pair.now)
    client.channels.send(again, "second", pair.now)
    pair.run()
    assert again.id == 0
    assert [channel.parameters.label for channel in server.announced] == [
        "chat",
        "meanwhile",
        "again",
    ]
    assert server.received[-1] == (server.announced[-1], "second")


def test_closing_during_a_long_message_delivers_it() -> None:
    pair, client, server = opened_pair()
    client.channels.max_message_size = 10**6
    client.channels.send(client.opened[0], bytes(200_000), pair.now)
    client.channels.close(client.opened[0], pair.now)
    pair.run()
    assert server.messages == [bytes(200_000)]
    assert list(server.closed.values()) == [None]


def test_a_receiver_that_closes_drops_what_comes_and_keeps_the_window_open() -> None:
    pair, client, server = opened_pair()
    server.channels.close(server.announced[0], pair.now)
    for _ in range(100):
        client.channels.send(client.opened[0], bytes(60_000), pair.now)
    pair.run()
    assert server.messages == []
    assert server.channels.discarded == 100
    assert list(client.closed.values()) == [None]


def test_closing_a_channel_that_never_connected() -> None:
    pair = Pair(connect=False)
    channel = pair.client.channels.open(Parameters(), 0.0)
    pair.client.channels.close(channel, 0.0)
    pair.connect()
    assert pair.client.closed == {channel: None}
    assert pair.server.announced == []


def test_the_end_of_the_association_is_the_end_of_every_channel() -> None:
    pair, client, server = opened_pair()
    negotiated = server.channels.open(Parameters(), pair.now, 8)
    client.association.abort(pair.now)
    pair.run()
    assert set(server.closed) == {server.announced[0], negotiated}
    assert set(server.closed.values()) == {None}  # by the will of its user


def test_a_channel_opened_after_the_end_waits_for_another_association() -> None:
    """RFC 8842 §5: a peer that hands over to another; the DTLS role may be another, too."""
    pair, client, server = opened_pair()
    for end in (client, server):
        end.channels.handle_closed(None)
    waiting = client.channels.open(Parameters("second life"), pair.now)
    assert [waiting.id] == [None]
    second = Pair(client=server.channels, server=client.channels)
    assert waiting.id == 1
    assert [channel.parameters.label for channel in second.client.announced] == ["second life"]


def test_buffered_amount_counts_the_bytes_given_to_send() -> None:
    """DC-12: not those that establish the channel."""
    pair = Pair()
    channel = pair.client.channels.open(Parameters("a long label" * 100), pair.now)
    assert pair.client.channels.buffered_amount(channel) == 0
    pair.client.channels.send(channel, "世界你好", pair.now)
    pair.client.channels.send(channel, b"hello", pair.now)
    assert pair.client.channels.buffered_amount(channel) == 17
    pair.run()
    assert pair.client.channels.buffered_amount(channel) == 0


def test_the_buffered_amount_stays_when_the_channel_ends() -> None:
    """webrtc-pc §6.2: "does not reset to zero once the channel closes"."""
    pair, client, _ = opened_pair()
    client.channels.send(client.opened[0], b"hello", pair.now)
    client.channels.handle_closed(None)
    assert client.channels.buffered_amount(client.opened[0]) == 5


def test_buffered_amount_low_fires_once_for_each_fall() -> None:
    """DC-13, DC-14: for those who ask for it."""
    pair, client, _ = opened_pair()
    channel = client.opened[0]
    client.channels.send(channel, b"hello", pair.now)
    pair.run()
    client.channels.set_buffered_amount_low(channel, 0)
    assert client.of(BufferedAmountLow) == []
    for _ in range(2):
        client.channels.send(channel, b"hello", pair.now)
        client.channels.send(channel, b"hello", pair.now)
        pair.run()
    assert len(client.of(BufferedAmountLow)) == 2
    client.channels.set_buffered_amount_low(channel, 10)
    client.channels.send(channel, b"hello", pair.now)
    pair.run()
    assert len(client.of(BufferedAmountLow)) == 2


def test_a_threshold_set_before_the_connection_counts() -> None:
    pair = Pair(connect=False)
    channel = pair.client.channels.open(Parameters(), 0.0)
    pair.client.channels.set_buffered_amount_low(channel, 3)
    pair.connect()
    pair.client.channels.send(channel, b"hello", pair.now)
    pair.run()
    assert channel.low_threshold == 3
    assert len(pair.client.of(BufferedAmountLow)) == 1


def test_a_receiver_that_never_reads_holds_the_sender_back() -> None:
    """DC-05 of the catalogue: what it has to keep is bounded by its window."""
    window = 100_000
    config = Config(receive_window=window, max_message_size=50_000)
    pair = Pair(server_config=config)
    channel = pair.client.channels.open(Parameters(), pair.now)
    pair.run()
    pair.server.reads = False
    for _ in range(100):
        pair.client.channels.send(channel, bytes(10_000), pair.now)
    pair.run(60.0)
    assert pair.server.unread <= window + 10_000
    assert pair.client.channels.buffered_amount(channel) > 0
    pair.server.reads = True
    pair.run(60.0)
    assert len(pair.server.messages) == 100


@settings(max_examples=40)
@given(st.lists(st.sampled_from(["open", "close", "close peer", "send", "run"]), max_size=40))
def test_any_schedule_of_opening_and_closing_ends_clean(schedule: list[str]) -> None:
    """DC-07 of the catalogue, DC-15: delivered in order, closed once on both sides."""
    pair = Pair()
    sent: list[bytes | str] = []
    for step in schedule:
        ours = [each for each in pair.client.channels.active if each.state is ChannelState.OPEN]
        theirs = [each for each in pair.server.announced if each.state is ChannelState.OPEN]
        if step == "open":
            pair.client.channels.open(Parameters(), pair.now)
        elif step == "close" and ours:
            pair.client.channels.close(ours[0], pair.now)
        elif step == "close peer" and theirs:
            pair.server.channels.close(theirs[-1], pair.now)
        elif step == "send" and ours:
            sent.append(str(len(sent)))
            pair.client.channels.send(ours[-1], sent[-1], pair.now)
        else:
            pair.run(0.01)
    pair.run(3.0)
    for channel in pair.client.channels.active:
        pair.client.channels.close(channel, pair.now)
    pair.run(3.0)
    assert pair.client.channels.active == pair.server.channels.active == []
    assert len(pair.client.closed) == len(pair.server.closed) == len(pair.client.opened)
    assert [each for each in sent if each in pair.server.messages] == sorted(
        pair.server.messages, key=int
    )


def test_half_closing_still_delivers_what_the_peer_has_sent() -> None:
    """RFC 8831 §6.7: each direction is a stream of its own; close() drops what comes."""
    for half in (True, False):
        pair, client, server = opened_pair()
        for _ in range(20):
            server.channels.send(server.announced[0], "x" * 1000, pair.now)
        client.channels.close(client.opened[0], pair.now, half=half)
        pair.run()
        assert len(client.messages) == (20 if half else 0)
        assert client.closed == {client.opened[0]: None}
        assert server.closed == {server.announced[0]: None}


def test_identifiers_of_negotiated_channels_that_come_and_go_are_kept_once() -> None:
    """Else a list grew with each of them."""
    pair = Pair()
    channels = pair.client.channels
    first = channels.open(Parameters(), pair.now)
    channels.close(first, pair.now)
    pair.run()
    for _ in range(5):
        ours = channels.open(Parameters(), pair.now, 0)
        pair.server.channels.open(Parameters(), pair.now, 0)
        channels.close(ours, pair.now)
        pair.run()
    assert len(channels._ids._free) <= 1
    assert [channels.open(Parameters(), pair.now).id for _ in range(3)] == [0, 2, 4]


def test_closing_many_channels_before_there_is_a_connection() -> None:
    pair = Pair(connect=False)
    opened = [pair.client.channels.open(Parameters(), 0.0) for _ in range(100)]
    for channel in reversed(opened):
        pair.client.channels.close(channel, 0.0)
    assert pair.client.channels.active == []


def test_an_identifier_used_again_before_our_reset_is_confirmed_waits_for_that() -> None:
    """DC-15: the peer has answered and opened again, and only its answer was lost."""
    pair, client, server = opened_pair()
    pair.answers = False
    client.channels.close(client.opened[0], pair.now)
    pair.run(0.1)
    again = client.channels.open(Parameters("again"), pair.now)
    client.channels.send(again, "first", pair.now)
    pair.run(0.1)
    assert again.id == 0
    assert [channel.parameters.label for channel in server.announced] == ["chat"]
    pair.answers = True
    pair.run(2.0)
    assert [channel.parameters.label for channel in server.announced] == ["chat", "again"]
    assert server.received == [(server.announced[1], "first")]
    server.channels.send(server.announced[1], "back", pair.now)
    pair.run()
    assert client.received == [(again, "back")]


def test_the_next_life_may_have_ended_before_our_reset_is_confirmed() -> None:
    pair, client, server = opened_pair()
    pair.answers = False
    client.channels.close(client.opened[0], pair.now)
    pair.run(0.1)
    again = client.channels.open(Parameters("again"), pair.now)
    client.channels.send(again, "and away", pair.now)
    client.channels.close(again, pair.now)
    pair.run(0.1)
    pair.answers = True
    pair.run(5.0)
    assert server.messages == ["and away"]
    assert list(server.closed.values()) == list(client.closed.values()) == [None, None]
    assert server.channels.active == client.channels.active == []


def test_resets_that_a_peer_repeats_are_kept_once() -> None:
    pair, _, server = opened_pair()
    server.channels.handle_streams_reset((0,), pair.now)
    server.channels.handle_message(Message(0, int(Ppid.STRING), b"x"), pair.now)
    for _ in range(5):
        server.channels.handle_streams_reset((0,), pair.now)
    assert len(server.channels._next_life[0]) == 2


def test_what_waits_for_an_identifier_ends_with_the_association() -> None:
    pair, _, server = opened_pair()
    channels = server.channels
    channels.handle_streams_reset((0,), pair.now)
    channels.handle_message(Message(0, int(Ppid.STRING), b"never read"), pair.now)
    channels.handle_streams_reset((0,), pair.now)
    channels.handle_closed(None)
    assert channels.discarded == 1
    assert server.messages == []
