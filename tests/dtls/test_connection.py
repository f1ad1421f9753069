"""The configuration and the interface."""

from dataclasses import fields

import pytest

from tests.dtls.pair import connection
from webrtc.dtls import Config, Connection, ExtendedMasterSecret, Role
from webrtc.dtls.connection import SRTP_PROFILES
from webrtc.dtls.suites import SUITES
from webrtc.errors import InvalidAccessError


def test_defaults() -> None:
    """DTLSCFG-23: a snapshot; a change of one is a change for every user."""
    config = Config()
    assert {field.name: getattr(config, field.name) for field in fields(Config)} == {
        "mtu": 1200,
        "retransmission_timeout": 0.15,
        "max_retransmission_timeout": 1.0,
        "handshake_timeout": 30.0,
        "cipher_suites": SUITES,
        "srtp_profiles": SRTP_PROFILES,
        "extended_master_secret": ExtendedMasterSecret.REQUIRE,
        "replay_window": 64,
        "max_message": 16_372,
        "max_buffered": 65_536,
        "max_held": 8,
        "verify_peer_certificate": None,
        "keylog": None,
    }


@pytest.mark.parametrize(
    "make",
    [
        lambda: Config(mtu=255),
        lambda: Config(mtu=16_385),
        lambda: Config(retransmission_timeout=0),
        lambda: Config(max_retransmission_timeout=0.1),
        lambda: Config(handshake_timeout=0),
        lambda: Config(cipher_suites=()),
        lambda: Config(replay_window=-1),
        lambda: Config(max_message=0),
        lambda: Config(max_message=16_373),
        lambda: Config(max_message=1000, max_buffered=999),
        lambda: Config(max_held=0),
    ],
)
def test_what_cannot_work_is_refused(make: type[Config]) -> None:
    """DTLSCFG-02, DTLSCFG-11, DTLSCFG-21, DTLSCFG-22."""
    with pytest.raises(InvalidAccessError):
        make()


def test_the_engine_has_the_interface() -> None:
    """DTLS-02: mypy checks the assignment."""
    engine: Connection = connection(Role.CLIENT)
    assert engine.poll_timeout() is None
