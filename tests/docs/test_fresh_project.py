"""docs/testing.md is all that a new project needs to test on the virtual network."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.markdown import ROOT
from tests.support import PATIENCE

pytestmark = pytest.mark.slow

PAGE = ROOT / "docs" / "testing.md"
_FILE = re.compile(
    r"^[^\n]*\bIn `(?P<name>[\w.]+)`.*?:\n\n```(?:toml|python)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)


def test_the_files_of_the_page_run_in_a_fresh_folder(tmp_path: Path) -> None:
    files = {match["name"]: match["text"] for match in _FILE.finditer(PAGE.read_text())}
    assert sorted(files) == ["conftest.py", "pyproject.toml", "test_chat.py"]
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-v", "-p", "no:cacheprovider"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    tests = re.findall(r"^async def (test_\w+)", files["test_chat.py"], re.MULTILINE)
    assert re.findall(r"^test_chat.py::(\w+)\S* PASSED", done.stdout, re.MULTILINE) == tests
