"""A small message beside a very large one, through whole peers in virtual time."""

import asyncio
from random import Random

from tests.support import connected, two_hosts
from webrtc import RTCDataChannel, SettingEngine
from webrtc.sctp import Config
from webrtc.vnet import Link

RTT = 0.06
LARGE = 100_000_000


async def test_a_kilobyte_does_not_wait_for_a_hundred_megabytes() -> None:
    """RFC 8260: interleaved, 1 KB takes 3 round trips at most while a message of 100 MB is sent."""
    sctp = Config(max_message_size=LARGE, receive_window=2 * LARGE, max_send_buffer=2 * LARGE)
    settings = SettingEngine(random=Random(0), sctp=sctp)
    _, left, right = two_hosts(Link(delay=RTT / 2, rate=20e6, queue=256_000, mtu=1500))
    loop = asyncio.get_running_loop()
    async with connected(left, right, settings=settings) as pair:
        large = pair.left.create_data_channel("large")
        small = pair.left.create_data_channel("small")
        arrived: asyncio.Future[float] = loop.create_future()
        others: list[str] = []

        def take(channel: RTCDataChannel) -> None:
            def message(_: bytes | str) -> None:
                if channel.label == "small":
                    arrived.set_result(loop.time())
                else:
                    others.append(channel.label)

            channel.on("message", message)

        pair.right.on("datachannel", take)
        await asyncio.gather(large.opened(), small.opened())
        large.send(bytes(LARGE))
        await asyncio.sleep(1.0)
        left_to_send = large.buffered_amount
        sent = loop.time()
        small.send(bytes(1000))
        async with asyncio.timeout(1.0):
            took = await arrived - sent
        assert not others
        assert 0 < left_to_send < LARGE
        assert large.buffered_amount > 0
        assert took <= 3 * RTT, took / RTT
