"""What an observer of a peer connection is told: names and facts of its events."""

import re
from typing import Any, Literal

from webrtc.core import Observer
from webrtc.datachannel import Announced, Channel, ChannelClosed, ChannelClosing, ChannelOpened
from webrtc.jsep.descriptions import RTCIceCandidate, RTCSessionDescription
from webrtc.peer.events import (
    ConnectionStateChanged,
    DtlsStateChanged,
    Event,
    GatherWanted,
    IceCandidateFound,
    IceConnectionStateChanged,
    IceGatheringStateChanged,
    NegotiationNeeded,
    SctpStateChanged,
    SelectedPairChanged,
    SignalingStateChanged,
)

_PASSWORD = re.compile(r"^(a=ice-pwd:).*?(\r?)$", re.MULTILINE)
_STATES: dict[type, str] = {
    SignalingStateChanged: "signaling-state",
    IceGatheringStateChanged: "ice-gathering-state",
    IceConnectionStateChanged: "ice-connection-state",
    ConnectionStateChanged: "connection-state",
    SctpStateChanged: "sctp-state",
}
_CHANNELS: dict[type, str] = {
    Announced: "announced",
    ChannelOpened: "open",
    ChannelClosing: "closing",
    ChannelClosed: "closed",
}


def tell_event(event: Event, observer: Observer) -> None:
    """Pass on one event. Those about buffers are left out: they tell nothing of the connection."""
    match event:
        case IceCandidateFound(candidate):
            tell_candidate("local-candidate", candidate, observer)
        case DtlsStateChanged(_, state, error):
            facts = {"state": state.value, "error": None if error is None else str(error)}
            observer("dtls-state", facts)
        case SelectedPairChanged(_, pair):
            facts = {"pair": pair.id, "local": pair.local.id, "remote": pair.remote.id}
            observer("selected-pair", facts | {"priority": pair.priority})
        case NegotiationNeeded():
            observer("negotiation-needed", {})
        case GatherWanted(_, servers):
            observer("gathering", {"servers": [f"{host}:{port}" for host, port in servers]})
        case Announced() | ChannelOpened() | ChannelClosing():
            observer("data-channel", _channel(event.channel, _CHANNELS[type(event)]))
        case ChannelClosed(channel, reason):
            facts = _channel(channel, "closed")
            observer("data-channel", facts | {"reason": None if reason is None else str(reason)})
        case (
            SignalingStateChanged(state)
            | IceGatheringStateChanged(state)
            | IceConnectionStateChanged(state)
            | ConnectionStateChanged(state)
            | SctpStateChanged(state)
        ):
            observer(_STATES[type(event)], {"state": state.value})


def tell_candidate(
    name: Literal["local-candidate", "remote-candidate"],
    candidate: RTCIceCandidate | None,
    observer: Observer,
) -> None:
    """Pass on a candidate; None after the last."""
    observer(name, {"candidate": None} if candidate is None else candidate.to_json())


def tell_description(
    side: Literal["local", "remote"], description: RTCSessionDescription, observer: Observer
) -> None:
    """Pass on a description that was set, without the password in it."""
    sdp = _PASSWORD.sub(r"\1…\2", description.sdp)
    observer("description", {"side": side, "type": description.type, "sdp": sdp})


def _channel(channel: Channel, state: str) -> dict[str, Any]:
    return {"label": channel.parameters.label, "id": channel.id, "state": state}
