"""Where the other parsers may say something else than ours: each difference with its reason."""

import re
import struct
from collections.abc import Callable, Iterator
from ipaddress import ip_address
from typing import NamedTuple

from tests.interop.first_parser import Json, text
from webrtc.stun.registry import AttributeType


class Difference(NamedTuple):
    """Two verdicts on the same bytes; None is a refusal."""

    kind: str
    data: bytes
    """Of the part."""
    whole: bytes
    """The input that it is a part of."""
    ours: Json
    theirs: Json

    @property
    def only_theirs(self) -> bool:
        """They take what we refuse."""
        return self.ours is None

    @property
    def only_ours(self) -> bool:
        """We take what they refuse."""
        return self.theirs is None


class Allowed(NamedTuple):
    """A known difference."""

    reason: str
    applies: Callable[[Difference], bool]


def _taken(applies: Callable[[Difference], bool], *kinds: str) -> Callable[[Difference], bool]:
    """`applies` among what they take and we refuse, of these kinds."""
    return lambda found: found.only_theirs and found.kind in kinds and applies(found)


_FIXED = {"DATA": 12, "INIT": 16, "INIT_ACK": 16, "SACK": 12, "SHUTDOWN": 4, "FORWARD_TSN": 4}
"""Bytes of a chunk that are always there. RFC 9260 §3.3, RFC 3758 §3.2."""
_RECONFIG_PARAMETERS = {13: 12, 14: 4, 15: 4, 16: 8, 17: 8, 18: 8}
"""Shortest value of each. RFC 6525 §4."""
_RECONFIG_PASSED_OVER = (14, 15, 18)


def _parameters(data: bytes) -> list[tuple[int, bytes]] | None:
    """Types and values; None where a length is too small or larger than what is left."""
    found = []
    while data:
        length = int.from_bytes(data[2:4], "big")
        if len(data) < 4 or not 4 <= length <= len(data):
            return None
        found.append((int.from_bytes(data[:2], "big"), data[4:length]))
        data = data[length + -length % 4 :]
    return found


def _bad_parameters(found: Difference) -> bool:
    return _parameters(found.data[_FIXED.get(found.kind, 0) :]) is None


def _bad_reconfiguration(found: Difference) -> bool:
    for kind, value in _parameters(found.data) or []:
        if kind in _RECONFIG_PASSED_OVER:
            rest = len(value) - _RECONFIG_PARAMETERS[kind]
            if rest < 0 or (kind == 14 and rest % 2):
                return True
    return False


def _foreign_reconfiguration(found: Difference) -> bool:
    parameters = _parameters(found.data) or []
    return any(kind not in _RECONFIG_PARAMETERS for kind, _ in parameters)


def _more_than_the_entries(found: Difference) -> bool:
    if len(found.data) < _FIXED["SACK"]:
        return False
    entries: int = sum(struct.unpack_from("!HH", found.data, 8))
    return len(found.data) > _FIXED["SACK"] + 4 * entries


def _echoed_as_it_came(found: Difference) -> bool:
    size = len(found.data)
    echo = struct.pack("!BBH", 5, 0, 4 + size) + found.data + bytes(-size % 4)
    return found.kind == "HEARTBEAT" and bool(found.ours == echo.hex())


