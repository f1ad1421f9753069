"""Two ICE agents on a virtual network, for the tests of ICE alone."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from random import Random

from tests.scenarios.leaks import leakless
from tests.support import two_hosts
from webrtc.aio import IceAgent, IceConnection
from webrtc.ice import AgentConfig, Candidate, State
from webrtc.sdp.candidate import format_candidate, parse_candidate
from webrtc.vnet import Link, Network

QUICK = AgentConfig(disconnected_timeout=1.0, failed_timeout=3.0, consent_timeout=3.0)


def trickle(one: IceAgent, other: IceAgent) -> None:
    """Carry candidates both ways, in the words of SDP."""

    def carry(to: IceAgent, candidate: Candidate | None) -> None:
        if to.state is not State.CLOSED:
            text = candidate and format_candidate(candidate)
            to.add_remote_candidate(parse_candidate(text) if text else None)

    one.on("candidate", partial(carry, other))
    other.on("candidate", partial(carry, one))


async def connect(one: IceAgent, other: IceAgent) -> tuple[IceConnection, IceConnection]:
    """`one` dials, `other` accepts."""
    return await asyncio.gather(
        one.dial(other.local_ufrag, other.local_pwd), other.accept(one.local_ufrag, one.local_pwd)
    )


@asynccontextmanager
async def agents(
    config: AgentConfig | None = None, link: Link | None = None, *, max_queued: int = 256
) -> AsyncIterator[tuple[Network, IceAgent, IceAgent]]:
    """Two agents on two hosts that trickle to each other; close both, without a trace."""
    network, left, right = two_hosts(link or Link(delay=0.01))
    async with (
        leakless(),
        IceAgent(config, network=left, max_queued=max_queued, random=Random(1)) as one,
        IceAgent(config, network=right, max_queued=max_queued, random=Random(2)) as other,
    ):
        trickle(one, other)
        yield network, one, other
