"""Dictionaries as keyword arguments: those of webrtc-pc, and the settings for ICE alone."""

from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any, Literal, TypedDict

from webrtc.dtls import Certificate
from webrtc.peer import RTCConfiguration, RTCIceServer
from webrtc.peer.configuration import (
    RTCBundlePolicy,
    RTCIceTransportPolicy,
    RTCRtcpMuxPolicy,
)


class ConfigurationOptions(TypedDict, total=False):
    """Members of `RTCConfiguration`."""

    ice_servers: Sequence[RTCIceServer | Mapping[str, Any]]
    ice_transport_policy: RTCIceTransportPolicy
    bundle_policy: RTCBundlePolicy
    rtcp_mux_policy: RTCRtcpMuxPolicy
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
    if options:
        raise TypeError("give an RTCConfiguration or its members as keywords, not both")
    return configuration
