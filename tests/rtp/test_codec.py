"""What a payload type means."""

from dataclasses import FrozenInstanceError

import pytest

from webrtc.rtp.codec import Codec


def test_a_codec_is_a_value() -> None:
    codec = Codec(96, "VP8", 90000)
    assert codec == Codec(96, "VP8", 90000)
    with pytest.raises(FrozenInstanceError):
        codec.payload_type = 97  # type: ignore[misc]
