from webrtc.datachannel import Channel, ChannelState, Parameters


def test_a_channel_begins_connecting_without_traffic() -> None:
    """DC-16, DC-17."""
    channel = Channel(Parameters("chat"), None, negotiated=False)
    assert channel.state is ChannelState.CONNECTING
    assert channel.id is None
    assert channel.messages_sent == channel.messages_received == 0
    assert channel.bytes_sent == channel.bytes_received == channel.unsent == 0


def test_milliseconds_of_life_become_seconds() -> None:
    """DC-21."""
    assert Channel(Parameters(max_packet_life_time=250), 0, negotiated=False).lifetime == 0.25
    assert Channel(Parameters(max_packet_life_time=0), 0, negotiated=False).lifetime == 0.0
    assert Channel(Parameters(), 0, negotiated=False).lifetime is None


def test_only_a_negotiated_channel_needs_no_acknowledgement() -> None:
    """DC-24: RFC 8832 §6 has unordered messages wait for it."""
    assert Channel(Parameters(), 3, negotiated=True).acknowledged
    assert not Channel(Parameters(), 3, negotiated=False).acknowledged


def test_a_long_label_does_not_flood_the_log() -> None:
    assert len(repr(Channel(Parameters("x" * 60000), 3, negotiated=True))) < 100
