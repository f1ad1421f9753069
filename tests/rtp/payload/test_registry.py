import pytest

from webrtc.rtp.payload import DEFAULT_FORMATS, Formats, generic_format


def test_names_are_compared_without_case() -> None:
    """RFC 4855 §3."""
    speex = generic_format("Speex", "audio", 16000)
    table = Formats([speex])
    assert table["sPEEX"] is speex
    assert table.get("theora") is None
    assert "SPEEX" in table
    assert list(table) == ["Speex"]


def test_a_codec_of_ones_own_is_a_new_table() -> None:
    """RTP-18: and the table that comes with the library stays what it is."""
    mine = generic_format("x-mine", "video", 90000)
    table = Formats([*DEFAULT_FORMATS.values(), mine])
    assert table["x-mine"] is mine
    assert len(table) == len(DEFAULT_FORMATS) + 1
    assert "x-mine" not in DEFAULT_FORMATS


def test_the_later_of_two_with_one_name_counts() -> None:
    first, second = generic_format("A", "audio", 8000), generic_format("a", "audio", 16000)
    assert Formats([first, second])["A"] is second


def test_a_table_cannot_be_changed() -> None:
    table = Formats([])
    with pytest.raises(TypeError):
        table["x"] = generic_format("x", "audio", 8000)  # type: ignore[index]
