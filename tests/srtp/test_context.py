import struct
from functools import partial
from random import Random

import pytest

from tests.srtp.cryptex_vectors import VECTORS
from tests.work import work
from webrtc.errors import InvalidAccessError, OperationError
from webrtc.srtp import CryptexPolicy, InboundContext, Keys, OutboundContext, ProtectionProfile
from webrtc.srtp.context import WINDOW, header_length
from webrtc.srtp.rollover import ROLLOVER

PROFILES = [
    ProtectionProfile.AES128_CM_SHA1_80,
    ProtectionProfile.AES128_CM_SHA1_32,
    ProtectionProfile.AEAD_AES_128_GCM,
    ProtectionProfile.AEAD_AES_256_GCM,
    ProtectionProfile.NULL_SHA1_80,
]
CM, GCM = ProtectionProfile.AES128_CM_SHA1_80, ProtectionProfile.AEAD_AES_128_GCM
SSRC = 0xCAFEBABE
RTCP = bytes.fromhex("80c90001cafebabe")

each_profile = pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.name)


def keys(profile: ProtectionProfile) -> Keys:
    return Keys(bytes(range(profile.key_length)), bytes(range(profile.salt_length)))


def pair(
    profile: ProtectionProfile, cryptex: CryptexPolicy = CryptexPolicy.DISABLE
) -> tuple[OutboundContext, InboundContext]:
    return (
        OutboundContext(profile, keys(profile), cryptex=cryptex),
        InboundContext(profile, keys(profile), cryptex=cryptex),
    )


def header(sequence: int, ssrc: int = SSRC) -> bytes:
    return struct.pack("!BBHII", 0x80, 96, sequence & 0xFFFF, 3000, ssrc)


def sealed(sender: OutboundContext, sequence: int, ssrc: int = SSRC) -> bytes:
    payload = b"payload %d" % sequence
    return sender.seal_rtp(header(sequence, ssrc), payload, ssrc, sequence & 0xFFFF)


def clear(sequence: int, ssrc: int = SSRC) -> bytes:
    return header(sequence, ssrc) + b"payload %d" % sequence


@each_profile
def test_what_one_side_seals_the_other_opens(profile: ProtectionProfile) -> None:
    sender, receiver = pair(profile)
    for sequence in range(100):
        assert receiver.open_rtp(sealed(sender, sequence), 0.0) == clear(sequence)
    for _ in range(100):
        assert receiver.open_rtcp(sender.seal_rtcp(RTCP)) == RTCP
    assert (receiver.failed, receiver.replayed) == (0, 0)


@each_profile
def test_overhead_is_what_the_profile_says(profile: ProtectionProfile) -> None:
    sender, _ = pair(profile)
    assert len(sealed(sender, 1)) == len(clear(1)) + profile.rtp_tag_length
    assert len(sender.seal_rtcp(RTCP)) == len(RTCP) + profile.rtcp_overhead


@pytest.mark.parametrize("name", VECTORS)
def test_rfc_9335_cryptex(name: str) -> None:
    """Appendix A, both ways."""
    profile, master, plain, expected = VECTORS[name]
    sender = OutboundContext(profile, master, cryptex=CryptexPolicy.NEGOTIATED)
    length = header_length(plain)
    sequence = int.from_bytes(plain[2:4], "big")
    assert sender.seal_rtp(plain[:length], plain[length:], SSRC, sequence) == expected
    receiver = InboundContext(profile, master, cryptex=CryptexPolicy.REQUIRE)
    assert receiver.open_rtp(expected, 0.0) == plain


def test_cryptex_gives_csrcs_without_extension_an_empty_one() -> None:
    """RFC 9335 §5.1."""
    profile, master, plain, expected = VECTORS["A.2.5"]
    sender = OutboundContext(profile, master, cryptex=CryptexPolicy.NEGOTIATED)
    bare = bytes([plain[0] & ~0x10]) + plain[1:20]
    assert sender.seal_rtp(bare, plain[24:], SSRC, 0x123A) == expected


