"""Whose packet it is: MID and RID, the SSRC, a payload type of one section alone. RFC 9143 §9.2."""

from dataclasses import replace

from tests.streams.support import AUDIO, EXTENSIONS, VIDEO
from webrtc.rtp import RtpPacket
from webrtc.streams import Receiver, ReceiveTerms
from webrtc.streams.inbound import InboundSource
from webrtc.streams.router import MAX_CHECKS, MAX_TOLD, Destination, Router


def packet(
    payload_type: int,
    ssrc: int = 1,
    mid: str | None = None,
    rid: str | None = None,
    repaired: str | None = None,
) -> RtpPacket:
    made = RtpPacket(payload_type, 0, 0, ssrc)
    for id_, value in ((1, mid), (2, rid), (3, repaired)):
        if value is not None:
            made.set_extension(id_, value.encode())
    return made


def receiver(terms: ReceiveTerms, kind: str = "video") -> Receiver:
    made = Receiver(kind)
    made.configure(terms)
    return made


def routed() -> tuple[Router, Receiver, Receiver, Receiver]:
    """Sound, and two sections of pictures with the same payload types."""
    router = Router()
    sound = receiver(ReceiveTerms("a", (AUDIO,), EXTENSIONS), "audio")
    plain = receiver(ReceiveTerms("v", (VIDEO,), EXTENSIONS, sources={10: 11}))
    layers = receiver(ReceiveTerms("s", (VIDEO,), EXTENSIONS, ("q", "h")))
    for each in (sound, plain, layers):
        router.add(each)
    return router, sound, plain, layers


def test_a_mid_decides() -> None:
    router, sound, plain, layers = routed()
    assert router.find(packet(96, mid="v")) == Destination(plain, None, repair=False)
    assert router.find(packet(96, mid="s")) == Destination(layers, None, repair=False)
    assert router.find(packet(111, mid="a")) == Destination(sound, None, repair=False)


def test_a_mid_that_nobody_has_is_nobodys() -> None:
    router, *_ = routed()
    assert router.find(packet(111, mid="x")) is None


def test_a_mid_wins_over_the_ssrc() -> None:
    router, _, _, layers = routed()
    assert router.find(packet(96, ssrc=10, mid="s")) == Destination(layers, None, repair=False)


def test_a_signalled_source_needs_no_name() -> None:
    router, _, plain, _ = routed()
    assert router.find(packet(96, ssrc=10)) == Destination(plain, None, repair=False)
    assert router.find(packet(97, ssrc=11)) == Destination(plain, None, repair=True)
    assert router.repaired_by(11) == 10
    assert router.repaired_by(10) is None


def test_a_payload_type_decides_where_one_section_alone_has_it() -> None:
    router, sound, *_ = routed()
    assert router.find(packet(111)) == Destination(sound, None, repair=False)
    assert router.find(packet(96)) is None


def test_a_payload_type_that_its_section_does_not_have_is_nobodys() -> None:
    router, *_ = routed()
    assert router.find(packet(111, mid="v")) is None
    assert router.find(packet(111, ssrc=10)) is None


def test_encodings_have_names() -> None:
    router, _, _, layers = routed()
    assert router.find(packet(96, mid="s", rid="h")) == Destination(layers, "h", repair=False)
    found = router.find(packet(97, mid="s", repaired="h"))
    assert found == Destination(layers, "h", repair=True)


def test_an_encoding_that_was_not_agreed_on_is_nobodys() -> None:
    router, *_ = routed()
    assert router.find(packet(96, mid="s", rid="x")) is None


def test_rtcp_may_tell_the_section_of_a_source() -> None:
    router, _, plain, layers = routed()
    router.tell(77, "v")
    assert router.find(packet(96, ssrc=77)) == Destination(plain, None, repair=False)
    assert router.find(packet(96, ssrc=77, mid="s")) == Destination(layers, None, repair=False)
    for ssrc in range(1000, 1000 + MAX_TOLD):
        router.tell(ssrc, "v")
    assert router.find(packet(96, ssrc=77)) is None


def test_malformed_extensions_say_nothing() -> None:
    router, sound, *_ = routed()
    broken = packet(111)
    broken.extension_profile, broken.extension = 0xBEDE, b"\x1f\x00\x00\x00"
    assert router.find(broken) == Destination(sound, None, repair=False)
    undecodable = packet(111)
    undecodable.set_extension(1, b"\xff")
    assert router.find(undecodable) is None


def test_after_new_terms_every_source_is_looked_at_again() -> None:
    router, sound, *_ = routed()
    source = InboundSource(1, {111: AUDIO}, sound, signalled=False)
    router.confirm(source)
    assert router.sources == {1: source}
    sound.configure(replace(sound.terms, mid="b"))
    router.add(sound)
    assert router.sources == {}
    assert router.known(1) is source
    assert router.find(packet(111, mid="b")) == Destination(sound, None, repair=False)
    router.confirm(source)
    router.forget(1)
    assert router.known(1) is None


def test_a_section_that_is_gone_gets_nothing() -> None:
    router, sound, plain, _ = routed()
    router.remove(plain)
    router.remove(plain)
    assert router.find(packet(96, mid="v")) is None
    assert plain not in router.receivers
    assert sound in router.receivers


def test_names_of_a_known_source_are_read_five_times_a_second() -> None:
    router, sound, *_ = routed()
    source = InboundSource(1, {}, sound, signalled=False)
    allowed = [router.may_check(source, 10.0 + each / 100) for each in range(100)]
    assert sum(allowed) == MAX_CHECKS
    assert router.may_check(source, 11.1)
