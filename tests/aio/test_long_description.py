"""Descriptions that take long to parse do not hold up the loop."""

import threading
from dataclasses import replace

import pytest

from webrtc import RTCPeerConnection, RTCSessionDescription
from webrtc.aio.peer_connection import LONG_DESCRIPTION
from webrtc.errors import InvalidStateError, SdpError
from webrtc.jsep import ReadDescription

pytestmark = pytest.mark.interpreted


@pytest.fixture
def threads(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Whether each description was parsed in the thread of the loop."""
    found: list[bool] = []
    read = ReadDescription.read

    def noted(description: RTCSessionDescription) -> ReadDescription:
        found.append(threading.current_thread() is threading.main_thread())
        return read(description)

    monkeypatch.setattr(ReadDescription, "read", noted)
    return found


async def offer(size: int) -> RTCSessionDescription:
    """An offer of about that many characters."""
    async with RTCPeerConnection() as pc:
        pc.create_data_channel("x")
        found = await pc.create_offer()
    filling = "".join(f"a=x-{number}:{'y' * 200}\r\n" for number in range(size // 200))
    return replace(found, sdp=found.sdp + filling)


@pytest.mark.parametrize(("size", "inside"), [(0, True), (2 * LONG_DESCRIPTION, False)])
async def test_long_description_is_parsed_in_a_thread(
    size: int, threads: list[bool], *, inside: bool
) -> None:
    long = await offer(size)
    async with RTCPeerConnection() as pc:
        await pc.set_remote_description(long)
        assert threads == [inside]
        assert pc.remote_description == long
        await pc.set_local_description()
        assert pc.signaling_state == "stable"


async def test_long_description_that_is_wrong_changes_nothing() -> None:
    async with RTCPeerConnection() as pc:
        with pytest.raises(SdpError):
            await pc.set_remote_description({"type": "offer", "sdp": "x" * 2 * LONG_DESCRIPTION})
        assert pc.signaling_state == "stable"
        long = await offer(2 * LONG_DESCRIPTION)
        with pytest.raises(InvalidStateError):
            await pc.set_remote_description(replace(long, type="answer"))
        await pc.set_remote_description(long)
        assert pc.signaling_state == "have-remote-offer"
