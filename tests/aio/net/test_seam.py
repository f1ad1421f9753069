import inspect

import pytest

from webrtc.aio.net import seam
from webrtc.aio.net.network import SystemNetwork
from webrtc.aio.net.udp import AwaitingUdpEndpoint, UdpEndpoint
from webrtc.vnet.sockets import Host


def members(of: type) -> dict[str, list[str]]:
    """Public methods with the names of their parameters."""
    methods = inspect.getmembers(of, inspect.isfunction)
    return {
        name: list(inspect.signature(method).parameters)
        for name, method in methods
        if not name.startswith("_")
    }


@pytest.mark.interpreted  # compiled methods have no signature
@pytest.mark.parametrize(
    ("protocol", "implementation"),
    [
        (seam.NetworkStack, SystemNetwork),
        (seam.NetworkStack, Host),
        (seam.Endpoint, UdpEndpoint),
        (seam.Endpoint, AwaitingUdpEndpoint),
    ],
)
def test_both_sides_of_the_seam_name_their_parameters_alike(
    protocol: type, implementation: type
) -> None:
    """A caller may pass them by keyword, whatever network it has."""
    has = members(implementation)
    for name, parameters in members(protocol).items():
        assert has[name] == parameters, name
