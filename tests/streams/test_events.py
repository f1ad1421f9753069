"""What a session tells."""

from random import Random

from webrtc.streams import KeyFrameWanted, Receiver, Sender, Unmuted


def test_events_are_values_about_their_sender_or_receiver() -> None:
    sender, receiver = Sender("video", Random(1)), Receiver("video")
    assert KeyFrameWanted(sender, None) == KeyFrameWanted(sender, None)
    assert Unmuted(receiver) == (receiver,)
