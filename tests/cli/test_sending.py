"""`webrtc send` with everything in one process, so that it can be disturbed at any time."""

import asyncio
import io
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import replace
from ipaddress import ip_address
from pathlib import Path

import pytest
from aiohttp.test_utils import TestServer
from rich.console import Console

from tests.support import PATIENCE
from webrtc import RTCPeerConnection, RTCSessionDescription
from webrtc.cli import callers, receiving, sending
from webrtc.cli.sending import Plan, send
from webrtc.errors import ConnectionFailed
from webrtc.signaling import Rendezvous, call
from webrtc.transfer import Code, TransferError, WrongCode, prove, receive_file

pytestmark = pytest.mark.realtime


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    path = tmp_path / "data.bin"
    path.write_bytes(bytes(range(256)) * 20_000)
    return Plan(path, None, "127.0.0.1", 0, (), 4, PATIENCE)


class Sending:
    """A sender that waits."""

    def __init__(self, task: "asyncio.Task[None]", screen: io.StringIO) -> None:
        self.task = task
        self._screen = screen

    @property
    def text(self) -> str:
        return self._screen.getvalue()

    async def shows(self, text: str) -> str:
        """The rest of the line, once it is there."""
        async with asyncio.timeout(PATIENCE):
            while f"{text}" not in self.text or not self.text.split(text)[-1].count("\n"):
                assert not self.task.done() or text in self.text, self.text
                await asyncio.sleep(0.01)
        return self.text.split(text)[-1].splitlines()[0].strip()

    async def address(self) -> tuple[str, Code]:
        words = (await self.shows("receive     ")).split()
        return words[-1], Code.parse(words[2])


@asynccontextmanager
async def running(plan: Plan) -> AsyncIterator[Sending]:
    screen = io.StringIO()
    task = asyncio.create_task(send(Console(file=screen, width=100), plan))
    try:
        yield Sending(task, screen)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@asynccontextmanager
async def called(url: str, number: int) -> AsyncIterator[RTCPeerConnection]:
    """A peer that has called, and whose channel `file` is open."""
    async with RTCPeerConnection() as pc:
        channel = pc.create_data_channel("file")
        await pc.set_local_description()
        await pc.gathered()
        assert pc.local_description is not None
        await pc.set_remote_description(await call(url, number, pc.local_description))
        await pc.wait_connected(PATIENCE)
        await channel.opened()
        pc.file = channel  # type: ignore[attr-defined] # handed on to the test
        yield pc


async def fetch(url: str, code: Code, folder: Path) -> Path:
    async with called(url, code.number) as pc:
        await prove(pc, pc.file, code)  # type: ignore[attr-defined] # see above
        return (await receive_file(pc.file, folder)).path  # type: ignore[attr-defined] # see above


