"""Interoperation with the `openssl` program over loopback UDP, in both roles."""

import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from tests.dtls.pair import certificate
from tests.support import PATIENCE
from webrtc.dtls import (
    Certificate,
    Closed,
    Config,
    Connected,
    Event,
    KeyType,
    OpenSSLConnection,
    Role,
    SrtpProfile,
    State,
)
from webrtc.dtls.suites import SUITES, CipherSuite
from webrtc.errors import AuthenticationError

pytestmark = pytest.mark.realtime

each_role = pytest.mark.parametrize("role", Role)
LABEL = b"EXTRACTOR-dtls_srtp"
EXPLICIT = "ec_param_enc:explicit"


@dataclass
class Tool:
    """A running `openssl s_client` or `s_server` and our connection to it."""

    process: subprocess.Popen[bytes]
    output: Path
    connection: OpenSSLConnection
    socket: socket.socket
    remote: tuple[str, int] | None
    events: list[Event]

    def pump(self, done: str | None = None, *, state: State | None = None) -> None:
        """Move datagrams until the tool has printed `done` or we are in `state`."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            self.flush()
            printed = done is not None and done in self.output.read_text(errors="replace")
            if printed or (state is not None and self.connection.state is state):
                return
            try:
                data, self.remote = self.socket.recvfrom(4096)
            except TimeoutError:
                self.connection.handle_timeout(time.monotonic())
            else:
                self.connection.handle_read(data, time.monotonic())
        text = self.output.read_text(errors="replace")
        pytest.fail(f"no {done or state} within 10 s, {self.events}; openssl printed\n{text}")

    def flush(self) -> None:
        while (data := self.connection.poll_write()) is not None:
            if self.remote is not None:
                self.socket.sendto(data, self.remote)
        while (event := self.connection.poll_event()) is not None:
            self.events.append(event)

    def say(self, text: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(text.encode())
        self.process.stdin.flush()


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running(
    role: Role,
    *arguments: str,
    ours: Certificate,
    theirs: Certificate,
    config: Config | None = None,
) -> Iterator[Tool]:
    """Our `role` against the program in the other one."""
    program = shutil.which("openssl")
    assert program is not None, "the program `openssl` is missing: apt-get install openssl"
    with tempfile.TemporaryDirectory() as folder, socket.socket(type=socket.SOCK_DGRAM) as ear:
        ear.bind(("127.0.0.1", 0))
        ear.settimeout(0.05)
        pem = Path(folder, "theirs.pem")
        pem.write_text(theirs.to_pem())
        output = Path(folder, "output")
        common = ["-dtls1_2", "-cert", str(pem), "-key", str(pem), *arguments]
        remote: tuple[str, int] | None = None
        if role is Role.CLIENT:
            remote = "127.0.0.1", free_port()
            command = ["s_server", *common, "-accept", f"127.0.0.1:{remote[1]}", "-Verify", "1"]
        else:
            command = ["s_client", *common, "-connect", f"127.0.0.1:{ear.getsockname()[1]}"]
        with (
            output.open("wb") as sink,
            subprocess.Popen(
                [program, *command], stdin=subprocess.PIPE, stdout=sink, stderr=subprocess.STDOUT
            ) as process,
        ):
            connection = OpenSSLConnection(
                ours, role, [theirs.fingerprint()], config or Config(), Random(1)
            )
            tool = Tool(process, output, connection, ear, remote, [])
            if role is Role.CLIENT:
                tool.pump("ACCEPT")
            connection.start(time.monotonic())
            try:
                yield tool
            finally:
                process.kill()


@each_role
@pytest.mark.parametrize("suite", SUITES, ids=lambda suite: suite.name)
def test_talks_to_openssl_with_each_suite(role: Role, suite: CipherSuite) -> None:
    """DTLS-02, DTLS-08, DTLSCS-04, DTLSCS-05, DTLSCS-06, DTLSCS-12: data and exported keys."""
    key_type = KeyType.RSA if "_RSA_" in suite.name else KeyType.ECDSA
    ours, theirs = certificate("ours", key_type), certificate("theirs", key_type)
    export = ["-keymatexport", LABEL.decode(), "-keymatexportlen", "60"]
    config = Config(cipher_suites=(suite,))
    with running(role, *export, ours=ours, theirs=theirs, config=config) as tool:
        tool.pump(state=State.CONNECTED)
        assert tool.connection.cipher == suite.name
        assert tool.connection.peer_certificates == theirs.chain
        keys = tool.connection.export_keying_material(LABEL, 60).hex().upper()
        tool.connection.send(b"from us\n")
        tool.pump("from us")
        assert re.search(r"Keying material: (\w+)", tool.output.read_text())[1] == keys  # type: ignore[index] # absent fails too
        tool.say("from openssl\n")
        while (data := tool.connection.poll_data()) is None:
            tool.pump(state=State.CONNECTED)
            tool.connection.handle_read(tool.socket.recv(4096), time.monotonic())
        assert data == b"from openssl\n"
        assert tool.events == [Connected()]


@each_role
def test_agrees_on_an_srtp_profile_with_openssl(role: Role) -> None:
    """DTLS-07, DTLSCFG-04."""
    profiles = (SrtpProfile.SRTP_AEAD_AES_128_GCM, SrtpProfile.SRTP_AES128_CM_HMAC_SHA1_80)
    ours, theirs = certificate("ours"), certificate("theirs")
    use = ["-use_srtp", "SRTP_AES128_CM_SHA1_80"]
    with running(
        role, *use, ours=ours, theirs=theirs, config=Config(srtp_profiles=profiles)
    ) as tool:
        tool.pump(state=State.CONNECTED)
        assert tool.connection.srtp_profile is SrtpProfile.SRTP_AES128_CM_HMAC_SHA1_80


@each_role
def test_close_is_seen_by_openssl(role: Role) -> None:
    """DTLS-05: our close_notify ends the program's connection."""
    ours, theirs = certificate("ours"), certificate("theirs")
    with running(role, ours=ours, theirs=theirs) as tool:
        tool.pump(state=State.CONNECTED)
        tool.connection.close(time.monotonic())
        tool.pump("DONE" if role is Role.CLIENT else "closed")


