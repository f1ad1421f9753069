import asyncio
import datetime
import ssl
from collections.abc import Callable, Sequence
from ipaddress import IPv4Address
from pathlib import Path as File
from random import Random

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.aio.stun.servers import pending_timers, uri
from webrtc.aio.net import seam
from webrtc.aio.stun import Requester, Server, discover
from webrtc.core import Address, Path, Transmit
from webrtc.errors import InvalidSyntaxError, NotSupportedError, OperationError
from webrtc.stun import Message, Method, Responder, parse_uri
from webrtc.stun.address import AlternateServer
from webrtc.stun.attributes import (
    Attribute,
    MappedAddress,
    Nonce,
    RawAttribute,
    Realm,
    Software,
    XorMappedAddress,
)
from webrtc.stun.credentials import LongTermCredentials, long_term_key
from webrtc.vnet import Link, Network

SERVER, CLIENT = "198.51.100.1", "198.51.100.2"


class Scripted:
    """A server whose responses the test writes."""

    def __init__(self, answer: Callable[[Message], Message | bytes | None]) -> None:
        self.requests: list[Message] = []
        self.times: list[float] = []
        self._answer = answer
        self._writes: list[Transmit] = []

    def handle_read(self, data: bytes, path: Path, now: float) -> None:
        request = Message.decode(data)
        self.requests.append(request)
        self.times.append(now)
        response = self._answer(request)
        if response is not None:
            self._writes.append(Transmit(bytes(response), path))

    def handle_timeout(self, now: float) -> None:
        pass

    def poll_write(self) -> Transmit | None:
        return self._writes.pop(0) if self._writes else None

    def poll_event(self) -> object:
        return None

    def poll_timeout(self) -> float | None:
        return None


def network_with(answer: Callable[[Message], Message | bytes | None]) -> tuple[Network, Scripted]:
    network = Network(Link(delay=0.01), seed=1)
    server = Scripted(answer)
    network.add((SERVER, 3478), server)
    return network, server


def mapped(request: Message) -> Message:
    return request.success([XorMappedAddress(("203.0.113.1", 5000))])


@pytest.mark.parametrize("host", [SERVER, "127.0.0.1", "198.51.100.77", "::1"])
async def test_a_server_that_sends_us_elsewhere_is_not_followed(host: str) -> None:
    """I-14: 300 Try Alternate to itself, to loopback, to others, to another family: no hop."""
    elsewhere = AlternateServer((host, 3478))
    network, server = network_with(lambda request: request.error(300, attributes=[elsewhere]))
    sent: list[Address] = []
    network.watch(
        lambda now, action, packet, place: (
            sent.append(packet.destination) if packet.source[0] == CLIENT else None
        )
    )
    with pytest.raises(OperationError, match="300"):
        await discover(f"stun:{SERVER}", network=network.host("client", CLIENT))
    assert set(sent) == {(SERVER, 3478)}
    assert len(server.requests) == 1


async def test_request_is_sent_seven_times_and_then_fails() -> None:
    """STUN-18, ICE-35: 0, 0.5, 1.5 … 31.5 s, and 39.5 s of virtual time until the error."""
    network, server = network_with(lambda request: None)
    started = asyncio.get_running_loop().time()
    with pytest.raises(OperationError, match=f"no response from stun:{SERVER}:3478"):
        await discover(f"stun:{SERVER}", network=network.host("client", CLIENT))
    waited = asyncio.get_running_loop().time() - started
    assert waited == pytest.approx(39.5, abs=1e-3)
    sent = [time - started - 0.01 for time in server.times]
    assert sent == pytest.approx([0, 0.5, 1.5, 3.5, 7.5, 15.5, 31.5], abs=1e-3)
    assert len({request.transaction_id for request in server.requests}) == 1
    assert pending_timers() == 0


@pytest.mark.parametrize("seed", range(20))
async def test_address_is_found_over_a_lossy_network(seed: int) -> None:
    """STUN-18, STUN-33: a fifth lost each way: seven tries survive that but for 1 in 1300."""
    network = Network(Link(delay=0.05, jitter=0.02, loss=0.2, duplicate=0.1), seed=seed)
    network.name("stun.example", SERVER)
    client = network.host("client", CLIENT)
    async with Server((SERVER, 3478), network=network.host("server", SERVER)):
        address = await discover("stun:stun.example", network=client)
    assert address[0] == CLIENT
    assert pending_timers() == 0


