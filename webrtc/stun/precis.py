"""Preparation of user names and passwords: OpaqueString and its predecessor SASLprep.

RFC 8265 §4.2, with the freeform class and the contextual rules of RFC 8264 §4.3 and RFC 5892
App. A; RFC 4013.
"""

import stringprep
import unicodedata
from collections.abc import Callable

from webrtc.errors import InvalidAccessError

_VIRAMA = 9  # canonical combining class
_OLD_HANGUL_JAMO = ((0x1100, 0x11FF), (0xA960, 0xA97C), (0xD7B0, 0xD7C6), (0xD7CB, 0xD7FB))
_DEFAULT_IGNORABLE = (
    *((0x00AD, 0x00AD), (0x034F, 0x034F), (0x061C, 0x061C), (0x115F, 0x1160), (0x17B4, 0x17B5)),
    *((0x180B, 0x180F), (0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0x3164, 0x3164)),
    *((0xFE00, 0xFE0F), (0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0), (0xFFF0, 0xFFF8)),
    *((0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF)),
)
_EXCEPTIONALLY_DISALLOWED = frozenset(
    "\u0640\u07fa\u302e\u302f\u3031\u3032\u3033\u3034\u3035\u303b"
)
_EXCEPTIONALLY_ALLOWED = frozenset("\u00df\u03c2\u06fd\u06fe\u0f0b\u3007")
_ARABIC_INDIC = frozenset(map(chr, range(0x0660, 0x066A)))
_EXTENDED_ARABIC_INDIC = frozenset(map(chr, range(0x06F0, 0x06FA)))
_JAPANESE = ("HIRAGANA LETTER ", "KATAKANA LETTER ", "CJK UNIFIED IDEOGRAPH-")
_PROHIBITED_BY_SASLPREP: tuple[Callable[[str], bool], ...] = (
    stringprep.in_table_c12,
    stringprep.in_table_c21_c22,
    stringprep.in_table_c3,
    stringprep.in_table_c4,
    stringprep.in_table_c5,
    stringprep.in_table_c6,
    stringprep.in_table_c7,
    stringprep.in_table_c8,
    stringprep.in_table_c9,
    stringprep.in_table_a1,
)


def opaque_string(text: str) -> str:
    """Enforce the OpaqueString profile: Unicode spaces become U+0020, then NFC.

    Raises InvalidAccessError when `text` is empty or has a character that is not allowed.
    """
    if text.isascii() and text.isprintable() and text:
        return text
    _check_freeform(text)
    spaced = "".join(" " if unicodedata.category(one) == "Zs" else one for one in text)
    normal = unicodedata.normalize("NFC", spaced)
    _check_freeform(normal)
    return normal


def saslprep(text: str) -> str:
    """SASLprep, for keys that have to match those of an RFC 5389 peer.

    Raises InvalidAccessError when `text` has a character that is not allowed.
    """
    mapped = "".join(
        " " if stringprep.in_table_c12(one) else one
        for one in text
        if not stringprep.in_table_b1(one)
    )
    normal = unicodedata.ucd_3_2_0.normalize("NFKC", mapped)
    for one in normal:
        if any(prohibited(one) for prohibited in _PROHIBITED_BY_SASLPREP):
            raise InvalidAccessError(f"U+{ord(one):04X} is not allowed by SASLprep")
    if any(map(stringprep.in_table_d1, normal)):
        ends = stringprep.in_table_d1(normal[0]) and stringprep.in_table_d1(normal[-1])
        if not ends or any(map(stringprep.in_table_d2, normal)):
            raise InvalidAccessError("right-to-left and left-to-right text are mixed")
    return normal


def _check_freeform(text: str) -> None:
    if not text:
        raise InvalidAccessError("an empty string is no OpaqueString")
    for position, one in enumerate(text):
        rule = _CONTEXT_RULES.get(one)
        if not (_in_freeform_class(one) if rule is None else rule(text, position)):
            raise InvalidAccessError(f"U+{ord(one):04X} is not allowed by OpaqueString")


def _in_freeform_class(one: str) -> bool:
    """Whether a character is allowed wherever it stands. RFC 8264 §8."""
    code = ord(one)
    if one in _EXCEPTIONALLY_ALLOWED or 0x21 <= code <= 0x7E:
        return True
    if one in _EXCEPTIONALLY_DISALLOWED or _within(code, _OLD_HANGUL_JAMO):
        return False
    # What is left out: control, format, unassigned (noncharacters are that), line separators.
    category = unicodedata.category(one)
    allowed = category[0] != "C" and category not in {"Zl", "Zp"}
    return allowed and not _within(code, _DEFAULT_IGNORABLE)


def _within(code: int, ranges: tuple[tuple[int, int], ...]) -> bool:
    return any(first <= code <= last for first, last in ranges)


def _after_virama(text: str, position: int) -> bool:
    """U+200C, U+200D. The alternative for U+200C needs joining types, which Python lacks."""
    return position > 0 and unicodedata.combining(text[position - 1]) == _VIRAMA


def _between_l(text: str, position: int) -> bool:
    return text[max(0, position - 1) : position + 2] == "l\u00b7l"


def _before_greek(text: str, position: int) -> bool:
    return _is_script(text[position + 1 : position + 2], "GREEK ")


def _after_hebrew(text: str, position: int) -> bool:
    return position > 0 and _is_script(text[position - 1], "HEBREW ")


def _beside_japanese(text: str, _position: int) -> bool:
    return any(_is_script(one, *_JAPANESE) for one in text)


def _without_extended(text: str, _position: int) -> bool:
    return _EXTENDED_ARABIC_INDIC.isdisjoint(text)


def _without_arabic_indic(text: str, _position: int) -> bool:
    return _ARABIC_INDIC.isdisjoint(text)


def _is_script(one: str, *names: str) -> bool:
    return bool(one) and unicodedata.name(one, "").startswith(names)


_CONTEXT_RULES: dict[str, Callable[[str, int], bool]] = {
    "\u200c": _after_virama,
    "\u200d": _after_virama,
    "\u00b7": _between_l,
    "\u0375": _before_greek,
    "\u05f3": _after_hebrew,
    "\u05f4": _after_hebrew,
    "\u30fb": _beside_japanese,
    **dict.fromkeys(_ARABIC_INDIC, _without_extended),
    **dict.fromkeys(_EXTENDED_ARABIC_INDIC, _without_arabic_indic),
}
"""RFC 5892 App. A.1 to A.9."""
