"""What the tests of peer connections share: two hosts, and what a connection shows."""

from tests.support import (
    two_hosts,
)
from webrtc import (
    RTCPeerConnection,
    RTCSessionDescription,
)
from webrtc.vnet import Host, Link

STATES = ("signaling_state", "ice_gathering_state", "ice_connection_state", "connection_state")
EVENTS = (
    "negotiationneeded",
    "icecandidate",
    "signalingstatechange",
    "icegatheringstatechange",
    "iceconnectionstatechange",
    "connectionstatechange",
    "datachannel",
)


def hosts() -> tuple[Host, Host]:
    _, left, right = two_hosts(Link(delay=0.01))
    return left, right


def record(pc: RTCPeerConnection) -> list[str]:
    """The names of all events."""
    fired: list[str] = []
    for name in EVENTS:
        pc.on(name, lambda *_, name=name: fired.append(name))
    return fired


def signaling(pc: RTCPeerConnection) -> list[str]:
    """The state at every signalingstatechange."""
    states: list[str] = []
    pc.on("signalingstatechange", lambda: states.append(str(pc.signaling_state)))
    return states


async def offer_of_another(label: str = "") -> RTCSessionDescription:
    async with RTCPeerConnection() as pc:
        pc.create_data_channel(label)
        return await pc.create_offer()


def states(pc: RTCPeerConnection) -> tuple[str, ...]:
    return tuple(str(getattr(pc, name)) for name in STATES)
