"""What the pages say of the code is so: paths, links, limits, defaults."""

import dataclasses
import importlib
import inspect
import re
from pathlib import Path

import pytest

from tests.docs.markdown import PAGES, ROOT, links, table_rows
from webrtc import SettingEngine

UNITS = {"": 1, "KiB": 1024, "MiB": 1024**2, "s": 1}
SECURITY = ROOT / "docs" / "security.md"
NETWORKS = ROOT / "docs" / "networks.md"

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


@each_page
def test_links_lead_to_files(page: Path) -> None:
    assert [target for target in links(page) if not (page.parent / target).exists()] == []


@each_page
def test_files_and_modules_that_are_named_exist(page: Path) -> None:
    """SYS-04: the map is true."""
    text = page.read_text()
    files = re.findall(r"(?:webrtc|tests|examples|docs)(?:/[\w.-]+)*/[\w-]+\.(?:py|md)\b", text)
    assert [file for file in files if not (ROOT / file).exists()] == []
    folders = re.findall(r"`((?:webrtc|tests|examples)(?:/\w+)+)`", text)
    assert [folder for folder in folders if not (ROOT / folder).is_dir()] == []
    for module in set(re.findall(r"^from (webrtc[\w.]*) import", text, re.MULTILINE)):
        importlib.import_module(module)


def test_life_of_a_packet_names_what_there_is() -> None:
    """SYS-04: every `**file**, `Class.method`` of the page can be found in the code."""
    text = (ROOT / "docs" / "life-of-a-packet.md").read_text()
    named = re.findall(r"\*\*`(webrtc/[\w/]+)\.py`\*\*,\s+`(\w+)\.(\w+)`", text)
    assert len(named) >= 7
    for file, owner, member in named:
        module = importlib.import_module(file.replace("/", "."))
        assert hasattr(getattr(module, owner), member), f"{owner}.{member}"


def test_every_bound_of_the_settings_is_in_the_table_with_its_default() -> None:
    table = dict(row[:2] for row in table_rows(SECURITY) if len(row) == 3)
    for path, default in bounds():
        assert quantity(table[f"`{path}`"]) == default, path


def test_every_row_of_the_limits_is_what_the_code_has() -> None:
    rows = [row for row in table_rows(SECURITY) if row[0].startswith("`")]
    assert len(rows) > 25
    for name, shown, _ in rows:
        assert quantity(shown) == found(name.strip("`")), name


def test_timeouts_of_ice_are_what_the_page_says() -> None:
    rows = [row for row in table_rows(NETWORKS) if len(row) == 3 and row[0].startswith("`")]
    settings = SettingEngine().ice
    shown = [row for row in rows if re.fullmatch(r"[0-9.]+ s", row[1])]
    assert len(shown) == 7
    for name, value, _ in shown:
        assert quantity(value) == getattr(settings, name.strip("`")), name


def bounds() -> list[tuple[str, object]]:
    """Settings whose name says that they bound something."""
    settings = SettingEngine()
    holders = (
        ("", settings),
        ("ice.", settings.ice),
        ("dtls.", settings.dtls),
        ("sctp.", settings.sctp),
    )
    return [
        (f"{prefix}{field.name}", getattr(holder, field.name))
        for prefix, holder in holders
        for field in dataclasses.fields(holder)
        if field.name.startswith("max_") and field.name != "max_rto"
    ]


def quantity(text: str) -> float:
    """`4 MiB` as bytes, `30 s` as seconds."""
    number, _, unit = text.partition(" ")
    return float(number) * UNITS[unit]


def found(name: str) -> object:
    """Value of a setting, a constant, or a parameter's default."""
    if not name.startswith("webrtc."):
        value: object = SettingEngine()
        for part in name.split("."):
            value = getattr(value, part)
        return value
    holder, _, last = name.rpartition(".")
    try:
        return getattr(importlib.import_module(holder), last)
    except ModuleNotFoundError:
        module, _, owner = holder.rpartition(".")
        parameters = inspect.signature(getattr(importlib.import_module(module), owner)).parameters
        return parameters[last].default
