"""The name that a sender gives is only a wish."""

import os
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webrtc.transfer.names import MAX_NAME, safe_name


@pytest.mark.parametrize(
    ("name", "stored"),
    [
        ("holiday.jpg", "holiday.jpg"),
        ("Übung 1 (neu).tar.gz", "Übung 1 (neu).tar.gz"),
        ("日本語.txt", "日本語.txt"),
        ("../../etc/passwd", "passwd"),
        ("/etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("C:\\Windows\\system.ini", "system.ini"),
        ("..", "file"),
        (".", "file"),
        ("", "file"),
        ("/", "file"),
        ("a/", "file"),
        (". . .", "file"),
        (".bashrc", "bashrc"),
        ("trailing. ", "trailing"),
        ("file.txt:hidden", "file.txt_hidden"),
        ("nul", "_nul"),
        ("COM1.txt", "_COM1.txt"),
        ("console.txt", "console.txt"),
        ("a\x00b\nc\x1b[2J", "a_b_c_[2J"),
        ("gpj.\u202eexe", "gpj._exe"),
        ("\udcff.txt", "_.txt"),
        ('a<b>c"d|e?f*', "a_b_c_d_e_f_"),
        ("e\u0301", "\xe9"),
    ],
)
def test_name_is_made_harmless(name: str, stored: str) -> None:
    assert safe_name(name) == stored


def test_long_name_is_cut_and_keeps_its_extension() -> None:
    assert safe_name("x" * 1000 + ".tar") == "x" * (MAX_NAME - 4) + ".tar"
    assert safe_name("x." + "y" * 1000) == "x." + "y" * (MAX_NAME - 2)
    assert len(safe_name("é" * 1000).encode()) == MAX_NAME


@given(st.text())
def test_any_text_becomes_a_name_that_stays_in_its_folder(name: str) -> None:
    stored = safe_name(name)
    assert 0 < len(stored.encode()) <= MAX_NAME + 1
    assert os.path.basename(stored) == stored
    assert stored not in {".", ".."} and not stored.startswith(".")
    assert not any(unicodedata.category(each).startswith("C") for each in stored if each < "\u0378")
    assert safe_name(stored) == stored
