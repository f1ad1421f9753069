"""The Markdown of the project: its pages, fenced blocks, links and tables."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = [
    *sorted(ROOT.glob("*.md")),
    ROOT / "examples" / "README.md",
    *sorted(path for path in (ROOT / "docs").rglob("*.md") if "_build" not in path.parts),
]

_FENCE = re.compile(r"^```(?P<language>[^\n]*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\[[^\]]+\]\((?P<target>[^)\s]+)\)")


@dataclass(frozen=True)
class Block:
    """A fenced block of Python, with what it is said to print."""

    page: Path
    line: int
    text: str
    printed: str | None

    @property
    def name(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"

    @property
    def is_program(self) -> bool:
        """Whether it runs by itself; others are fragments that continue a connection."""
        return any(call in self.text for call in ("asyncio.run(", ".Runner(", ".run_until("))


def python_blocks() -> Iterator[Block]:
    """Every Python block. A text block that follows at once is its output."""
    for page in PAGES:
        text = page.read_text()
        found = list(_FENCE.finditer(text))
        for number, match in enumerate(found):
            if match["language"] != "python":
                continue
            after = found[number + 1] if number + 1 < len(found) else None
            follows = after is not None and not text[match.end() : after.start()].strip()
            printed = after["text"] if after and follows and after["language"] == "text" else None
            yield Block(page, text.count("\n", 0, match.start()) + 1, match["text"], printed)


def links(page: Path) -> list[str]:
    """Targets of the links to files of the project."""
    prose = _FENCE.sub("", page.read_text())
    targets = [match["target"].partition("#")[0] for match in _LINK.finditer(prose)]
    return [target for target in targets if target and "://" not in target]


def table_rows(page: Path) -> list[list[str]]:
    """Cells of every row of every table."""
    rows = [line for line in page.read_text().splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]
