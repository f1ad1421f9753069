"""The state cookie."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webrtc.errors import AuthenticationError
from webrtc.sctp.cookie import Cookie, CookieJar, Peering

PEERING = Peering(0x01020304, 0x05060708, 9, 10, 1 << 20, 65535, 1024, 3)
u16, u32 = st.integers(0, 0xFFFF), st.integers(0, 0xFFFFFFFF)


@given(st.builds(Peering, u32, u32, u32, u32, u32, u16, u16, st.integers(0, 255)), u32, u32)
def test_round_trip(peering: Peering, local: int, remote: int) -> None:
    """C-08, SCTP-26: it covers tags, TSNs, streams and capabilities."""
    jar = CookieJar(Random(1), 60.0)
    cookie = jar.bake(peering, (local, remote), 100.0)
    assert len(cookie) <= 200
    assert jar.open(cookie) == Cookie(160.0, peering, local, remote)


def test_every_flipped_bit_is_found() -> None:
    """C-07."""
    jar = CookieJar(Random(1), 60.0)
    good = jar.bake(PEERING, (0, 0), 0.0)
    for bit in range(8 * len(good)):
        bad = bytearray(good)
        bad[bit // 8] ^= 1 << bit % 8
        with pytest.raises(AuthenticationError):
            jar.open(bytes(bad))


@pytest.mark.parametrize("cookie", [b"", bytes(31), bytes(32), bytes(77), bytes(5000)])
def test_forgeries(cookie: bytes) -> None:
    """C-07."""
    with pytest.raises(AuthenticationError):
        CookieJar(Random(1), 60.0).open(cookie)


def test_each_association_has_its_own_key() -> None:
    """C-07, C-08."""
    with pytest.raises(AuthenticationError):
        CookieJar(Random(2), 60.0).open(CookieJar(Random(1), 60.0).bake(PEERING, (0, 0), 0.0))


def test_the_key_is_not_in_the_cookie() -> None:
    """C-08."""
    jar = CookieJar(Random(1), 60.0)
    cookie = jar.bake(PEERING, (0, 0), 0.0)
    assert jar._key not in cookie
    assert not any(jar._key[at : at + 4] in cookie for at in range(29))
