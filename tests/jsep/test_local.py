"""What is read back from descriptions of ours."""

from tests.jsep.lines import candidate, local
from webrtc.jsep.local import read_generation
from webrtc.jsep.sections import accepted, rejected
from webrtc.sdp import Setup


def test_a_generation_is_read_as_it_was_told() -> None:
    for line in (local(), local(Setup.ACTIVE, candidate("host", "192.0.2.1"), end=True)):
        assert read_generation(accepted(line, "0")) == line.transport.generation


def test_a_rejected_section_tells_of_none() -> None:
    assert read_generation(rejected(accepted(local(), "0"))) is None


def test_passwords_are_not_shown() -> None:
    assert local().transport.generation.credentials.pwd not in repr(local())