async def test_whoever_knows_the_code_gets_the_file(plan: Plan, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    async with running(plan) as sender:
        url, code = await sender.address()
        assert len(code.words) == 4
        path = await fetch(url, code, tmp_path / "in")
        await sender.task
    assert path.read_bytes() == plan.path.read_bytes()


async def test_nobody_coming_ends_it(plan: Plan) -> None:
    async with running(replace(plan, wait=0.2)) as sender:
        with pytest.raises(ConnectionFailed, match=r"nobody has come for 0\.2 s"):
            await sender.task


async def test_caller_that_proves_nothing_gets_nothing_and_others_still_do(
    plan: Plan, tmp_path: Path
) -> None:
    (tmp_path / "in").mkdir()
    async with running(plan) as sender:
        url, code = await sender.address()
        async with called(url, code.number):
            await fetch(url, code, tmp_path / "in")
            await sender.task


async def test_callers_that_prove_nothing_make_room_for_the_one_that_does(
    plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(callers, "PROOF_GRACE", 1.0)
    (tmp_path / "in").mkdir()
    async with running(plan) as sender, AsyncExitStack() as silent:
        url, code = await sender.address()
        for _ in range(callers.MAX_SESSIONS):
            await silent.enter_async_context(called(url, code.number))
        await fetch(url, code, tmp_path / "in")
        await sender.task
    assert sender.text.count("refused ") >= 1
    assert (tmp_path / "in" / "data.bin").read_bytes() == plan.path.read_bytes()


@pytest.mark.slow
async def test_crowd_that_never_stops_calling_does_not_keep_the_receiver_out(
    plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(callers, "PROOF_GRACE", 1.0)
    (tmp_path / "in").mkdir()

    async def crowd(url: str, number: int) -> None:
        while True:
            with suppress(ConnectionFailed):
                async with called(url, number):
                    await asyncio.sleep(PATIENCE)

    async with running(plan) as sender:
        url, code = await sender.address()
        strangers = [
            asyncio.create_task(crowd(url, code.number)) for _ in range(2 * callers.MAX_SESSIONS)
        ]
        await sender.shows("refused     ")  # it is crowded
        screen = Console(file=io.StringIO())
        wanted = receiving.Plan(code, url, tmp_path / "in", False, (), PATIENCE)
        async with asyncio.timeout(PATIENCE):
            await receiving.receive(screen, wanted)
            await sender.task
        for stranger in strangers:
            stranger.cancel()
        await asyncio.gather(*strangers, return_exceptions=True)
    assert (tmp_path / "in" / "data.bin").read_bytes() == plan.path.read_bytes()


async def test_guessing_ends_the_sender_after_three_tries(plan: Plan, tmp_path: Path) -> None:
    async with running(plan) as sender:
        url, code = await sender.address()
        for _ in range(3):
            with pytest.raises(WrongCode):
                await fetch(url, Code(code.number, ("zebra",)), tmp_path)
        with pytest.raises(WrongCode, match="too many wrong codes"):
            await sender.task
    assert sender.text.count("refused ") == 3


@pytest.mark.parametrize("sdp", ["nonsense", "v=0\r\n"])
async def test_offer_that_makes_no_sense_is_refused_and_costs_nothing(
    plan: Plan, tmp_path: Path, sdp: str
) -> None:
    (tmp_path / "in").mkdir()
    async with running(plan) as sender:
        url, code = await sender.address()
        with pytest.raises(ConnectionFailed, match="status 502"):
            await call(url, code.number, RTCSessionDescription("offer", sdp))
        await fetch(url, code, tmp_path / "in")
        await sender.task


async def test_lost_receiver_is_waited_for_and_then_it_ends(plan: Plan, tmp_path: Path) -> None:
    async with running(plan) as sender:
        url, code = await sender.address()
        async with called(url, code.number) as pc:
            await prove(pc, pc.file, code)  # type: ignore[attr-defined] # see above
            await pc.file.recv()  # type: ignore[attr-defined] # see above
            object.__setattr__(plan, "wait", 0.2)  # as soon as it is lost
        await sender.shows("lost        ")
        with pytest.raises(ConnectionFailed, match="nobody has come"):
            await sender.task


async def test_receiver_that_comes_back_takes_the_place_of_its_earlier_connection(
    plan: Plan, tmp_path: Path
) -> None:
    (tmp_path / "in").mkdir()
    async with running(plan) as sender:
        url, code = await sender.address()
        async with called(url, code.number) as pc:
            await prove(pc, pc.file, code)  # type: ignore[attr-defined] # see above
            await pc.file.recv()  # type: ignore[attr-defined] # see above
            await fetch(url, code, tmp_path / "in")
            await sender.task
    assert sender.text.count("connected ") == 2


async def test_rendezvous_that_goes_away_ends_who_waits_there(plan: Plan) -> None:
    async with TestServer(Rendezvous().application()) as server:
        url = str(server.make_url("/"))
        async with running(replace(plan, url=url)) as sender:
            assert (await sender.address())[0] == url
            await server.close()
            with pytest.raises(ConnectionFailed, match="the rendezvous has gone"):
                await sender.task


async def test_transfer_outlives_the_rendezvous(plan: Plan, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    async with TestServer(Rendezvous().application()) as server:
        url = str(server.make_url("/"))
        async with running(replace(plan, url=url)) as sender:
            _, code = await sender.address()
            async with called(url, code.number) as pc:
                await server.close()
                await prove(pc, pc.file, code)  # type: ignore[attr-defined] # see above
                await receive_file(pc.file, tmp_path / "in")  # type: ignore[attr-defined] # see above
                await sender.task


async def test_what_is_no_file_is_not_announced(plan: Plan, tmp_path: Path) -> None:
    for path, error in ((tmp_path, TransferError), (tmp_path / "missing", FileNotFoundError)):
        async with running(replace(plan, path=path)) as sender:
            with pytest.raises(error):
                await sender.task
            assert sender.text == ""


@pytest.mark.parametrize("host", ["localhost", "192.0.2.5", "::1"])
def test_address_that_is_listened_at_is_the_one_that_is_shown(host: str) -> None:
    assert sending._seen(host) == host


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_every_address_is_shown_as_one_that_others_can_use(host: str) -> None:
    seen = ip_address(sending._seen(host))
    assert seen.version == ip_address(host).version
    assert not seen.is_loopback
