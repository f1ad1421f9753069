"""Sources that come, change and go, and how many there may be. Rows P-03, P-04, R-05."""

from random import Random

import pytest

from tests.interceptor.support import info
from tests.streams.support import AUDIO, EXTENSIONS, FORMATS, VIDEO
from tests.work import Work
from webrtc.clock import Clock
from webrtc.interceptor import Chain
from webrtc.rtp import RtpPacket
from webrtc.streams import Receiver, ReceiveTerms
from webrtc.streams.built_in import BuiltIn
from webrtc.streams.inbound import InboundSource, InboundStream, RepairStream
from webrtc.streams.sources import MAX_UNSIGNALLED, Sources


class Table:
    def __init__(self, terms: ReceiveTerms | None = None) -> None:
        session = info()
        known = BuiltIn(session, Random(1), Clock(0.0), lambda ssrc, number: False)
        self.forgotten: list[int] = []
        self.chain = Chain(known.all)
        self.reports = known.reports
        self.sources = Sources(self.chain, session, known, FORMATS, self.forgotten.append)
        self.video = Receiver("video")
        self.video.configure(terms or ReceiveTerms("v", (VIDEO,), EXTENSIONS))
        self.sources.bind(self.video)
        self.now = 0.0

    def route(
        self, ssrc: int, payload_type: int = 96, mid: str | None = "v", **names: str
    ) -> InboundSource:
        packet = RtpPacket(payload_type, 1, 0, ssrc, b"payload")
        if mid is not None:
            packet.set_extension(1, mid.encode())
        for name, id_ in (("rid", 2), ("repaired", 3)):
            if name in names:
                packet.set_extension(id_, names[name].encode())
        table = self.sources.router.sources
        source = table.get(ssrc)
        if source is None or payload_type not in source.payload_types:
            source = self.sources.route(packet, self.now)
        source.first(packet, self.now)
        return source


def test_a_source_gets_a_stream_and_keeps_it() -> None:
    table = Table()
    stream = table.route(1)
    assert isinstance(stream, InboundStream)
    assert table.route(1, mid=None) is stream
    assert table.video.sources == {1: stream}


def test_a_packet_that_is_nobodys_makes_nothing() -> None:
    table = Table()
    source = table.route(1, mid="x")
    assert source.receiver is None
    assert table.sources.refused == 1
    assert table.sources.router.sources == {}


def test_a_new_source_takes_the_place_of_the_old_one() -> None:
    table = Table()
    old = table.route(1)
    new = table.route(2)
    assert set(table.video.sources) == {new.ssrc}
    assert table.sources.router.known(1) is None
    assert old is not new


def test_encodings_stand_side_by_side() -> None:
    table = Table(ReceiveTerms("v", (VIDEO,), EXTENSIONS, ("q", "h")))
    table.route(1, rid="q")
    table.route(2, rid="h")
    assert {source.rid for source in table.video.sources.values()} == {"q", "h"}


def test_signalled_sources_stand_side_by_side() -> None:
    table = Table(ReceiveTerms("v", (VIDEO,), EXTENSIONS, sources={1: 2, 3: 4}))
    for ssrc in (1, 3):
        table.route(ssrc, mid=None)
    repairs = [table.route(ssrc, 97, mid=None) for ssrc in (2, 4)]
    assert set(table.video.sources) == {1, 3}
    assert [each.repairs.ssrc for each in repairs if isinstance(each, RepairStream)] == [1, 3]


def test_a_repair_finds_its_encoding_by_name() -> None:
    table = Table(ReceiveTerms("v", (VIDEO,), EXTENSIONS, ("q", "h")))
    table.route(1, rid="q")
    high = table.route(2, rid="h")
    rtx = table.route(3, 97, repaired="h")
    assert isinstance(rtx, RepairStream)
    assert rtx.repairs is high
    other = table.route(4, 97, repaired="h")
    assert table.sources.router.known(3) is None
    assert isinstance(other, RepairStream)


def test_a_repair_that_comes_before_its_stream_is_nobodys_yet() -> None:
    table = Table()
    for _ in range(1000):
        assert table.route(3, 97).receiver is None
    assert isinstance(table.route(1), InboundStream)
    assert isinstance(table.route(3, 97), RepairStream)


def test_one_source_that_claims_two_sections_is_in_the_last_one() -> None:
    table = Table()
    sound = Receiver("audio")
    sound.configure(ReceiveTerms("a", (AUDIO,), EXTENSIONS))
    table.sources.bind(sound)
    assert table.route(1).receiver is table.video
    assert table.route(1, 111, "a").receiver is sound
    assert table.video.sources == {}


