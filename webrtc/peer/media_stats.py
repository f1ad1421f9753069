"""What a statistics report says of audio and video, read from what streams count."""

from collections.abc import Iterator

from webrtc.clock import unix_of_ntp
from webrtc.interceptor.transmission import Transmission
from webrtc.peer.media import Media
from webrtc.peer.media_report import (
    RTCCodecStats,
    RTCInboundRtpStreamStats,
    RTCMediaSourceStats,
    RTCOutboundRtpStreamStats,
    RTCRemoteInboundRtpStreamStats,
    RTCRemoteOutboundRtpStreamStats,
)
from webrtc.peer.media_section import MediaSection
from webrtc.peer.parameters import RTCRtpCodecParameters
from webrtc.peer.report import RTCStats, Time
from webrtc.rtcp import ReportBlock, SenderReport
from webrtc.streams import Encoding, RtpSession
from webrtc.streams.inbound import InboundStream

_MILLISECONDS = 1000.0


def media_objects(media: Media, transport_id: str, time: Time) -> Iterator[RTCStats]:
    """The streams of all transceivers, the codecs that they use, and the tracks that are sent."""
    found: dict[str, RTCStats] = {}
    for section in media:
        if section.session is not None:
            for each in _Streams(section, section.session, transport_id, time).objects():
                found.setdefault(each.id, each)
    yield from found.values()


