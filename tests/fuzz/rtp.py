"""Decoders of RTP headers and of every kind of RTCP packet, by name."""

from collections.abc import Callable

from tests.rtp.test_dependency_descriptor import L1T2
from webrtc import rtcp
from webrtc.rtcp import xr
from webrtc.rtcp.header import split
from webrtc.rtp import RtpPacket, header_values
from webrtc.rtp.dependency_descriptor import DependencyDescriptor
from webrtc.rtp.video_layers import VideoLayersAllocation

Decoder = tuple[str, Callable[[bytes], object], Callable[[], list[bytes]]]
REPORT = rtcp.ReportBlock(1, 2, 3, 4, 5, 6, 7)
SAMPLES: list[rtcp.RtcpPacket] = [
    rtcp.SenderReport(1, 2**63, 3, 4, 5, (REPORT, REPORT), b"more"),
    rtcp.ReceiverReport(1, (REPORT,)),
    rtcp.SourceDescription((rtcp.Chunk(1, ((1, b"name"), (15, b"0"))), rtcp.Chunk(2, ()))),
    rtcp.Goodbye((1, 2), "over"),
    rtcp.ApplicationDefined(3, 1, b"name", b"data"),
    rtcp.GenericNack(1, 2, (5, 6, 7, 40)),
    rtcp.RapidResynchronizationRequest(1, 2),
    rtcp.CongestionControlFeedback(
        1, (rtcp.SourceReport(2, 65535, (rtcp.Arrival(0, 5), None, rtcp.Arrival(1, 9))),), 77
    ),
    rtcp.TransportFeedback(1, 2, 65530, 9, 3, 40, ((0, 0), (1, 200), (20, 3000), (39, 2999))),
    rtcp.PictureLossIndication(1, 2),
    rtcp.SliceLossIndication(1, 2, (rtcp.LostSlice(1, 2, 3),)),
    rtcp.FullIntraRequest(1, ((2, 3), (4, 5))),
    rtcp.ReceiverEstimatedMaximumBitrate(1, 500_000, (2, 3)),
    rtcp.ExtendedReport(
        1,
        (
            rtcp.ReceiverReferenceTime(2**63),
            rtcp.Dlrr((rtcp.LastReference(1, 2, 3),)),
            xr.RunLengths(1, 2, 3, 4, (5, 6)),
            xr.ReceiptTimes(2, 3, 4, (5, 6)),
            xr.UnknownBlock(99, 1, bytes(8)),
        ),
    ),
]


def _packets() -> list[bytes]:
    made = []
    for id_ in (3, 200):
        packet = RtpPacket(96, 1, 2, 3, b"payload", marker=True)
        packet.csrcs = (1, 2)
        packet.set_extension(id_, b"value")
        packet.set_extension(4, bytes(3))
        packet.padding = 3
        made.append(packet.encode())
    return [*made, RtpPacket(111, 65535, 2**32 - 1, 1).encode()]


def _packet(data: bytes) -> None:
    packet = RtpPacket.decode(data)
    if packet.extension_profile or not data[0] & 0x10:  # kind 0 stands for no extension
        assert len(packet) == len(data)
        assert packet.encode()[:12] == data[:12]
    _ = packet.extensions


def _compound(data: bytes) -> None:
    for packet in rtcp.decode(data):
        _ = packet.destinations


def _of_kind(kind: int, count: int) -> Callable[[bytes], object]:
    """A decoder of bodies: the header in front of them is always right."""

    def decode(body: bytes) -> object:
        whole = body[: len(body) // 4 * 4]
        header = bytes((0x80 | count, kind)) + (len(whole) // 4 & 0xFFFF).to_bytes(2, "big")
        return rtcp.decode(header + whole)

    return decode


def _kinds() -> list[Decoder]:
    found: list[Decoder] = []
    for sample in SAMPLES:
        (part,) = split(sample.encode())
        name = "rtcp-" + type(sample).__name__
        found.append((name, _of_kind(part.packet_type, part.items), _just(part.body)))
    return found


def _just(seed: bytes) -> Callable[[], list[bytes]]:
    return lambda: [seed]


def _descriptor(data: bytes) -> None:
    found = DependencyDescriptor.decode(data, L1T2)
    assert DependencyDescriptor.decode(found.encode(L1T2), L1T2) == found


def _descriptors() -> list[bytes]:
    bare = DependencyDescriptor(start=True, end=True, frame_number=1, template_id=0)
    full = DependencyDescriptor(True, True, 2, 1, L1T2, 3, (1, 2), (1, 200, 4000), (7,))
    return [bare.encode(L1T2), full.encode()]


def _value(data: bytes) -> None:
    """The first byte says which extension it is."""
    if data:
        VALUES[data[0] % len(VALUES)](data[1:])


VALUES: list[Callable[[bytes], object]] = [
    header_values.decode_text,
    header_values.decode_abs_send_time,
    header_values.decode_transport_sequence,
    header_values.decode_time_offset,
    header_values.decode_csrc_audio_levels,
    header_values.decode_content_type,
    header_values.decode_inband_cn,
    header_values.AudioLevel.decode,
    header_values.VideoOrientation.decode,
    header_values.PlayoutDelay.decode,
    header_values.AbsCaptureTime.decode,
    header_values.VideoTiming.decode,
    header_values.ColorSpace.decode,
    header_values.CorruptionDetection.decode,
    VideoLayersAllocation.decode,
]

DECODERS: list[Decoder] = [
    ("rtp-packet", _packet, _packets),
    (
        "rtp-extension-value",
        _value,
        lambda: [
            bytes((number,)) + bytes(size)
            for number in range(len(VALUES))
            for size in (1, 3, 8, 13, 16, 28)
        ],
    ),
    ("rtp-dependency-descriptor", _descriptor, _descriptors),
    ("rtcp", _compound, lambda: [rtcp.encode(SAMPLES), *(each.encode() for each in SAMPLES)]),
    *_kinds(),
]
