"""Frames as files have them into `EncodedFrame`s."""

from collections.abc import Sequence

from webrtc.rtp.frame import EncodedFrame
from webrtc.rtp.payload import annexb, h264, h265, obu, vp8, vp9_frame


def video_frame(codec: str, data: bytes, timestamp: int) -> EncodedFrame:
    """A frame with all that its own bytes tell; `codec` is VP8, VP9 or AV1.

    Raises DecodeError for AV1 that is no sequence of OBUs.
    """
    if codec == "AV1":
        units = [unit for unit in obu.split(data) if obu.unit_type(unit) != obu.TEMPORAL_DELIMITER]
        data = b"".join([obu.with_size(unit) for unit in units])
        frame = EncodedFrame(data, codec, timestamp, obu.is_keyframe(units))
        size = obu.picture_size(units)
    else:
        dimensions = vp8.dimensions if codec == "VP8" else vp9_frame.dimensions
        size = dimensions(data)
        frame = EncodedFrame(data, codec, timestamp, size is not None)
    frame.width, frame.height = size or (None, None)
    return frame


def nal_frame(codec: str, units: Sequence[bytes], timestamp: int) -> EncodedFrame:
    """A picture of H.264 or H.265 from its NAL units."""
    if codec == "H264":
        keyframe, size, layer = h264.is_keyframe(units), h264.picture_size(units), None
    else:
        keyframe, size = h265.is_keyframe(units), h265.picture_size(units)
        layer = h265.temporal_id(units)
    frame = EncodedFrame(annexb.join(units), codec, timestamp, keyframe, layer)
    frame.width, frame.height = size or (None, None)
    return frame


def picture_size(codec: str, data: bytes) -> tuple[int, int] | None:
    """Width and height that a key frame in the form of `EncodedFrame` tells.

    Raises DecodeError or ValueError for data that is not in this form.
    """
    match codec:
        case "H264":
            return h264.picture_size(annexb.units_of(data, h264.HEADER_MASK))
        case "H265":
            return h265.picture_size(annexb.units_of(data, h265.HEADER_MASK))
        case "AV1":
            return obu.picture_size(list(obu.split(data)))
        case "VP9":
            return vp9_frame.dimensions(data)
        case _:
            return vp8.dimensions(data)
