"""A virtual network and virtual time: test what runs over UDP without sockets, waiting or luck.

Everything random comes from one seed: the same seed gives the same packets at the same times. An
hour of traffic takes as long as its packets take to compute.

With asyncio, a `Host` stands for the operating system's network, and `VirtualTimeLoop` for the
clock. Two peers behind different NATs, with a STUN or TURN server in public:

    network = Network(Link(delay=0.02, jitter=0.005, loss=0.01), seed=1)
    home = network.router("home", "192.168.1.0/24", nat=Nat("203.0.113.1"))
    symmetric = Nat("203.0.113.2", mapping=Behavior.ADDRESS_AND_PORT_DEPENDENT)
    office = network.router("office", "10.0.0.0/8", nat=symmetric)
    alice = network.host("alice", router=home)
    bob = network.host("bob", router=office)
    server = network.host("server", "198.51.100.1")
    network.name("stun.example", "198.51.100.1")

Pass `alice` where the library takes a network, or use it directly: `alice.bind(address)` gives an
endpoint with `start`, `send` and `close`, and `await alice.resolve("stun.example")` an address.

Without asyncio, any core with the five verbs lives at an address, and the test moves time:

    network.add(("198.51.100.1", 3478), server_core)
    network.add(("198.51.100.2", 5000), client_core)
    network.run_until(lambda: client_core.done, limit=40.0)

While it runs, everything may change: `interface.outbound.loss = 0.3`, `link.blackhole(now, 5.0)`,
`nat.rebind()`, `interface.disconnect()`. `network.filter` drops chosen packets, `network.inject`
forges them, `network.watch` sees them, and `with network.capture("failed.pcapng",
on_failure=True):` keeps them for Wireshark when the test fails.
"""

from webrtc.vnet.engine import Action
from webrtc.vnet.link import GilbertElliott, Link
from webrtc.vnet.loop import VirtualTimeLoop
from webrtc.vnet.nat import Behavior, Nat, Nat64, OneToOneNat
from webrtc.vnet.network import Network
from webrtc.vnet.packet import Packet
from webrtc.vnet.router import Interface, Router
from webrtc.vnet.sockets import Host

__all__ = [
    "Action",
    "Behavior",
    "GilbertElliott",
    "Host",
    "Interface",
    "Link",
    "Nat",
    "Nat64",
    "Network",
    "OneToOneNat",
    "Packet",
    "Router",
    "VirtualTimeLoop",
]
