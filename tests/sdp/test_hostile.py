"""What a peer may send to do harm: bombs, mutations, truncations."""

import importlib
import pkgutil
import re
import tracemalloc
from collections.abc import Callable
from random import Random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import webrtc.sdp
from tests.sdp.reading import AUDIO, DATA, HEAD, SAMPLES, read_everything
from tests.work import Text, work
from webrtc.errors import SdpError
from webrtc.sdp import SessionDescription, parse_candidate
from webrtc.sdp.grammar import Limits

NO_LIMITS = Limits(size=10**9, lines=10**9, media=10**9, formats=10**9, repeats=10**9)
OPUS = "a=rtpmap:111 opus/48000/2\n"


def accepts(text: str, limits: Limits | None = None) -> bool:
    """Whether `text` parses; then all of it can be read and written too."""
    try:
        description = SessionDescription.parse(text, limits or Limits())
    except SdpError:
        return False
    read_everything(description)
    assert str(SessionDescription.parse(str(description), limits or Limits())) == str(description)
    return True


@pytest.mark.parametrize(
    "bomb",
    [
        HEAD + "a=x:" + "y" * 10_000_000,
        HEAD + OPUS * 500_000,
        "y" * 10_000_000,
        "\n" * 10_000_000,
        "\r" * 1_000_000,
        "\n" * 1_000_000,
        HEAD + "a=x\n" * 200_000,
        "\u2028" * 1_000_000,
    ],
    ids=["line", "lines", "one line", "empty lines", "cr", "lf", "attributes", "separators"],
)
def test_oversized_description_fails_before_its_lines_are_read(bomb: str) -> None:
    """S-01: after a few looks at as much of it as may be, or none."""
    text = Text(bomb)
    assert not accepts(text)
    assert work(lambda: accepts(text)) < 8 * Limits().size


def number(index: int) -> str:
    """A distinct word for each index."""
    return f"{index:x}"


BOMBS: dict[str, Callable[[int], str]] = {
    "media": lambda n: AUDIO * n,
    "formats": lambda n: f"m=audio 9 UDP/TLS/RTP/SAVPF {' '.join(['111'] * n)}\n",
    "rtpmap": lambda n: AUDIO + OPUS * n,
    "candidate": lambda n: AUDIO + "a=candidate:1 1 udp 1 192.0.2.1 1 typ host\n" * n,
    "bad candidate": lambda n: AUDIO + "a=candidate:1 1 udp 1 192.0.2.1 1 typ hos\n" * n,
    "ssrc": lambda n: AUDIO + "".join(f"a=ssrc:{index} cname:x\n" for index in range(n)),
    "ssrc attributes": lambda n: AUDIO + "".join(f"a=ssrc:1 {index}:x\n" for index in range(n)),
    "extmap": lambda n: AUDIO + "a=extmap:1 urn:x\n" * n,
    "rid": lambda n: AUDIO + "".join(f"a=rid:{number(index)} send\n" for index in range(n)),
    "simulcast": lambda n: AUDIO + f"a=simulcast:send {';'.join(map(number, range(n)))}\n",
    "group": lambda n: f"a=group:BUNDLE {' '.join(map(number, range(n)))}\n",
    "fingerprint": lambda n: "a=fingerprint:x 00\n" * n + AUDIO,
    "names": lambda n: "".join(f"a={number(index)}\n" for index in range(n)) + AUDIO,
    "feedback": lambda n: AUDIO + "".join(f"a=rtcp-fb:* {index}\n" for index in range(n)),
    "semicolons": lambda n: AUDIO + OPUS + f"a=fmtp:111 {';' * n}\n",
    "equals": lambda n: AUDIO + OPUS + f"a=fmtp:111 {'=' * n}\n",
    "spaces": lambda n: AUDIO + f"a=candidate:1{' ' * n}\na=msid:{' ' * n}\n",
    "colons": lambda n: AUDIO + f"a=rid:{':' * n}\na=extmap:1 {'/' * n}\n",
    "repeat": lambda n: f"r=1{' 1' * n}\nz={'1 1 ' * n}\n",
}


@pytest.mark.parametrize("name", BOMBS)
def test_work_is_linear(name: str) -> None:
    """S-02, S-03: without any limit in the way, for parsing, reading and writing."""
    size = 50 if name == "media" else 250
    small, large = (Text(HEAD + BOMBS[name](count)) for count in (size, 4 * size))
    assert accepts(small, NO_LIMITS)
    assert accepts(large, NO_LIMITS)
    spent = work(lambda: accepts(small, NO_LIMITS))
    growth = max(4, len(large) / len(small))  # larger numbers have more digits
    assert work(lambda: accepts(large, NO_LIMITS)) < 1.025 * growth * spent


@pytest.mark.parametrize("name", BOMBS)
def test_ten_thousand_of_anything_are_no_more_work_than_their_size_explains(name: str) -> None:
    """S-02, S-03: with the limits in place."""
    text = Text(HEAD + BOMBS[name](10_000))
    assert work(lambda: accepts(text)) < 100 * len(text)


def with_session(size: int, media: int) -> Text:
    """Media sections that all fall back to a long session level, where their direction is last."""
    session = "".join(f"a={number(index)}\n" for index in range(size))
    session += "a=fingerprint:x 00\na=extmap:0 urn:x\n" * size
    return Text(HEAD + session + "a=sendonly\na=recvonly\n" + DATA * media)


def test_session_level_is_not_searched_for_every_section() -> None:
    """S-02: sections are as much work under a session level that is twice as long."""

    def spent_on_media(size: int) -> int:
        with_media, without = with_session(size, 2), with_session(size, 0)
        assert accepts(with_media)
        return work(lambda: accepts(with_media)) - work(lambda: accepts(without))

    assert spent_on_media(1040) == spent_on_media(520)


