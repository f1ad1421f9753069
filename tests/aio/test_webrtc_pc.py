"""The table of webrtc-pc's members: complete, true and up to date."""

import pytest

from docs.webrtc_pc import (
    DICTIONARIES,
    ENUMERATIONS,
    INTERFACES,
    NOWHERE,
    PAGE,
    find,
    members,
    percentage,
    render,
    snake_case,
)

NOT_HERE = {
    "RTCPeerConnection.onicecandidateerror",
    "RTCIceCandidate.relayProtocol",
    "RTCIceCandidate.url",
    "RTCPeerConnectionIceEvent.url",
    "RTCError.sctpCauseCode",
    "RTCError.receivedAlert",
    "RTCError.sentAlert",
    "RTCRtpReceiver.getStats",
    "RTCRtpSender.getStats",
}


def test_the_page_is_up_to_date() -> None:
    """Otherwise: `python docs/webrtc_pc.py`."""
    assert PAGE.read_text() == render()


def test_what_is_missing_of_the_interfaces_is_known() -> None:
    """PC-01 to PC-27: whoever adds one of these, or loses another, notices here."""
    missing = {
        f"{row.owner}.{row.name}"
        for row in members()
        if row.kind == "interface" and not row.here and INTERFACES[row.owner][0] != NOWHERE
    }
    assert missing == NOT_HERE


def test_every_name_has_a_place_or_is_known_to_have_none() -> None:
    for table in (INTERFACES, DICTIONARIES, ENUMERATIONS):
        for _, names in table.values():
            assert len(set(names.split())) == len(names.split())


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("sdpMLineIndex", "sdp_m_line_index"),
        ("toJSON", "to_json"),
        ("onicecandidate", "onicecandidate"),
        ("maxPacketLifeTime", "max_packet_life_time"),
        ("id", "id"),
    ],
)
def test_names(name: str, expected: str) -> None:
    assert snake_case(name) == expected


def test_what_does_not_exist_is_not_found() -> None:
    assert find("interface", "X", "webrtc.RTCPeerConnection", "createSomething") == ""
    assert find("enumeration", "X", "webrtc.jsep.RTCSignalingState", "unstable") == ""
    assert find("dictionary", "X", "webrtc.RTCPeerConnection.create_offer", "iceRestarts") == ""
    with pytest.raises(ModuleNotFoundError):
        find("interface", "X", "nowhere.Class", "member")


def test_percentage() -> None:
    rows = list(members())
    assert percentage([row for row in rows if row.here]).startswith("100 %")
    assert percentage([row for row in rows if not row.here]).startswith("0 %")
