"""What an offer and its answer settle of the media in one section. RFC 9429 §5.11."""

from dataclasses import dataclass

from webrtc.jsep.codecs import common_codecs, is_primary, repeated
from webrtc.jsep.extensions import common_extensions
from webrtc.jsep.media import MediaTerms
from webrtc.sdp import Direction
from webrtc.sdp.attributes import ExtMap
from webrtc.sdp.codecs import Codec


@dataclass(frozen=True, slots=True)
class AgreedMedia:
    """How media go both ways in one section."""

    direction: Direction
    """As we see it: what both sides allow."""
    send_codecs: tuple[Codec, ...]
    """Under the peer's payload types, in the order that it prefers."""
    receive_codecs: tuple[Codec, ...]
    """Under ours."""
    extensions: tuple[ExtMap, ...]
    """Each with its direction as we see it."""
    reduced_size: bool
    receiver_times: bool
    mixed: bool
    cryptex: bool
    max_send_bitrate: int | None
    """What the peer wants to get at most, in bits per second."""

    @property
    def send_codec(self) -> Codec | None:
        """The first that carries media by itself: the one to send where no other is chosen."""
        return next(filter(is_primary, self.send_codecs), None)

    @property
    def send_repairs(self) -> dict[int, int]:
        """The `rtx` for each payload type that we send and that has one."""
        return _repairs(self.send_codecs)

    @property
    def receive_repairs(self) -> dict[int, int]:
        """The same for what we receive."""
        return _repairs(self.receive_codecs)


def agree(ours: MediaTerms, theirs: MediaTerms) -> AgreedMedia:
    """What follows from both descriptions, whichever is the offer."""
    return AgreedMedia(
        direction=ours.direction.intersect(theirs.direction.reversed()),
        send_codecs=common_codecs(theirs.codecs, ours.codecs),
        receive_codecs=common_codecs(ours.codecs, theirs.codecs),
        extensions=common_extensions(ours.extensions, theirs.extensions),
        reduced_size=ours.reduced_size and theirs.reduced_size,
        receiver_times=ours.receiver_times and theirs.receiver_times,
        mixed=ours.mixed and theirs.mixed,
        cryptex=ours.cryptex and theirs.cryptex,
        max_send_bitrate=theirs.bandwidth,
    )


def _repairs(codecs: tuple[Codec, ...]) -> dict[int, int]:
    pairs = ((repeated(codec), codec.payload_type) for codec in codecs)
    return {primary: number for primary, number in pairs if primary is not None}
