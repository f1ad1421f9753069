"""Which members of webrtc-pc exist here: `python docs/webrtc_pc.py` writes docs/webrtc-pc.md.

The left side is the IDL of the specification. The right side is looked up in the classes, so that
the page cannot claim what is not there.
"""

import importlib
import inspect
import re
import sys
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple, get_args

PAGE = Path(__file__).with_name("webrtc-pc.md")
NOWHERE = "?"
"""Where what does not exist here is."""

INTERFACES: dict[str, tuple[str, str]] = {
    "RTCPeerConnection": (
        "webrtc.RTCPeerConnection",
        """
        constructor createOffer createAnswer setLocalDescription localDescription
        currentLocalDescription pendingLocalDescription setRemoteDescription remoteDescription
        currentRemoteDescription pendingRemoteDescription addIceCandidate signalingState
        iceGatheringState iceConnectionState connectionState canTrickleIceCandidates restartIce
        getConfiguration setConfiguration close onnegotiationneeded onicecandidate
        onicecandidateerror onsignalingstatechange oniceconnectionstatechange
        onicegatheringstatechange onconnectionstatechange generateCertificate sctp
        createDataChannel ondatachannel getStats getSenders getReceivers getTransceivers addTrack
        removeTrack addTransceiver ontrack
        """,
    ),
    "RTCSessionDescription": ("webrtc.RTCSessionDescription", "constructor type sdp toJSON"),
    "RTCIceCandidate": (
        "webrtc.RTCIceCandidate",
        """
        constructor candidate sdpMid sdpMLineIndex foundation component priority address
        protocol port type tcpType relatedAddress relatedPort usernameFragment relayProtocol url
        toJSON
        """,
    ),
    "RTCCertificate": ("webrtc.RTCCertificate", "expires getFingerprints"),
    "RTCDataChannel": (
        "webrtc.RTCDataChannel",
        """
        label ordered maxPacketLifeTime maxRetransmits protocol negotiated id readyState
        bufferedAmount bufferedAmountLowThreshold onopen onbufferedamountlow onerror onclosing
        onclose close onmessage binaryType send
        """,
    ),
    "RTCSctpTransport": (
        "webrtc.RTCSctpTransport",
        """
        transport state maxMessageSize maxChannels onstatechange
        """,
    ),
    "RTCDtlsTransport": (
        "webrtc.RTCDtlsTransport",
        """
        iceTransport state getRemoteCertificates onstatechange onerror
        """,
    ),
    "RTCIceTransport": (
        "webrtc.RTCIceTransport",
        """
        role component state gatheringState getLocalCandidates getRemoteCandidates
        getSelectedCandidatePair getLocalParameters getRemoteParameters onstatechange
        ongatheringstatechange onselectedcandidatepairchange
        """,
    ),
    "RTCPeerConnectionIceEvent": ("webrtc.peer.events.IceCandidateFound", "candidate url"),
    "RTCDataChannelEvent": ("webrtc.datachannel.Announced", "channel"),
    "RTCErrorEvent": ("webrtc.peer.events.DtlsStateChanged", "error"),
    "RTCError": (
        "webrtc.SdpError",
        """
        constructor errorDetail sdpLineNumber sctpCauseCode receivedAlert sentAlert
        """,
    ),
    "RTCPeerConnectionIceErrorEvent": (NOWHERE, "address port url errorCode errorText"),
    "RTCStatsReport": ("webrtc.RTCStatsReport", "maplike"),
    "RTCRtpSender": (
        "webrtc.RTCRtpSender",
        """
        track transport dtmf getCapabilities setParameters getParameters replaceTrack setStreams
        getStats
        """,
    ),
    "RTCRtpReceiver": (
        "webrtc.RTCRtpReceiver",
        """
        track transport getCapabilities getParameters getContributingSources
        getSynchronizationSources getStats jitterBufferTarget
        """,
    ),
    "RTCRtpTransceiver": (
        "webrtc.RTCRtpTransceiver",
        """
        mid sender receiver direction currentDirection stop setCodecPreferences
        """,
    ),
    "RTCTrackEvent": ("webrtc.RTCTrackEvent", "receiver track streams transceiver"),
    "RTCDTMFSender": (
        "webrtc.RTCDTMFSender",
        "insertDTMF ontonechange canInsertDTMF toneBuffer",
    ),
    "RTCDTMFToneChangeEvent": (NOWHERE, "tone"),
}
"""Interfaces with the class that stands for each; an event's is what its handlers are given."""

