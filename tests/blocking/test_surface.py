"""The blocking classes have what the asyncio ones have, or there is a reason why not."""

import inspect

import pytest
from pyee import EventEmitter

from webrtc import RTCDataChannel, RTCPeerConnection
from webrtc.blocking import DataChannel, PeerConnection

BY_RUN = "`run` gives it: it is not needed to move data"
BY_ON = "`on` takes handlers of any event"
MEDIA = "media comes all the time: it needs the loop"
NO_EVENTS = "`recv`, `opened` and `closed` wait for what events tell of"

LEFT_OUT = {
    PeerConnection: {
        "accept": MEDIA,
        "add_event_log": BY_RUN,
        "add_track": MEDIA,
        "add_transceiver": MEDIA,
        "can_trickle_ice_candidates": BY_RUN,
        "current_local_description": BY_RUN,
        "current_remote_description": BY_RUN,
        "generate_certificate": "`RTCCertificate.generate` makes one without a loop",
        "get_configuration": BY_RUN,
        "get_receivers": MEDIA,
        "get_senders": MEDIA,
        "get_stats": BY_RUN,
        "get_transceivers": MEDIA,
        "onconnectionstatechange": BY_ON,
        "ondatachannel": "`accept_data_channel` waits for one",
        "onicecandidate": BY_ON,
        "oniceconnectionstatechange": BY_ON,
        "onicegatheringstatechange": BY_ON,
        "onnegotiationneeded": BY_ON,
        "onsignalingstatechange": BY_ON,
        "ontrack": MEDIA,
        "pending_local_description": BY_RUN,
        "pending_remote_description": BY_RUN,
        "remove_event_log": BY_RUN,
        "remove_track": MEDIA,
        "sctp": BY_RUN,
        "set_configuration": BY_RUN,
        "stats": BY_RUN,
    },
    DataChannel: {
        "binary_type": "binary messages are bytes",
        "buffered_amount_low_threshold": "`send` and `drained` wait for room",
        "detach": "`send` and `recv` wait, as a stream's do",
        "has_room": "`send_nowait` tells it, and another thread could change it meanwhile",
        "onbufferedamountlow": "`send` and `drained` wait for room",
        "onclose": NO_EVENTS,
        "onclosing": NO_EVENTS,
        "onerror": "`reason` has it, and whoever waits gets it raised",
        "onmessage": NO_EVENTS,
        "onopen": NO_EVENTS,
    },
}
"""What the asyncio classes have alone, and why."""

OWN = {
    PeerConnection: {"accept_data_channel", "on", "run"},
    DataChannel: {"send_nowait"},
}
"""What the blocking classes have alone."""

each_pair = pytest.mark.parametrize(
    ("waiting", "blocking"), [(RTCPeerConnection, PeerConnection), (RTCDataChannel, DataChannel)]
)


def members(kind: type) -> set[str]:
    """Public names, without those of every emitter of events."""
    return {name for name in dir(kind) if not name.startswith("_")} - set(dir(EventEmitter))


@each_pair
def test_what_is_left_out_is_on_the_list(waiting: type, blocking: type) -> None:
    assert members(waiting) - set(dir(blocking)) == LEFT_OUT[blocking].keys()


@each_pair
def test_what_is_added_is_on_the_list(waiting: type, blocking: type) -> None:
    own = {name for name in dir(blocking) if not name.startswith("_")}
    assert own - members(waiting) == OWN[blocking]


@each_pair
def test_methods_take_what_those_of_asyncio_take(waiting: type, blocking: type) -> None:
    for name in members(waiting) & members(blocking):
        theirs, ours = (inspect.getattr_static(each, name, None) for each in (waiting, blocking))
        assert isinstance(theirs, property) == isinstance(ours, property), name
        if inspect.isfunction(theirs) and inspect.isfunction(ours):
            wanted, found = (inspect.signature(each).parameters for each in (theirs, ours))
            assert set(wanted) <= set(found), name
