"""Frames cut into equal parts."""

from webrtc.rtp.frame import EncodedFrame

MAX_FRAME = 8 * 1024 * 1024


def check_frame(frame: EncodedFrame, encoding_name: str) -> None:
    """Raise ValueError unless it is a frame of this codec, with data, of at most 8 MiB."""
    if frame.codec != encoding_name and frame.codec.lower() != encoding_name.lower():
        raise ValueError(f"a frame of {frame.codec} for {encoding_name}")
    if not frame.data:
        raise ValueError(f"an empty frame of {encoding_name}")
    if len(frame.data) > MAX_FRAME:
        raise ValueError(f"a frame of {len(frame.data)} bytes")


def part_length(length: int, size: int) -> int:
    """How long the parts are, all but the last, if `length` bytes go in as few as `size` allows.

    Packets of one size go to the kernel together (GSO). Raises ValueError if nothing fits.
    """
    if size < 1:
        raise ValueError(f"{size} bytes of room for a part of a frame")
    count = -(-length // size)
    return -(-length // count)
