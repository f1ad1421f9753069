"""Dictionaries as keyword arguments: those of webrtc-pc, and the settings for ICE alone."""

from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any, Literal, TypedDict

from webrtc.aio.net.seam import NetworkStack
from webrtc.dtls import Certificate
from webrtc.jsep.descriptions import Json, RTCIceCandidate, RTCSessionDescription
from webrtc.peer import RTCConfiguration, RTCIceServer, SettingEngine
from webrtc.peer.configuration import (
    RTCBundlePolicy,
    RTCIceTransportPolicy,
    RTCRtcpMuxPolicy,
    RTCRtpHeaderEncryptionPolicy,
)
from webrtc.util.webidl import instance


class ConfigurationOptions(TypedDict, total=False):
    """Members of `RTCConfiguration`."""

    ice_servers: Sequence[RTCIceServer | Mapping[str, Any]]
    ice_transport_policy: RTCIceTransportPolicy
    bundle_policy: RTCBundlePolicy
    rtcp_mux_policy: RTCRtcpMuxPolicy
    rtp_header_encryption_policy: RTCRtpHeaderEncryptionPolicy
    certificates: Sequence[Certificate]
    ice_candidate_pool_size: int


class DataChannelOptions(TypedDict, total=False):
    """RTCDataChannelInit. webrtc-pc §6.2.1."""

    ordered: bool
    max_packet_life_time: int | None
    max_retransmits: int | None
    protocol: str
    negotiated: bool
    id: int | None
    priority: Literal["very-low", "low", "medium", "high"]


class IceOptions(TypedDict, total=False):
    """The members of `SettingEngine` that matter where there is nothing but ICE."""

    include_loopback: bool
    bind_addresses: tuple[str, ...]
    port_range: tuple[int, int] | None
    interface_filter: Callable[[str], bool] | None
    random: Random


def to_configuration(
    configuration: RTCConfiguration | None, options: ConfigurationOptions
) -> RTCConfiguration:
    """The one that is given, or what its members as keywords make. Raises TypeError for both."""
    if configuration is None:
        return RTCConfiguration(**options)
    instance("configuration", configuration, RTCConfiguration, "; or give its members as keywords")
    if options:
        raise TypeError("give an RTCConfiguration or its members as keywords, not both")
    return configuration


def check_seams(settings: object, network: object) -> None:
    """Raise TypeError for what stands in the place of settings or of a network and is none."""
    if settings is not None:
        instance("settings", settings, SettingEngine)
    if network is not None and not isinstance(network, NetworkStack):
        kind = type(network).__name__
        raise TypeError(
            f"network is a {kind}, without interfaces(), bind() and resolve(): of a virtual"
            " network give the vnet.Host that the connection runs on"
        )


def to_description(description: RTCSessionDescription | Json) -> RTCSessionDescription:
    """A description, or the JSON of one. Raises TypeError for anything else."""
    if not isinstance(description, RTCSessionDescription) and isinstance(description, Mapping):
        return RTCSessionDescription.from_json(description)
    instance("description", description, RTCSessionDescription, " or its JSON as a dict")
    return description


def to_candidate(candidate: RTCIceCandidate | Json | None) -> RTCIceCandidate | None:
    """A candidate, the JSON of one, or None for none or an empty one. Raises TypeError."""
    if not isinstance(candidate, RTCIceCandidate) and isinstance(candidate, Mapping):
        named = any(candidate.get(key) is not None for key in ("sdpMid", "sdpMLineIndex"))
        is_end = candidate.get("candidate") in (None, "") and not named
        return None if is_end else RTCIceCandidate.from_json(candidate)
    if candidate is not None:
        instance("candidate", candidate, RTCIceCandidate, ", its JSON as a dict, or None")
    return candidate
