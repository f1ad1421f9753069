"""Data channels against a peer that is authenticated and means no good."""

import contextlib
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.datachannel.pair import End, Pair, inject, opened_pair
from tests.work import work
from webrtc.datachannel import ChannelState, DataChannels, Parameters, Ppid
from webrtc.datachannel.dcep import Ack, Open
from webrtc.datachannel.table import MAX_REFUSED
from webrtc.errors import OperationError, ProtocolError
from webrtc.sctp import Association, Config, Message, State
from webrtc.sctp.chunks import ChunkType
from webrtc.sctp.packet import walk


def test_an_open_with_the_identifiers_of_the_other_role_is_refused() -> None:
    """DC-02 of the catalogue: that stream is reset, the others go on."""
    pair, client, server = opened_pair()
    inject(pair, 1, Open(Parameters("wrong parity")).encode())
    assert len(server.announced) == 1
    assert server.channels.discarded == 1
    client.channels.send(client.opened[0], "still here", pair.now)
    pair.run()
    assert server.messages == ["still here"]


def test_a_second_open_on_one_stream_closes_that_channel_only() -> None:
    """DC-02 of the catalogue."""
    pair, client, server = opened_pair()
    second = client.channels.open(Parameters("other"), pair.now)
    pair.run()
    inject(pair, 0, Open(Parameters("again")).encode())
    assert isinstance(server.closed[server.announced[0]], ProtocolError)
    assert client.closed == {client.opened[0]: None}
    client.channels.send(second, "goes on", pair.now)
    pair.run()
    assert server.messages == ["goes on"]


def test_no_more_channels_than_allowed() -> None:
    """DC-02 of the catalogue: further ones are reset."""
    pair = Pair(server=DataChannels(max_channels=8))
    for id_ in range(0, 4000, 2):
        pair.client.association.send(id_, int(Ppid.DCEP), Open(Parameters()).encode(), pair.now)
    pair.run(5.0)
    assert len(pair.server.announced) == 8
    assert pair.server.channels.discarded == 1992
    pair.client.channels.open(Parameters(), pair.now)


def test_an_open_on_a_stream_that_is_being_refused_raises_nothing() -> None:
    """DC-02 of the catalogue: our reset is on its way, and the peer does not wait for it."""
    pair = Pair(server=DataChannels(max_channels=1))
    pair.answers = False
    opening, client = Open(Parameters()).encode(), pair.client.association
    for id_ in (0, 2, 2):
        client.send(id_, int(Ppid.DCEP), opening, pair.now)
    pair.run(0.05)
    client.reset_streams((0,), pair.now)
    pair.run(0.05)
    client.send(2, int(Ppid.DCEP), opening, pair.now)
    pair.run(0.05)
    assert [channel.id for channel in pair.server.announced] == [0]
    pair.answers = True
    pair.run(2.0)
    assert pair.server.channels.active == []
    client.reset_streams((2,), pair.now)
    pair.run()
    inject(pair, 2, opening)
    assert [channel.id for channel in pair.server.channels.active] == [2]


def test_an_open_of_the_wrong_parity_takes_no_identifier_of_ours() -> None:
    """DC-02, RFC 8832 §6: it is a reset of that stream, and until that is done we use another."""
    pair = Pair()
    pair.answers = False
    inject(pair, 1, Open(Parameters("wrong parity")).encode())
    channels = pair.server.channels
    assert channels._channels == {}
    assert channels.open(Parameters(), pair.now).id == 3
    with pytest.raises(OperationError, match="id 1 is in use"):
        channels.open(Parameters(), pair.now, 1)
    pair.answers = True
    pair.run(2.0)
    assert channels.open(Parameters(), pair.now).id == 1
    assert channels._ids.blocked == set()


@pytest.mark.parametrize("first", [0, 1], ids=["theirs", "ours"])
def test_refused_channels_cost_nothing_that_stays_and_end_in_an_abort(first: int) -> None:
    """DC-02: ten thousand of them, of either parity."""
    pair = Pair(server=DataChannels(max_channels=0))
    channels, client = pair.server.channels, pair.client.association
    opening = Open(Parameters("x" * 100)).encode()
    for n in range(MAX_REFUSED):
        client.send((first + 2 * n) % 1000, int(Ppid.DCEP), opening, pair.now)
        if n % 1000 == 999:
            pair.run(2.0)
            assert (channels._channels, channels._heard, channels._early) == ({}, {}, {})
            assert channels._ids.blocked == set()
            queue = pair.server.association._session.outbound.queue
            assert len(queue._streams) <= 1
    assert "ESTABLISHED" in repr(pair.server.association.state)
    inject(pair, first, opening)
    assert pair.server.association.state is State.ENDED


