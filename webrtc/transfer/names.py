"""The name of a received file, of which nothing that the sender says is believed."""

import re
import unicodedata

MAX_NAME = 200
"""Bytes of a name in UTF-8; file systems have 255, and the partial file needs a suffix."""
MAX_EXTENSION = 20
"""Bytes of an extension that survive when a name is cut."""

_FORBIDDEN = set('<>:"|?*')  # on Windows; the colon names a hidden stream there
_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}  # among them what turns the direction of writing
_DEVICE = re.compile(r"(CON|PRN|AUX|NUL|COM[0-9¹²³]|LPT[0-9¹²³])(\.|$)", re.IGNORECASE)


def safe_name(name: str) -> str:
    """Make the last part of a path harmless on every system.

    No folder, no hidden file, no device, nothing invisible, at most `MAX_NAME` bytes. A name of
    which nothing is left becomes `file`.
    """
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    kept = "".join(_replace(character) for character in last).strip(" .")
    if _DEVICE.match(kept):
        kept = f"_{kept}"
    return _shorten(kept) or "file"


def _replace(character: str) -> str:
    forbidden = character in _FORBIDDEN or unicodedata.category(character) in _INVISIBLE
    return "_" if forbidden else character


def _shorten(name: str) -> str:
    if len(name.encode()) <= MAX_NAME:
        return name
    stem, dot, extension = name.rpartition(".")
    if not stem or len(extension.encode()) > MAX_EXTENSION:
        stem, dot, extension = name, "", ""
    room = MAX_NAME - len((dot + extension).encode())
    return f"{_cut(stem, room)}{dot}{extension}".strip(" .")


def _cut(text: str, size: int) -> str:
    return text.encode()[:size].decode(errors="ignore")
