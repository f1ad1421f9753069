"""Whole messages of one stream that came before their turn. RFC 9260 §6.6."""

from heapq import heappop, heappush

from webrtc.sctp.events import Message


class Ahead:
    """They wait by number. Numbers do not wrap here: they count from the turn at the beginning."""

    __slots__ = ("_order", "messages", "turn")

    def __init__(self) -> None:
        self.turn = 0
        """Of the message that all of them wait for."""
        self.messages: dict[int, Message] = {}
        self._order: list[int] = []

    def add(self, ahead: int, message: Message) -> bool:
        """Keep a message that is so many after the turn; False when there is one already."""
        number = self.turn + ahead
        if number in self.messages:
            return False
        self.messages[number] = message
        heappush(self._order, number)
        return True

    def advance(self, count: int) -> list[Message]:
        """Move the turn on; returns, in order, what it passes and what follows at once."""
        self.turn += count
        order, found = self._order, []
        while order and order[0] <= self.turn:
            number = heappop(order)
            found.append(self.messages.pop(number))
            if number == self.turn:
                self.turn += 1
        return found
