"""webrtc-pc §4.4.1.6: every member of a configuration is checked."""

from collections.abc import Callable
from dataclasses import fields
from random import Random

import pytest

from webrtc.dtls import Certificate
from webrtc.errors import (
    InvalidAccessError,
    InvalidModificationError,
    InvalidStateError,
    InvalidSyntaxError,
    NotSupportedError,
)
from webrtc.peer import PeerConnection, RTCConfiguration, RTCIceServer

Make = Callable[[RTCConfiguration], PeerConnection]


def constructed(configuration: RTCConfiguration) -> PeerConnection:
    return PeerConnection(configuration)


def reconfigured(configuration: RTCConfiguration) -> PeerConnection:
    peer = PeerConnection()
    peer.set_configuration(configuration, 0.0)
    return peer


both_ways = pytest.mark.parametrize("make", [constructed, reconfigured])


def certificate(seed: int = 1, *, now: float = 0.0, lifetime: float = 1000.0) -> Certificate:
    return Certificate.generate(Random(seed), now, lifetime=lifetime)


def test_defaults_of_the_specification() -> None:
    """CFG-01 to CFG-06: and no server that nobody asked for."""
    configuration = PeerConnection().configuration
    assert configuration.ice_servers == ()
    assert configuration.ice_transport_policy == "all"
    assert configuration.bundle_policy == "balanced"
    assert configuration.rtcp_mux_policy == "require"
    assert configuration.certificates == ()


@both_ways
@pytest.mark.parametrize(
    ("servers", "addresses"),
    [
        ([RTCIceServer("stun:stun1.example.net")], [("stun1.example.net", 3478)]),
        (
            [RTCIceServer(["stun:a.example:1", "stun:b.example"])],
            [("a.example", 1), ("b.example", 3478)],
        ),
        ([{"urls": "stun:192.0.2.1"}], [("192.0.2.1", 3478)]),
        ([{"urls": ["stun:[2001:db8::1]:99"]}], [("2001:db8::1", 99)]),
        (
            [{"urls": "stun:a"}, RTCIceServer("stun:a"), RTCIceServer("stun:b")],
            [("a", 3478), ("b", 3478)],
        ),
        ([], []),
    ],
    ids=str,
)
def test_stun_servers(make: Make, servers: list[RTCIceServer], addresses: list[object]) -> None:
    """CFG-01, CFG-10: an RTCIceServer or the browser's dictionary, each address once."""
    configuration = make(RTCConfiguration(ice_servers=servers)).configuration
    assert list(configuration.stun_servers) == addresses
    assert configuration.ice_servers == servers


@both_ways
@pytest.mark.parametrize(
    "url",
    [
        "",
        "relative-url",
        "http://example.com",
        "stun://example.org/foo?x=y",
        "turn://example.org/foo?x=y",
        "stun:example.net:65536",
        "stun:example.net:b",
        "stun:example.net: 21",
        "stun:example.net:-21",
        "stun:example.net#foo",
        "stun:[61:24:74]:98",
        "stun:[example.net]",
        "stun:[::1.2.3.]",
        "stun:a<b",
        "stun:192.168.0.1 hello",
        "stun:example.net?transport=udp",
        "stun:",
        "stun",
    ],
)
def test_malformed_urls_are_syntax_errors(make: Make, url: str) -> None:
    """CFG-10: RFC 7064, RFC 7065; also behind a good one."""
    for urls in (url, ["stun:stun1.example.net", url]):
        with pytest.raises(InvalidSyntaxError):
            make(RTCConfiguration(ice_servers=[RTCIceServer(urls, "user", "secret")]))


@both_ways
def test_a_server_without_url_is_a_syntax_error(make: Make) -> None:
    with pytest.raises(InvalidSyntaxError, match="without a URL"):
        make(RTCConfiguration(ice_servers=[RTCIceServer([])]))


@both_ways
@pytest.mark.parametrize("scheme", ["turn", "turns"])
@pytest.mark.parametrize("given", [{}, {"username": "user"}, {"credential": "secret"}], ids=str)
def test_turn_needs_both_credentials(make: Make, scheme: str, given: dict[str, str]) -> None:
    """CFG-10, CFG-11."""
    server = RTCIceServer(f"{scheme}:turn.example.net", **given)
    with pytest.raises(InvalidAccessError, match="username and a credential"):
        make(RTCConfiguration(ice_servers=[server]))


@both_ways
@pytest.mark.parametrize("scheme", ["turn", "turns", "stuns", "TURN"])
@pytest.mark.parametrize("credential", ["secret", ""])
def test_schemes_that_are_not_spoken_say_so(make: Make, scheme: str, credential: str) -> None:
    """Empty credentials are credentials."""
    server = RTCIceServer(f"{scheme}:example.net", credential, credential)
    with pytest.raises(NotSupportedError):
        make(RTCConfiguration(ice_servers=[server]))


@both_ways
def test_every_url_is_checked_before_one_is_not_supported(make: Make) -> None:
    """So that a configuration for TURN is right on the day when it is spoken."""
    turn = RTCIceServer(["turn:a.example", "turns:b.example:443?transport=tcp"], "user", "secret")
    for wrong, error in (
        (RTCIceServer("turn:a.example?transport=quic", "user", "secret"), InvalidSyntaxError),
        (RTCIceServer("turn:192.0.2.256", "user", "secret"), InvalidSyntaxError),
        (RTCIceServer("turn:a.example:65536", "user", "secret"), InvalidSyntaxError),
        (RTCIceServer("turns:a.example", "user"), InvalidAccessError),
        (RTCIceServer("turn:a.example", "ü" * 255, "secret"), InvalidAccessError),
    ):
        with pytest.raises(error):
            make(RTCConfiguration(ice_servers=[turn, wrong]))
    with pytest.raises(NotSupportedError, match=r"turn:a\.example:3478\?transport=udp: only"):
        make(RTCConfiguration(ice_servers=[RTCIceServer("stun:a.example"), turn]))
    assert [str(uri) for uri in turn.uris][1] == "turns:b.example:443?transport=tcp"


