"""What `import webrtc` gives, and what it costs."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import webrtc
from webrtc import api

ROOT = Path(__file__).parent.parent


def loaded(*statements: str) -> set[str]:
    """Names of the modules that a fresh interpreter has loaded after these statements."""
    program = "\n".join((*statements, "import sys", "print(*sys.modules)"))
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": str(ROOT)},
    )
    return set(done.stdout.split())


def dependencies(modules: set[str]) -> set[str]:
    """All that these modules of ours import at their top and is not ours."""
    found: set[str] = set()
    for name in modules:
        folder = ROOT.joinpath(*name.split("."))
        file = folder / "__init__.py" if folder.is_dir() else folder.with_suffix(".py")
        for node in ast.parse(file.read_text()).body:
            if isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module is not None:
                found.add(node.module)
    return {name for name in found if name.split(".")[0] not in {"webrtc", "__future__"}}


def is_ours(name: str) -> bool:
    return name.split(".", maxsplit=1)[0] == "webrtc"


def test_what_is_exported_is_there_by_every_way_to_it() -> None:
    assert set(api.__all__) <= set(dir(webrtc))
    for name in api.__all__:
        assert getattr(webrtc, name) is getattr(api, name)
    scope: dict[str, object] = {}
    exec("from webrtc import *", scope)
    assert set(api.__all__) <= scope.keys()


def test_what_is_not_exported_is_an_attribute_error() -> None:
    for name in ("RTCPeerConection", "peer_connection", "__wrapped__"):
        with pytest.raises(AttributeError, match=name):
            getattr(webrtc, name)


def test_the_import_costs_at_most_half_as_much_again_as_its_dependencies() -> None:
    """Counted in modules: a clock would measure the machine.

    What is exported comes when it is asked for. All of it is ours but a little; that has a bound
    of its own, so that it does not grow unseen.
    """
    at_once = loaded("import webrtc")
    with_all = loaded("from webrtc import RTCPeerConnection")
    needed = dependencies(set(filter(is_ours, with_all)))
    theirs = loaded(*(f"import {name}" for name in sorted(needed)))
    assert not set(filter(is_ours, theirs))
    assert len(at_once) <= 1.5 * len(theirs)
    assert len(set(filter(is_ours, at_once))) == 2
    assert len(with_all) <= 2.25 * len(theirs), sorted(with_all - theirs)


@pytest.mark.parametrize("package", ["stun", "ice", "dtls", "sctp", "sdp", "jsep", "peer"])
def test_a_core_alone_takes_no_shell_and_no_asyncio_with_it(package: str) -> None:
    modules = loaded(f"import webrtc.{package}")
    assert "asyncio" not in modules
    assert "webrtc.aio" not in modules
