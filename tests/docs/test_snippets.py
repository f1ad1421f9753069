"""Every Python block of README and documentation runs, and prints what the text says."""

import ast
import asyncio
import inspect
import logging
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

import webrtc
from tests.docs.markdown import ROOT, Block, python_blocks
from tests.support import PATIENCE, Pair, connected
from webrtc import api
from webrtc.vnet import Network

BLOCKS = list(python_blocks())
LINGER = 5.0  # after so long the other end closes its channel, so that no block reads for ever

programs = [block for block in BLOCKS if block.is_program]
fragments = [block for block in BLOCKS if not block.is_program]


def test_blocks_are_found() -> None:
    assert len(programs) >= 3
    assert len(fragments) >= 20


@pytest.mark.parametrize("block", programs, ids=lambda block: block.name)
def test_program_runs(block: Block, tmp_path: Path) -> None:
    script = tmp_path / "program.py"
    script.write_text(block.text)
    done = subprocess.run(
        [sys.executable, "-W", "error", str(script)],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        cwd=tmp_path,
        check=False,
        env={"PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    if block.printed is not None:
        assert done.stdout == block.printed


@pytest.fixture
def quiet_loggers() -> Iterator[None]:
    """Take back what a block sets."""
    yield
    for name in ("webrtc", "webrtc.ice"):
        logging.getLogger(name).setLevel(logging.NOTSET)


@pytest.mark.usefixtures("quiet_loggers")
@pytest.mark.parametrize("block", fragments, ids=lambda block: block.name)
async def test_fragment_runs(
    block: Block,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """In its scope: the names of `webrtc`, two connected peers, a channel to an echo."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(logging, "basicConfig", lambda **_: None)
    code = compile(
        block.text, block.name, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True
    )
    async with connection() as pair, asyncio.timeout(PATIENCE):
        scope: dict[str, object] = {name: getattr(api, name) for name in api.__all__}
        scope |= {"asyncio": asyncio, "__name__": "fragment"}
        scope |= {"pc": pair.left, "peer": pair.right, "channel": pair.channel}
        result = eval(code, scope)
        if inspect.isawaitable(result):
            await result
    if block.printed is not None:
        assert capsys.readouterr().out == block.printed


@asynccontextmanager
async def connection() -> AsyncIterator[Pair]:
    network = Network(seed=1)
    left, right = network.host("left", "192.0.2.1"), network.host("right", "192.0.2.2")
    async with connected(left, right) as pair:
        echo = asyncio.create_task(serve(pair))
        yield pair
        echo.cancel()
        await asyncio.gather(echo, return_exceptions=True)


async def serve(pair: Pair) -> None:
    with suppress(TimeoutError, webrtc.WebRTCError):
        async with asyncio.timeout(LINGER):
            async for message in pair.remote:
                await pair.remote.send(message)
    pair.remote.close()
