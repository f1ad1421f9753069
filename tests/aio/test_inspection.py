"""Statistics and event logs of whole connections, as the application asks for them."""

import asyncio
import gc
import json
import time
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.support import Pair, connected, two_hosts
from webrtc import (
    InvalidAccessError,
    MediaStreamTrack,
    RTCPeerConnection,
    RTCStatsReport,
    SettingEngine,
)
from webrtc.peer.report import (
    RTCDataChannelStats,
    RTCPeerConnectionStats,
    RTCTransportStats,
)
from webrtc.vnet import Link


def pair_of(link: Link | None = None, **options: Any) -> Any:
    _, left, right = two_hosts(link)
    return connected(left, right, **options)


async def test_report_is_of_now_on_the_clock_of_the_world() -> None:
    """PC-26."""
    async with pair_of() as pair:
        pair.channel.send("hello")
        await pair.remote.recv()
        before = time.time()
        report = await pair.right.get_stats()
        loop = asyncio.get_running_loop()
        [connection] = report.of(RTCPeerConnectionStats)
        epoch = connection.timestamp / 1000 - loop.time()
        assert abs(epoch - (before - loop.time())) < 3600  # the real clock, less the virtual one
        [channel] = report.of(RTCDataChannelStats)
        assert (channel.label, channel.messages_received, channel.bytes_received) == ("data", 1, 5)
        json.dumps(report.to_json())
        await asyncio.sleep(5)
        later = await pair.right.get_stats()
        assert later["P"].timestamp - report["P"].timestamp == pytest.approx(5000)


async def test_closed_connection_still_tells_what_it_was() -> None:
    async with pair_of() as pair:
        pair.channel.send("hello")
        await pair.remote.recv()
        await pair.left.close()
        report = await pair.left.get_stats()
        [transport] = report.of(RTCTransportStats)
        assert (transport.dtls_state, transport.ice_state) == ("closed", "closed")
        assert transport.bytes_sent > 0
        assert report.selected_pair is not None
        await asyncio.sleep(1)
        await pair.right.get_stats()


async def test_connection_that_never_began_has_statistics() -> None:
    pc = RTCPeerConnection()
    assert list(await pc.get_stats()) == ["P"]
    await pc.close()
    assert list(await pc.get_stats()) == ["P"]


async def test_a_track_selects_nothing() -> None:
    """webrtc-pc §8.2: no sender or receiver has it."""
    async with RTCPeerConnection() as pc:
        with pytest.raises(InvalidAccessError, match="no sender or receiver"):
            await pc.get_stats(MediaStreamTrack("audio"))


async def test_reports_come_until_the_end() -> None:
    """ICE-37."""
    async with pair_of() as pair:
        loop = asyncio.get_running_loop()
        began, seen = loop.time(), list[float]()
        loop.call_later(3.5, lambda: asyncio.ensure_future(pair.left.close()))
        async for report in pair.left.stats(every=1.0):
            assert isinstance(report, RTCStatsReport)
            seen.append(round(loop.time() - began, 3))
        assert seen == [0.0, 1.0, 2.0, 3.0]
        assert [None async for _ in pair.left.stats()] == []


async def test_reader_of_reports_can_be_cancelled() -> None:
    """F-05."""
    async with pair_of() as pair:

        async def read() -> None:
            async for _ in pair.left.stats(0.5):
                pass

        task = asyncio.create_task(read())
        await asyncio.sleep(1.2)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        with pytest.raises(InvalidAccessError):
            pair.left.stats(0)


def events(path: Path, connection: str = "") -> list[dict[str, Any]]:
    found = [json.loads(line) for line in path.read_text().splitlines()]
    return [each for each in found if each.get("connection", "").startswith(connection)]


async def test_log_of_a_whole_life(tmp_path: Path) -> None:
    """Every kind of event, in the order of time."""
    path = tmp_path / "events.jsonl"
    settings = SettingEngine(random=Random(0), event_log=path)
    async with pair_of(Link(delay=0.02), settings=settings) as pair:
        pair.channel.send(bytes(10000))
        await pair.remote.recv()
        pair.channel.close()
        await asyncio.sleep(1)
        secrets = [
            parameters["password"]
            for pc in (pair.left, pair.right)
            if (parameters := pc.sctp.transport.ice_transport.get_local_parameters())
        ]
        name = pair.left._name
    found = events(path, name)
    kinds = dict.fromkeys(each["event"] for each in found)
    assert set(kinds) == {
        "signaling-state",
        "description",
        "gathering",
        "ice-gathering-state",
        "local-candidate",
        "remote-candidate",
        "ice-role",
        "pair",
        "selected-pair",
        "ice-connection-state",
        "connection-state",
        "dtls",
        "dtls-state",
        "sctp-association",
        "sctp-state",
        "data-channel",
        "closed",
    }
    times = [each["time"] for each in found]
    assert times == sorted(times)
    assert times[-1] > 1.0
    assert found[-1]["event"] == "closed"
    assert not [secret for secret in secrets if secret in path.read_text()]
    other = {each["connection"] for each in events(path, "pc=")} - {name}
    assert len(other) == 1


async def test_logs_can_be_added_and_removed_at_any_time(tmp_path: Path) -> None:
    told: list[dict[str, Any]] = []
    async with pair_of() as pair:
        pair.left.add_event_log(told.append)
        pair.left.add_event_log(tmp_path / "late.jsonl")
        pair.left.create_data_channel("second")
        await asyncio.sleep(1)
        pair.left.remove_event_log(told.append)
        pair.left.create_data_channel("third")
        await asyncio.sleep(1)
    assert [each["label"] for each in told if "label" in each] == ["second"]
    found = events(tmp_path / "late.jsonl")
    assert [each["label"] for each in found if "label" in each] == ["second", "third"]
    pair.left.add_event_log(told.append)
    assert not pair.left._inspection._observers._logs


async def test_function_in_the_settings_gets_every_record() -> None:
    told: list[dict[str, Any]] = []
    settings = SettingEngine(random=Random(0), event_log=told.append)
    async with pair_of(settings=settings):
        pass
    await asyncio.sleep(0)
    assert [each["event"] for each in told].count("log") == 2
    assert [each["event"] for each in told].count("closed") == 2


async def test_log_that_cannot_be_written_harms_nobody(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings = SettingEngine(random=Random(0), event_log=tmp_path / "nowhere" / "x")
    async with pair_of(settings=settings) as pair:
        assert isinstance(pair, Pair)
    assert caplog.text.count("cannot be written") == 1


def test_a_connection_that_was_not_closed_names_itself() -> None:
    """Its sockets are reported too, but do not say whose they are."""

    names: list[str] = []

    async def use() -> None:
        _, left, _ = two_hosts()
        pc = RTCPeerConnection(network=left)
        pc.create_data_channel("")
        await pc.set_local_description()
        await pc.gathered()
        names.append(repr(pc).split()[1])

    def forget() -> None:
        asyncio.run(use())
        gc.collect()

    with pytest.warns(ResourceWarning, match="unclosed peer connection pc=") as caught:
        forget()
    assert [names[0] in str(each.message) for each in caught] == [True]


async def test_a_constructor_that_raises_leaves_nothing_unclosed() -> None:
    with pytest.raises(InvalidAccessError):
        RTCPeerConnection(settings=SettingEngine(port_range=(9, 1)))
    gc.collect()