async def test_plain_mapped_address_is_the_fallback() -> None:
    """STUN-22, STUN-33."""
    network, _ = network_with(lambda one: one.success([MappedAddress(("203.0.113.9", 7))]))
    client = network.host("client", CLIENT)
    assert await discover(f"stun:{SERVER}", network=client) == ("203.0.113.9", 7)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (lambda request: request.error(500), "refused.*500.*Server Error"),
        (lambda request: request.success(), "tells no address"),
        (lambda request: request.success([RawAttribute(0x7000, b"")]), "unknown here"),
        (lambda request: request.error(401, attributes=[Realm("r"), Nonce("n")]), "refused.*401"),
    ],
    ids=["500", "nothing", "unknown", "challenge"],
)
async def test_refusal_is_told(answer: Callable[[Message], Message], message: str) -> None:
    """STUN-33."""
    network, _ = network_with(answer)
    with pytest.raises(OperationError, match=message):
        await discover(f"stun:{SERVER}", network=network.host("client", CLIENT))


async def test_garbage_does_not_disturb_a_request() -> None:
    """M-01, STUN-15: the answer to its repetition counts."""
    replies = [b"", b"\x01\x01garbage", b"\xff" * 1400]

    def answer(request: Message) -> Message | bytes:
        return replies.pop() if replies else mapped(request)

    network, _ = network_with(answer)
    client = network.host("client", CLIENT)
    assert await discover(f"stun:{SERVER}", network=client) == ("203.0.113.1", 5000)


def long_term_server(password: str) -> Callable[[Message], Message | bytes]:
    key = long_term_key("user", "realm", password)

    def answer(request: Message) -> Message | bytes:
        if request.integrity is None or not request.verify(key):
            return request.error(401, attributes=[Realm("realm"), Nonce("n")])
        return mapped(request).encode(key=key)

    return answer


async def test_challenge_is_answered_with_credentials() -> None:
    """STUN-25, STUN-33: the retry is a new transaction."""
    network, server = network_with(long_term_server("pass"))
    requester = Requester(parse_uri(f"stun:{SERVER}"), network=network.host("client", CLIENT))
    credentials = LongTermCredentials("user", "pass")
    content: list[Attribute] = [Software("s")]
    request = Message.request(Method.BINDING, content, Random(1))
    response = await requester.request(request, credentials)
    assert response.get(XorMappedAddress) is not None
    assert len({one.transaction_id for one in server.requests}) == 2
    assert all(Software in one for one in server.requests)
    second = Message.request(Method.BINDING, content, Random(2))
    await requester.request(second, credentials)
    assert len(server.requests) == 3


async def test_wrong_password_is_given_up() -> None:
    """I-12: after one retry, not in a loop."""
    network, server = network_with(long_term_server("another"))
    requester = Requester(parse_uri(f"stun:{SERVER}"), network=network.host("client", CLIENT))
    request = Message.request(Method.BINDING, (), Random(1))
    with pytest.raises(OperationError, match="user name or password is wrong"):
        await requester.request(request, LongTermCredentials("user", "pass"))
    assert len(server.requests) == 2