_SCTP = [
    Allowed(
        "aiortc reads an empty chunk as zeros although RFC 9260 §3.3 gives it a fixed part",
        _taken(lambda found: not found.data, *_FIXED),
    ),
    Allowed(
        "aiortc takes DATA without user data, which RFC 9260 §6.2 answers with an ABORT",
        _taken(lambda found: len(found.data) == _FIXED["DATA"], "DATA"),
    ),
    Allowed(
        "aiortc takes a SACK with more behind its entries, RFC 9260 §3.3.4",
        _taken(_more_than_the_entries, "SACK"),
    ),
    Allowed(
        "aiortc takes a SHUTDOWN of any length although RFC 9260 §3.3.8 sets it to 8",
        _taken(lambda found: len(found.data) > _FIXED["SHUTDOWN"], "SHUTDOWN"),
    ),
    Allowed(
        "aiortc does not check lengths of parameters and causes, RFC 9260 §3.2.1 and §3.3.10",
        _taken(_bad_parameters, "INIT", "INIT_ACK", "ABORT", "ERROR", "HEARTBEAT_ACK", "RE_CONFIG"),
    ),
    Allowed(
        "aiortc takes a HEARTBEAT ACK with more than the one parameter of RFC 9260 §3.3.6",
        _taken(lambda found: len(_parameters(found.data) or ()) > 1, "HEARTBEAT_ACK"),
    ),
    Allowed(
        "aiortc answers a HEARTBEAT with what it understood; RFC 9260 §8.3 wants it unchanged",
        _echoed_as_it_came,
    ),
    Allowed(
        "aiortc takes a RE-CONFIG without the one or two parameters of RFC 6525 §3.1",
        _taken(lambda found: len(_parameters(found.data) or ()) not in (1, 2), "RE_CONFIG"),
    ),
    Allowed(
        "aiortc passes over parameters of a RE-CONFIG that RFC 6525 §4 does not have",
        _taken(_foreign_reconfiguration, "RE_CONFIG"),
    ),
    Allowed(
        "aiortc does not look into requests that it does not support, RFC 6525 §4",
        _taken(_bad_reconfiguration, "RE_CONFIG"),
    ),
]


_COOKIE = bytes.fromhex("2112a442")
_TURN_TCP = (10, 11, 12)
_INTEGRITY, _INTEGRITY_SHA256, _FINGERPRINT = 0x0008, 0x001C, 0x8028


def _attributes(message: bytes) -> Iterator[tuple[int, int]]:
    """Type of each attribute, and how many bytes of the message are behind it."""
    position = 20
    while position + 4 <= len(message):
        kind, length = struct.unpack_from("!HH", message, position)
        position += 4 + length + -length % 4
        yield kind, len(message) - position


def _cut_off(found: Difference) -> bool:
    return any(rest < 0 for _, rest in _attributes(found.whole))


def _fingerprint_inside(found: Difference) -> bool:
    return any(kind == _FINGERPRINT and rest > 0 for kind, rest in _attributes(found.whole))


def _has_sha256(found: Difference) -> bool:
    return found.kind == "message" and any(
        kind == _INTEGRITY_SHA256 for kind, _ in _attributes(found.whole)
    )


def _repeated(found: Difference) -> bool:
    if found.kind == "message":
        return False
    wanted = AttributeType[found.kind]
    kinds = [kind for kind, _ in _attributes(found.whole)]
    if _INTEGRITY in kinds:
        del kinds[kinds.index(_INTEGRITY) :]
    return kinds.count(wanted) > 1


def _of_other_size(size: int) -> Callable[[Difference], bool]:
    return lambda found: len(found.data) != size


def _high_class_bits(found: Difference) -> bool:
    return found.kind == "ERROR_CODE" and found.data[2:3] > b"\7"


def _no_error_code(found: Difference) -> bool:
    return not b"\3" <= found.data[2:3] <= b"\6" or found.data[3:4] > b"\x63"


def _not_text(found: Difference) -> bool:
    return "\ufffd" in text(found.data)


