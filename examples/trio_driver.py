"""The sans-IO core under trio: the six steps of sansio_loop.py with its sockets and its sleeping.

    python examples/trio_driver.py --messages 3

Each peer is a trio task with one socket; they share only the offer and the answer. Expect each
message with its echo. Needs trio: pip install trio
"""

import argparse
import math

import trio

from webrtc import peer
from webrtc.core import Path

Send = trio.MemorySendChannel[peer.RTCSessionDescription]


async def drive(core: peer.PeerConnection, done: Send, messages: int) -> None:
    """Be one peer on a socket of its own, until it is closed."""
    with trio.socket.socket(trio.socket.AF_INET, trio.socket.SOCK_DGRAM) as udp:
        await udp.bind(("127.0.0.1", 0))
        local = udp.getsockname()
        while True:
            while (event := core.poll_event()) is not None:  # 1. what has happened
                if isinstance(event, peer.GatherWanted):
                    core.handle_event(peer.AddressesBound((local,)), trio.current_time())
                await handle(core, event, done, messages)
            while (received := core.poll_data()) is not None:  # 2. what the other peer says
                core.channels.consume(received.size)
                if not messages:
                    core.send(received.channel, received.data, trio.current_time())
                    continue
                print("echo:", received.data)
                if received.data == f"message {messages}":
                    core.close(trio.current_time())
            while (transmit := core.poll_write()) is not None:  # 3. what has to be sent
                await udp.sendto(transmit.data, transmit.path.remote)
            if core.connection_state == "closed":
                return core.stop(trio.current_time())
            deadline = core.poll_timeout()  # 4. how long there is nothing to do
            with trio.move_on_at(math.inf if deadline is None else deadline):
                datagram, remote = await udp.recvfrom(65535)  # 5. wait so long for a datagram
                core.handle_read(datagram, Path(local, remote), trio.current_time())
            core.handle_timeout(trio.current_time())  # 6. what is due by now


async def handle(core: peer.PeerConnection, event: peer.Event, done: Send, messages: int) -> None:
    match event:
        case peer.IceCandidateFound(None) if core.local_description is not None:
            await done.send(core.local_description)  # that was the last candidate
        case peer.ChannelOpened(channel):
            for number in range(messages):
                core.send(channel, f"message {number + 1}", trio.current_time())
        case peer.ChannelClosed():
            core.close(trio.current_time())


async def main(messages: int) -> None:
    offerer, answerer = peer.PeerConnection(), peer.PeerConnection()
    done, described = trio.open_memory_channel[peer.RTCSessionDescription](1)
    async with trio.open_nursery() as nursery:
        offerer.create_data_channel("chat", trio.current_time())
        offerer.set_local_description(None, trio.current_time())
        nursery.start_soon(drive, offerer, done, messages)
        answerer.set_remote_description(await described.receive(), trio.current_time())
        answerer.set_local_description(None, trio.current_time())
        nursery.start_soon(drive, answerer, done, 0)
        offerer.set_remote_description(await described.receive(), trio.current_time())


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--messages", type=int, default=3, help="how many to send")
    trio.run(main, parser.parse_args().messages)
