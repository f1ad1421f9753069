"""RTCDTMFSender and what the peer hears. webrtc-pc §7, RFC 4733; row PC-26."""

import asyncio

import pytest

from tests.aio.rtp.calls import Call, call, first_packets, sound
from tests.support import eventually
from webrtc import EncodedTrack
from webrtc.aio.rtp.dtmf import RTCDTMFSender
from webrtc.errors import InvalidCharacterError, InvalidStateError
from webrtc.rtp.payload.events import TelephoneEvent


async def dtmf(made: Call) -> tuple[RTCDTMFSender, EncodedTrack]:
    """The left end's, once it is connected."""
    track = EncodedTrack("audio", "opus")
    sender = made.left.add_track(track)
    await made.connect()
    assert sender.dtmf is not None
    return sender.dtmf, track


async def test_only_sound_has_one() -> None:
    async with call() as made:
        assert made.left.add_transceiver("video").sender.dtmf is None
        sender = made.left.add_transceiver("audio").sender
        assert sender.dtmf is sender.dtmf is not None
        assert not sender.dtmf.can_insert_dtmf
        with pytest.raises(InvalidStateError):
            sender.dtmf.insert_dtmf("1")


async def test_tones_are_played_one_after_the_other_and_told() -> None:
    async with call() as made:
        keys, _ = await dtmf(made)
        loop, begin = asyncio.get_running_loop(), 0.0
        told: list[tuple[str, float, str]] = []
        keys.on(
            "tonechange",
            lambda tone: told.append((tone, round(loop.time() - begin, 3), keys.tone_buffer)),
        )
        heard: list[str] = []
        made.receiver.on("dtmf", heard.append)
        begin = loop.time()
        keys.insert_dtmf("1a,#", 200, 100)
        assert keys.tone_buffer == "1A,#"
        await eventually(lambda: len(told) == 5)
        assert told == [
            ("1", 0.0, "A,#"),
            ("A", 0.3, ",#"),
            (",", 0.6, "#"),
            ("#", 2.6, ""),
            ("", 2.9, ""),
        ]
        await eventually(lambda: len(heard) == 3)
        assert heard == ["1", "A", "#"]


async def test_new_tones_take_the_place_of_those_to_come() -> None:
    async with call() as made:
        keys, _ = await dtmf(made)
        told: list[str] = []
        keys.on("tonechange", told.append)
        keys.insert_dtmf("123")
        await asyncio.sleep(0.05)
        keys.insert_dtmf("9")
        await eventually(lambda: "" in told)
        assert told == ["1", "9", ""]
        keys.insert_dtmf("123")
        await asyncio.sleep(0.05)
        keys.insert_dtmf("")
        await asyncio.sleep(1)
        assert told[3:] == ["1", ""]


async def test_what_is_no_key_changes_nothing() -> None:
    async with call() as made:
        keys, _ = await dtmf(made)
        keys.insert_dtmf("12")
        with pytest.raises(InvalidCharacterError):
            keys.insert_dtmf("1x")
        with pytest.raises(TypeError):
            keys.insert_dtmf(1)  # type: ignore[arg-type] # what is tested
        assert keys.tone_buffer == "12"


@pytest.mark.parametrize(("duration", "lasted"), [(1, 0.04), (100, 0.1), (10_000, 6.0)])
async def test_durations_are_bounded(duration: float, lasted: float) -> None:
    async with call() as made:
        keys, _ = await dtmf(made)
        loop, times = asyncio.get_running_loop(), list[float]()
        keys.on("tonechange", lambda _: times.append(loop.time()))
        keys.insert_dtmf("12", duration, 1)
        await eventually(lambda: len(times) == 2)
        assert times[1] - times[0] == pytest.approx(lasted + 0.03)


async def test_an_event_has_the_source_and_the_time_of_the_sound_which_is_held_back() -> None:
    async with call() as made:
        keys, track = await dtmf(made)
        reading = asyncio.ensure_future(first_packets(made.receiver, 40))
        await asyncio.sleep(0)
        number = 0

        async def talk(seconds: float) -> None:
            nonlocal number
            for _ in range(round(seconds / 0.02)):
                track.send(sound(number))
                number += 1
                await asyncio.sleep(0.02)

        await talk(0.1)
        keys.insert_dtmf("5", 200)
        await talk(0.9)
        packets = await reading
        assert len({packet.ssrc for packet in packets}) == 1
        numbers = [packet.sequence_number for packet in packets]
        assert [each - numbers[0] & 0xFFFF for each in numbers] == list(range(40))
        kinds = {packet.payload_type for packet in packets}
        [opus] = {packet.payload_type for packet in packets[:5]}
        assert len(kinds) == 2
        events = [packet for packet in packets if packet.payload_type != opus]
        assert len({packet.timestamp for packet in events}) == 1
        assert [packet.marker for packet in events] == [True] + [False] * (len(events) - 1)
        told = [TelephoneEvent.decode(packet.payload) for packet in events]
        assert [each.end for each in told[-3:]] == [True] * 3
        assert {each.code for each in told} == {5}
        assert told[-1].duration == 9600  # at the 48 kHz of the sound
        first = packets.index(events[0])
        last = packets.index(events[-1])
        assert last - first + 1 == len(events)
        assert events[0].timestamp - packets[first - 1].timestamp & 0xFFFFFFFF <= 960


async def test_nothing_is_played_on_what_is_closed_or_stopped() -> None:
    async with call() as made:
        keys, _ = await dtmf(made)
        told: list[str] = []
        keys.on("tonechange", told.append)
        keys.insert_dtmf("123")
        await asyncio.sleep(0.05)
        made.left.get_transceivers()[0].stop()
        await asyncio.sleep(1)
        assert told == ["1"]
        assert not keys.can_insert_dtmf


async def test_the_right_to_send_events_is_negotiated() -> None:
    async with call() as made:
        made.left.add_track(EncodedTrack("audio", "opus"))
        [transceiver] = made.left.get_transceivers()
        known = transceiver.sender.get_capabilities("audio")
        assert known is not None
        transceiver.set_codec_preferences([each for each in known.codecs if each.name == "opus"])
        await made.connect()
        assert transceiver.sender.dtmf is not None
        assert not transceiver.sender.dtmf.can_insert_dtmf
