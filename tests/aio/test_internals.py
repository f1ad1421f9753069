"""Dumps as chrome://webrtc-internals writes them, and as viewers read them."""

import asyncio
import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from tests.support import negotiate, trickle, two_hosts
from webrtc import InvalidAccessError, RTCIceServer, RTCPeerConnection
from webrtc.aio import InternalsDump

SERVER = RTCIceServer(["stun:192.0.2.9", "stun:192.0.2.8"], "user", "secret")


async def record(**options: Any) -> tuple[dict[str, Any], InternalsDump]:
    """Two connections from their beginning until one is closed, five seconds later."""
    _, left, right = two_hosts()
    one = RTCPeerConnection(network=left, ice_servers=[SERVER])
    async with (
        one,
        RTCPeerConnection(network=right) as other,
        InternalsDump(one, other, **options) as dump,
    ):
        trickle(one, other)
        channel = one.create_data_channel("data")
        await asyncio.sleep(0.01)
        await negotiate(one, other)
        await channel.opened()
        await asyncio.sleep(4.5)
        await one.close()
        await asyncio.sleep(0.1)
        return dump.to_json(), dump


async def test_the_whole_is_what_chrome_writes() -> None:
    dump, _ = await record(url="https://app.example/")
    assert dump["getUserMedia"] == []
    assert dump["UserAgent"].startswith("asyncio-webrtc/")
    pid = os.getpid()
    assert list(dump["PeerConnections"]) == [f"{pid}-1", f"{pid}-2"]
    for entry in dump["PeerConnections"].values():
        assert set(entry) == {
            "pid",
            "url",
            "rtcConfiguration",
            "constraints",
            "updateLog",
            "stats",
        }
        assert (entry["pid"], entry["url"]) == (pid, "https://app.example/")
    first, second = dump["PeerConnections"].values()
    assert first["rtcConfiguration"]["iceServers"] == [
        {"urls": ["stun:192.0.2.9", "stun:192.0.2.8"]}
    ]
    assert second["rtcConfiguration"]["iceServers"] == []
    assert "secret" not in json.dumps(dump)


async def test_log_has_chromes_types_and_values() -> None:
    dump, _ = await record()
    first, second = (entry["updateLog"] for entry in dump["PeerConnections"].values())
    assert all(set(line) == {"time", "timestamp", "type", "value"} for line in first)
    assert all(type(line["value"]) is str for line in first)
    types = [line["type"] for line in first]
    for kind in (
        "negotiationneeded",
        "setLocalDescription",
        "signalingstatechange",
        "icegatheringstatechange",
        "icecandidate",
        "setRemoteDescription",
        "addIceCandidate",
        "iceconnectionstatechange",
        "connectionstatechange",
    ):
        assert kind in types
    assert types[-1] == "close"
    assert [line["value"] for line in second if line["type"] == "datachannel"] == [
        "label: data, id: 1"
    ]
    stamps = [line["timestamp"] for line in first]
    assert stamps == sorted(stamps)
    assert re.fullmatch(r"\d\d/\d\d/\d{4}, \d\d:\d\d:\d\d [AP]M", first[0]["time"])


async def test_viewers_find_what_they_look_for() -> None:
    """The ways in which the best known viewer takes a dump apart."""
    dump, _ = await record()
    entry = next(iter(dump["PeerConnections"].values()))
    for line in entry["updateLog"]:
        if line["type"] in {"icecandidate", "addIceCandidate"}:
            mid, index, candidate = line["value"].split(", ")
            assert (mid[:8], index[:15], candidate[:21]) == (
                "sdpMid: ",
                "sdpMLineIndex: ",
                "candidate: candidate:",
            )
        if line["type"] in {"setLocalDescription", "setRemoteDescription"}:
            kind, sdp = line["value"][6:].split(", sdp: ")
            assert kind in {"offer", "answer"}
            assert sdp.startswith("v=0\r\n")
    last: dict[str, dict[str, Any]] = {}
    for name, series in entry["stats"].items():
        key, _, member = name.rpartition("-")
        values = json.loads(series["values"])
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", series["startTime"])
        assert series["startTime"] <= series["endTime"]
        last.setdefault(key, {"statsType": series["statsType"]})[member] = values[-1]
        assert len(json.loads(entry["stats"][f"{key}-timestamp"]["values"])) >= len(values)
    [transport] = [each for each in last.values() if each["statsType"] == "transport"]
    pair = last[transport["selectedCandidatePairId"]]
    assert last[pair["localCandidateId"]]["statsType"] == "local-candidate"
    assert last[pair["remoteCandidateId"]]["address"] == "192.0.2.2"
    ends = [last[pair[f"{side}CandidateId"]]["isRemote"] for side in ("local", "remote")]
    assert ends == [False, True]


async def test_values_are_taken_at_even_distances_and_the_latest_are_kept() -> None:
    dump, _ = await record(every=1.0)
    entry = next(iter(dump["PeerConnections"].values()))
    values = json.loads(entry["stats"]["P-dataChannelsOpened"]["values"])
    assert values == [0, 1, 1, 1, 1]
    dump, _ = await record(every=0.5, limit=3)
    entry = next(iter(dump["PeerConnections"].values()))
    assert json.loads(entry["stats"]["P-dataChannelsOpened"]["values"]) == [1, 1, 1]
    assert len(entry["updateLog"]) == 3


async def test_what_was_recorded_can_be_saved_after_the_end(tmp_path: Path) -> None:
    expected, dump = await record()
    dump.save(tmp_path / "dump.txt")
    assert json.loads((tmp_path / "dump.txt").read_text()) == expected
    await dump.close()
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_wrong_arguments_are_refused() -> None:
    with pytest.raises(InvalidAccessError, match="limit is 0"):
        InternalsDump(limit=0)
    async with RTCPeerConnection() as pc:
        with pytest.raises(InvalidAccessError, match="every is 0"):
            InternalsDump(pc, every=0)
        assert not pc._inspection._observers._logs
