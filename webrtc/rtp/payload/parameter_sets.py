"""Parameter sets of H.264 and H.265: kept, and repeated where a key frame comes without them."""

from base64 import b64decode
from binascii import Error
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from webrtc.errors import DecodeError

MAX_SETS: Final = 64
MAX_LENGTH: Final = 4096
"""Of a set in bytes. What is longer, or one too many, is not kept, so that memory is bounded."""


class ParameterSets:
    """The sets of one stream, each the newest of its type and id."""

    def __init__(
        self,
        types: Sequence[int],
        type_of: Callable[[bytes], int],
        id_of: Callable[[bytes], int],
    ) -> None:
        self._types = types
        """In the order in which a decoder needs them."""
        self._type_of = type_of
        self._id_of = id_of
        """Of a set. Raises DecodeError."""
        self._kept: dict[tuple[int, int], bytes] = {}

    def keep(self, units: Iterable[bytes]) -> None:
        """Remember the parameter sets among these NAL units."""
        for unit in units:
            kind = self._type_of(unit)
            if kind in self._types and len(unit) <= MAX_LENGTH:
                try:
                    key = kind, self._id_of(unit)
                except DecodeError:
                    continue
                if key in self._kept or len(self._kept) < MAX_SETS:
                    self._kept[key] = unit

    def keep_encoded(self, parameter: str) -> None:
        """Remember sets in base64 with commas between them, as `sprop-…` parameters have them."""
        for text in parameter.split(","):
            try:
                unit = b64decode(text)
            except (Error, ValueError):  # the peer's affair; its stream may have them as well
                continue
            if unit:
                self.keep([unit])

    def complete(self, units: list[bytes]) -> list[bytes]:
        """The units of a key frame, with sets of each type before them."""
        present = {self._type_of(unit) for unit in units}
        missing = [
            unit
            for kind in self._types
            if kind not in present
            for (kept, _), unit in self._kept.items()
            if kept == kind
        ]
        if not missing:
            return units
        # In their order even if some came along: a new set drops those that are built on it.
        order = {kind: place for place, kind in enumerate(self._types)}
        last = len(order)
        return sorted(missing + units, key=lambda unit: order.get(self._type_of(unit), last))
