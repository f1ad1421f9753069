"""What an open connection costs that does nothing: many of them in one process, on loopback.

`python -m benchmarks.idle [connections]` prints the growth of resident memory by each, after a few
have warmed the process up. Both ends of a pair live here and count.
"""

import asyncio
import resource
import sys
from contextlib import AsyncExitStack

from benchmarks.leak import connecting, resident

WARM_UP = 20  # pairs


async def growth(connections: int) -> float:
    """Bytes of resident memory per open connection."""
    async with AsyncExitStack() as stack:

        async def connect(pairs: int) -> int:
            for _ in range(pairs):
                channel = await stack.enter_async_context(connecting())
                await channel.opened()
            return resident()

        before = await connect(WARM_UP)
        pairs = connections // 2
        return (await connect(pairs) - before) / (2 * pairs)


def main() -> None:
    connections = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))  # one socket each
    kib = asyncio.run(growth(connections)) / 1024
    print(f"idle connection {kib:8.1f} KiB, {connections} of them open")


if __name__ == "__main__":
    main()