def test_cryptex_mismatch_is_dropped_or_plain_as_negotiated() -> None:
    """R-13."""
    profile, master, plain, hidden = VECTORS["A.1.1"]
    in_clear = OutboundContext(profile, master).seal_rtp(plain[:20], plain[20:], SSRC, 0x1235)
    without = InboundContext(profile, master)
    assert without.open_rtp(in_clear, 0.0) == plain
    negotiated = InboundContext(profile, master, cryptex=CryptexPolicy.NEGOTIATED)
    assert negotiated.open_rtp(in_clear, 0.0) == plain
    required = InboundContext(profile, master, cryptex=CryptexPolicy.REQUIRE)
    assert required.open_rtp(in_clear, 0.0) is None
    assert required.open_rtp(hidden, 0.0) == plain


def test_cryptex_refuses_an_extension_of_no_known_form() -> None:
    sender = OutboundContext(CM, keys(CM), cryptex=CryptexPolicy.NEGOTIATED)
    strange = bytes([0x90]) + header(1)[1:] + b"\x12\x34\x00\x00"
    with pytest.raises(InvalidAccessError):
        sender.seal_rtp(strange, b"", SSRC, 1)


@each_profile
def test_no_bit_of_a_packet_can_be_flipped(profile: ProtectionProfile) -> None:
    """R-03: and no state is left of the attempts."""
    sender, receiver = pair(profile)
    packet, report = sealed(sender, 1000), sender.seal_rtcp(RTCP)
    for bit in range(8 * len(packet)):
        forged = bytearray(packet)
        forged[bit // 8] ^= 0x80 >> bit % 8
        assert receiver.open_rtp(bytes(forged), 0.0) is None
    for bit in range(8 * len(report)):
        forged = bytearray(report)
        forged[bit // 8] ^= 0x80 >> bit % 8
        assert receiver.open_rtcp(bytes(forged)) is None
    assert receiver.failed == 8 * (len(packet) + len(report))
    assert receiver._sources == {}
    assert receiver._rtcp_sources == {}
    assert receiver.open_rtp(packet, 0.0) == clear(1000)
    assert receiver.open_rtcp(report) == RTCP


@each_profile
@pytest.mark.parametrize("first", [0x80, 0x8F, 0x90, 0x9F, 0xBF, 0x00, 0x40, 0xFF])
def test_every_length_is_dropped_before_it_harms(profile: ProtectionProfile, first: int) -> None:
    """R-01, R-02: 15 CSRCs in 12 bytes, an extension that reaches beyond the tag."""
    _, receiver = pair(profile)
    for fill in (0x00, 0xFF):
        for length in range(65):
            data = (bytes([first]) + bytes([fill]) * 64)[:length]
            assert receiver.open_rtp(data, 0.0) is None
            assert receiver.open_rtcp(data) is None
    assert receiver.failed == 260


@each_profile
def test_each_packet_is_opened_once(profile: ProtectionProfile) -> None:
    """R-04: ten copies of each, the last 64 in any order."""
    sender, receiver = pair(profile)
    packets = {sequence: sealed(sender, sequence) for sequence in range(256)}
    order = [sequence for sequence in packets for _ in range(10)]
    Random(4).shuffle(order)
    opened = [receiver.open_rtp(packets[sequence], 0.0) for sequence in order]
    assert sorted(each for each in opened if each) == sorted(map(clear, packets))
    assert receiver.replayed == len(order) - len(packets)


def test_a_packet_from_before_the_window_is_not_opened() -> None:
    sender, receiver = pair(GCM)
    packets = [sealed(sender, sequence) for sequence in range(WINDOW + 1)]
    assert receiver.open_rtp(packets[-1], 0.0)
    assert receiver.open_rtp(packets[1], 0.0)
    assert receiver.open_rtp(packets[0], 0.0) is None
    assert receiver.replayed == 1


def test_replay_protection_can_be_narrowed_or_switched_off() -> None:
    """SRTP-12, SRTP-13, SRTP-24."""
    sender = OutboundContext(GCM, keys(GCM))
    packets = [sealed(sender, sequence) for sequence in range(65)]
    narrow = InboundContext(GCM, keys(GCM), window=64)
    assert narrow.open_rtp(packets[64], 0.0)
    assert narrow.open_rtp(packets[0], 0.0) is None
    off = InboundContext(GCM, keys(GCM), window=0)
    report = sender.seal_rtcp(RTCP)
    for _ in range(2):
        assert off.open_rtp(packets[0], 0.0)
        assert off.open_rtcp(report) == RTCP
    with pytest.raises(InvalidAccessError):
        InboundContext(GCM, keys(GCM), window=63)


def test_forged_sources_leave_nothing_and_cost_what_the_first_one_cost() -> None:
    """R-05."""
    sender, receiver = pair(GCM)
    random = Random(5)
    forged = [header(1, random.getrandbits(32)) + random.randbytes(40) for _ in range(1000)]
    first = work(lambda: receiver.open_rtp(forged[0], 0.0))
    for packet in forged[1:-1]:
        assert receiver.open_rtp(packet, 0.0) is None
    assert work(lambda: receiver.open_rtp(forged[-1], 0.0)) == first
    assert receiver._sources == {}
    assert receiver.open_rtp(sealed(sender, 1), 0.0)


def test_the_number_of_sources_is_bounded_and_the_silent_go_first() -> None:
    sender = OutboundContext(GCM, keys(GCM))
    receiver = InboundContext(GCM, keys(GCM), max_sources=8)
    for now in range(0, 40, 2):
        assert receiver.open_rtp(sealed(sender, now, SSRC), float(now))
        assert receiver.open_rtp(sealed(sender, 1, now), float(now))
    assert len(receiver._sources) == 8
    assert SSRC in receiver._sources
    for ssrc in range(40):
        report = struct.pack("!BBHI", 0x80, 201, 1, ssrc)
        assert receiver.open_rtcp(sender.seal_rtcp(report)) == report
    assert len(receiver._rtcp_sources) == 8


def test_a_source_that_is_forgotten_begins_anew() -> None:
    sender, receiver = pair(GCM)
    packet = sealed(sender, 1)
    assert receiver.open_rtp(packet, 0.0)
    receiver.forget(SSRC)
    receiver.forget(SSRC)
    assert receiver.open_rtp(packet, 0.0)


@pytest.mark.parametrize("profile", [CM, GCM], ids=lambda profile: profile.name)
def test_sequence_numbers_wrap_without_loss(profile: ProtectionProfile) -> None:
    """R-07: three times, with every tenth packet missing."""
    sender, receiver = pair(profile)
    for index in range(60_000, 3 * ROLLOVER, 7):
        packet = sealed(sender, index)
        if index % 10:
            assert receiver.open_rtp(packet, 0.0) == clear(index)
    assert receiver.failed == 0


@pytest.mark.parametrize("gap", [0x7FFF, 0x8000, 0x8001, ROLLOVER, ROLLOVER + 100, 2 * ROLLOVER])
def test_after_a_long_loss_the_rollover_is_found_again(gap: int) -> None:
    """R-08: up to 32 767 packets at once; beyond, after a second of silence."""
    sender, receiver = pair(GCM)
    start = 3 * ROLLOVER
    for index in range(0, start + 1, ROLLOVER // 4):
        assert receiver.open_rtp(sealed(sender, index), 0.0)
    for index in range(start + 1000, start + gap, 1000):
        sealed(sender, index)  # lost
    late = sealed(sender, start + gap)
    opened = receiver.open_rtp(late, 0.5)
    assert (opened is not None) == (gap <= 0x8000)
    opened = opened or receiver.open_rtp(late, 1.6)
    assert opened == clear(start + gap)
    assert receiver.open_rtp(sealed(sender, start + gap + 1), 1.6)


def test_looking_for_a_rollover_is_bounded() -> None:
    """R-08: forged packets of a known source make it look ten times a second, not each time."""
    sender, receiver = pair(GCM)
    assert receiver.open_rtp(sealed(sender, 1), 0.0)
    forged = header(2) + bytes(40)
    first = work(partial(receiver.open_rtp, forged, 5.0))
    for n in range(1, 100):
        assert work(partial(receiver.open_rtp, forged, 5.0 + n / 1000)) < first - 10
    assert work(partial(receiver.open_rtp, forged, 5.2)) == first


@each_profile
def test_rtcp_must_be_encrypted(profile: ProtectionProfile) -> None:
    """R-09: E = 0 is refused even with a good tag."""
    sender, receiver = pair(profile)
    in_clear = bytearray(sender.seal_rtcp(RTCP))
    in_clear[-profile.rtcp_tag_length - 4 if not profile.aead else -4] &= 0x7F
    assert receiver.open_rtcp(bytes(in_clear)) is None
    assert receiver.failed == 1


def test_rtcp_is_opened_once_and_may_jump() -> None:
    """R-09."""
    sender, receiver = pair(CM)
    reports = [sender.seal_rtcp(RTCP) for _ in range(5000)]
    assert receiver.open_rtcp(reports[0]) == RTCP
    assert receiver.open_rtcp(reports[0]) is None
    assert receiver.open_rtcp(reports[-1]) == RTCP
    assert receiver.open_rtcp(reports[1]) is None
    assert receiver.replayed == 2


def test_no_index_is_used_twice() -> None:
    """R-12: a nonce that comes again would break the cipher."""
    sender, _ = pair(GCM)
    sealed(sender, 10)
    sealed(sender, 12)
    sealed(sender, 11)
    with pytest.raises(OperationError, match="packet 11 of source 0xcafebabe"):
        sealed(sender, 11)


def test_keys_are_not_used_longer_than_they_may_be() -> None:
    """R-10, SRTP-26: 2**48 packets, and 2**31 reports."""
    sender, _ = pair(GCM)
    sealed(sender, 0)
    sender._sources[SSRC].top = (1 << 48) - 1
    with pytest.raises(OperationError, match="2\\*\\*48"):
        sealed(sender, 0)
    sender._rtcp_indexes[SSRC] = (1 << 31) - 2
    sender.seal_rtcp(RTCP)
    with pytest.raises(OperationError, match="2\\*\\*31"):
        sender.seal_rtcp(RTCP)


def test_extensions_stay_in_the_clear_without_cryptex() -> None:
    """SRTP-27."""
    sender, receiver = pair(GCM)
    extended = bytes([0x90]) + header(1)[1:] + b"\xbe\xde\x00\x01\x10\x01\x00\x00"
    packet = sender.seal_rtp(extended, b"secret", SSRC, 1)
    assert packet.startswith(extended)
    assert b"secret" not in packet
    assert receiver.open_rtp(packet, 0.0) == extended + b"secret"


@pytest.mark.parametrize(
    ("packet", "length"),
    [
        (header(1), 12),
        (b"\x82" + header(1)[1:] + bytes(8), 20),
        (b"\x82" + header(1)[1:] + bytes(7), -1),
        (b"\x90" + header(1)[1:] + b"\xbe\xde\x00\x00", 16),
        (b"\x90" + header(1)[1:] + b"\xbe\xde\x00\x01", -1),
        (b"\x90" + header(1)[1:] + b"\xbe\xde\x00", -1),
        (b"\x40" + header(1)[1:], -1),
        (header(1)[:11], -1),
        (b"", -1),
    ],
)
def test_header_length(packet: bytes, length: int) -> None:
    assert header_length(packet) == length


def test_keys_of_another_profile_are_refused() -> None:
    for context in (OutboundContext, InboundContext):
        with pytest.raises(InvalidAccessError):
            context(GCM, keys(CM))


def test_a_source_that_is_being_heard_is_not_forgotten_for_new_ones() -> None:
    """Row R-05: it would have to begin again at rollover 0, and be lost."""
    keys = Keys(bytes(16), bytes(12))
    profile = ProtectionProfile.AEAD_AES_128_GCM
    sender = OutboundContext(profile, keys)
    receiver = InboundContext(profile, keys, max_sources=100)

    def heard(ssrc: int, sequence: int, now: float) -> bool:
        header = struct.pack("!BBHII", 0x80, 96, sequence, 0, ssrc)
        return receiver.open_rtp(sender.seal_rtp(header, b"x", ssrc, sequence), now) is not None

    for sequence in (65535, 0):
        assert heard(1, sequence, 0.0)
    for number in range(1000):
        now = number / 100
        assert heard(1000 + number, 1, now)
        if number % 10 == 0:
            assert heard(1, number // 10 + 1, now)
    assert len(receiver._sources) == 100
