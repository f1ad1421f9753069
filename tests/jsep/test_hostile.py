"""Offers of media that no good peer would write: answered or refused, with bounded work."""

from collections.abc import Callable
from functools import partial
from random import Random

import pytest

from tests.fuzz.media import negotiate
from tests.jsep.golden import OFFERS
from tests.work import work
from webrtc.errors import DecodeError

HEAD = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"
TRANSPORT = (
    f"a=rtcp-mux\r\na=ice-ufrag:abcd\r\na=ice-pwd:{'p' * 22}\r\na=setup:actpass\r\n"
    f"a=fingerprint:sha-256 {':'.join(['AB'] * 32)}\r\n"
)


def shuffled(lines: list[str], random: Random) -> str:
    """A description some of whose lines are lost, doubled, moved, or have another number."""
    for _ in range(random.randint(1, 8)):
        at, to = random.randrange(4, len(lines)), random.randrange(4, len(lines))
        match random.randrange(4):
            case 0:
                del lines[at]
            case 1:
                lines.insert(to, lines[at])
            case 2:
                lines[at], lines[to] = lines[to], lines[at]
            case _:
                digit = str(random.choice((0, 1, 9, 64, 96, 127, 128, 255, 4096, 2**32, "x", "")))
                lines[at] = lines[at].replace(random.choice("0123456789"), digit)
    return "\r\n".join(lines)


@pytest.mark.parametrize("seed", range(20))
def test_offers_with_lines_out_of_place(seed: int) -> None:
    """X-01: nothing but the errors that a description may have."""
    random = Random(seed)
    for path in OFFERS:
        text = shuffled(path.read_text().splitlines(), random)
        try:
            negotiate(text)
        except DecodeError:
            continue


def section(lines: str, formats: str = "96") -> str:
    return f"{HEAD}m=video 9 UDP/TLS/RTP/SAVPF {formats}\r\na=mid:0\r\n{TRANSPORT}{lines}"


def h264(count: int) -> str:
    numbers = [*range(64), *range(96, 128)] * 3
    fmtp = "a=fmtp:{0} packetization-mode=1;profile-level-id=42e01f;" + "x=1;" * count + "\r\n"
    lines = [f"a=rtpmap:{each} H264/90000\r\n" + fmtp.format(each) for each in numbers[:count]]
    return section("".join(lines), " ".join(map(str, numbers[:count])))


def rids(count: int) -> str:
    names = [f"r{index}" for index in range(count)]
    lines = "".join(f"a=rid:{name} send\r\n" for name in names)
    return section(lines + "a=rtpmap:96 VP8/90000\r\n" + f"a=simulcast:send {';'.join(names)}\r\n")


def feedback(count: int) -> str:
    lines = "".join(f"a=rtcp-fb:{each} x{each}\r\n" for each in range(count))
    return section("a=rtpmap:96 VP8/90000\r\n" + lines)


@pytest.mark.parametrize("make", [h264, rids, feedback])
def test_work_is_in_proportion_to_the_description(make: Callable[[int], str]) -> None:
    """X-04: what is twice as long takes no more than about twice the steps."""
    small, large = make(30), make(60)
    steps = [work(partial(negotiate, text)) for text in (small, large)]
    assert steps[1] <= steps[0] * 1.5 * len(large) / len(small)