@pytest.mark.parametrize(
    "text",
    [
        HEAD + "".join(f"a={number(index)}\n" for index in range(30_000)),
        HEAD + "a=x\n" * 4096,
        HEAD + AUDIO * 256,
        HEAD + AUDIO.replace("111", "1 " * 256),
        HEAD + "a=y:" + "x" * 1_000_000,
        HEAD,
    ],
    ids=["names", "attributes", "media", "formats", "line", "nothing"],
)
def test_memory_is_bounded_by_the_input(text: str) -> None:
    """X-05."""
    SessionDescription.parse(text)
    tracemalloc.start()
    try:
        SessionDescription.parse(text)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak <= 64 * len(text) + 16 * 1024


def test_no_regular_expression_repeats_a_group() -> None:
    """S-03: without groups there is no nested quantifier."""
    patterns: list[str] = []
    for module in pkgutil.iter_modules(webrtc.sdp.__path__, "webrtc.sdp."):
        names = vars(importlib.import_module(module.name)).values()
        patterns += [value.pattern for value in names if isinstance(value, re.Pattern)]
    assert len(patterns) >= 6
    assert [pattern for pattern in patterns if "(" in pattern] == []


@pytest.mark.parametrize(
    "name", ["data-only-offer-ndc", "offer-gst", "answer-janus-to-pion", "trials-offer-chromium"]
)
def test_every_truncation_parses_or_raises_sdp_error(name: str) -> None:
    """X-02."""
    text = next(path for path in SAMPLES if path.stem == name).read_text()
    step = 1 if len(text) < 1000 else 17
    accepted = [size for size in range(0, len(text) + 1, step) if accepts(text[:size])]
    assert accepted
    assert min(accepted) > text.index("s=")


CHARACTERS = "\0\x01\x7f\x80\xff\r\n\t\x0b\x1c\x85\u2028\u0663\ud800\ufeff =:;,/~*-0129ax"


def mutate(text: str, random: Random, pool: list[str]) -> str:
    """One to four edits of the kinds that break parsers."""
    for _ in range(random.randint(1, 4)):
        at, size = random.randrange(len(text) + 1), random.choice((0, 1, 2, 5, 40))
        lines = text.split("\n")
        match random.randrange(7):
            case 0:
                text = text[:at] + random.choice(CHARACTERS) + text[at + 1 :]
            case 1:
                text = text[:at] + random.choice(CHARACTERS) * size + text[at:]
            case 2:
                text = text[:at] + text[at + size :]
            case 3:
                del lines[random.randrange(len(lines))]
                text = "\n".join(lines)
            case 4:
                lines.insert(random.randrange(len(lines)), random.choice(pool))
                text = "\n".join(lines)
            case 5:
                value = random.choice(("0", "-1", "65536", "4294967296", "9" * 30, "1_0", "٣", ""))
                numbers = list(re.finditer("[0-9]+", text))
                chosen = random.choice(numbers) if numbers else None
                if chosen is not None:
                    text = text[: chosen.start()] + value + text[chosen.end() :]
            case _:
                at = text.find(":", at)
                text = text[: at + 1] + random.choice(pool)[size:] + text[at + 1 :]
    return text


def run_mutations(count: int, seed: int) -> int:
    random = Random(seed)
    texts = [path.read_text() for path in SAMPLES]
    pool = sorted({line for text in texts for line in text.split("\n")})
    return sum(accepts(mutate(random.choice(texts), random, pool)) for _ in range(count))


def test_mutated_samples_parse_or_raise_sdp_error() -> None:
    """SDP-43, X-01: seed 1."""
    assert run_mutations(800, seed=1) > 80


@pytest.mark.slow
def test_many_mutated_samples_parse_or_raise_sdp_error() -> None:
    """SDP-43, X-01: seed 2."""
    assert run_mutations(40_000, seed=2) > 4000


def test_mutated_candidates_parse_or_raise_sdp_error() -> None:
    """X-01: seed 3."""
    random = Random(3)
    lines = {line for path in SAMPLES for line in path.read_text().split("\n")}
    pool = sorted(line for line in lines if line.startswith("a=candidate"))
    accepted = 0
    for _ in range(10_000):
        try:
            parse_candidate(mutate(random.choice(pool), random, pool))
        except SdpError:
            continue
        accepted += 1
    assert accepted > 250


ATTRIBUTES = [
    *("candidate", "extmap", "fingerprint", "fmtp", "framerate", "group", "ice-pwd", "mid", "msid"),
    *("max-message-size", "ptime", "rid", "rtcp-fb", "rtpmap", "sctp-init", "sctp-port", "sctpmap"),
    *("setup", "simulcast", "ssrc", "ssrc-group"),
]
lines_of_garbage = st.lists(
    st.one_of(
        st.sampled_from([AUDIO.strip(), DATA.strip(), "a=mid:0", "a=rtcp-mux", "t=0 0", "c="]),
        st.tuples(st.sampled_from("abckmrtvz"), st.text(max_size=20)).map("=".join),
        st.tuples(
            st.sampled_from(ATTRIBUTES),
            st.text("0123456789 :;=,/~*abcdsendrecv\u0663", max_size=20),
        ).map(lambda pair: f"a={pair[0]}:{pair[1]}"),
        st.text(max_size=20),
    )
).map("\r\n".join)


@given(lines_of_garbage)
@example("a=mid")
@example("m=")
def test_garbage_parses_or_raises_sdp_error(text: str) -> None:
    """SDP-43, X-01, X-06."""
    accepts(text)
    accepts(HEAD + text)
    accepts(HEAD + AUDIO + text)