def test_what_comes_on_a_refused_stream_is_not_kept() -> None:
    """DC-03: though there is room for early messages."""
    pair = Pair(server=DataChannels(max_channels=0))
    pair.answers = False
    inject(pair, 0, Open(Parameters()).encode())
    inject(pair, 0, b"x" * 1000, int(Ppid.BINARY))
    assert (pair.server.channels._early, pair.server.channels.discarded) == ({}, 2)


def test_labels_and_protocols_have_a_limit_together() -> None:
    """DC-01, DC-19: what goes beyond is refused, and room comes back with a closed channel."""
    pair = Pair(server=DataChannels(max_label_bytes=100))
    first = pair.client.channels.open(Parameters("l" * 40, "p" * 40), pair.now)
    pair.run()
    second = pair.client.channels.open(Parameters("é" * 11), pair.now)
    pair.run()
    third = pair.client.channels.open(Parameters("é" * 10), pair.now)
    pair.run()
    assert [channel.id for channel in pair.server.announced] == [first.id, third.id]
    assert second in pair.client.closed
    pair.client.channels.close(first, pair.now)
    pair.run()
    pair.client.channels.open(Parameters("l" * 80), pair.now)
    pair.run()
    assert len(pair.server.announced) == 3


def test_resets_of_all_streams_look_at_no_channel_twice() -> None:
    """C-18: the peer never confirms ours, so that all channels stay where they are."""
    pair = Pair(server=DataChannels(max_channels=2000))
    for _ in range(2000):
        pair.client.channels.open(Parameters(), pair.now)
    pair.run()
    channels = pair.server.channels
    channels.handle_streams_reset((), pair.now)
    assert len(channels.active) == 2000
    assert work(lambda: channels.handle_streams_reset((), pair.now)) < 20
    many = tuple(range(0, 65535, 8))
    assert work(lambda: channels.handle_streams_reset(many, pair.now)) < 20


def test_a_channel_whose_closing_the_peer_never_finishes_ends_and_its_identifier_too() -> None:
    """C-18, DC-07: after 60 s without a sign of what it waits for."""
    pair, client, server = opened_pair()
    channel = server.announced[0]
    theirs = client.association._session.reset
    assert theirs is not None
    theirs._reached = lambda request: False  # type: ignore[method-assign] # hostile
    ours = server.channels.open(Parameters("ours"), pair.now)
    server.channels.close(ours, pair.now)
    pair.run(59.0)
    assert ours not in server.closed
    pair.run(10.0)
    assert "did not finish" in str(server.closed[ours])
    assert server.channels.open(Parameters(), pair.now).id == 3
    with pytest.raises(OperationError):
        server.channels.open(Parameters(), pair.now, ours.id)
    assert channel.state is ChannelState.OPEN


def test_a_restart_with_fewer_streams_is_what_counts() -> None:
    """C-09, RFC 9260 §5.2.4: nothing raises, whatever is opened on streams that are no more."""
    pair, _, server = opened_pair()
    restarted = Association(Config(outbound_streams=8, inbound_streams=8), Random(9))
    pair.client = End(restarted, DataChannels())
    pair.client.channels.attach(restarted, client=True)
    fresh = pair.client.channels.open(Parameters("fresh"), pair.now)
    restarted.connect(pair.now)
    pair.run(2.0)
    assert "restarted" in str(server.closed[server.announced[0]])
    assert [channel.parameters.label for channel in server.announced] == ["chat", "fresh"]
    assert server.channels.max_channels == 8
    pair.client.channels.send(fresh, "x", pair.now)
    pair.run()
    assert server.messages == ["x"]
    for id_ in (6, 8, 100):
        message = Message(id_, int(Ppid.DCEP), Open(Parameters()).encode())
        server.channels.handle_message(message, pair.now)
    assert [channel.id for channel in server.channels.active] == [0, 6]


def test_room_for_channels_comes_back_when_they_close() -> None:
    pair = Pair(server=DataChannels(max_channels=2))
    for _ in range(5):
        channels = [pair.client.channels.open(Parameters(), pair.now) for _ in range(2)]
        pair.run()
        for channel in channels:
            pair.client.channels.close(channel, pair.now)
        pair.run()
    assert len(pair.server.announced) == 10
    assert pair.server.channels.discarded == 0


@pytest.mark.parametrize(
    "wire",
    [
        b"",
        b"\x03",
        b"\x03\x00\x01\x00\0\0\0\0\xff\xff\0\0",
        b"\x03\x07\x01\x00\0\0\0\0\0\0\0\0",
        b"\x03\x00\x01\x00\0\0\0\0\0\x01\0\0\xff",
        b"\x99",
    ],
    ids=lambda wire: wire.hex() or "empty",
)
def test_malformed_establishment_resets_that_stream_only(wire: bytes) -> None:
    """DC-01 of the catalogue."""
    pair, client, server = opened_pair()
    inject(pair, 4, wire or b"\0")
    assert server.channels.discarded == 1
    assert len(server.announced) == 1
    client.channels.send(client.opened[0], "still here", pair.now)
    pair.run()
    assert server.messages == ["still here"]