DICTIONARIES: dict[str, tuple[str, str]] = {
    "RTCConfiguration": (
        "webrtc.RTCConfiguration",
        """
        iceServers iceTransportPolicy bundlePolicy rtcpMuxPolicy certificates
        iceCandidatePoolSize
        """,
    ),
    "RTCIceServer": ("webrtc.RTCIceServer", "urls username credential"),
    "RTCOfferOptions": ("webrtc.RTCPeerConnection.create_offer", "iceRestart"),
    "RTCSessionDescriptionInit": ("webrtc.RTCSessionDescription", "type sdp"),
    "RTCLocalSessionDescriptionInit": ("webrtc.RTCSessionDescription", "type sdp"),
    "RTCIceCandidateInit": (
        "webrtc.RTCIceCandidate",
        """
        candidate sdpMid sdpMLineIndex usernameFragment
        """,
    ),
    "RTCDataChannelInit": (
        "webrtc.RTCDataChannelInit",
        """
        ordered maxPacketLifeTime maxRetransmits protocol negotiated id
        """,
    ),
    "RTCCertificateExpiration": ("webrtc.RTCPeerConnection.generate_certificate", "expires"),
    "RTCDtlsFingerprint": ("webrtc.dtls.Fingerprint", "algorithm value"),
    "RTCIceParameters": (
        "webrtc.RTCIceTransport.get_local_parameters",
        """
        usernameFragment password
        """,
    ),
    "RTCIceCandidatePair": ("webrtc.ice.CandidatePair", "local remote"),
    "RTCErrorInit": (
        "webrtc.SdpError",
        """
        errorDetail sdpLineNumber sctpCauseCode receivedAlert sentAlert
        """,
    ),
    "RTCStats": ("webrtc.RTCStats", "timestamp type id"),
    "RTCRtpTransceiverInit": (
        "webrtc.RTCPeerConnection.add_transceiver",
        "direction streams sendEncodings",
    ),
    "RTCRtpParameters": ("webrtc.RTCRtpReceiveParameters", "headerExtensions rtcp codecs"),
    "RTCRtpSendParameters": ("webrtc.RTCRtpSendParameters", "transactionId encodings"),
    "RTCRtpCodingParameters": ("webrtc.RTCRtpEncodingParameters", "rid"),
    "RTCRtpEncodingParameters": (
        "webrtc.RTCRtpEncodingParameters",
        "active maxBitrate maxFramerate scaleResolutionDownBy",
    ),
    "RTCRtcpParameters": ("webrtc.RTCRtcpParameters", "cname reducedSize"),
    "RTCRtpHeaderExtensionParameters": (
        "webrtc.RTCRtpHeaderExtensionParameters",
        "uri id encrypted",
    ),
    "RTCRtpCodec": ("webrtc.RTCRtpCodec", "mimeType clockRate channels sdpFmtpLine"),
    "RTCRtpCodecParameters": ("webrtc.RTCRtpCodecParameters", "payloadType"),
    "RTCRtpCapabilities": ("webrtc.RTCRtpCapabilities", "codecs headerExtensions"),
    "RTCRtpHeaderExtensionCapability": ("webrtc.RTCRtpHeaderExtensionCapability", "uri"),
    "RTCRtpContributingSource": (
        "webrtc.RTCRtpContributingSource",
        "timestamp source audioLevel rtpTimestamp",
    ),
}
"""Dictionaries with the dataclass, or the function that takes their members as arguments."""

