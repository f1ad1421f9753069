"""The SCTP packets of our associations, seen where these read and write them."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import pytest

from webrtc.sctp import Association
from webrtc.sctp.chunks import END, I_DATA, ChunkType
from webrtc.sctp.packet import walk


class Piece(NamedTuple):
    """What an I-DATA chunk is a piece of."""

    stream_id: int
    ends: bool


class Direction:
    """The packets one way."""

    def __init__(self) -> None:
        self.chunks: Counter[int] = Counter()
        """By type."""
        self._pieces: list[Piece] = []

    def add(self, packet: bytes) -> None:
        for kind, flags, start, _ in walk(packet):
            self.chunks[kind] += 1
            if kind == ChunkType.I_DATA:
                stream_id = I_DATA.unpack_from(packet, start - 4)[4]
                self._pieces.append(Piece(stream_id, bool(flags & END)))

    def inside(self, stream_id: int) -> int:
        """Pieces of other streams between the first and the last piece of a message."""
        found = since = 0
        begun = False
        for piece in self._pieces:
            if piece.stream_id != stream_id:
                since += begun
                continue
            found += since
            since = 0
            begun = not piece.ends
        return found


class Wire:
    """Everything between our associations and their peers, from construction on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.sent, self.received = Direction(), Direction()
        self.held = 0
        """The most bytes that waited for the rest of their message or for the application."""
        self._associations: dict[Association, None] = {}
        read, reads = Association.handle_read, Association.handle_reads
        write, fill = Association.poll_write, Association._fill_alike

        def handle_read(association: Association, packet: bytes, now: float) -> None:
            read(association, packet, now)
            self._note_read(association, (packet,))

        def handle_reads(association: Association, packets: Sequence[bytes], now: float) -> None:
            reads(association, packets, now)
            self._note_read(association, packets)

        def poll_write(association: Association) -> bytes | None:
            packet = write(association)
            if packet is not None:
                self._note_written(association, (packet,))
            return packet

        def fill_alike(association: Association, limit: int) -> list[bytes]:
            packets = fill(association, limit)
            self._note_written(association, packets)
            return packets

        monkeypatch.setattr(Association, "handle_read", handle_read)
        monkeypatch.setattr(Association, "handle_reads", handle_reads)
        monkeypatch.setattr(Association, "poll_write", poll_write)
        # A burst is packets of `poll_write`, and behind some of them others like it.
        monkeypatch.setattr(Association, "_fill_alike", fill_alike)

    @property
    def association(self) -> Association:
        """The one that there was."""
        (association,) = self._associations
        return association

    @property
    def capabilities(self) -> int:
        """What it has in common with its peer."""
        peering = self.association._session.lifecycle.peering
        assert peering is not None
        return peering.capabilities

    def count(self, *kinds: ChunkType) -> int:
        """Chunks of these types, both ways."""
        ways = (self.sent, self.received)
        return sum(way.chunks[kind] for way in ways for kind in kinds)

    def _note_read(self, association: Association, packets: Sequence[bytes]) -> None:
        for packet in packets:
            self.received.add(packet)
        if (inbound := association._session.inbound) is not None:
            self.held = max(self.held, inbound.held)

    def _note_written(self, association: Association, packets: Sequence[bytes]) -> None:
        self._associations[association] = None
        for packet in packets:
            self.sent.add(packet)
