"""The parameters of a codec in an answer: the lower level where that of both sides is one.

RFC 6184 §8.2.2, RFC 7798 §7.2.2.
"""

from collections.abc import Mapping

from webrtc.sdp.codecs import Codec
from webrtc.sdp.h264 import profile

_LEVEL_1B = 0x10  # constraint_set3_flag, with level_idc 11 of these profiles: RFC 6184 §8.1
_PROFILES_WITH_1B = {0x42, 0x4D, 0x58}
_DEFAULT_H264 = "42e01f"  # of browsers; RFC 6184 would have level 1
_DEFAULT_H265_LEVEL = "93"  # RFC 7798 §7.1: level 3.1


def answered_fmtp(own: Codec, offered: Codec) -> str:
    """The fmtp of our answer; both are the same codec, as `Codec.matches` says."""
    ours, theirs = own.parameters, offered.parameters
    match own.name.lower():
        case "h264":
            return _join(ours | {"profile-level-id": _h264_level(ours, theirs)})
        case "h265":
            level = theirs.get("level-id", _DEFAULT_H265_LEVEL)
            lowest = min(ours.get("level-id", _DEFAULT_H265_LEVEL), level, key=_rank_of)
            return _join(ours | {"level-id": lowest})
        case "av1":
            return offered.fmtp or own.fmtp  # libwebrtc takes no other level than it offers
        case "red":
            return offered.fmtp
    return own.fmtp


def _h264_level(ours: Mapping[str, str], theirs: Mapping[str, str]) -> str:
    """The profile as it was offered, since it is symmetric, with the level that we receive."""
    offered = theirs.get("profile-level-id", _DEFAULT_H264)
    own = ours.get("profile-level-id", _DEFAULT_H264)
    if None in (profile(offered), profile(own)):
        return offered
    asymmetric = all(each.get("level-asymmetry-allowed") == "1" for each in (ours, theirs))
    if not asymmetric and _h264_rank(offered) <= _h264_rank(own):
        return offered
    idc, iop, _ = bytes.fromhex(offered)
    own_idc, own_iop, own_level = bytes.fromhex(own)
    if idc in _PROFILES_WITH_1B and own_idc in _PROFILES_WITH_1B:
        iop = iop & ~_LEVEL_1B | own_iop & _LEVEL_1B
    return bytes((idc, iop, own_level)).hex()


def _h264_rank(profile_level_id: str) -> int:
    """Ten times the level and somewhat more, so that 1b is between 1 and 1.1."""
    idc, iop, level = bytes.fromhex(profile_level_id)
    is_1b = level == 9 or (level == 11 and idc in _PROFILES_WITH_1B and bool(iop & _LEVEL_1B))
    return 21 if is_1b else 2 * level


def _rank_of(level_id: str) -> int:
    """A level that is none bounds nothing."""
    is_number = level_id.isascii() and level_id.isdigit() and len(level_id) <= 3
    return int(level_id) if is_number else 1000


def _join(parameters: Mapping[str, str]) -> str:
    return ";".join(f"{name}={value}" if value else name for name, value in parameters.items())