@both_ways
@pytest.mark.parametrize("size", [-1, 256, 1.0, "1", True])
def test_sizes_of_the_pool_that_are_no_octet(make: Make, size: int) -> None:
    """webrtc-pc §4.2.1: [EnforceRange] octet."""
    with pytest.raises(TypeError, match="ice_candidate_pool_size"):
        make(RTCConfiguration(ice_candidate_pool_size=size))


@pytest.mark.parametrize("certificates", ["PEM", [None], ["PEM"], 3, {"a": 1}])
def test_certificates_of_the_wrong_type(certificates: object) -> None:
    with pytest.raises(TypeError, match="certificates"):
        RTCConfiguration(certificates=certificates).validate()  # type: ignore[arg-type] # as JavaScript


def test_none_is_the_default_of_a_member() -> None:
    """Each has one in WebIDL, and aiortc has None for it."""
    members = [member.name for member in fields(RTCConfiguration)]
    made = RTCConfiguration(**dict.fromkeys(members))  # type: ignore[arg-type] # as without types
    assert made == RTCConfiguration()


@pytest.mark.parametrize(
    "servers", [[None], [{}], ["stun:a"], [3], 3, "stun:a", {"urls": "stun:a"}]
)
def test_servers_of_the_wrong_type(servers: object) -> None:
    with pytest.raises(TypeError):
        RTCConfiguration(ice_servers=servers).validate()  # type: ignore[arg-type] # as JavaScript


@pytest.mark.parametrize(
    ("urls", "username", "credential"),
    [
        (3, None, None),
        (None, None, None),
        ([3], None, None),
        ("stun:a", 3, None),
        ("stun:a", "", b"x"),
    ],
)
def test_members_of_a_server_of_the_wrong_type(
    urls: str, username: str | None, credential: str | None
) -> None:
    with pytest.raises(TypeError):
        RTCIceServer(urls, username, credential)


@both_ways
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ice_transport_policy", "none"),
        ("bundle_policy", "compat"),
        ("rtcp_mux_policy", "negotiate"),
        ("rtcp_mux_policy", ""),
    ],
)
def test_values_outside_the_enumerations(make: Make, name: str, value: object) -> None:
    """CFG-02 to CFG-04, CFG-18."""
    with pytest.raises(TypeError, match=name):
        make(RTCConfiguration(**{name: value}))  # type: ignore[arg-type] # as a caller without types


@pytest.mark.parametrize(
    "changed",
    [
        RTCConfiguration(bundle_policy="max-bundle"),
        RTCConfiguration(certificates=[certificate(1)]),
        RTCConfiguration(certificates=[certificate(1), certificate(2)]),
    ],
    ids=["bundle policy", "certificate", "certificates"],
)
def test_what_cannot_be_changed(changed: RTCConfiguration) -> None:
    """CFG-03, CFG-06: InvalidModificationError, and nothing is changed."""
    peer = PeerConnection()
    with pytest.raises(InvalidModificationError):
        peer.set_configuration(changed, 0.0)
    assert peer.configuration == RTCConfiguration()


def test_certificates_have_to_be_given_again() -> None:
    """webrtc-pc §4.4.1.6: their number and each of them must be the same."""
    own = certificate()
    peer = PeerConnection(RTCConfiguration(certificates=[own]))
    peer.set_configuration(RTCConfiguration(certificates=[own], ice_transport_policy="relay"), 0.0)
    for others in ([], [certificate()], [own, own]):
        with pytest.raises(InvalidModificationError, match="certificates"):
            peer.set_configuration(RTCConfiguration(certificates=others), 0.0)


def test_an_expired_certificate_is_refused() -> None:
    """CFG-06: InvalidAccessError; without a clock nobody can tell."""
    old = certificate(now=1000.0, lifetime=100.0)
    PeerConnection(RTCConfiguration(certificates=[old]), unix_time=1099.0)
    PeerConnection(RTCConfiguration(certificates=[old]))
    for certificates in ([old], [certificate(now=1000.0, lifetime=1e6), old]):
        with pytest.raises(InvalidAccessError, match="expired"):
            PeerConnection(RTCConfiguration(certificates=certificates), unix_time=1100.0)


def test_the_same_certificate_serves_several_connections() -> None:
    """CFG-06: its fingerprint is in their descriptions."""
    own = certificate()
    for _ in range(2):
        peer = PeerConnection(RTCConfiguration(certificates=[own]))
        peer.create_data_channel("", 0.0)
        assert f"a=fingerprint:{own.fingerprint()}\r\n" in peer.create_offer().sdp


def test_a_closed_connection_cannot_be_configured() -> None:
    peer = PeerConnection()
    peer.close(0.0)
    with pytest.raises(InvalidStateError):
        peer.set_configuration(RTCConfiguration(), 0.0)


def test_an_error_while_changing_leaves_the_old_configuration() -> None:
    peer = PeerConnection(RTCConfiguration(ice_servers=[RTCIceServer("stun:old")]))
    with pytest.raises(InvalidSyntaxError):
        peer.set_configuration(RTCConfiguration(ice_servers=[RTCIceServer("nonsense")]), 0.0)
    assert peer.configuration.stun_servers == (("old", 3478),)


def test_credentials_stay_out_of_messages() -> None:
    server = RTCIceServer("turn:turn.example.net", "user", "very secret")
    with pytest.raises(NotSupportedError) as caught:
        _ = server.addresses
    assert "secret" not in str(caught.value)