_STUN = [
    Allowed(
        "aioice takes any magic cookie although RFC 8489 §5 has one value",
        _taken(lambda found: found.whole[4:8] != _COOKIE, "message"),
    ),
    Allowed(
        "aioice takes a message whose first two bits are not the zeros of RFC 8489 §5",
        _taken(lambda found: found.whole[0] > 0x3F, "message"),
    ),
    Allowed(
        "aioice knows the method Shared Secret, which RFC 8489 §18.2 reserves",
        _taken(lambda found: found.theirs[0] == 2, "message"),
    ),
    Allowed(
        "aioice takes a message whose length is no multiple of 4, RFC 8489 §5",
        _taken(lambda found: len(found.whole) % 4 > 0, "message"),
    ),
    Allowed(
        "aioice does not know the methods of TURN over TCP, RFC 6062 §6.1",
        lambda found: found.only_ours and found.kind == "message" and found.ours[0] in _TURN_TCP,
    ),
    Allowed(
        "aioice takes an attribute that is longer than the message, RFC 8489 §14",
        _taken(_cut_off, "message"),
    ),
    Allowed(
        "aioice takes a FINGERPRINT that is not the last attribute, RFC 8489 §14.7",
        _taken(_fingerprint_inside, "message"),
    ),
    Allowed(
        "aioice does not know MESSAGE-INTEGRITY-SHA256, which RFC 8489 §9.1.3 looks at first",
        _has_sha256,
    ),
    Allowed(
        "aioice takes the last of several attributes of a type, we the first: RFC 8489 §14",
        _repeated,
    ),
    Allowed(
        "aioice does not look at the size of MESSAGE-INTEGRITY: 20 bytes, RFC 8489 §14.5",
        _taken(lambda found: len(found.theirs) != 40, "MESSAGE_INTEGRITY"),
    ),
    Allowed(
        "aioice does not look at the size of CHANNEL-NUMBER: 4 bytes, RFC 8656 §18.1",
        _taken(_of_other_size(4), "CHANNEL_NUMBER"),
    ),
    Allowed(
        "aioice takes USE-CANDIDATE with a value; RFC 8445 §16.1 says that it has none",
        _taken(_of_other_size(0), "USE_CANDIDATE"),
    ),
    Allowed(
        "aioice counts reserved bits of ERROR-CODE to its class of three bits, RFC 8489 §14.8",
        _high_class_bits,
    ),
    Allowed(
        "aioice takes error codes outside of 300 to 699, RFC 8489 §14.8",
        _taken(_no_error_code, "ERROR_CODE"),
    ),
    Allowed(
        "aioice takes port 0, where RFC 8489 §14.2 has the port that a datagram came from",
        _taken(
            lambda found: found.theirs[1] == 0,
            *("MAPPED_ADDRESS", "XOR_MAPPED_ADDRESS", "XOR_RELAYED_ADDRESS"),
            *("RESPONSE_ORIGIN", "OTHER_ADDRESS"),
        ),
    ),
    Allowed(
        "aioice takes a NONCE that is no text, RFC 8489 §14.10",
        _taken(_not_text, "NONCE"),
    ),
]


_TOKEN = r"[!#$%&'*+.0-9A-Z^_`a-z{|}~-]+"
_CANDIDATE = re.compile(
    rf"[0-9A-Za-z+/]{{1,32}} (?P<component>\d{{1,3}}) (?P<transport>{_TOKEN})"
    r" (?P<priority>\d{1,10}) (?P<host>[!-~]+) (?P<port>\d{1,5})"
    rf" typ (?P<type>{_TOKEN})( raddr (?P<related>[!-~]+))?"
    rf"( rport (?P<related_port>\d+))?( {_TOKEN} [!-~]*)*",
    re.ASCII,
)
"""RFC 8839 §5.1."""
_NUMERIC, _NAME = re.compile(r".*:.*|[0-9.]+"), re.compile(r"[0-9A-Za-z_.-]{1,255}")
_TYPES = ("host", "srflx", "prflx", "relay")
_TYPE, _RELATED, _TCP_TYPE = 5, 6, 7


def _is_candidate(line: str) -> bool:
    return _CANDIDATE.fullmatch(line) is not None


def _of_unknown_kind(line: str) -> bool:
    found = _CANDIDATE.fullmatch(line)
    return found is not None and (
        found["transport"].lower() not in ("udp", "tcp") or found["type"] not in _TYPES
    )


def _out_of_range(line: str) -> bool:
    found = _CANDIDATE.fullmatch(line)
    return found is not None and not (
        1 <= int(found["component"]) <= 256
        and 1 <= int(found["priority"]) <= 0xFFFF_FFFF
        and int(found["port"]) <= 65535
        and _is_host(found["host"])
        and (found["related"] is None or _is_host(found["related"]))
        and int(found["related_port"] or 0) <= 65535
    )


