"""The descriptions of other implementations in tests/vectors/sdp, as they look on the wire."""

import re
from pathlib import Path

FOLDER = Path(__file__).parent / "vectors" / "sdp"

OFFERS = sorted(path.stem for path in FOLDER.glob("*offer*.sdp"))
ANSWERS = sorted(path.stem for path in FOLDER.glob("*answer*.sdp"))


def sample(name: str) -> str:
    """The text of one sample."""
    return (FOLDER / f"{name}.sdp").read_text().replace("\n", "\r\n")


def case(name: str) -> str:
    """The text of one shape met in the field: tests/vectors/cases."""
    return (FOLDER.parent / "cases" / f"{name}.sdp").read_text().replace("\n", "\r\n")


def sections(text: str) -> list[str]:
    """The session part, then each media section."""
    return [part if index == 0 else "m=" + part for index, part in enumerate(text.split("\r\nm="))]


def only_data(text: str) -> str:
    """A description with the sections that are not for data taken out, and BUNDLE to match."""
    head, *media = sections(text)
    kept = [section for section in media if section.startswith("m=application")]
    mids = re.findall(r"a=mid:(\S+)", "".join(kept))
    head = re.sub(r"a=group:BUNDLE[^\r]*", " ".join(["a=group:BUNDLE", *mids]), head)
    return "\r\n".join([head, *kept]).rstrip("\r\n") + "\r\n"
