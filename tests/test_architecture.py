"""The house rules that a machine can check: layers, purity, sizes, a test file for each module.

Rows SYS-01 and SYS-07.
"""

import ast
import re
from collections.abc import Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FILES = sorted((ROOT / "webrtc").rglob("*.py"))
LAYERS = [
    {"errors", "version"},
    {"core"},
    {"clock", "util"},
    {"stun"},
    {"turn", "mdns"},
    {"ice"},
    {"dtls"},
    {"srtp"},
    {"rtp"},
    {"rtcp"},
    {"interceptor", "media"},
    {"streams"},
    {"sctp"},
    {"datachannel"},
    {"sdp"},
    {"engine"},
    {"jsep", "settings"},
    {"peer"},
    {"aio"},
    {"api"},
    {"vnet"},
    {"testing"},
    {"blocking", "signaling", "hub", "direct", "transfer"},
    {"cli"},
    {"__main__"},
]  # lowest first
MAX_FILE, MAX_FUNCTION = 500, 50
IMPURE = {
    "aio",
    "api",
    "vnet",
    "testing",
    "blocking",
    "signaling",
    "hub",
    "direct",
    "transfer",
    "cli",
    "__main__",
}
CLOCKS_AND_SOCKETS = {"asyncio", "random", "secrets", "select", "selectors", "socket", "ssl"}
CLOCKS_AND_SOCKETS |= {"threading", "time", "uuid"}

each_file = pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))


def package(dotted: str) -> str:
    """`ice` of `webrtc.ice.agent`."""
    return dotted.split(".")[1]


def layer(dotted: str) -> int:
    """Height of `webrtc.<package>` in the stack."""
    return next(height for height, names in enumerate(LAYERS) if package(dotted) in names)


def dotted_name(file: Path) -> str:
    return ".".join(file.relative_to(ROOT).with_suffix("").parts)


def imports(file: Path) -> list[str]:
    """Every module that `file` imports, at the top, inside a function or for types alone."""
    found: list[str] = []
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.ImportFrom):
            found.append(node.module or "")
        elif isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
    return found


def files_imported(file: Path) -> set[Path]:
    """The files of the package that `file` imports, each named once: `from webrtc import ice`."""
    found: set[Path | None] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module is not None:
            for alias in node.names:
                submodule = module_file(f"{node.module}.{alias.name}")
                found.add(submodule or module_file(node.module))
        elif isinstance(node, ast.Import):
            found |= {module_file(alias.name) for alias in node.names}
    return {each for each in found if each is not None}


def module_file(dotted: str) -> Path | None:
    """Where a module of the package is; None for one of somebody else's."""
    folder = ROOT.joinpath(*dotted.split("."))
    for file in (folder.with_suffix(".py"), folder / "__init__.py"):
        if dotted.startswith("webrtc") and file.is_file():
            return file
    return None


def circles(arrows: Mapping[Path, set[Path]]) -> list[set[Path]]:
    """The largest sets of files each of which leads to every other one."""
    reached: dict[Path, set[Path]] = {}
    for start in arrows:
        seen: set[Path] = set()
        waiting = [start]
        while waiting:
            for following in arrows.get(waiting.pop(), set()) - seen:
                seen.add(following)
                waiting.append(following)
        reached[start] = seen
    found: list[set[Path]] = []
    for file in arrows:
        circle = {other for other in reached[file] if file in reached[other]}
        if circle and circle not in found:
            found.append(circle)
    return found


@each_file
def test_imports_only_point_down(file: Path) -> None:
    own = dotted_name(file)
    if own == "webrtc.__init__":
        return
    for name in imports(file):
        if name.startswith("webrtc.") and package(name) != package(own):
            assert layer(name) < layer(own), name


def test_no_files_import_each_other() -> None:
    """Neither directly nor in a circle; what is imported for types alone counts."""
    arrows = {file: files_imported(file) for file in FILES}
    found = [{str(file.relative_to(ROOT)) for file in each} for each in circles(arrows)]
    assert found == []


def test_a_circle_is_found() -> None:
    one, two, three, four = (Path(name) for name in "abcd")
    assert circles({one: {two}, two: {three}, three: {one}, four: {one}}) == [{one, two, three}]
    assert circles({one: {two}, two: {three}, three: set()}) == []


def test_the_transport_knows_neither_descriptions_nor_who_uses_it() -> None:
    names = imports(ROOT / "webrtc/peer/transport.py")
    used = {package(name) for name in names if name.startswith("webrtc.")}
    assert used.isdisjoint({"sctp", "datachannel", "sdp", "jsep"})
    source = (ROOT / "webrtc/peer/transport.py").read_text()
    assert "sctp" not in source.lower()


def test_drivers_need_the_core_and_no_more() -> None:
    """The examples of a driver of one's own import what the face of `webrtc.peer` has."""
    for name in ("sansio_loop.py", "trio_driver.py"):
        used = files_imported(ROOT / "examples" / name)
        assert used == {ROOT / "webrtc/core.py", ROOT / "webrtc/peer/__init__.py"}, name


@each_file
def test_no_clock_socket_task_or_random_source_below_the_shell(file: Path) -> None:
    own = dotted_name(file)
    if own == "webrtc.__init__" or package(own) in IMPURE:
        return
    tree = ast.parse(file.read_text())
    impure = {name.split(".")[0] for name in imports(file)} & CLOCKS_AND_SOCKETS
    if impure == {"random"}:  # only the type of an injected source may be named
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module == "random":
                assert {alias.name for alias in node.names} <= {"Random", "SystemRandom"}
            if isinstance(node, ast.Import):
                assert "random" not in [alias.name for alias in node.names]
        return
    assert impure == set()


@each_file
def test_import_of_the_library_never_needs_an_extra(file: Path) -> None:
    if dotted_name(file).startswith("webrtc.aio.codecs"):
        return
    assert "av" not in {name.split(".")[0] for name in imports(file)}


@each_file
def test_sizes(file: Path) -> None:
    source = file.read_text()
    assert source.count("\n") <= MAX_FILE
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert (node.end_lineno or 0) - node.lineno < MAX_FUNCTION, node.name


@each_file
def test_no_security_check_is_an_assert(file: Path) -> None:
    """Row A-06: `python -O` strips asserts."""
    asserts = [
        node.lineno
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Assert)
    ]
    assert asserts == []


@each_file
def test_every_module_has_its_test_file(file: Path) -> None:
    relative = file.relative_to(ROOT / "webrtc")
    if relative.name in {"__init__.py", "__main__.py"}:
        return
    assert (ROOT / "tests" / relative.parent / f"test_{relative.name}").is_file()


def test_no_test_measures_how_fast_the_machine_is() -> None:
    """Work is counted with tests/work.py; interop and the soak report speed and assert nothing."""
    stopwatch = re.compile(r"perf_counter|process_time|thread_time|timeit")
    tests = {file.relative_to(ROOT): file for file in (ROOT / "tests").rglob("*.py")}
    found = {str(name) for name, file in tests.items() if stopwatch.search(file.read_text())}
    allowed = {"tests/test_architecture.py", "tests/scenarios/soak.py"}
    assert {name for name in found if not name.startswith("tests/interop/")} == allowed
