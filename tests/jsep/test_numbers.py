"""Payload types and ids of header extensions over a session."""

import pytest

from webrtc.jsep.numbers import Numbers
from webrtc.sdp import MediaDescription, SessionDescription
from webrtc.sdp.attributes import ExtMap
from webrtc.sdp.codecs import Codec

VP8 = Codec(96, "VP8", 90000)
VP9 = Codec(96, "VP9", 90000, fmtp="profile-id=0")


def description(*codecs: Codec, extensions: tuple[ExtMap, ...] = ()) -> SessionDescription:
    media = MediaDescription.rtp("video", codecs)
    for each in extensions:
        media.add("extmap", each)
    return SessionDescription([], [media])


def noted(*codecs: Codec, extensions: tuple[ExtMap, ...] = ()) -> Numbers:
    numbers = Numbers()
    numbers.note(description(*codecs, extensions=extensions))
    return numbers


def test_a_codec_gets_the_number_that_it_wants_and_keeps_it() -> None:
    numbers = Numbers()
    assert numbers.payload_type(VP8) == 96
    assert numbers.payload_type(VP9) == 97
    assert numbers.payload_type(VP8) == 96


def test_one_number_means_one_thing_in_all_sections() -> None:
    """Trap 5: audio and video share a bundle."""
    numbers = Numbers()
    assert numbers.payload_type(Codec(96, "opus", 48000, 2)) == 96
    assert numbers.payload_type(VP8) != 96


def test_the_range_above_is_used_first_and_that_of_rtcp_never() -> None:
    """RFC 5761 §4: 64 to 95."""
    numbers = Numbers()
    given = [numbers.payload_type(Codec(70, f"codec{index}", 90000)) for index in range(62)]
    assert given == [*range(96, 128), *range(35, 64), None]


def test_the_numbers_of_the_peer_are_ours() -> None:
    """RFC 9429 §5.2.2: in our offers to come."""
    numbers = noted(Codec(120, "VP8", 90000), Codec(96, "opus", 48000))
    assert numbers.payload_type(VP8) == 120
    assert numbers.payload_type(VP9) == 97


def test_a_number_of_the_peer_that_changes_its_meaning_frees_the_codec() -> None:
    numbers = noted(VP8)
    numbers.note(description(Codec(96, "AV1", 90000)))
    assert numbers.payload_type(Codec(45, "AV1", 90000)) == 96
    assert numbers.payload_type(VP8) == 97


def test_an_rtx_is_another_one_for_each_codec() -> None:
    numbers = noted(Codec(100, "rtx", 90000, fmtp="apt=96"))
    assert numbers.payload_type(Codec(97, "rtx", 90000, fmtp="apt=96")) == 100
    assert numbers.payload_type(Codec(97, "rtx", 90000, fmtp="apt=98")) == 97


def test_an_extension_keeps_its_id_over_the_session() -> None:
    """Trap 6: RFC 8285 §5, over rejected sections too."""
    before = description(extensions=(ExtMap(3, "uri:a"), ExtMap(1, "uri:b")))
    before.media[0].port = 0
    numbers = Numbers()
    numbers.note(before)
    assert numbers.extension_id("uri:a", mixed=False) == 3
    assert numbers.extension_id("uri:c", mixed=False) == 2
    assert numbers.extension_id("uri:b", mixed=False) == 1
    assert numbers.extension_id("uri:c", mixed=False) == 2


@pytest.mark.parametrize(("mixed", "further"), [(False, [None, None]), (True, [16, 17])])
def test_ids_above_14_are_for_who_allows_the_long_form(
    mixed: bool, further: list[int | None]
) -> None:
    """Trap 37: RFC 8285 §4.1.2, §6; 15 is reserved."""
    numbers = Numbers()
    given = [numbers.extension_id(f"uri:{index}", mixed=mixed) for index in range(16)]
    assert given == [*range(1, 15), *further]


def test_a_long_id_of_the_peer_is_not_used_without_leave() -> None:
    numbers = noted(extensions=(ExtMap(20, "uri:a"),))
    assert numbers.extension_id("uri:a", mixed=True) == 20
    assert numbers.extension_id("uri:a", mixed=False) is None


def test_ids_to_be_chosen_by_the_answerer_are_no_ids() -> None:
    """RFC 8285 §5: 4096 and more."""
    numbers = noted(extensions=(ExtMap(4096, "uri:a"),))
    assert numbers.extension_id("uri:a", mixed=True) == 1


def test_a_peer_that_renames_for_ever_fills_nothing() -> None:
    numbers = Numbers()
    for index in range(1000):
        codec = Codec(96, f"codec{index}", 90000)
        numbers.note(description(codec, extensions=(ExtMap(1, f"uri:{index}"),)))
    assert numbers.payload_type(VP8) == 97
    assert numbers.extension_id("uri:0", mixed=False) == 2
