"""The dictionaries of webrtc-stats: every member, under its name."""

import json
from dataclasses import fields

import pytest

from tests.peer import idl
from webrtc.dtls import State
from webrtc.peer import report
from webrtc.peer.report import (
    RTCCertificateStats,
    RTCDataChannelStats,
    RTCIceCandidatePairStats,
    RTCIceCandidateStats,
    RTCPeerConnectionStats,
    RTCSctpTransportStats,
    RTCStats,
    RTCStatsReport,
    RTCTransportStats,
    camel_case,
)

CLASSES: list[tuple[str, type[RTCStats]]] = [
    ("peer-connection", RTCPeerConnectionStats),
    ("data-channel", RTCDataChannelStats),
    ("transport", RTCTransportStats),
    ("sctp-transport", RTCSctpTransportStats),
    ("local-candidate", RTCIceCandidateStats),
    ("remote-candidate", RTCIceCandidateStats),
    ("candidate-pair", RTCIceCandidatePairStats),
    ("certificate", RTCCertificateStats),
]


@pytest.mark.parametrize(("kind", "owner"), CLASSES)
def test_members_are_those_of_the_specification(kind: str, owner: type[RTCStats]) -> None:
    """PC-26, ICE-20, ICE-21."""
    names = {camel_case(field.name) for field in fields(owner)}
    assert names == idl.members(kind) | idl.MORE.get(kind, set())


def test_every_class_is_compared() -> None:
    every = {each for each in vars(report).values() if isinstance(each, type)}
    known = {owner for _, owner in CLASSES}
    assert {each for each in every if issubclass(each, RTCStats)} == known | {RTCStats}


def certificate(**members: object) -> RTCCertificateStats:
    found: dict[str, object] = {
        "timestamp": 1.5,
        "id": "CF1",
        "fingerprint": "AA",
        "fingerprint_algorithm": "sha-256",
        "base64_certificate": "MII=",
        "issuer_certificate_id": None,
    }
    return RTCCertificateStats(**found | members)  # type: ignore[arg-type] # a test's shorthand


def test_json_has_the_names_of_the_specification_and_leaves_out_what_is_not_there() -> None:
    assert certificate().to_json() == {
        "timestamp": 1.5,
        "type": "certificate",
        "id": "CF1",
        "fingerprint": "AA",
        "fingerprintAlgorithm": "sha-256",
        "base64Certificate": "MII=",
    }


def test_json_has_plain_strings_for_enumerations() -> None:
    connection = RTCTransportStats(
        timestamp=0.0,
        id="T1",
        packets_sent=0,
        packets_received=0,
        bytes_sent=0,
        bytes_received=0,
        ice_role="unknown",
        ice_local_username_fragment="abcd",
        dtls_state=State.CONNECTED,
        ice_state="new",  # type: ignore[arg-type] # as equal as any
        selected_candidate_pair_id=None,
        local_certificate_id="CF1",
        remote_certificate_id=None,
        tls_version=None,
        dtls_cipher=None,
        dtls_role="unknown",
        selected_candidate_pair_changes=0,
    )
    assert type(connection.to_json()["dtlsState"]) is str
    assert json.loads(json.dumps(connection.to_json()))["dtlsState"] == "connected"


def test_report_is_a_map_that_finds_by_kind() -> None:
    one, other = certificate(id="a"), certificate(id="b")
    found = RTCStatsReport({"a": one, "b": other})
    assert (found["b"], list(found), len(found)) == (other, ["a", "b"], 2)
    assert found.of(RTCCertificateStats) == [one, other]
    assert found.of(RTCTransportStats) == []
    assert found.selected_pair is None
    assert found.to_json()["a"]["id"] == "a"
    assert repr(found) == "<RTCStatsReport of 2>"
    with pytest.raises(KeyError):
        found["c"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("id", "id"),
        ("base64_certificate", "base64Certificate"),
        ("ice_local_username_fragment", "iceLocalUsernameFragment"),
    ],
)
def test_camel_case(name: str, expected: str) -> None:
    assert camel_case(name) == expected
