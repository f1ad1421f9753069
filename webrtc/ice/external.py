"""Static one-to-one NAT: which external address stands for which local one."""

from collections.abc import Sequence

from webrtc.errors import InvalidAccessError
from webrtc.ice.address import family, normalize


class ExternalAddresses:
    """Looks up the external address of a local one.

    An entry is `external`, for every local address of that family, or `external/local`, for one.
    Raises InvalidAccessError for an entry that is neither, or contradicts an earlier one.
    """

    def __init__(self, entries: Sequence[str]) -> None:
        self._by_host: dict[str, str] = {}
        self._by_family: dict[int, str] = {}
        for entry in entries:
            self._add(entry)

    def of(self, host: str) -> str | None:
        """External address of `host`, or None when it has none."""
        return self._by_host.get(host) or self._by_family.get(family(host))

    def _add(self, entry: str) -> None:
        external_text, slash, local_text = entry.partition("/")
        external, local = normalize(external_text), normalize(local_text)
        if external is None or (slash and local is None):
            raise InvalidAccessError(f"NAT 1:1 entry {entry!r} is not external or external/local")
        if local is None:
            known = self._by_family.setdefault(family(external), external)
        elif family(external) != family(local):
            raise InvalidAccessError(f"NAT 1:1 entry {entry!r} mixes address families")
        else:
            known = self._by_host.setdefault(local, external)
        if known != external:
            raise InvalidAccessError(f"NAT 1:1 entry {entry!r} contradicts {known}")
