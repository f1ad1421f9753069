"""What a packet costs on its way, counted: nothing may creep in unseen."""

import pytest

from tests.streams.support import Pair
from tests.work import Work, work
from webrtc.rtp import EncodedFrame
from webrtc.streams import RtpSession

PARTS = 8


def datagrams(session: RtpSession) -> list[bytes]:
    """What it has to send, RTCP left out."""
    found: list[bytes] = []
    while (data := session.poll_write()) is not None:
        if not 192 <= data[1] <= 223:
            found.append(data)
    return found


def receive(session: RtpSession, sent: list[bytes], now: float) -> None:
    for data in sent:
        session.handle_rtp(data, now)


def frame(number: int) -> EncodedFrame:
    return EncodedFrame(bytes(1100 * PARTS), "TEST", number * 3000, keyframe=number == 0)


@pytest.mark.interpreted
def test_a_packet_in_order_meets_few_lines_in_and_out() -> None:
    pair = Pair()
    left, right = pair.left.rtp, pair.right.rtp
    for number in range(5):
        pair.sender.send(frame(number), number / 30)
        receive(right, datagrams(left), number / 30)
    pair.sender.encodings[0].stream.introduced = True  # type: ignore[union-attr]
    spent = work(lambda: pair.sender.send(frame(5), 1 / 6))
    sent = datagrams(left)
    assert len(sent) == PARTS
    assert spent + work(lambda: datagrams(left)) <= 100 * PARTS
    assert work(lambda: receive(right, sent, 1 / 6)) <= 170 * PARTS


@pytest.mark.interpreted
def test_the_cost_of_a_packet_does_not_grow_with_its_number() -> None:
    pair = Pair()
    left, right = pair.left.rtp, pair.right.rtp
    spent: list[int] = []
    for number in range(400):
        now = number / 30
        left.handle_timeout(now)
        right.handle_timeout(now)
        pair.sender.send(frame(number), now)
        sent = datagrams(left)
        datagrams(right)
        while right.poll_media() is not None:
            pass
        with Work() as counted:
            receive(right, sent, now)
        spent.append(counted.done)
    assert spent[390] <= spent[50] * 1.1
