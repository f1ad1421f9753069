"""Keys and exported keying material."""

import pytest

from webrtc.dtls.keys import RESERVED_LABELS, Secrets, prf
from webrtc.dtls.record import APPLICATION_DATA, EPOCH
from webrtc.dtls.suites import SUITES, CipherSuite
from webrtc.errors import InvalidAccessError

SECRETS = Secrets(SUITES[0], bytes(range(48)), bytes(32), bytes(range(32)))

# Vectors of the TLS working group's mailing list for P_SHA256 and P_SHA384.
SHA256 = (
    "sha256",
    "9bbe436ba940f017b17652849a71db35",
    "a0ba9f936cda311827a6f796ffd5198c",
    (
        "e3f229ba727be17b8d122620557cd453c2aab21d07c3d495329b52d4e61edb5a6b301791e90d35c9c9a46b4e14"
        "baf9af0fa022f7077def17abfd3797c0564bab4fbc91666e9def9b97fce34f796789baa48082d122ee42c5a72e"
        "5a5110fff70187347b66"
    ),
)
SHA384 = (
    "sha384",
    "b80b733d6ceefcdc71566ea48e5567df",
    "cd665cf6a8447dd6ff8b27555edb7465",
    (
        "7b0c18e9ced410ed1804f2cfa34a336a1c14dffb4900bb5fd7942107e81c83cde9ca0faa60be9fe34f82b1233c"
        "9146a0e534cb400fed2700884f9dc236f80edd8bfa961144c9e8d792eca722a7b32fc3d416d473ebc2c5fd4abf"
        "dad05d9184259b5bf8cd4d90fa0d31e2dec479e4f1a26066f2eea9a69236a3e52655c9e9aee691c8f3a2685430"
        "8d5eaa3be85e0990703d73e56f"
    ),
)


@pytest.mark.parametrize(("hash_name", "secret", "seed", "output"), [SHA256, SHA384])
def test_prf_vectors(hash_name: str, secret: str, seed: str, output: str) -> None:
    """DTLS-08: RFC 5246 §5."""
    wanted = bytes.fromhex(output)
    key, salt = bytes.fromhex(secret), bytes.fromhex(seed)
    assert prf(hash_name, key, b"test label", salt, len(wanted)) == wanted


@pytest.mark.parametrize("suite", SUITES, ids=lambda suite: suite.name)
def test_the_two_directions_have_different_keys(suite: CipherSuite) -> None:
    """DTLS-27: a record cannot be reflected."""
    secrets = Secrets(suite, bytes(48), bytes(32), bytes(32))
    client, server = secrets.protections()
    record = client.seal(APPLICATION_DATA, EPOCH, b"data")
    assert client.open(APPLICATION_DATA, EPOCH, record) == b"data"
    assert server.open(APPLICATION_DATA, EPOCH, record) is None


def test_export_depends_on_everything_that_it_is_given() -> None:
    """DTLS-08, DTLS-10: no context and an empty one differ. RFC 5705 §4."""
    exports = {
        SECRETS.export(b"one", 32, None),
        SECRETS.export(b"one", 32, b""),
        SECRETS.export(b"one", 32, b"context"),
        SECRETS.export(b"two", 32, None),
    }
    assert len(exports) == 4
    assert SECRETS.export(b"one", 77, None)[:32] in exports


@pytest.mark.parametrize("label", sorted(RESERVED_LABELS))
def test_reserved_labels_are_refused(label: bytes) -> None:
    """DTLS-11."""
    with pytest.raises(InvalidAccessError, match="reserved"):
        SECRETS.export(label, 32, None)


@pytest.mark.parametrize(("length", "context"), [(0, None), (-1, None), (32, bytes(0x10000))])
def test_what_cannot_be_exported_is_refused(length: int, context: bytes | None) -> None:
    """DTLS-12."""
    with pytest.raises(InvalidAccessError):
        SECRETS.export(b"label", length, context)


def test_secrets_are_never_shown() -> None:
    """X-10: not even by accident in a log."""
    assert SECRETS.master_secret.hex() not in repr(SECRETS)
    assert str(SECRETS.master_secret) not in repr(SECRETS)


def test_key_log_line() -> None:
    """RFC 9850 §2.1."""
    line = f"CLIENT_RANDOM {'00' * 32} {bytes(range(48)).hex()}"
    assert SECRETS.key_log_line() == line