def test_an_open_on_a_stream_without_a_way_back_is_dropped() -> None:
    """The peer may have more streams to us than we have to it."""
    pair = Pair(server_config=Config(outbound_streams=2))
    inject(pair, 100, Open(Parameters()).encode())
    inject(pair, 100, b"\x99")
    assert pair.server.announced == []
    assert pair.server.channels.discarded == 2


def test_the_longest_label_and_protocol_are_taken() -> None:
    """DC-19: 65535 bytes each."""
    _, _, server = opened_pair(Parameters("l" * 65535, "p" * 65535))
    assert len(server.announced[0].parameters.label) == 65535


def test_an_unexpected_acknowledgement_is_harmless() -> None:
    pair, client, server = opened_pair()
    inject(pair, 0, Ack().encode())
    inject(pair, 6, Ack().encode())
    client.channels.send(client.opened[0], "still here", pair.now)
    pair.run()
    assert server.messages == ["still here"]


def test_text_that_is_not_utf8_closes_its_channel() -> None:
    """DC-42; DC-04 of the catalogue, RFC 8831 §6.6."""
    pair, client, server = opened_pair()
    inject(pair, 0, b"\xff\xfe", int(Ppid.STRING))
    inject(pair, 0, b"behind", int(Ppid.STRING))
    assert "UTF-8" in str(server.closed[server.announced[0]])
    assert server.messages == []
    assert client.closed == {client.opened[0]: None}


@pytest.mark.parametrize("ppid", [0, 46, 52, 54, 99, 2**32 - 1])
def test_other_payload_protocols_are_dropped(ppid: int) -> None:
    """DC-03 of the catalogue: 52 and 54 are the deprecated partial ones."""
    pair, client, server = opened_pair()
    inject(pair, 0, b"data", ppid)
    client.channels.send(client.opened[0], b"x", pair.now)
    pair.run()
    assert server.messages == [b"x"]
    assert server.channels.discarded == 1


@pytest.mark.parametrize(("ppid", "message"), [(Ppid.STRING_EMPTY, ""), (Ppid.BINARY_EMPTY, b"")])
def test_an_empty_message_is_empty_whatever_it_contains(ppid: Ppid, message: bytes | str) -> None:
    """DC-03 of the catalogue, RFC 8831 §6.6: the receiver ignores the byte that stands for it."""
    pair, _, server = opened_pair()
    inject(pair, 0, b"content", int(ppid))
    assert server.messages == [message]
    assert server.announced[0].bytes_received == 0


def test_early_data_is_kept_up_to_its_limit() -> None:
    """DC-03 of the catalogue: the rest is dropped, and the window stays open."""
    pair = Pair(server=DataChannels(early_data=4096))
    for _ in range(1000):
        pair.client.association.send(0, int(Ppid.BINARY), b"x", pair.now)
    pair.run()
    inject(pair, 0, Open(Parameters()).encode())
    assert 0 < len(pair.server.messages) <= 4096 // 128
    assert pair.server.channels.discarded == 1000 - len(pair.server.messages)


def test_room_for_early_data_comes_back() -> None:
    pair = Pair(server=DataChannels(early_data=1000))
    for _ in range(10):
        inject(pair, 0, bytes(500), int(Ppid.BINARY))
        pair.client.association.reset_streams((0,), pair.now)
        pair.run()
    assert pair.server.channels.discarded == 10
    inject(pair, 0, bytes(500), int(Ppid.BINARY))
    inject(pair, 0, Open(Parameters()).encode())
    assert pair.server.messages == [bytes(500)]


def test_resets_of_unknown_streams_are_harmless() -> None:
    pair, client, server = opened_pair()
    server.channels.handle_streams_reset((50, 60), pair.now)
    server.channels.handle_reset_done((50, 60), pair.now)
    client.channels.send(client.opened[0], b"x", pair.now)
    pair.run()
    assert server.messages == [b"x"]


def withhold_resets(pair: Pair) -> None:
    """The client's association does not see what the server wants to reset."""
    read = pair.client.association.handle_read

    def handle_read(packet: bytes, now: float) -> None:
        kinds = {kind for kind, *_ in walk(packet)}
        if ChunkType.RE_CONFIG not in kinds:
            read(packet, now)

    pair.client.association.handle_read = handle_read  # type: ignore[method-assign] # as lost


