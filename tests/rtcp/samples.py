"""Hypothesis strategies for every packet, and the shared promise of their decoders."""

from typing import Any

from hypothesis import strategies as st

from webrtc import rtcp
from webrtc.rtcp import xr

ssrcs = st.integers(0, 0xFFFFFFFF)
bits16 = st.integers(0, 0xFFFF)
bits32 = st.integers(0, 0xFFFFFFFF)
words = st.binary(max_size=10).map(lambda data: data * 4)

blocks = st.builds(
    rtcp.ReportBlock,
    ssrcs,
    st.integers(0, 255),
    st.integers(-(1 << 23), (1 << 23) - 1),
    bits32,
    bits32,
    bits32,
    bits32,
)
reports = st.lists(blocks, max_size=31).map(tuple)
sender_reports = st.builds(
    rtcp.SenderReport, ssrcs, st.integers(0, 2**64 - 1), bits32, bits32, bits32, reports, words
)
receiver_reports = st.builds(rtcp.ReceiverReport, ssrcs, reports, words)
items = st.tuples(st.integers(1, 255), st.binary(max_size=255))
chunks = st.builds(rtcp.Chunk, ssrcs, st.lists(items, max_size=4).map(tuple))
descriptions = st.builds(rtcp.SourceDescription, st.lists(chunks, max_size=31).map(tuple))
goodbyes = st.builds(
    rtcp.Goodbye, st.lists(ssrcs, max_size=31).map(tuple), st.text("abcé", max_size=100)
)
applications = st.builds(
    rtcp.ApplicationDefined,
    st.integers(0, 31),
    ssrcs,
    st.binary(min_size=4, max_size=4),
    words,
)
plis = st.builds(rtcp.PictureLossIndication, ssrcs, ssrcs)
rapid = st.builds(rtcp.RapidResynchronizationRequest, ssrcs, ssrcs)
intra_requests = st.builds(
    rtcp.FullIntraRequest,
    ssrcs,
    st.lists(st.tuples(ssrcs, st.integers(0, 255)), min_size=1, max_size=20).map(tuple),
)
slices = st.builds(
    rtcp.LostSlice, st.integers(0, 0x1FFF), st.integers(0, 0x1FFF), st.integers(0, 63)
)
slis = st.builds(
    rtcp.SliceLossIndication, ssrcs, ssrcs, st.lists(slices, min_size=1, max_size=20).map(tuple)
)
arrivals = st.none() | st.builds(rtcp.Arrival, st.integers(0, 3), st.integers(0, 0x1FFF))
ccfbs = st.builds(
    rtcp.CongestionControlFeedback,
    ssrcs,
    st.lists(
        st.builds(rtcp.SourceReport, ssrcs, bits16, st.lists(arrivals, max_size=20).map(tuple)),
        max_size=5,
    ).map(tuple),
    bits32,
)
references = st.builds(rtcp.LastReference, ssrcs, bits32, bits32)
four = st.tuples(*[st.integers(0, 255)] * 4)
xr_blocks: st.SearchStrategy[Any] = st.one_of(
    st.builds(
        xr.RunLengths,
        st.sampled_from([1, 2]),
        ssrcs,
        bits16,
        bits16,
        st.lists(bits16, max_size=10).map(lambda found: (*found, *found)),
        st.integers(0, 15),
    ),
    st.builds(
        xr.ReceiptTimes,
        ssrcs,
        bits16,
        bits16,
        st.lists(bits32, max_size=9).map(tuple),
        st.integers(0, 15),
    ),
    st.builds(xr.ReceiverReferenceTime, st.integers(0, 2**64 - 1)),
    st.builds(xr.Dlrr, st.lists(references, max_size=5).map(tuple)),
    st.builds(
        xr.StatisticsSummary,
        st.integers(0, 255),
        ssrcs,
        bits16,
        bits16,
        bits32,
        bits32,
        st.tuples(*[bits32] * 4),
        four,
    ),
    st.tuples(
        ssrcs,
        *[st.integers(0, 255)] * 4,
        *[bits16] * 4,
        *[st.integers(0, 255)] * 9,
        *[bits16] * 3,
    ).map(lambda values: xr.VoipMetrics(*values)),
    st.builds(xr.UnknownBlock, st.integers(8, 255), st.integers(0, 255), words),
)
extended = st.builds(rtcp.ExtendedReport, ssrcs, st.lists(xr_blocks, max_size=6).map(tuple))
unknown = st.builds(
    rtcp.UnknownPacket, st.sampled_from([192, 199, 208, 223]), st.integers(0, 31), words
)

packets: st.SearchStrategy[rtcp.RtcpPacket] = st.one_of(
    sender_reports,
    receiver_reports,
    descriptions,
    goodbyes,
    applications,
    plis,
    rapid,
    intra_requests,
    slis,
    ccfbs,
    extended,
    unknown,
)
