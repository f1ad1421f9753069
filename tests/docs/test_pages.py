"""What the pages say of the code is so: paths, links, limits, defaults."""

import dataclasses
import importlib
import inspect
import re
import tomllib
from pathlib import Path

import pytest

from tests.docs.markdown import PAGES, ROOT, links, python_blocks, table_rows
from webrtc import SettingEngine

UNITS = {"": 1, "KiB": 1024, "MiB": 1024**2, "s": 1}
SECURITY = ROOT / "docs" / "security.md"
DOCUMENTATION = "https://asyncio-webrtc.readthedocs.io/en/latest/"
NETWORKS = ROOT / "docs" / "networks.md"

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


@each_page
def test_links_lead_to_files(page: Path) -> None:
    assert [target for target in links(page) if not (page.parent / target).exists()] == []


def test_the_readme_has_links_that_work_wherever_it_is_shown() -> None:
    """Also where the package is offered: absolute ones, to pages that the documentation has."""
    text = (ROOT / "README.md").read_text()
    assert links(ROOT / "README.md") == []
    found = re.findall(re.escape(DOCUMENTATION) + r"([\w-]+)\.html(?:#([\w-]+))?", text)
    assert len(found) > 10
    for page, anchor in found:
        content = (ROOT / "docs" / f"{page}.md").read_text()
        titles = re.findall(r"^#+ (.*)$", content, re.MULTILINE)
        assert not anchor or anchor in {title.lower().replace(" ", "-") for title in titles}
    defined = re.findall(r"^\[([\w-]+)\]: ", text, re.MULTILINE)
    prose = re.sub(r"^\[[\w-]+\]: .*$", "", text, flags=re.MULTILINE)
    assert set(re.findall(r"\]\[([^\]]+)\]", prose)) <= set(defined)
    assert [name for name in defined if f"[{name}]" not in prose.lower()] == []


def test_the_project_names_its_documentation() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert settings["project"]["urls"]["Documentation"] == DOCUMENTATION


def test_every_example_is_shown() -> None:
    page = (ROOT / "docs" / "examples.md").read_text()
    shown = re.findall(r"^```{literalinclude} \.\./(examples/[\w/]+\.py)$", page, re.MULTILINE)
    there = [str(path.relative_to(ROOT)) for path in (ROOT / "examples").rglob("*.py")]
    assert sorted(shown) == sorted(there)


def test_the_landing_page_shows_a_program_of_fifteen_lines() -> None:
    [program] = [block for block in python_blocks() if block.page == ROOT / "docs" / "index.md"]
    assert program.is_program
    assert len([line for line in program.text.splitlines() if line]) <= 15
    assert program.printed is not None


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


@pytest.mark.interpreted  # compiled classes have no signature
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
        if field.name.startswith("max_") and field.name not in {"max_rto", "max_receive_bitrate"}
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