async def test_cancelled_request_leaves_nothing() -> None:
    """STUN-19: no timer, no endpoint."""
    network, server = network_with(lambda request: None)
    client = network.host("client", CLIENT)
    task = asyncio.create_task(discover(f"stun:{SERVER}", network=client))
    await asyncio.sleep(2.0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert pending_timers() == 0
    await asyncio.sleep(60.0)
    assert len(server.requests) == 3


async def test_name_without_address_is_told() -> None:
    network, _ = network_with(lambda request: None)
    with pytest.raises(OperationError, match=r"cannot resolve nowhere\.example"):
        await discover("stun:nowhere.example", network=network.host("client", CLIENT))


class WithoutIpv6:
    """A machine that has names with IPv6 addresses and no IPv6."""

    def __init__(self, network: seam.NetworkStack, hosts: list[str]) -> None:
        self._network = network
        self._hosts = hosts

    def interfaces(self) -> Sequence[seam.InterfaceAddress]:
        return self._network.interfaces()

    def bind(self, address: Address) -> seam.Endpoint:
        if ":" in address[0]:
            raise OSError("address family not supported")
        return self._network.bind(address)

    async def resolve(self, host: str) -> Sequence[str]:
        return self._hosts


async def test_first_address_that_can_be_sent_to_is_used() -> None:
    """STUN-33: and when there is none, the reason is told."""
    network, _ = network_with(mapped)
    client = network.host("client", CLIENT)
    both = WithoutIpv6(client, ["2001:db8::1", SERVER])
    assert await discover("stun:stun.example", network=both) == ("203.0.113.1", 5000)
    for hosts, reason in ((["2001:db8::1"], "family not supported"), ([], "has no address")):
        with pytest.raises(OperationError, match=reason):
            await discover("stun:stun.example", network=WithoutIpv6(client, hosts))


async def test_misuse_is_told_at_once() -> None:
    with pytest.raises(InvalidSyntaxError):
        await discover("example.org")
    with pytest.raises(NotSupportedError):
        Requester(parse_uri("stuns:example.org"), protocol="udp")


@pytest.mark.realtime
@pytest.mark.parametrize("protocol", ["udp", "tcp"])
async def test_address_is_found_over_loopback(protocol: str) -> None:
    """STUN-32, STUN-33: real sockets, both protocols on one port."""
    async with Server() as server:
        assert protocol in ("udp", "tcp")
        host, port = await discover(uri(server), protocol="udp" if protocol == "udp" else "tcp")
        assert host == "127.0.0.1"
        assert port not in (0, server.address[1])
        assert server.responder.answered == 1
    assert asyncio.all_tasks() == {asyncio.current_task()}


@pytest.mark.realtime
async def test_ipv6_over_loopback() -> None:
    """STUN-33."""
    try:
        server = await Server(("::1", 0)).__aenter__()
    except OSError:
        pytest.skip("no IPv6 here")
    try:
        for protocol in ("udp", "tcp"):
            text = f"stun:[::1]:{server.address[1]}"
            address = await discover(text, protocol="udp" if protocol == "udp" else "tcp")
            assert address[0] == "::1"
    finally:
        await server.close()


@pytest.mark.realtime
async def test_server_that_closes_or_refuses_the_connection_is_told() -> None:
    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.close()

    listener = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    with pytest.raises(OperationError, match=r"closed|reset"):
        await discover(f"stun:127.0.0.1:{port}", protocol="tcp")
    listener.close()
    await listener.wait_closed()
    with pytest.raises(OperationError):
        await discover(f"stun:127.0.0.1:{port}", protocol="tcp")


@pytest.mark.realtime
async def test_server_that_says_nothing_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """STUN-18: Ti, over TCP."""
    monkeypatch.setattr("webrtc.aio.stun.requester.TI", 0.1)
    async with Server() as silent:
        monkeypatch.setattr(silent.responder, "handle_read", lambda *_: None)
        with pytest.raises(OperationError, match="no response"):
            await discover(uri(silent), protocol="tcp")


def tls_contexts(folder: File) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "stun")])
    start = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=1)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(start)
        .not_valid_after(start + datetime.timedelta(days=3))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    file = folder / "server.pem"
    file.write_bytes(pem + secret)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(file)
    return server, ssl.create_default_context(cadata=pem.decode())


@pytest.mark.realtime
async def test_address_is_found_over_tls(tmp_path: File) -> None:
    """STUN-35: and a server that nobody vouches for is not talked to."""
    server_context, client_context = tls_contexts(tmp_path)
    async with Server(tls=server_context, responder=Responder(software="tls")) as server:
        text = f"stuns:127.0.0.1:{server.address[1]}"
        assert (await discover(text, tls=client_context))[0] == "127.0.0.1"
        with pytest.raises(OperationError, match="CERTIFICATE_VERIFY_FAILED"):
            await discover(text)
        assert server.responder.answered == 1
