"""`webrtc dump FILE`: event logs, captures and descriptions, a line for each thing in them."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from typing import BinaryIO

import click

from webrtc.cli.explain import explain
from webrtc.cli.timeline import timeline
from webrtc.errors import DecodeError, SdpError
from webrtc.peer.describe import describe
from webrtc.util.captures import Frame, Payload, frames, is_capture, payload
from webrtc.util.pcapng import Direction

_ARROWS = {Direction.INBOUND: "←", Direction.OUTBOUND: "→", None: " "}
_SKIPPED = "not UDP, or a later fragment"


@click.command()
@click.argument("file", type=click.File("rb"))
def dump(*, file: BinaryIO) -> None:
    """Print FILE readably: an event log, a capture (pcapng, pcap) or a session description.

    `-` is the standard input.
    """
    data = file.read()
    reader = _reader_of(data)
    if reader is None:
        raise click.ClickException(
            f"{file.name}: neither an event log (JSON lines), nor a capture (pcapng, pcap), nor a"
            " session description"
        )
    try:
        for line in reader(data):
            click.echo(_printable(line))
    except (DecodeError, SdpError) as error:
        raise click.ClickException(f"{file.name}: {error}") from None


def _reader_of(data: bytes) -> Callable[[bytes], Iterator[str]] | None:
    """What can read this, by its beginning."""
    if is_capture(data):
        return packets
    if data.lstrip().startswith(b"v=0"):
        return lambda text: explain(text.decode(errors="replace"))
    try:
        first = json.loads(data.lstrip().partition(b"\n")[0] or b"null")
    except (ValueError, RecursionError):
        first = _whole(data)
    if isinstance(first, dict) and "event" in first:
        return timeline
    if isinstance(first, dict) and isinstance(first.get("sdp"), str):
        found = str(first.get("type", "")), first["sdp"]
        return lambda _: explain(found[1], found[0])
    return None


def _whole(data: bytes) -> object:
    """A JSON document of several lines, or None."""
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None


def packets(data: bytes) -> Iterator[str]:
    """A line for each datagram of a capture, and how many there were of each protocol."""
    began: float | None = None
    counts: Counter[str] = Counter()
    for frame in frames(data):
        inside = payload(frame)
        if inside is None:
            counts[_SKIPPED] += 1
            continue
        if began is None:
            began = frame.time
        protocol, words = describe(inside.data)
        counts[protocol] += 1
        yield _line(frame, inside, began, f"{protocol:5}{words}")
    total = ", ".join(f"{count} {name}" for name, count in counts.most_common())
    yield f"{counts.total()} packets: {total}" if counts else "no packets"


def _line(frame: Frame, inside: Payload, began: float | None, words: str) -> str:
    time = " " * 11
    if frame.time is not None and began is not None:
        time = f"{(frame.time - began) * 1000:11.3f}"
    way = f"{_address(inside.source)} > {_address(inside.destination)}"
    cut = "" if inside.whole else " (cut off)"
    name = f"{frame.interface} " if frame.interface else ""
    arrow = _ARROWS[frame.direction]
    return f"{time} ms  {name}{arrow} {way}  {len(inside.data):5} bytes{cut}  {words}"


def _printable(line: str) -> str:
    """What a peer wrote may have control characters in it, which a terminal would obey."""
    if line.isprintable():
        return line
    return "".join(each if each.isprintable() else repr(each)[1:-1] for each in line)


def _address(address: tuple[str, int]) -> str:
    host, port = address
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