ENUMERATIONS: dict[str, tuple[str, str]] = {
    "RTCIceTransportPolicy": ("webrtc.peer.configuration.RTCIceTransportPolicy", "relay all"),
    "RTCBundlePolicy": (
        "webrtc.peer.configuration.RTCBundlePolicy",
        """
        balanced max-compat max-bundle
        """,
    ),
    "RTCRtcpMuxPolicy": ("webrtc.peer.configuration.RTCRtcpMuxPolicy", "require"),
    "RTCSignalingState": (
        "webrtc.jsep.RTCSignalingState",
        """
        stable have-local-offer have-remote-offer have-local-pranswer have-remote-pranswer
        closed
        """,
    ),
    "RTCIceGatheringState": ("webrtc.peer.events.RTCIceGatheringState", "new gathering complete"),
    "RTCPeerConnectionState": (
        "webrtc.peer.events.RTCPeerConnectionState",
        """
        closed failed disconnected new connecting connected
        """,
    ),
    "RTCIceConnectionState": (
        "webrtc.peer.events.RTCIceConnectionState",
        """
        closed failed disconnected new checking completed connected
        """,
    ),
    "RTCSdpType": ("webrtc.jsep.descriptions.RTCSdpType", "offer pranswer answer rollback"),
    "RTCIceProtocol": ("webrtc.ice.candidate.Candidate.protocol", "udp tcp"),
    "RTCIceTcpCandidateType": ("webrtc.ice.candidate.TcpType", "active passive so"),
    "RTCIceCandidateType": ("webrtc.ice.candidate.CandidateType", "host srflx prflx relay"),
    "RTCIceServerTransportProtocol": (NOWHERE, "udp tcp tls"),
    "RTCDtlsTransportState": (
        "webrtc.peer.events.RTCDtlsTransportState",
        """
        new connecting connected closed failed
        """,
    ),
    "RTCIceGathererState": ("webrtc.peer.events.RTCIceGatheringState", "new gathering complete"),
    "RTCIceTransportState": (
        "webrtc.peer.events.RTCIceConnectionState",
        """
        closed failed disconnected new checking completed connected
        """,
    ),
    "RTCIceRole": ("webrtc.RTCIceTransport.role", "unknown controlling controlled"),
    "RTCIceComponent": ("webrtc.RTCIceCandidate.component", "rtp rtcp"),
    "RTCSctpTransportState": (
        "webrtc.peer.events.RTCSctpTransportState",
        """
        connecting connected closed
        """,
    ),
    "RTCDataChannelState": (
        "webrtc.aio.data_channel.RTCDataChannelState",
        """
        connecting open closing closed
        """,
    ),
    "RTCErrorDetailType": (
        "webrtc.errors.ErrorDetail",
        """
        data-channel-failure dtls-failure fingerprint-failure sctp-failure sdp-syntax-error
        hardware-encoder-not-available hardware-encoder-error
        """,
    ),
    "RTCRtpTransceiverDirection": (
        "webrtc.peer.parameters.RTCRtpTransceiverDirection",
        "sendrecv sendonly recvonly inactive stopped",
    ),
}
"""Enumerations with the enumeration, literal type, or annotation that has their values."""

RENAMED = {
    "RTCCertificateExpiration.expires": "lifetime",
    "RTCIceParameters.usernameFragment": "usernameFragment",
    "RTCIceParameters.password": "password",
    "RTCStatsReport.maplike": "__getitem__",
}
"""Members whose name is not the W3C one in snake case."""


_INTRODUCTION = """\
Every member of the interfaces, dictionaries and enumerations of the W3C specification, and what it
is called here. Written by `docs/webrtc_pc.py` from the classes themselves. Handlers get the thing
itself where an event of the specification wraps one: a `datachannel` handler the channel, an
`icecandidate` handler the candidate."""


class Member(NamedTuple):
    """One row of the page."""

    kind: str
    owner: str
    name: str
    here: str
    """What it is called here; empty when it does not exist."""


