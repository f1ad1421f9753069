"""One version, wherever it is told."""

import tomllib
from pathlib import Path

import webrtc
from webrtc.version import __version__


def test_the_package_has_the_version_of_the_project() -> None:
    project = tomllib.loads((Path(__file__).parent.parent / "pyproject.toml").read_text())
    assert webrtc.__version__ == __version__ == project["project"]["version"]
