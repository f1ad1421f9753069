"""How the encodings of one sender share what may be sent."""

from collections.abc import Iterator, Sequence

from webrtc.peer.parameters import RTCRtpEncodingParameters


def shares(
    encodings: Sequence[RTCRtpEncodingParameters], total: int | None
) -> Iterator[tuple[str | None, int | None]]:
    """The rid of each active encoding with its bits a second; None is without a bound.

    Each gets as much of `total` as it has of all pixels, and not more than its `max_bitrate`.
    """
    active = [each for each in encodings if each.active]
    weights = [(each.scale_resolution_down_by or 1.0) ** -2 for each in active]
    for encoding, weight in zip(active, weights, strict=True):
        bounds = [encoding.max_bitrate]
        if total is not None:
            bounds.append(int(total * weight / sum(weights)))
        yield encoding.rid, min((each for each in bounds if each is not None), default=None)
