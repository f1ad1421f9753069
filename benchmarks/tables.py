"""Markdown tables of figures, and their place in the README."""

import os
import platform
import re
from collections.abc import Sequence
from pathlib import Path

README = Path(__file__).parent.parent / "README.md"
LIBRARIES = {
    "webrtc": "asyncio-webrtc",
    "pion": "Pion v4",
    "libwebrtc": "libwebrtc (Node)",
    "libdatachannel": "libdatachannel (Node)",
}


def title(stack: str) -> str:
    """The name of a stack for readers."""
    library, *variants = stack.split("+")
    words = [LIBRARIES.get(library, library)]
    if "compiled" in variants:
        words.append(", compiled")
    if "uvloop" in variants:
        words.append(", on uvloop" if "compiled" in variants else " on uvloop")
    return "".join(words)


def markdown(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def short(value: float | None) -> str:
    """Three digits that mean something; a dash where nothing was measured."""
    if value is None:
        return "–"
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def machine() -> str:
    """CPU, kernel and Python, on one line."""
    model = "unknown CPU"
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.partition(":")[2].strip()
            break
    system = f"{platform.system()} {platform.release()}"
    return f"{os.cpu_count()} × {model}, {system}, Python {platform.python_version()}"


def write(mark: str, body: str) -> None:
    """Replace what the README has between two comments. Raises ValueError without them."""
    begin, end = f"<!-- {mark} -->\n", f"\n<!-- /{mark} -->"
    block = re.compile(re.escape(begin) + ".*?" + re.escape(end), re.DOTALL)
    text, count = block.subn(lambda _: begin + body + end, README.read_text())
    if count != 1:
        raise ValueError(f"{README} has {count} places marked {mark!r}")
    README.write_text(text)
