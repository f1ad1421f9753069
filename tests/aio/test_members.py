"""The W3C objects show the members of the IDL and the extras that are documented, nothing else."""

from collections.abc import Callable
from typing import Any

import pytest
from pyee import EventEmitter

from docs.webrtc_pc import INTERFACES, RENAMED, snake_case
from tests.support import Pair, connected, two_hosts
from webrtc import (
    MediaStreamTrack,
    RTCIceCandidate,
    RTCPeerConnection,
    RTCSctpTransport,
    RTCTrackEvent,
)

EXTRAS = {
    "RTCPeerConnection": """
        gathered wait_connected failure closed stats add_event_log remove_event_log accept
    """,
    "RTCDataChannel": """
        priority reason has_room unread drained opened closed recv recv_nowait detach
    """,
    "RTCIceTransport": "",
    "RTCDtlsTransport": "",
    "RTCSctpTransport": "",
    "RTCIceCandidate": "from_json parsed",
    "RTCIceCandidatePair": "",
    "RTCSessionDescription": "from_json",
    "RTCCertificate": """
        generate from_pem from_files to_pem fingerprint key chain
    """,
    "MediaStreamTrack": "set_muted end recv",
    "RTCRtpSender": "follow ready tell send_frame send_packet transform",
    "RTCRtpReceiver": """
        encoded_frames rtp request_keyframe pause resume ondtmf take end
        attach detach flush_soon streams transform
    """,
    "RTCRtpTransceiver": "kind",
    "RTCDTMFSender": "close",
    "RTCTrackEvent": "",
}
"""What a browser's object has not. Docs: `docs/api/1-connection.md`."""

ELSEWHERE = {
    "MediaStreamTrack": """
        kind id label enabled muted readyState onmute onunmute onended stop contentHint
    """,
    "RTCIceCandidatePair": "local remote",
}
"""IDL names that are not in the table: mediacapture-main §4.3, webrtc-pc §5.6.3."""


def sctp(pair: Pair) -> RTCSctpTransport:
    found = pair.left.sctp
    assert found is not None
    return found


def track_event(pair: Pair) -> RTCTrackEvent:
    made = pair.left.add_transceiver("audio")
    return RTCTrackEvent(made.receiver.track, made.receiver, made, ())


OBJECTS: dict[str, Callable[[Pair], object]] = {
    "RTCPeerConnection": lambda pair: pair.left,
    "RTCDataChannel": lambda pair: pair.channel,
    "RTCIceTransport": lambda pair: sctp(pair).transport.ice_transport,
    "RTCDtlsTransport": lambda pair: sctp(pair).transport,
    "RTCSctpTransport": sctp,
    "RTCIceCandidatePair": lambda pair: sctp(
        pair
    ).transport.ice_transport.get_selected_candidate_pair(),
    "RTCIceCandidate": lambda pair: RTCIceCandidate("", "0"),
    "RTCSessionDescription": lambda pair: pair.left.local_description,
    "MediaStreamTrack": lambda pair: MediaStreamTrack("audio"),
    "RTCRtpTransceiver": lambda pair: pair.left.add_transceiver("audio"),
    "RTCRtpSender": lambda pair: pair.left.add_transceiver("audio").sender,
    "RTCRtpReceiver": lambda pair: pair.left.add_transceiver("audio").receiver,
    "RTCDTMFSender": lambda pair: pair.left.add_transceiver("audio").sender.dtmf,
    "RTCTrackEvent": track_event,
}


def idl(interface: str) -> set[str]:
    """Names of the members as they are called here."""
    names = ELSEWHERE.get(interface) or INTERFACES[interface][1]
    return {
        RENAMED.get(f"{interface}.{name}", snake_case(name))
        for name in names.split()
        if name != "constructor"
    }


def shown(value: object) -> set[str]:
    return {name for name in dir(value) if not name.startswith("_")} - set(dir(EventEmitter))


def surplus(interface: str, value: object) -> set[str]:
    """What is shown and is neither of the IDL nor a documented extra."""
    return shown(value) - idl(interface) - set(EXTRAS[interface].split())


@pytest.mark.parametrize("interface", OBJECTS)
async def test_an_object_shows_no_inner_workings(interface: str) -> None:
    _, left, right = two_hosts()
    async with connected(left, right) as pair:
        assert surplus(interface, OBJECTS[interface](pair)) == set()


async def test_a_certificate_shows_no_inner_workings() -> None:

    assert surplus("RTCCertificate", await RTCPeerConnection.generate_certificate()) == set()


async def test_every_extra_exists() -> None:
    """Otherwise the list would let in what comes later by the same name."""
    _, left, right = two_hosts()
    async with connected(left, right) as pair:
        for interface, make in OBJECTS.items():
            assert set(EXTRAS[interface].split()) <= shown(make(pair)), interface


@pytest.mark.parametrize("name", ["state", "gathering_state", "component"])
async def test_attributes_of_transports_cannot_be_set(name: str) -> None:
    _, left, right = two_hosts()
    async with connected(left, right) as pair:
        ice: Any = sctp(pair).transport.ice_transport
        with pytest.raises(AttributeError):
            setattr(ice, name, "new")