def _of_line(applies: Callable[[str], bool]) -> Callable[[Difference], bool]:
    return _taken(lambda found: applies(text(found.data)), "candidate")


def _is_host(host: str) -> bool:
    if not _NUMERIC.fullmatch(host):
        return _NAME.fullmatch(host) is not None
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _no_number_in_extension(found: Difference) -> bool:
    words = text(found.data).split()
    pairs = zip(words[8::2], words[9::2], strict=False)
    return found.only_ours and any(
        name in ("generation", "rport") and not value.isdecimal() for name, value in pairs
    )


def _only_differs_at(found: Difference, index: int) -> bool:
    if found.only_ours or found.only_theirs:
        return False
    pairs = enumerate(zip(found.ours, found.theirs, strict=True))
    return [at for at, (one, other) in pairs if one != other] == [index]


def _related_elsewhere(found: Difference) -> bool:
    in_place = re.match(r"([^ ]+ ){6}typ [^ ]+ raddr [^ ]+ rport \d+( |$)", text(found.data))
    repeated = len(re.findall(r" raddr | rport ", text(found.data))) > 2
    return _only_differs_at(found, _RELATED) and (in_place is None or repeated)


def _other_tcp_type(found: Difference) -> bool:
    if found.only_ours:
        return False
    known = found.theirs[_TCP_TYPE] in (None, "active", "passive", "so")
    repeated = text(found.data).count(" tcptype ") > 1
    return (found.only_theirs and not known) or (repeated and _only_differs_at(found, _TCP_TYPE))


_CANDIDATES = [
    Allowed(
        "aioice wants a foundation; we take a candidate of some cameras, which leave it out",
        lambda found: found.only_ours and not found.ours[0],
    ),
    Allowed(
        "aioice keeps the letter case of a type, which means nothing",
        lambda found: _only_differs_at(found, _TYPE) and found.theirs[_TYPE].lower() in _TYPES,
    ),
    Allowed(
        "aioice takes eight words for a candidate; we want the grammar of RFC 8839 §5.1",
        _of_line(lambda line: not _is_candidate(line)),
    ),
    Allowed(
        "aioice takes types and transports that RFC 8839 §5.1 wants to be ignored when unknown",
        _of_line(_of_unknown_kind),
    ),
    Allowed(
        "aioice does not look at the ranges of RFC 8839 §5.1, nor at addresses",
        _of_line(_out_of_range),
    ),
    Allowed(
        "aioice separates words at white space of any kind and length, RFC 8839 §5.1 at one space",
        lambda found: text(found.data).split(" ") != text(found.data).split(),
    ),
    Allowed(
        "aioice takes TCP types that RFC 6544 §4.5 does not have, and the last of several",
        _other_tcp_type,
    ),
    Allowed(
        "aioice wants numbers in extensions that are any characters for RFC 8839 §5.1",
        _no_number_in_extension,
    ),
    Allowed(
        "aioice takes raddr or rport alone or anywhere: RFC 8839 §5.1 has them behind the type",
        _related_elsewhere,
    ),
]


def _other_lengths(found: Difference) -> bool:
    texts: int = sum(struct.unpack_from("!HH", found.data, 8))
    return len(found.data) != 12 + texts


_DCEP = [
    Allowed(
        "aiortc takes labels and protocols of other lengths than RFC 8832 §5.1 says",
        _taken(_other_lengths, "dcep"),
    ),
    Allowed(
        "aiortc takes channel types that RFC 8832 §5.1 reserves",
        _taken(lambda found: found.data[1] & 0x7F > 2, "dcep"),
    ),
]


