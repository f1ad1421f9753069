import pytest

from tests.media.ffmpeg import pictures
from webrtc.errors import DecodeError
from webrtc.media import av1_config
from webrtc.rtp.payload import obu

SIZE = "0111" + "0110" + "10101111" + "1011001"
PLAIN = "00" + "0" + "0" + "00000" + "0" * 12 + "00100" + SIZE
"""Level 2.4, one operating point."""


def sequence(*digits: str) -> bytes:
    written = "".join(digits)
    written += "0" * (-len(written) % 8)
    return b"\x08" + int(written, 2).to_bytes(len(written) // 8, "big")


TOOLS = "0" + "111" + "1111" + "1" + "11" + "1" + "1" + "111" + "101"
"""No frame ids; an order hint; screen content and integer vectors as each frame says."""
FORCED = "1" + "0" * 7 + "000" + "0000" + "0" + "0" + "1" + "0" + "1" + "000"
OFF = "0" + "000" + "0000" + "0" + "0" + "0" + "000"


@pytest.mark.parametrize(
    ("data", "fields"),
    [
        (sequence("000", PLAIN, TOOLS, "0" + "0" + "0" + "1" + "10"), "04 0e"),
        (sequence("000", PLAIN, FORCED, "1" + "0" + "0" + "0" + "01"), "04 4d"),
        (sequence("000", PLAIN, OFF, "0" + "1" + "0" + "1"), "04 1c"),
        (sequence("001", PLAIN, OFF, "0" + "0" + "0"), "24 00"),
        (sequence("001", PLAIN, OFF, "0" + "1" + "000000010000110100000000"), "24 00"),
        (sequence("010", PLAIN, OFF, "0" + "0" + "0" + "0"), "44 08"),
        (sequence("010", PLAIN, OFF, "1" + "1" + "0" + "0" + "0" + "1" + "0"), "44 68"),
        (sequence("010", PLAIN, OFF, "1" + "1" + "0" + "0" + "0" + "0"), "44 60"),
        (
            sequence("000", "11", "00101", SIZE, "000" + "000", "0" + "0" + "0" + "0" + "11"),
            "05 0f",
        ),
    ],
    ids=["4:2:0", "10 bits", "grey", "4:4:4", "sRGB", "4:2:2", "12 bits", "12 bits 4:4:4", "still"],
)
def test_profile_level_and_colours(data: bytes, fields: str) -> None:
    """AV1 §5.5.2; the last field is where chroma samples lie."""
    found = av1_config.record(data)
    assert found[1:3] == bytes.fromhex(fields)
    assert found[:1] + found[3:4] == b"\x81\0"
    assert found[4:] == obu.with_size(data)


def test_the_tier_of_high_levels() -> None:
    points = "00" + "0" + "0" + "00000" + "0" * 12 + "01101" + "1" + SIZE
    assert av1_config.record(sequence("000", points, OFF, "000000"))[1:3].hex() == "0d8c"


def test_sequence_headers_that_lie() -> None:
    with pytest.raises(DecodeError, match="profile 3"):
        av1_config.record(sequence("011", PLAIN, OFF, "0000"))
    header = next(iter(obu.split(pictures("AV1")[0].data)))
    for length in range(1, 11):
        with pytest.raises(DecodeError):
            av1_config.record(header[:length])