@pytest.mark.interpreted
def test_an_open_on_a_stream_that_we_reset_and_the_peer_did_not_is_refused() -> None:
    """DC-02, DC-07: nothing can be sent on that stream, and nothing raises."""
    pair = Pair()
    withhold_resets(pair)
    inject(pair, 0, b"\x99")  # no DCEP: refused with a reset
    for label in ("two", "three"):
        inject(pair, 0, Open(Parameters(label)).encode())
    del pair.client.association.handle_read
    pair.run(5.0)
    assert pair.server.announced == []


@pytest.mark.interpreted
def test_an_open_that_is_taken_back_before_it_could_be_answered_is_none() -> None:
    """DC-07."""
    pair = Pair()
    withhold_resets(pair)
    inject(pair, 0, b"\x99")
    inject(pair, 0, Open(Parameters("two")).encode())
    pair.server.channels.handle_streams_reset((0,), pair.now)
    del pair.client.association.handle_read
    pair.run(5.0)
    assert pair.server.announced == []


@pytest.mark.interpreted
def test_a_channel_of_ours_gets_no_stream_that_a_peer_made_us_reset() -> None:
    """DC-02: an OPEN with our parity is refused by a reset of that stream."""
    pair = Pair()
    withhold_resets(pair)
    inject(pair, 1, Open(Parameters("not yours")).encode())
    ours = pair.server.channels.open(Parameters("ours"), pair.now)
    assert ours.id == 3
    assert ours.state is ChannelState.OPEN


def test_channels_open_while_the_send_buffer_is_full() -> None:
    """DC-06: what DCEP has to say does not count against the bound of the application."""
    config = Config(max_send_buffer=20_000)
    pair = Pair(server_config=config)
    ours = pair.server.channels.open(Parameters("ours"), pair.now)
    for _ in range(20):
        pair.server.channels.send(ours, bytes(500), pair.now)
    with pytest.raises(OperationError, match="send buffer is full"):
        pair.server.channels.send(ours, bytes(12_000), pair.now)
    with contextlib.suppress(OperationError):
        for _ in range(100):
            pair.server.channels.send(ours, bytes(100), pair.now)
    inject(pair, 0, Open(Parameters("theirs")).encode())
    assert [channel.parameters.label for channel in pair.server.announced] == ["theirs"]
    assert pair.client.channels.discarded == 0


def test_a_reset_of_every_stream_closes_every_channel() -> None:
    """RFC 6525 §4.1: an empty list means all of them."""
    pair, client, server = opened_pair()
    client.channels.open(Parameters("two"), pair.now)
    pair.run()
    server.channels.handle_streams_reset((), pair.now)
    pair.run()
    assert server.closing == server.announced
    assert all(channel.state is not ChannelState.OPEN for channel in server.announced)


def test_a_restart_by_the_peer_ends_the_channels_and_nothing_else() -> None:
    """RFC 9260 §5.2.4: new channels can be opened at once."""
    pair, client, server = opened_pair()
    server.channels.handle_restarted(65535)
    client.channels.handle_restarted(65535)
    pair.run()
    assert "restarted" in str(server.closed[server.announced[0]])
    again = client.channels.open(Parameters("again"), pair.now, 20)
    assert again.state is ChannelState.OPEN


wire_messages = st.tuples(
    st.integers(0, 6),
    st.one_of(
        st.binary(min_size=1, max_size=30),
        st.builds(
            lambda label: Open(Parameters(label)).encode(), st.text(max_size=5).filter(str.isascii)
        ),
        st.just(Ack().encode()),
    ),
    st.sampled_from([50, 51, 52, 53, 54, 56, 57, 99]),
)


@settings(max_examples=50)
@given(st.lists(st.one_of(wire_messages, st.integers(0, 6)), max_size=25))
def test_whatever_a_peer_sends_the_channels_stay_consistent(
    actions: list[tuple[int, bytes, int] | int],
) -> None:
    """X-01, DC-01 to DC-04 of the catalogue: each channel closes once, and new ones work."""
    pair = Pair()
    pair.server.channels.open(Parameters("ours"), pair.now)
    for action in actions:
        if isinstance(action, int):
            pair.client.association.reset_streams((action,), pair.now)
        else:
            pair.client.association.send(action[0], action[2], action[1], pair.now)
        pair.run(0.05)
    pair.run(2.0)
    assert set(pair.server.closed).isdisjoint(pair.server.channels.active)
    for channel in list(pair.server.channels.active):
        pair.server.channels.close(channel, pair.now)
    pair.run(2.0)
    assert all(channel.state is not ChannelState.OPEN for channel in pair.server.announced)
    fresh = pair.server.channels.open(Parameters("fresh"), pair.now, 21)
    pair.server.channels.send(fresh, b"works", pair.now)
