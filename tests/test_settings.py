"""The settings that a browser does not have."""

from dataclasses import FrozenInstanceError

import pytest

from webrtc import SettingEngine
from webrtc.errors import InvalidAccessError
from webrtc.sctp import Config as SctpConfig


def test_one_mtu_rules_all_layers() -> None:
    """A ceiling: what it does not lower begins as without it."""
    sctp = SettingEngine(mtu=1400).sctp
    assert SettingEngine(mtu=1400).dtls.mtu == 1200
    assert (sctp.min_plpmtu, sctp.base_plpmtu, sctp.max_plpmtu) == (508, 1160, 1360)
    small = SettingEngine(mtu=500)
    assert small.dtls.mtu == 500
    assert small.sctp.min_plpmtu == small.sctp.base_plpmtu == small.sctp.max_plpmtu == 460
    assert SettingEngine(mtu=65535).sctp.max_plpmtu == SctpConfig().max_plpmtu == 16384
    assert SettingEngine().sctp == SctpConfig()


def test_no_packet_is_larger_than_a_dtls_record() -> None:
    with pytest.raises(InvalidAccessError, match="16388 does not fit"):
        SettingEngine(sctp=SctpConfig(max_plpmtu=16388))


def test_settings_do_not_change_under_a_connection() -> None:
    with pytest.raises(FrozenInstanceError):
        SettingEngine().max_channels = 3  # type: ignore[misc] # what is tested
