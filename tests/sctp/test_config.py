"""Settings."""

import pytest

from webrtc.errors import InvalidAccessError
from webrtc.sctp import Config


@pytest.mark.parametrize(
    "wrong",
    [
        {"min_plpmtu": 100},
        {"base_plpmtu": 500},
        {"max_plpmtu": 1000},
        {"max_plpmtu": 70000},
        {"receive_window": 1000},
        {"receive_window": 1 << 32},
        {"receive_window": 300000, "max_message_size": 262144},
        {"outbound_streams": 0},
        {"inbound_streams": 65536},
    ],
)
def test_settings_that_cannot_work_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(InvalidAccessError):
        Config(**wrong)  # type: ignore[arg-type]  # mypy sees one type for all fields


def test_default_packet_fits_into_the_udp_payload_of_rfc_8831() -> None:
    assert Config().base_plpmtu + 13 + 8 + 16 <= 1200