def snake_case(name: str) -> str:
    """`max_packet_life_time` of `maxPacketLifeTime`, `sdp_m_line_index` of `sdpMLineIndex`."""
    if name.startswith("on"):
        return name
    return re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


def members() -> Iterator[Member]:
    """Every member, looked up."""
    for kind, table in (
        ("interface", INTERFACES),
        ("dictionary", DICTIONARIES),
        ("enumeration", ENUMERATIONS),
    ):
        for owner, (where, names) in table.items():
            for name in names.split():
                here = find(kind, owner, where, name)
                yield Member(kind, owner, name, here)


def find(kind: str, owner: str, where: str, name: str) -> str:
    """What a member is called here, or nothing."""
    if where == NOWHERE:
        return ""
    target = resolve(where)
    if kind == "enumeration":
        return f'"{name}"' if name in values(target) else ""
    if name == "constructor":
        return where.rpartition(".")[2]
    ours = RENAMED.get(f"{owner}.{name}", snake_case(name))
    if inspect.isfunction(target):
        found = ours in inspect.signature(target).parameters
        return ours if found or f'"{ours}"' in inspect.getsource(target) else ""
    return ours if has_attribute(target, ours) else ""


def resolve(path: str) -> Any:
    """The class, function or type at a dotted path."""
    parts = path.split(".")
    for length in range(len(parts) - 1, 0, -1):
        try:
            found: Any = importlib.import_module(".".join(parts[:length]))
        except ModuleNotFoundError:
            continue
        for index, part in enumerate(parts[length:], length):
            if index == len(parts) - 1 and part in getattr(found, "__annotations__", {}):
                return found.__annotations__[part]
            get = getattr if inspect.ismodule(found) else inspect.getattr_static
            found = get(found, part)  # not what a descriptor gives
            found = found.__func__ if isinstance(found, staticmethod) else found
        return found
    raise ModuleNotFoundError(path)


def values(target: Any) -> set[str]:
    """The values of an enumeration, a literal type, or what a property returns."""
    if isinstance(target, type) and issubclass(target, StrEnum):
        return {each.value for each in target}
    if isinstance(target, property) and target.fget is not None:
        target = target.fget.__annotations__["return"]
    nested = [get_args(each) or (each,) for each in get_args(target)]
    return {str(value) for group in nested for value in group}


def has_attribute(target: type, name: str) -> bool:
    """Whether instances have it: as a property, method or field, or set on `self`."""
    if hasattr(target, name) or name in getattr(target, "__annotations__", {}):
        return True
    return re.search(rf"self\.{name}\b", inspect.getsource(target)) is not None


def percentage(rows: list[Member]) -> str:
    """Done of all."""
    done = sum(bool(row.here) for row in rows)
    return f"{100 * done / len(rows):.0f} % ({done} of {len(rows)})"


def render() -> str:
    """The page."""
    rows = list(members())
    lines = [
        "---",
        "orphan: true",
        "---",
        "",
        "# webrtc-pc, member by member",
        "",
        *_INTRODUCTION.splitlines(),
        "",
        f"{percentage(rows)} are here.",
    ]
    for kind, title in (
        ("interface", "Interfaces"),
        ("dictionary", "Dictionaries"),
        ("enumeration", "Enumerations"),
    ):
        lines += ["", f"## {title}", "", "| W3C | here | not here |", "| --- | --- | --- |"]
        owners = dict.fromkeys(row.owner for row in rows if row.kind == kind)
        lines += [
            _row(owner, [row for row in rows if (row.kind, row.owner) == (kind, owner)])
            for owner in owners
        ]
    return "\n".join(lines) + "\n"


def _row(owner: str, rows: list[Member]) -> str:
    here = " ".join(f"`{row.here}`" for row in rows if row.here)
    missing = " ".join(f"`{row.name}`" for row in rows if not row.here)
    return f"| {owner} | {here} | {missing} |"


if __name__ == "__main__":
    PAGE.write_text(render())
    sys.stdout.write(f"webrtc-pc: {percentage(list(members()))}\n")