def test_close_of_openssl_is_seen() -> None:
    """DTLS-05: the program's close_notify is Closed(None). Its server never sends one."""
    with running(Role.SERVER, ours=certificate("ours"), theirs=certificate("theirs")) as tool:
        tool.pump(state=State.CONNECTED)
        tool.say("Q\n")
        tool.pump(state=State.CLOSED)
        tool.flush()
        assert tool.events == [Connected(), Closed(None)]


def test_answers_the_cookie_exchange_of_a_stateless_server() -> None:
    """DTLS-13: HelloVerifyRequest; a ClientHello with the cookie follows."""
    ours, theirs = certificate("ours"), certificate("theirs")
    with running(Role.CLIENT, "-listen", ours=ours, theirs=theirs) as tool:
        tool.pump(state=State.CONNECTED)


@each_role
def test_small_datagrams_on_both_sides(role: Role) -> None:
    """DTLS-21: fragments of ours are understood, and those of openssl are."""
    ours, theirs = certificate("ours", KeyType.RSA), certificate("theirs", KeyType.RSA)
    mtu = ["-mtu", "300"]
    with running(role, *mtu, ours=ours, theirs=theirs, config=Config(mtu=300)) as tool:
        tool.pump(state=State.CONNECTED)


def test_refuses_a_client_without_certificate() -> None:
    """D-06, DTLSCFG-07: a client certificate is compulsory."""
    program = shutil.which("openssl")
    assert program is not None, "the program `openssl` is missing: apt-get install openssl"
    ours, theirs = certificate("ours"), certificate("theirs")
    with running(Role.SERVER, ours=ours, theirs=theirs) as tool:
        tool.process.kill()
        address = f"127.0.0.1:{tool.socket.getsockname()[1]}"
        with subprocess.Popen(
            [program, "s_client", "-dtls1_2", "-connect", address],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as process:
            try:
                tool.pump(state=State.FAILED)
            finally:
                process.kill()


@each_role
@pytest.mark.parametrize(
    ("key", "digest"),
    [
        (["rsa:1024"], "-sha256"),
        (["rsa:2048"], "-sha1"),
        (["ec", "-pkeyopt", "ec_paramgen_curve:secp224r1"], "-sha256"),
        (["ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-pkeyopt", EXPLICIT], "-sha256"),
    ],
    ids=["rsa-1024", "sha-1", "p-224", "explicit curve"],
)
def test_refuses_weak_certificates(role: Role, key: list[str], digest: str, tmp_path: Path) -> None:
    """D-06: though the fingerprint is right."""
    program = shutil.which("openssl")
    assert program is not None, "the program `openssl` is missing: apt-get install openssl"
    pem = tmp_path / "weak.pem"
    make = ["req", "-x509", "-nodes", "-subj", "/CN=weak", digest, "-newkey", *key]
    subprocess.run([program, *make, "-keyout", pem, "-out", pem.with_suffix(".crt")], check=True)
    weak = Certificate.__new__(Certificate)  # the constructor refuses it
    weak.chain = (x509.load_pem_x509_certificate(pem.with_suffix(".crt").read_bytes()),)
    weak.key = load_pem_private_key(pem.read_bytes(), None)  # type: ignore[assignment] # a curve of its own
    low = ["-cipher", "ALL:@SECLEVEL=0"]
    with running(role, *low, ours=certificate("ours"), theirs=weak) as tool:
        tool.pump(state=State.FAILED)
        (closed,) = tool.events
        assert isinstance(closed, Closed) and closed.reason is not None
        # openssl itself gives up where we do not offer the curve of its key.
        assert isinstance(closed.reason, AuthenticationError) or closed.reason.code == 40


@pytest.mark.parametrize(
    "offer",
    ["ECDHE-ECDSA-AES128-SHA", "AES128-GCM-SHA256:@SECLEVEL=0", "ECDHE-ECDSA-NULL-SHA:@SECLEVEL=0"],
)
def test_refuses_weak_suites(offer: str) -> None:
    """D-11: CBC, no forward secrecy, no encryption."""
    ours, theirs = certificate("ours"), certificate("theirs")
    with running(Role.SERVER, "-cipher", offer, ours=ours, theirs=theirs) as tool:
        tool.pump(state=State.FAILED)
        (closed,) = tool.events
        assert isinstance(closed, Closed) and closed.reason is not None
        assert "no shared cipher" in str(closed.reason)
        assert closed.reason.code == 40
