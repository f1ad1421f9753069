import pytest

from webrtc.errors import InvalidAccessError
from webrtc.ice.external import ExternalAddresses


def test_one_address_for_all_or_one_for_each() -> None:
    """ICE-30, ICECFG-16: the external address mapper."""
    external = ExternalAddresses(["203.0.113.1", "203.0.113.2/10.0.0.2", "2001:DB8::1"])
    assert external.of("10.0.0.1") == "203.0.113.1"
    assert external.of("10.0.0.2") == "203.0.113.2"
    assert external.of("fd00::1") == "2001:db8::1"
    assert ExternalAddresses([]).of("10.0.0.1") is None
    assert ExternalAddresses(["203.0.113.2/10.0.0.2"]).of("10.0.0.1") is None


@pytest.mark.parametrize(
    "entries",
    [
        ["example.org"],
        ["203.0.113.1/"],
        ["203.0.113.1/x"],
        ["203.0.113.1/fd00::1"],
        ["203.0.113.1", "203.0.113.2"],
        ["203.0.113.1/10.0.0.1", "203.0.113.2/10.0.0.1"],
    ],
)
def test_entries_that_cannot_be_meant(entries: list[str]) -> None:
    with pytest.raises(InvalidAccessError):
        ExternalAddresses(entries)