def test_switching_all_the_time_costs_no_more_than_five_looks_a_second() -> None:
    table = Table()
    sound = Receiver("audio")
    sound.configure(ReceiveTerms("a", (AUDIO,), EXTENSIONS))
    table.sources.bind(sound)
    streams = set()
    for turn in range(200):
        payload_type, mid = ((96, "v"), (111, "a"))[turn % 2]
        streams.add(table.route(1, payload_type, mid))
        table.now += 0.001
    assert len(streams) <= 80  # those that were made, and the one for what is nobody's


def test_new_terms_are_applied_to_streams_that_go_on() -> None:
    table = Table()
    stream = table.route(1)
    other = type(VIDEO)(100, "TEST", 90000, feedback=VIDEO.feedback)
    table.video.configure(ReceiveTerms("v", (other,), EXTENSIONS))
    table.sources.bind(table.video)
    assert table.route(1, 100) is stream
    assert table.route(1, 96).receiver is None


def test_a_source_that_has_stopped_saying_its_name_stays_where_it_is() -> None:
    table = Table()
    stream = table.route(1)
    other = Receiver("video")
    other.configure(ReceiveTerms("w", (VIDEO,), EXTENSIONS))
    table.sources.bind(other)
    assert table.sources.router.sources == {}
    assert table.route(1, mid=None) is stream
    assert table.route(2, mid=None).receiver is None


def test_what_is_nobodys_is_recorded_whichever_section_came_last() -> None:
    codec = type(VIDEO)(96, "TEST", 90000, feedback=frozenset({"transport-cc"}))
    table = Table(ReceiveTerms("v", (codec,), EXTENSIONS))
    sound = Receiver("audio")
    sound.configure(ReceiveTerms("a", (AUDIO,), EXTENSIONS))
    table.sources.bind(sound)
    packet = RtpPacket(50, 1, 0, 0, b"")
    packet.set_extension(5, b"\0\7")
    table.sources.route(packet, 1.0).first(packet, 1.0)
    assert table.chain.poll_timeout() is not None


def test_new_feedback_makes_a_new_stream() -> None:
    table = Table()
    stream = table.route(1)
    other = type(VIDEO)(96, "TEST", 90000)
    table.video.configure(ReceiveTerms("v", (other,), EXTENSIONS))
    table.sources.bind(table.video)
    assert table.route(1) is not stream
    assert table.reports.received[1].packets == 1


def test_a_receiver_that_is_gone_gets_nothing() -> None:
    table = Table()
    table.route(1)
    table.route(3, 97)
    table.sources.unbind(table.video)
    assert table.video.sources == {}
    assert not table.reports.received
    assert table.route(1).receiver is None


@pytest.mark.parametrize("mid", ["v", "x"])
def test_a_storm_of_sources_is_bounded(mid: str) -> None:
    table = Table(ReceiveTerms("v", (VIDEO,), EXTENSIONS, ("q", "h")))
    random = Random(1)
    for _ in range(5000):
        table.now += 0.001
        table.route(random.getrandbits(32), mid=mid, rid=random.choice("qh"))
    assert len(table.sources.router.sources) <= MAX_UNSIGNALLED
    assert len(table.reports.received) <= MAX_UNSIGNALLED
    assert len(table.forgotten) >= 5000 - 2 * MAX_UNSIGNALLED - 60


def test_the_one_that_was_silent_for_longest_is_replaced() -> None:
    rids = tuple(f"r{number}" for number in range(MAX_UNSIGNALLED + 1))
    table = Table(ReceiveTerms("v", (VIDEO,), EXTENSIONS, rids))
    for number, rid in enumerate(rids[:-1]):
        table.now = number * 1.0
        table.route(number, rid=rid)
    table.now += 10.0
    packet = RtpPacket(96, 2, 3000, 0, b"payload")
    table.sources.router.sources[0].first(packet, table.now)
    table.route(999, rid=rids[-1])
    assert 0 in table.video.sources
    assert 1 not in table.video.sources
    assert 999 in table.video.sources


def test_a_packet_of_nobody_costs_the_same_however_many_there_were() -> None:
    table = Table()

    def cost() -> int:
        packet = RtpPacket(96, 1, 0, table.sources.refused + 10, b"payload")
        packet.set_extension(1, b"x")
        with Work() as counted:
            table.sources.route(packet, table.now)
        return counted.done

    first = [cost() for _ in range(100)][-1]
    later = [cost() for _ in range(2000)][-1]
    assert later <= first + 2
