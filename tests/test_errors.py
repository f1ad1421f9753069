import pytest

from webrtc import errors


@pytest.mark.parametrize("name", [n for n in dir(errors) if isinstance(getattr(errors, n), type)])
def test_every_error_can_be_caught_as_the_base(name: str) -> None:
    assert issubclass(getattr(errors, name), errors.WebRTCError)


def test_an_sdp_error_names_its_line_and_a_protocol_error_its_code() -> None:
    assert str(errors.SdpError("bad", 3)) == "line 3: bad"
    assert errors.SdpError("bad", 3).sdp_line_number == 3
    assert errors.DecodeError("short", 400).code == 400
