"""The sans-IO core on blocking UDP sockets: two threads, no event loop.

    python examples/sansio_loop.py --messages 3

Each thread drives one `PeerConnection` core on one socket with the same loop of six steps. They
share only the offer and the answer, through two queues. Expect each message with its echo.
"""

import argparse
import socket
import threading
from queue import SimpleQueue
from time import monotonic as now

from webrtc import peer
from webrtc.core import Path

Queue = SimpleQueue[peer.RTCSessionDescription]


def drive(core: peer.PeerConnection, mine: Queue, theirs: Queue, messages: int) -> None:
    """Be one peer on a socket of its own, until it is closed."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.bind(("127.0.0.1", 0))
        local = udp.getsockname()
        core.set_local_description(None, now())
        while True:
            while (event := core.poll_event()) is not None:  # 1. what has happened
                if isinstance(event, peer.GatherWanted):
                    core.handle_event(peer.AddressesBound((local,)), now())
                handle(core, event, mine, theirs, messages)
            while (received := core.poll_data()) is not None:  # 2. what the other peer says
                core.channels.consume(received.size)
                if not messages:
                    core.send(received.channel, received.data, now())
                    continue
                print("echo:", received.data)
                if received.data == f"message {messages}":
                    core.close(now())
            while (transmit := core.poll_write()) is not None:  # 3. what has to be sent
                udp.sendto(transmit.data, transmit.path.remote)
            if core.connection_state == "closed":
                return core.stop(now())
            deadline = core.poll_timeout()  # 4. how long there is nothing to do
            udp.settimeout(None if deadline is None else max(deadline - now(), 1e-3))
            try:
                datagram, remote = udp.recvfrom(65535)  # 5. wait so long for a datagram
                core.handle_read(datagram, Path(local, remote), now())
            except TimeoutError:
                pass
            core.handle_timeout(now())  # 6. what is due by now


def handle(
    core: peer.PeerConnection, event: peer.Event, mine: Queue, theirs: Queue, messages: int
) -> None:
    match event:
        case peer.IceCandidateFound(None) if core.local_description is not None:
            mine.put(core.local_description)  # that was the last candidate: it has them all
            if messages:
                core.set_remote_description(theirs.get(timeout=5), now())
        case peer.ChannelOpened(channel):
            for number in range(messages):
                core.send(channel, f"message {number + 1}", now())
        case peer.ChannelClosed():
            core.close(now())


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--messages", type=int, default=3, help="how many to send")
    messages, offers, answers = parser.parse_args().messages, Queue(), Queue()
    offerer, answerer = peer.PeerConnection(), peer.PeerConnection()
    offerer.create_data_channel("chat", now())
    threading.Thread(target=drive, args=(offerer, offers, answers, messages)).start()
    answerer.set_remote_description(offers.get(timeout=5), now())
    drive(answerer, answers, offers, 0)