_PORT = r"0*([1-5]?\d{1,4}|6[0-4]\d{3}|65[0-4]\d\d|655[0-2]\d|6553[0-5])"
_FIELDS = {
    "v": "0",
    "o": r"\S+ \d+ \d+ \S+ \S+ \S+",
    "s": r".*",
    "t": r"\d+ \d+",
    "c": r"IN IP[46] \S+",
    "m": rf"{_TOKEN} {_PORT} [A-Z/]+( {_TOKEN})+",
    "a": rf"{_TOKEN}(:.+)?",
}
"""Of RFC 8866 §9 what the seeds have."""
_BYTE = "[0-9A-Fa-f]{2}"
_VALUES = {
    "fingerprint": rf"(?!sha-256 ){_TOKEN} {_BYTE}(:{_BYTE})*|sha-256 {_BYTE}(:{_BYTE}){{31}}",
    "ice-ufrag": r"[0-9A-Za-z+/]{4,256}",
    "ice-pwd": r"[0-9A-Za-z+/]{22,256}",
    "mid": _TOKEN,
    "group": rf"{_TOKEN}( {_TOKEN})*",
    "setup": "active|passive|actpass",
    "sctp-port": rf"(?!0+$){_PORT}",
    "max-message-size": r"\d{1,10}",
    "msid-semantic": rf" ?{_TOKEN}( {_TOKEN})*",
}
_ORDER = re.compile("vos[iuepcbtrzka]*(m[icbka]*)*")
_OTHER_WHITE_SPACE = re.compile(r"[^\S \r\n]")
_ATTRIBUTES_OF = {"ice": ("ice-ufrag", "ice-pwd"), "dtls": ("setup", "fingerprint")}


def _malformed(found: Difference) -> bool:
    lines = text(found.data).removesuffix("\n").split("\n")
    order = "".join(line[:1] for line in lines)
    return _ORDER.fullmatch(order) is None or not all(map(_is_line, lines))


def _is_line(line: str) -> bool:
    kind, equals, value = line[:1], line[1:2], line[2:].removesuffix("\r")
    if equals != "=" or kind not in _FIELDS or re.search("[\0\r]", value):
        return False
    if re.fullmatch(_FIELDS[kind], value, re.ASCII) is None:
        return False
    name, _, rest = value.partition(":")
    if kind != "a":
        return True
    if name == "candidate":
        return _is_candidate(rest) and not (_of_unknown_kind(rest) or _out_of_range(rest))
    return name not in _VALUES or re.fullmatch(_VALUES[name], rest, re.ASCII) is not None


def _given_twice(found: Difference) -> bool:
    names = _ATTRIBUTES_OF.get(found.kind, (found.kind,))
    return any(text(found.data).count(f"\na={name}:") > 1 for name in names)


def _fewer_candidates(found: Difference) -> bool:
    """Ours are theirs in the same order, with some left out, of which a line is malformed."""
    if found.kind != "candidates" or not _malformed(found):
        return False
    theirs = iter(found.theirs)
    return all(each in theirs for each in found.ours)


_SDP = [
    Allowed(
        "aiortc takes lines that are malformed by RFC 8866 §9 or the RFC of the attribute",
        _taken(_malformed, "description"),
    ),
    Allowed(
        "aiortc refuses all because of a line that RFC 8839 §5.1 or RFC 8866 §5.7 let be ignored",
        lambda found: found.only_ours and found.kind == "description" and _malformed(found),
    ),
    Allowed(
        "aiortc ends lines and words where Python does, RFC 8866 §9 at CR, LF and space only",
        lambda found: _OTHER_WHITE_SPACE.search(text(found.data)) is not None,
    ),
    Allowed(
        "aiortc takes the last of several attributes or all, we the first, and the section's own",
        _given_twice,
    ),
    Allowed(
        "aiortc has no use for a second `candidate:`; we drop it: JSON of browsers begins with it",
        lambda found: found.kind == "candidates" and "=candidate:candidate:" in text(found.data),
    ),
    Allowed(
        "aiortc keeps candidates that RFC 8839 §5.1 wants to be ignored",
        _fewer_candidates,
    ),
]


ALLOWED: dict[str, list[Allowed]] = {
    "sctp": _SCTP,
    "stun": _STUN,
    "candidate": _CANDIDATES,
    "dcep": _DCEP,
    "sdp": _SDP,
}
