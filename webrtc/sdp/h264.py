"""The profile in an H.264 profile-level-id. RFC 6184 §8.1, table 5."""

import re

DEFAULT_PROFILE = "constrained baseline"

_PROFILE_LEVEL_ID = re.compile(r"[0-9A-Fa-f]{6}")

# (profile_idc, mask of profile_iop, value under the mask, profile)
_PROFILES = (
    (0x42, 0x4F, 0x40, "constrained baseline"),
    (0x4D, 0x8F, 0x80, "constrained baseline"),
    (0x58, 0xCF, 0xC0, "constrained baseline"),
    (0x42, 0x4F, 0x00, "baseline"),
    (0x58, 0xCF, 0x80, "baseline"),
    (0x4D, 0xAF, 0x00, "main"),
    (0x58, 0xCF, 0x00, "extended"),
    (0x64, 0xFF, 0x00, "high"),
    (0x64, 0xFF, 0x0C, "constrained high"),
    (0x6E, 0xFF, 0x00, "high 10"),
    (0x7A, 0xFF, 0x00, "high 4:2:2"),
    (0xF4, 0xFF, 0x00, "high 4:4:4 predictive"),
    (0x6E, 0xFF, 0x10, "high 10 intra"),
    (0x7A, 0xFF, 0x10, "high 4:2:2 intra"),
    (0xF4, 0xFF, 0x10, "high 4:4:4 intra"),
    (0x2C, 0xFF, 0x10, "cavlc 4:4:4 intra"),
)


def profile(profile_level_id: str | None) -> str | None:
    """Name of the profile, or None when the value names none.

    Without a value this is Constrained Baseline, as browsers take it, which any Baseline decoder
    of RFC 6184 can play.
    """
    if profile_level_id is None:
        return DEFAULT_PROFILE
    if not _PROFILE_LEVEL_ID.fullmatch(profile_level_id):
        return None
    idc, iop, _ = bytes.fromhex(profile_level_id)
    for known_idc, mask, value, name in _PROFILES:
        if idc == known_idc and iop & mask == value:
            return name
    return None
