"""The house rules that a machine can check: layers, purity, sizes, a test file for each module.

Rows SYS-01 and SYS-07.
"""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FILES = sorted((ROOT / "webrtc").rglob("*.py"))
LAYERS = [
    {"errors"},
    {"core"},
    {"clock", "util"},
    {"stun"},
    {"turn", "mdns"},
    {"ice"},
    {"dtls"},
    {"srtp"},
    {"rtp"},
    {"rtcp"},
    {"sctp"},
    {"datachannel"},
    {"sdp"},
    {"interceptor", "media"},
    {"peer"},
    {"aio"},
    {"vnet"},
    {"testing"},
    {"blocking", "signaling", "hub", "direct", "transfer"},
    {"cli"},
    {"__main__"},
]  # lowest first
MAX_FILE, MAX_FUNCTION = 500, 50
IMPURE = {
    "aio",
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
    """Every module that `file` imports, at the top or inside a function."""
    found: list[str] = []
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.ImportFrom):
            found.append(node.module or "")
        elif isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
    return found


MODULES = {dotted_name(file).removesuffix(".__init__"): file for file in FILES}


@each_file
def test_imports_only_point_down(file: Path) -> None:
    own = dotted_name(file)
    if own == "webrtc.__init__":
        return
    for name in imports(file):
        if name.startswith("webrtc.") and package(name) != package(own):
            assert layer(name) < layer(own), name


def imported_modules(file: Path) -> set[str]:
    """As `imports`, where what is taken from a package may itself be a module."""
    found = set(imports(file))
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.ImportFrom):
            modules = {f"{node.module}.{alias.name}" for alias in node.names}
            if modules & MODULES.keys():
                found = found - {node.module} | modules
    return found & MODULES.keys()


def test_no_files_of_the_shell_import_each_other() -> None:
    """Circles of any length; imports for annotations alone count."""
    shell = {name: file for name, file in MODULES.items() if name.startswith("webrtc.aio")}
    needs = {name: imported_modules(file) for name, file in shell.items()}
    while leaves := [name for name, needed in needs.items() if not needed & needs.keys()]:
        for name in leaves:
            del needs[name]
    assert set(needs) == set()


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
