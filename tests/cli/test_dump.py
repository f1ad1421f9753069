"""`webrtc dump`: each kind of file, and what is none of them."""

import json
import struct
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.support import connected, two_hosts
from webrtc import SettingEngine
from webrtc.aio.net.capture import CapturingNetwork
from webrtc.cli.commands import webrtc
from webrtc.util.pcapng import Datagram, Direction, Writer, ip_packet


def run(path: Path) -> Result:
    return CliRunner().invoke(webrtc, ["dump", str(path)])


async def test_a_whole_connection_can_be_read_back(tmp_path: Path) -> None:
    events, capture = tmp_path / "events.jsonl", tmp_path / "all.pcapng"
    _, left, right = two_hosts()
    settings = SettingEngine(event_log=events)
    async with connected(CapturingNetwork(left, capture, "pc"), right, settings=settings) as pair:
        pair.channel.send("hello")
        await pair.remote.recv()
        assert pair.left.local_description is not None
        (tmp_path / "offer.json").write_text(json.dumps(pair.left.local_description.to_json()))
        (tmp_path / "offer.sdp").write_text(pair.left.local_description.sdp)
    told = run(events)
    assert told.exit_code == 0
    lines = told.output.splitlines()
    assert lines[0].startswith("log of asyncio-webrtc ")
    assert any("connection-state      connected" in line for line in lines)
    assert any("dtls                  → ClientHello" in line for line in lines)
    seen = run(capture)
    assert seen.exit_code == 0
    lines = seen.output.splitlines()
    assert lines[0].startswith("      0.000 ms  pc ")
    assert any("STUN Binding request Username(" in line for line in lines)
    assert any("DTLS ApplicationData" in line for line in lines)
    assert lines[-1].startswith(f"{len(lines) - 1} packets: ")
    for name, kind in (("offer.json", "offer"), ("offer.sdp", "description")):
        explained = run(tmp_path / name)
        assert explained.exit_code == 0
        assert explained.output.startswith(f"{kind}: session ")
        assert "data channels: SCTP port 5000" in explained.output


def test_packets_that_are_no_datagrams_are_counted(tmp_path: Path) -> None:
    packet = ip_packet(Datagram(b"\xff\xff", ("2001:db8::1", 1), ("2001:db8::2", 2)))
    frames = [packet, packet[:6] + b"\x06" + packet[7:], packet[:-1]]
    head = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 101)
    records = [
        struct.pack("<IIII", 5, at, len(each), len(each)) + each for at, each in enumerate(frames)
    ]
    path = tmp_path / "x.pcap"
    path.write_bytes(head + b"".join(records))
    way = "[2001:db8::1]:1 > [2001:db8::2]:2"
    assert run(path).output.splitlines() == [
        f"      0.000 ms    {way}      2 bytes  ?    begins ff ff",
        f"      0.002 ms    {way}      1 bytes (cut off)  ?    begins ff",
        "3 packets: 2 ?, 1 not UDP, or a later fragment",
    ]
    path.write_bytes(head)
    assert run(path).output == "no packets\n"


def test_damaged_file_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    written: list[bytes] = []
    writer = Writer(written.append)
    for _ in range(2):
        writer.write(
            0.0, Direction.INBOUND, Datagram(b"x", ("192.0.2.1", 1), ("192.0.2.2", 2)), "x"
        )
    path = tmp_path / "x.pcapng"
    path.write_bytes(b"".join(written)[:-5])
    result = run(path)
    assert result.exit_code == 1
    assert "192.0.2.1:1 > 192.0.2.2:2" in result.output
    assert f"Error: {path}: cut off or damaged at byte" in result.output


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("hello", "neither an event log"),
        ("", "neither an event log"),
        ("[1]", "neither an event log"),
        ("[" * 100_000, "neither an event log"),
        ('{"PeerConnections": {}}', "neither an event log"),
        ('{"event": "x"}', "line 1 is no record with a time"),
        ("v=0\r\nx", "line 2"),
        ('{\n "type": "offer",\n "sdp": "v=0"\n}', "line 2"),
    ],
)
def test_what_cannot_be_read_is_an_error(text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text(text)
    result = run(path)
    assert result.exit_code == 1
    assert result.output.startswith(f"Error: {path}: ")
    assert message in result.output


def test_what_a_peer_wrote_cannot_move_the_cursor(tmp_path: Path) -> None:
    path = tmp_path / "x.sdp"
    head = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n"
    path.write_bytes(f"{head}m=audio 9 RTP/AVP 0\r\na=fmtp:0 \x1b[2J\r\n".encode())
    assert "codec 0: PCMU/8000 \\x1b[2J\n" in run(path).output


def test_missing_file_is_a_wrong_argument() -> None:
    assert run(Path("/nowhere/at all")).exit_code == 2


def test_standard_input_is_a_file_too() -> None:
    result = CliRunner().invoke(webrtc, ["dump", "-"], input='{"time":1,"event":"closed"}\n')
    assert (result.exit_code, result.output) == (0, "   1000.000 ms    closed\n")
