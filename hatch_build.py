"""Builds a wheel with compiled modules away from the source, where nothing of it may stay.

The hook of hatch-mypyc puts modules beside the files that they are made of, hides pyproject.toml
while it works, and leaves the cache of mypy. So it is given a copy of the package.
"""

import shutil
from contextlib import chdir
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hatch_mypyc import plugin as mypyc
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PACKAGE = "webrtc"


class CompiledModules(BuildHookInterface):  # type: ignore[type-arg] # hatchling gives it its own
    """Compiles what `include` names; the options are those of hatch-mypyc."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile a copy and put the result into the wheel."""
        self._room = TemporaryDirectory()
        room = Path(self._room.name).resolve()
        root = Path(self.root)
        no_artifacts = shutil.ignore_patterns("__pycache__", "*.so", "*.pyd")
        shutil.copytree(root / PACKAGE, room / PACKAGE, ignore=no_artifacts)
        shutil.copy(root / "pyproject.toml", room)
        arguments = [
            self.config,
            self.build_config,
            self.metadata,
            self.directory,
            self.target_name,
        ]
        with chdir(room):
            mypyc.MypycBuildHook(str(room), *arguments).initialize(version, build_data)
        build_data["artifacts"].clear()  # they are not where the package is
        compiled = [path for path in room.rglob("*") if path.suffix in {".so", ".pyd"}]
        build_data["force_include"] |= {str(path): str(path.relative_to(room)) for path in compiled}

    def finalize(self, *_: object) -> None:
        """Remove the copy, once the wheel has what is in it."""
        self._room.cleanup()
