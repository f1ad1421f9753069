"""What the tests of the shell share."""

from collections.abc import AsyncIterator

import pytest

from tests.aio.channel_pairs import connected_pair
from tests.support import Pair


@pytest.fixture(params=[{}, {"negotiated": True, "id": 0}], ids=["announced", "negotiated"])
async def pair(request: pytest.FixtureRequest) -> AsyncIterator[Pair]:
    """Both ends of an open channel; opened in band, or under an id both sides know."""
    if not request.param:
        async with connected_pair() as pair:
            yield pair
        return
    async with connected_pair() as pair:
        left, right = pair.left, pair.right
        one, other = (pc.create_data_channel("", negotiated=True, id=9) for pc in (left, right))
        await one.opened()
        await other.opened()
        yield Pair(pair.left, pair.right, one, other)