class _Streams:
    """The objects of one section."""

    def __init__(
        self, section: MediaSection, session: RtpSession, transport_id: str, time: Time
    ) -> None:
        self._section = section
        self._transceiver = section.transceiver
        self._session = session
        self._transport_id = transport_id
        self._time = time
        self._letter = self._transceiver.kind[0].upper()

    def objects(self) -> Iterator[RTCStats]:
        """Those of both directions."""
        source = None
        if self._transceiver.track is not None:
            source = self._source()
            yield source
        for encoding in self._section.sender.encodings:
            if encoding.stream is not None:
                yield from self._sent(encoding, None if source is None else source.id)
        for stream in self._section.receiver.sources.values():
            if isinstance(stream, InboundStream):
                yield from self._received(stream)

    def _source(self) -> RTCMediaSourceStats:
        first = self._section.sender.encodings[-1]
        video = self._transceiver.kind == "video"
        return RTCMediaSourceStats(
            timestamp=self._time.now,
            id=f"S{self._letter}{first.ssrc}",
            track_identifier=str(getattr(self._transceiver.track, "id", "")),
            kind=self._transceiver.kind,
            width=first.width,
            height=first.height,
            frames=first.frames if video else None,
        )

    def _sent(self, encoding: Encoding, source_id: str | None) -> Iterator[RTCStats]:
        session, ssrc = self._session, encoding.ssrc
        sent = session.reports.sent.get(ssrc)
        stream = encoding.stream
        if sent is None or stream is None:
            return
        codec = self._codec(self._transceiver.send_codecs, stream.payload_type, "O")
        if codec is not None:
            yield codec
        resent, resent_octets = session.rtx.resent(ssrc)
        video = self._transceiver.kind == "video"
        own, remote = f"O{self._letter}{ssrc}", f"RI{self._letter}{ssrc}"
        block = sent.block
        yield RTCOutboundRtpStreamStats(
            timestamp=self._time.now,
            id=own,
            ssrc=ssrc,
            kind=self._transceiver.kind,
            transport_id=self._transport_id,
            codec_id=None if codec is None else codec.id,
            mid=self._transceiver.mid,
            rid=encoding.rid,
            media_source_id=source_id,
            remote_id=None if block is None else remote,
            rtx_ssrc=stream.info.rtx_ssrc,
            packets_sent=sent.packets + resent,
            bytes_sent=sent.octets + resent_octets,
            header_bytes_sent=sent.header_octets,
            retransmitted_packets_sent=resent,
            retransmitted_bytes_sent=resent_octets,
            frames_sent=encoding.frames if video else None,
            frame_width=encoding.width,
            frame_height=encoding.height,
            nack_count=session.rtx.requests(ssrc),
            pli_count=encoding.plis if video else None,
            fir_count=encoding.firs if video else None,
            active=encoding.active,
        )
        if block is not None:
            yield self._heard(sent, block, own, None if codec is None else codec.id)

    def _heard(
        self, sent: Transmission, block: ReportBlock, own: str, codec_id: str | None
    ) -> RTCRemoteInboundRtpStreamStats:
        """What the peer says of a stream that it receives."""
        count, total = sent.round_trips
        return RTCRemoteInboundRtpStreamStats(
            timestamp=self._time.of(sent.block_at),
            id=f"RI{self._letter}{sent.ssrc}",
            ssrc=sent.ssrc,
            kind=self._transceiver.kind,
            transport_id=self._transport_id,
            codec_id=codec_id,
            local_id=own,
            packets_lost=block.total_lost,
            fraction_lost=block.fraction_lost / 256,
            jitter=block.jitter / sent.clock_rate,
            round_trip_time=sent.round_trip,
            total_round_trip_time=total,
            round_trip_time_measurements=count,
        )

    def _received(self, stream: InboundStream) -> Iterator[RTCStats]:
        session, ssrc = self._session, stream.ssrc
        reception = session.reports.received.get(ssrc)
        if reception is None:
            return
        codecs = self._transceiver.receive_codecs
        codec = self._codec(codecs, next(iter(stream.info.codecs), -1), "I")
        if codec is not None:
            yield codec
        rtx = stream.rtx
        plis, firs = session.keyframes.sent_for(ssrc)
        video = self._transceiver.kind == "video"
        assembler = stream.assembler
        own, remote = f"I{self._letter}{ssrc}", f"RO{self._letter}{ssrc}"
        report = reception.report
        yield RTCInboundRtpStreamStats(
            timestamp=self._time.now,
            id=own,
            ssrc=ssrc,
            kind=self._transceiver.kind,
            transport_id=self._transport_id,
            codec_id=None if codec is None else codec.id,
            track_identifier=self._transceiver.track_id,
            mid=self._transceiver.mid,
            rid=stream.rid,
            remote_id=None if report is None else remote,
            packets_received=reception.packets,
            packets_lost=reception.lost,
            jitter=reception.jitter,
            bytes_received=reception.octets,
            header_bytes_received=reception.header_octets,
            retransmitted_packets_received=stream.restored,
            retransmitted_bytes_received=stream.restored_octets,
            rtx_ssrc=None if rtx is None else rtx.ssrc,
            last_packet_received_timestamp=self._time.of(reception.last_at),
            frames_received=assembler.frames if video else None,
            key_frames_received=assembler.keyframes if video else None,
            frames_dropped=assembler.dropped if video else None,
            frame_width=assembler.width,
            frame_height=assembler.height,
            nack_count=session.nack.asked(ssrc),
            pli_count=plis if video else None,
            fir_count=firs if video else None,
        )
        if report is not None:
            at = reception.report_at
            yield self._told(report, at, own, None if codec is None else codec.id)

    def _told(
        self, report: SenderReport, at: float, own: str, codec_id: str | None
    ) -> RTCRemoteOutboundRtpStreamStats:
        """What the peer says of a stream that it sends."""
        return RTCRemoteOutboundRtpStreamStats(
            timestamp=self._time.of(at),
            id=f"RO{self._letter}{report.ssrc}",
            ssrc=report.ssrc,
            kind=self._transceiver.kind,
            transport_id=self._transport_id,
            codec_id=codec_id,
            local_id=own,
            remote_timestamp=unix_of_ntp(report.ntp) * _MILLISECONDS,
            packets_sent=report.packets,
            bytes_sent=report.octets,
        )

    def _codec(
        self, codecs: tuple[RTCRtpCodecParameters, ...], payload_type: int, direction: str
    ) -> RTCCodecStats | None:
        found = next((each for each in codecs if each.payload_type == payload_type), None)
        if found is None:
            return None
        return RTCCodecStats(
            timestamp=self._time.now,
            id=f"C{direction}{self._transport_id}_{payload_type}_{self._transceiver.mid}",
            payload_type=payload_type,
            transport_id=self._transport_id,
            mime_type=found.mime_type,
            clock_rate=found.clock_rate,
            channels=found.channels,
            sdp_fmtp_line=found.sdp_fmtp_line,
        )
