"""The keyword arguments are the members of the dictionaries, no more and no fewer."""

from dataclasses import fields

from webrtc import RTCConfiguration, RTCDataChannelInit, SettingEngine
from webrtc.aio.options import ConfigurationOptions, DataChannelOptions, IceOptions


def test_configuration() -> None:
    """CFG-09."""
    names = {field.name for field in fields(RTCConfiguration)}
    assert ConfigurationOptions.__optional_keys__ == names
    assert ConfigurationOptions.__required_keys__ == set()


def test_data_channel() -> None:
    """RTCDC-05."""
    names = {field.name for field in fields(RTCDataChannelInit)}
    assert DataChannelOptions.__optional_keys__ == names
    assert DataChannelOptions.__required_keys__ == set()


def test_ice_alone() -> None:
    """ICE-05: each is a setting of the same name."""
    names = {field.name for field in fields(SettingEngine)}
    assert names >= IceOptions.__optional_keys__
    assert IceOptions.__required_keys__ == set()
