"""The order of interceptors, and what each of them is given."""

from tests.interceptor.support import STREAM, End, packet
from webrtc.interceptor import Chain, Forward, Interceptor, Slot, StreamInfo
from webrtc.rtcp import Goodbye, PictureLossIndication, RtcpPacket
from webrtc.rtp import RtpPacket


class Logged(Interceptor):
    """Writes down whom it meets."""

    def __init__(self, name: str, slot: int, log: list[str]) -> None:
        self.slot = slot
        self.reads = frozenset({Goodbye})
        self._name = name
        self._log = log

    def bind_inbound(self, stream: StreamInfo, onward: Forward) -> Forward:
        return self._logged("in", onward)

    def bind_outbound(self, stream: StreamInfo, onward: Forward) -> Forward:
        return self._logged("out", onward)

    def handle_rtcp(self, packet: RtcpPacket, now: float) -> None:
        self._log.append(f"{self._name} rtcp")

    def handle_timeout(self, now: float) -> None:
        self._log.append(f"{self._name} timeout")
        self.deadline = None

    def unbind(self, ssrc: int) -> None:
        self._log.append(f"{self._name} unbind {ssrc}")

    def _logged(self, way: str, onward: Forward) -> Forward:
        def take(packet: RtpPacket, now: float) -> None:
            self._log.append(f"{self._name} {way}")
            onward(packet, now)

        return take


def both(log: list[str]) -> tuple[Logged, Logged, Chain]:
    near, far = Logged("near", Slot.ARRIVAL, log), Logged("far", Slot.APPLICATION, log)
    return near, far, Chain([far, near])


def test_one_order_for_both_directions() -> None:
    log: list[str] = []
    _, _, chain = both(log)
    end = End()
    chain.bind_inbound(STREAM, end.take).first(packet(1), 0.0)
    chain.bind_outbound(STREAM, end.take)(packet(2), 0.0)
    assert log == ["near in", "far in", "far out", "near out"]
    assert end.numbers == [1, 2]


def test_what_is_repaired_passes_those_who_record_arrivals() -> None:
    log: list[str] = []
    _, _, chain = both(log)
    chain.bind_inbound(STREAM, End().take).repaired(packet(1), 0.0)
    assert log == ["far in"]


def test_rtcp_goes_to_its_readers_alone() -> None:
    log: list[str] = []
    _, _, chain = both(log)
    chain.handle_rtcp(PictureLossIndication(1, 2), 0.0)
    assert log == []
    chain.handle_rtcp(Goodbye((1,)), 0.0)
    assert log == ["near rtcp", "far rtcp"]


def test_only_those_act_whose_time_has_come() -> None:
    log: list[str] = []
    near, far, chain = both(log)
    assert chain.poll_timeout() is None
    near.deadline, far.deadline = 2.0, 1.0
    assert chain.poll_timeout() == 1.0
    chain.handle_timeout(1.5)
    assert log == ["far timeout"]
    assert chain.poll_timeout() == 2.0


def test_what_they_send_is_collected_in_one_place() -> None:
    near, _, chain = both([])
    near.rtcp.append(Goodbye((1,)))
    assert chain.rtcp == [Goodbye((1,))]


def test_all_forget_a_stream() -> None:
    log: list[str] = []
    _, _, chain = both(log)
    chain.unbind(7)
    assert log == ["near unbind 7", "far unbind 7"]
