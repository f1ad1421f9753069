"""Congestion control by name."""

import pytest

from webrtc.sctp import Config
from webrtc.sctp.algorithms import create
from webrtc.sctp.bbr import Bbr
from webrtc.sctp.config import CongestionControlName
from webrtc.sctp.congestion import Reno
from webrtc.sctp.cubic import Cubic


@pytest.mark.parametrize(("name", "kind"), [("bbr", Bbr), ("cubic", Cubic), ("reno", Reno)])
def test_each_name_makes_its_algorithm(name: CongestionControlName, kind: type) -> None:
    """SCTP-19."""
    assert type(create(Config(congestion_control=name), 1)) is kind


def test_the_model_is_the_default() -> None:
    assert isinstance(create(Config(), 1), Bbr)
