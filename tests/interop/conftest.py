"""The peers, started once for all tests, and what they measured for the summary."""

from collections.abc import AsyncIterator, Generator

import pytest
import pytest_asyncio

from tests.interop import browsers
from tests.interop.ours import OurPeer
from tests.interop.peer import LinkedPeer, Peer
from tests.interop.piped import piped
from tests.interop.wire import Wire

failed = pytest.StashKey[bool]()
"""Set on a test that has failed, for the teardown of its fixtures."""

_measured = pytest.StashKey[list[str]]()

once = pytest_asyncio.fixture(scope="session", loop_scope="session")


@once
async def chromium(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[LinkedPeer]:
    async with browsers.chromium(tmp_path_factory.mktemp("chromium")) as peer:
        yield peer


@once
async def chromium_snap(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[LinkedPeer]:
    """A Chromium that puts SCTP's INIT into its descriptions."""
    profile = tmp_path_factory.mktemp("chromium-snap")
    async with browsers.chromium(profile, trial="WebRTC-Sctp-Snap") as peer:
        yield peer


@once
async def chromium_interleaving(
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[LinkedPeer]:
    """A Chromium that sends and takes I-DATA."""
    profile = tmp_path_factory.mktemp("chromium-interleaving")
    trial = "WebRTC-DataChannelMessageInterleaving"
    async with browsers.chromium(profile, trial=trial) as peer:
        yield peer


@once
async def firefox(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[LinkedPeer]:
    async with browsers.firefox(tmp_path_factory.mktemp("firefox")) as peer:
        yield peer


@once
async def aiortc() -> AsyncIterator[LinkedPeer]:
    async with piped("aiortc") as peer:
        yield peer


@once
async def libwebrtc() -> AsyncIterator[LinkedPeer]:
    async with piped("libwebrtc") as peer:
        yield peer


@once
async def libdatachannel() -> AsyncIterator[LinkedPeer]:
    async with piped("libdatachannel") as peer:
        yield peer


@once
async def pion() -> AsyncIterator[LinkedPeer]:
    async with piped("pion") as peer:
        yield peer


@once
async def ours() -> Peer:
    return OurPeer()


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> Wire:
    """The SCTP packets of the test."""
    return Wire(monkeypatch)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.failed:
        item.stash[failed] = True
    return report


@pytest.fixture
def measured(request: pytest.FixtureRequest) -> list[str]:
    """Lines for the summary at the end of the run."""
    return request.config.stash.setdefault(_measured, [])


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    if lines := config.stash.get(_measured, []):
        terminalreporter.section("measured")
        for line in lines:
            terminalreporter.write_line(line)
