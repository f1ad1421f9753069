"""Who knows the code is let in; who guesses, or stands in the middle, is not."""

import asyncio
from contextlib import AbstractAsyncContextManager

import pytest

from tests.support import Pair, connected, two_hosts
from webrtc import RTCPeerConnection
from webrtc.errors import InvalidStateError
from webrtc.transfer.code import Code
from webrtc.transfer.conversation import TransferError
from webrtc.transfer.proof import PROOF_TIMEOUT, Guard, Proofs, WrongCode, fingerprints, prove
from webrtc.transfer.wire import Done, Proof, Refused, decode, encode

CODE = Code(7, ("tiger", "lamp", "river", "coral"))
OTHER = Code(7, ("tiger", "lamp", "river", "cotton"))


def peers(seed: int = 0) -> AbstractAsyncContextManager[Pair]:
    _, left, right = two_hosts(seed=seed)
    return connected(left, right)


async def meet(
    pair: Pair, guard: Guard, code: Code
) -> tuple[BaseException | None, BaseException | None]:
    """The sender's outcome, then the receiver's."""
    sender, receiver = await asyncio.gather(
        guard.check(pair.right, pair.remote),
        prove(pair.left, pair.channel, code),
        return_exceptions=True,
    )
    return sender, receiver


async def test_both_ends_with_the_code_go_on() -> None:
    async with peers() as pair:
        guard = Guard(CODE)
        assert await meet(pair, guard, CODE) == (None, None)
        assert guard.tries == 3
        await pair.channel.send("the channel is still open")
        assert await pair.remote.recv() == "the channel is still open"


async def test_number_is_no_part_of_the_secret() -> None:
    async with peers() as pair:
        assert await meet(pair, Guard(CODE), Code(8, CODE.words)) == (None, None)


async def test_wrong_code_fails_clearly_at_both_ends_and_costs_a_try() -> None:
    guard = Guard(CODE)
    for left in ("2 tries are", "1 try is", "0 tries are"):
        async with peers() as pair:
            sender, receiver = await meet(pair, guard, OTHER)
            assert isinstance(sender, WrongCode)
            assert isinstance(receiver, WrongCode)
            assert str(receiver) == f"wrong code; {left} left"
            assert pair.channel.ready_state == pair.remote.ready_state == "closed"
    async with peers() as pair:
        outcome = await meet(pair, guard, CODE)
        assert [type(each) for each in outcome] == [WrongCode, WrongCode]
    assert guard.tries == 0


async def test_guesses_at_the_same_time_are_counted_one_by_one() -> None:
    guard = Guard(CODE, tries=1)
    async with peers(1) as one, peers(2) as two:
        for pair in (one, two):
            pair.channel.send(encode(Proof("0" * 64)))
        checks = [guard.check(pair.right, pair.remote) for pair in (one, two)]
        outcome = await asyncio.gather(*checks, return_exceptions=True)
        assert [type(each) for each in outcome] == [WrongCode, WrongCode]
        assert guard.tries == 0
        assert decode(str(await one.channel.recv())) == Refused(0)
        assert decode(str(await two.channel.recv())) == Refused(0)


async def test_who_has_not_proved_anything_learns_no_proof() -> None:
    async with peers() as pair:
        pair.channel.send(encode(Proof("f" * 64)))
        with pytest.raises(WrongCode):
            await Guard(CODE).check(pair.right, pair.remote)
        assert decode(str(await pair.channel.recv())) == Refused(2)


async def test_proofs_that_somebody_in_the_middle_passes_on_are_wrong() -> None:
    """Two honest ends with one code, and between them two connections instead of one."""
    async with peers(1) as near, peers(2) as far:
        guard = Guard(CODE)
        receiver = asyncio.create_task(prove(near.left, near.channel, CODE))
        sender = asyncio.create_task(guard.check(far.right, far.remote))
        far.channel.send(await near.remote.recv())
        near.remote.send(await far.channel.recv())
        outcome = await asyncio.gather(sender, receiver, return_exceptions=True)
        assert [type(each) for each in outcome] == [WrongCode, WrongCode]
        assert guard.tries == 2


async def test_sender_without_the_code_is_not_believed() -> None:
    async with peers() as pair:
        prover = asyncio.create_task(prove(pair.left, pair.channel, CODE))
        proof = decode(str(await pair.remote.recv()))
        assert isinstance(proof, Proof)
        pair.remote.send(encode(proof))  # the receiver's own proof, sent back
        with pytest.raises(WrongCode, match="does not know the code"):
            await prover


async def test_something_else_than_a_proof_is_a_broken_protocol() -> None:
    async with peers() as pair:
        pair.remote.send(encode(Done()))
        with pytest.raises(TransferError, match="broke the protocol"):
            await prove(pair.left, pair.channel, CODE)


async def test_who_never_proves_anything_is_not_waited_for() -> None:
    async with peers() as pair:
        loop = asyncio.get_running_loop()
        started = loop.time()
        with pytest.raises(TransferError, match="did nothing for 20 s"):
            await Guard(CODE).check(pair.right, pair.remote)
        assert PROOF_TIMEOUT <= loop.time() - started < PROOF_TIMEOUT + 10


async def test_both_ends_see_the_same_two_certificates() -> None:
    async with peers() as pair:
        assert fingerprints(pair.left) == fingerprints(pair.right)[::-1]
        assert len({*fingerprints(pair.left)}) == 2
    async with RTCPeerConnection() as alone:
        with pytest.raises(InvalidStateError):
            fingerprints(alone)


def test_proofs_depend_on_every_input_and_differ_from_each_other() -> None:
    one, two = b"1" * 32, b"2" * 32
    derived = [
        Proofs.derive(CODE, one, two),
        Proofs.derive(OTHER, one, two),
        Proofs.derive(CODE, two, one),
        Proofs.derive(CODE, one, b"3" * 32),
    ]
    assert Proofs.derive(CODE, one, two) == derived[0]
    assert len({proof for pair in derived for proof in pair}) == 8
