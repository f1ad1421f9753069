"""The lines of a description that are not attributes. RFC 8866 §5."""

from typing import NamedTuple, Self

from webrtc.errors import SdpError
from webrtc.sdp.grammar import UINT64, parse_token, parse_uint, shorten, split_words

_MAX_BANDWIDTH = 2**53
_UNITS = {"d": 86400, "h": 3600, "m": 60, "s": 1}


class Origin(NamedTuple):
    """The o= line: who made the description, and which version of it this is."""

    session_id: int
    """0 … 2**63 - 1 when made here; 64 bits are read."""
    session_version: int
    username: str = "-"
    network_type: str = "IN"
    address_type: str = "IP4"
    address: str = "0.0.0.0"  # noqa: S104 - no address, as RFC 9429 §5.2.1 wants it

    @classmethod
    def parse(cls, value: str) -> Self:
        """Read the value of an o= line."""
        words = split_words(value)
        if len(words) != 6:
            raise SdpError(f"origin of {len(words)} fields: {shorten(value)}")
        return cls(
            parse_uint(words[1], UINT64, "session id"),
            parse_uint(words[2], UINT64, "session version"),
            words[0],
            *words[3:],
        )

    def __str__(self) -> str:
        return (
            f"{self.username} {self.session_id} {self.session_version} "
            f"{self.network_type} {self.address_type} {self.address}"
        )


class ConnectionInformation(NamedTuple):
    """The c= line."""

    network_type: str = "IN"
    address_type: str = "IP4"
    address: str = "0.0.0.0"  # noqa: S104 - no address, as RFC 9429 §5.2.1 wants it
    """With `/ttl` and `/count` behind it for multicast."""

    @classmethod
    def parse(cls, value: str) -> Self:
        """Read the value of a c= line."""
        words = split_words(value)
        if len(words) != 3:
            raise SdpError(f"connection information of {len(words)} fields: {shorten(value)}")
        return cls(*words)

    def __str__(self) -> str:
        return f"{self.network_type} {self.address_type} {self.address}"


class Bandwidth(NamedTuple):
    """A b= line."""

    type: str
    """`AS` and `CT` count kilobits per second, `TIAS` bits per second (RFC 3890)."""
    value: int

    @classmethod
    def parse(cls, value: str) -> Self:
        """Read the value of a b= line."""
        kind, colon, number = value.partition(":")
        if not colon:
            raise SdpError(f"bandwidth without a colon: {shorten(value)}")
        parse_token(kind, "bandwidth type")
        return cls(kind, parse_uint(number, _MAX_BANDWIDTH, "bandwidth"))

    def __str__(self) -> str:
        return f"{self.type}:{self.value}"


class TimeDescription(NamedTuple):
    """A t= line: NTP seconds; 0 0 is a session without bounds."""

    start: int = 0
    stop: int = 0

    @classmethod
    def parse(cls, value: str) -> Self:
        """Read the value of a t= line."""
        words = split_words(value)
        if len(words) != 2:
            raise SdpError(f"time of {len(words)} fields: {shorten(value)}")
        return cls(*(parse_uint(word, UINT64, "time") for word in words))

    def __str__(self) -> str:
        return f"{self.start} {self.stop}"


class RepeatTime(NamedTuple):
    """An r= line, in seconds."""

    interval: int
    duration: int
    offsets: tuple[int, ...]

    @classmethod
    def parse(cls, value: str) -> Self:
        """Read the value of an r= line, whose numbers may carry a unit: `7d 1h 0 25h`."""
        words = split_words(value)
        if len(words) < 3:
            raise SdpError(f"repeat time of {len(words)} fields: {shorten(value)}")
        interval, duration, *offsets = map(_parse_seconds, words)
        return cls(interval, duration, tuple(offsets))

    def __str__(self) -> str:
        return " ".join(map(str, (self.interval, self.duration, *self.offsets)))


class TimeZone(NamedTuple):
    """One adjustment of a z= line."""

    at: int
    """NTP seconds."""
    offset: int
    """Seconds, negative to go back."""

    @classmethod
    def parse_all(cls, value: str) -> list[Self]:
        """Read the value of a z= line."""
        words = split_words(value)
        if not words or len(words) % 2:
            raise SdpError(f"time zones of {len(words)} fields: {shorten(value)}")
        return [
            cls(
                parse_uint(at, UINT64, "time"),
                -_parse_seconds(offset[1:]) if offset[0] == "-" else _parse_seconds(offset),
            )
            for at, offset in zip(words[::2], words[1::2], strict=True)
        ]

    def __str__(self) -> str:
        return f"{self.at} {self.offset}"


def _parse_seconds(word: str) -> int:
    unit = _UNITS.get(word[-1:])
    if unit is None:
        return parse_uint(word, UINT64, "time")
    return parse_uint(word[:-1], UINT64, "time") * unit
