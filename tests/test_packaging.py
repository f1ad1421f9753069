"""What is built from the source: a wheel with compiled modules, which leaves no trace."""

import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCES = ("webrtc", "pyproject.toml", "hatch_build.py", "README.md")
INCLUDED = re.compile(r'^include = \[\n    "/webrtc/.*?^\]', re.MULTILINE | re.DOTALL)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of what a wheel is made of, with one small module to compile instead of all."""
    folder = tmp_path / "project"
    shutil.copytree(
        ROOT / "webrtc", folder / "webrtc", ignore=shutil.ignore_patterns("__pycache__")
    )
    for name in (*SOURCES[1:], *(path.name for path in ROOT.glob("LICENSE-*"))):
        shutil.copy(ROOT / name, folder)
    settings = (folder / "pyproject.toml").read_text()
    reduced, count = INCLUDED.subn('include = ["/webrtc/util/replay.py"]', settings)
    assert count == 1
    (folder / "pyproject.toml").write_text(reduced)
    return folder


def build(project: Path, **environment: str) -> list[str]:
    """Names of the files in the wheel."""
    out = project.parent / "out"
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(out)]
    done = subprocess.run(
        command,
        cwd=project,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    [wheel] = out.iterdir()
    with zipfile.ZipFile(wheel) as archive:
        return archive.namelist()


def contents(folder: Path) -> dict[Path, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc")
    return {path: path.read_bytes() for path in files}


@pytest.mark.slow
@pytest.mark.skipif(
    sys.platform == "win32" or shutil.which("cc") is None, reason="needs a C compiler"
)
def test_a_build_with_compiled_modules_leaves_nothing_in_the_source_tree(project: Path) -> None:
    before = contents(project)
    names = build(project, HATCH_BUILD_HOOKS_ENABLE="1")
    assert contents(project) == before
    compiled = [name for name in names if name.endswith(".so")]
    assert len(compiled) == 2  # the module, and what it shares with others
    assert [name for name in compiled if name.startswith("webrtc/util/replay.")]


@pytest.mark.slow
def test_a_wheel_is_pure_python_unless_asked_for(project: Path) -> None:
    names = build(project)
    assert "webrtc/util/replay.py" in names
    assert [name for name in names if name.endswith(".so") or name.startswith("tests")] == []


@pytest.mark.skipif(shutil.which("make") is None, reason="needs make")
@pytest.mark.parametrize(("target", "extra"), [("demo", "cli"), ("test", "dev")])
def test_make_installs_what_the_target_needs_and_says_so(
    target: str, extra: str, tmp_path: Path
) -> None:
    """Where there is no environment yet; a demo takes no test tools with it."""
    command = ["make", "-n", target, f"VENV={tmp_path / 'venv'}"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert re.findall(r"-e '\.\[(\w+)\]'", done.stdout) == [extra]
    said = re.findall(r'^echo "(\w+)', done.stdout, re.MULTILINE)
    assert said == ["making", "installing"]
