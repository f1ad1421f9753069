"""What Pion makes of our VP8 and VP9, and we of its; tests/vectors/pion tells how it was asked."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from tests.rtp.payload.wire import packets_of
from tests.video import frames
from webrtc.rtp.payload import DEFAULT_FORMATS
from webrtc.rtp.payload.vp8 import Descriptor as Vp8Descriptor
from webrtc.rtp.payload.vp9_descriptor import Descriptor, GroupPicture, Structure

FOLDER = Path(__file__).parents[2] / "vectors" / "pion"


def lines(name: str) -> list[Any]:
    return [json.loads(line) for line in (FOLDER / name).read_text().splitlines()]


def vp8(read: dict[str, Any]) -> Vp8Descriptor:
    """What Pion read, in our words."""
    return Vp8Descriptor(
        start=read["S"] > 0,
        partition=read["PID"],
        non_reference=read["N"] > 0,
        picture_id=read["PictureID"] if read["I"] else None,
        tl0_picture_index=read["TL0PICIDX"] if read["L"] else None,
        temporal_id=read["TID"] if read["T"] else None,
        layer_sync=read["Y"] > 0,
        key_index=read["KEYIDX"] if read["K"] else None,
    )


def structure(read: dict[str, Any]) -> Structure:
    pictures = [
        GroupPicture(temporal_id, switching_up, octets(differences))
        for temporal_id, switching_up, differences in zip(
            octets(read["PGTID"]), read["PGU"] or [], read["PGPDiff"] or [], strict=True
        )
    ]
    sizes = zip(read["Width"] or [], read["Height"] or [], strict=True)
    return Structure(read["NS"] + 1, tuple(sizes), tuple(pictures) if read["G"] else None)


def octets(base64_text: str | None) -> tuple[int, ...]:
    return tuple(base64.b64decode(base64_text or ""))


def vp9(read: dict[str, Any]) -> Descriptor:
    """What Pion read, in our words."""
    return Descriptor(
        begins=read["B"],
        ends=read["E"],
        predicted=read["P"],
        flexible=read["F"],
        not_reference=read["Z"],
        picture_id=read["PictureID"] if read["I"] else None,
        temporal_id=read["TID"] if read["L"] else None,
        switching_up=read["U"],
        spatial_id=read["SID"],
        inter_layer=read["D"],
        tl0_picture_index=read["TL0PICIDX"],
        differences=octets(read["PDiff"]),
        structure=structure(read) if read["V"] else None,
    )


@pytest.mark.parametrize("line", lines("vp8-descriptors.jsonl"), ids=lambda line: line["payload"])
def test_pion_reads_our_descriptors_of_vp8(line: Any) -> None:
    payload = bytes.fromhex(line["payload"])
    descriptor, length = Vp8Descriptor.decode(payload)
    assert descriptor == vp8(line["pion"])
    assert descriptor.encode() == payload[:length]


@pytest.mark.parametrize("line", lines("vp9-descriptors.jsonl"), ids=lambda line: line["payload"])
def test_pion_reads_our_descriptors_of_vp9(line: Any) -> None:
    payload = bytes.fromhex(line["payload"])
    descriptor, length = Descriptor.decode(payload)
    assert descriptor == vp9(line["pion"])
    assert descriptor.encode() == payload[:length]
    assert payload[length:] == b"frame"


@pytest.mark.parametrize("name", ["vp8", "vp9", "vp9-flexible"])
def test_we_read_what_pion_sends(name: str) -> None:
    codec = name.partition("-")[0]
    depacketizer = DEFAULT_FORMATS[codec].depacketizer({})
    for line, data in zip(lines(f"{name}-packets.jsonl"), frames(codec), strict=False):
        payloads = [bytes.fromhex(payload) for payload in line]
        assert [depacketizer.begins(payload) for payload in payloads].index(True) == 0
        frame = depacketizer.join(packets_of(payloads))
        assert frame.data == data
        if data == frames(codec)[0]:
            assert depacketizer.is_keyframe(payloads[0])
            assert (frame.keyframe, frame.width, frame.height) == (True, 150, 90)
