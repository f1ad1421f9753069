"""Descriptions that other implementations wrote: what they mean, and that nothing is lost."""

from pathlib import Path

import pytest

from tests.sdp.reading import CASES, SAMPLES, read_everything, sample
from webrtc.sdp import Direction, Fingerprint, Group, SessionDescription, Setup
from webrtc.sdp.codecs import Codec
from webrtc.sdp.sources import Encoding, Msid, Rid, Simulcast, SsrcGroup

each_sample = pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)


def test_all_samples_are_there() -> None:
    assert len(SAMPLES) == 65


@each_sample
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_sample_is_written_as_it_was_read(path: Path, line_end: str) -> None:
    """SDP-01, SDP-04, SDP-16: byte for byte but for the line ends, which become CR LF."""
    text = path.read_bytes().decode()
    description = SessionDescription.parse(text.replace("\n", line_end))
    assert str(description) == text.replace("\n", "\r\n")


@each_sample
def test_sample_can_be_read_in_full_and_fits_together(path: Path) -> None:
    """SDP-31, SDP-33: all three sections have what a connection needs, from either level."""
    description = SessionDescription.parse(path.read_text())
    assert read_everything(description)
    bundle = description.groups("BUNDLE")[0]
    assert bundle.mids == tuple(media.mid for media in description.media)
    offer = "offer" in path.stem
    for media in description.media:
        assert media.is_data != media.is_rtp
        assert not media.rejected
        assert description.setup(media) is (Setup.ACTPASS if offer else Setup.ACTIVE)
        assert len(description.ice_ufrag(media) or "") >= 4
        assert len(description.ice_pwd(media) or "") >= 22
        assert "sha-256" in {print_.algorithm for print_ in description.fingerprints(media)}
        assert media.candidates == [] or media.candidates[0].component == 1
        if media.is_rtp:
            assert media.rtcp_mux
            assert [str(codec.payload_type) for codec in media.codecs] == media.formats
            assert [f"{rtpmap}" for rtpmap in media.get_all("rtpmap")]
        else:
            assert media.sctp_port == 5000
            assert (media.max_message_size or 0) >= 65536


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_shape_met_in_the_field_is_read_without_loss(path: Path) -> None:
    text = path.read_text()
    description = SessionDescription.parse(text)
    assert str(description) == text.replace("\n", "\r\n")
    assert read_everything(description)


def test_camera_offer_without_foundations() -> None:
    """The candidate whose transport nobody knows is left out. RFC 8839 §5.1."""
    [case] = [path for path in CASES if path.stem == "nest-like-offer"]
    [data] = SessionDescription.parse(case.read_text()).media
    assert [candidate.address for candidate in data.candidates] == [("192.0.2.127", 19305)]
    assert data.candidates[0].foundation == ""


def test_chromium_offer() -> None:
    """SDP-13, SDP-14, SDP-41, SDP-28, SDP-29, SDP-30, SDP-35."""
    description = sample("offer-chromium")
    audio, video, data = description.media
    assert description.origin.session_id == 1699287950318852352
    assert description.extmap_allow_mixed
    assert description.msid_semantics == ["WMS a081003a-900a-4434-8062-5c04464ee2e2"]
    assert audio.codec(111) == Codec(
        111, "opus", 48000, 2, "minptime=10;useinbandfec=1", ("transport-cc",)
    )
    assert audio.codec(63) == Codec(63, "red", 48000, 2, "111/111")
    assert audio.codec(77) is None
    assert len(video.codecs) == 23
    rtx = video.codec(97)
    assert rtx is not None
    assert rtx.parameters == {"apt": "96"}
    vp8 = video.codecs[0]
    assert vp8.feedback == ("goog-remb", "transport-cc", "ccm fir", "nack", "nack pli")
    wanted = "packetization-mode=1;level-asymmetry-allowed=1;profile-level-id=42E034"
    assert video.payload_type(Codec(120, "h264", 90000, fmtp=wanted)) == 108
    assert video.payload_type(Codec(120, "VP9", 90000, fmtp="profile-id=2")) == 100
    assert video.payload_type(Codec(120, "H263", 90000)) is None
    assert [extmap.id for extmap in audio.extmaps] == [1, 2, 3, 4]
    assert video.ssrc_groups == [SsrcGroup("FID", (2404054494, 2042302884))]
    assert [source.cname for source in video.sources] == ["uWNFy9uD1FmOpcD6"] * 2
    assert video.sources[1].msid == video.msids[0]
    assert data.max_message_size == 262144


def test_firefox_offer_has_transport_attributes_at_session_level() -> None:
    """SDP-25, SDP-26, S-05: the fingerprint and ice-options are given once, for all."""
    description = sample("offer-firefox")
    audio, video, data = description.media
    assert audio.fingerprints == []
    assert description.fingerprints(audio) == description.fingerprints(data)
    assert description.fingerprints(data)[0].value.startswith("92:FC:45:13")
    assert description.ice_options(video) == ("trickle",)
    csrc_level = audio.extmaps[1]
    assert (csrc_level.id, csrc_level.direction) == (2, Direction.RECVONLY)
    stream, track = audio.msids[0]
    assert stream == "{db3de3c5-7439-472b-a5de-8c313084cd12}"
    assert track == "{6ec97cf4-fc11-497f-9a87-1f214a659a90}"
    assert audio.payload_type(Codec(9, "G722", 8000)) == 9  # written as G722/8000/1
    assert data.max_message_size == 1073741823


def test_pion_offer_has_spaces_at_line_ends_and_repeats_feedback() -> None:
    description = sample("offer-pion")
    audio, video, _ = description.media
    assert audio.codecs[0].feedback == ("transport-cc",)
    assert video.codecs[0].feedback == ("goog-remb", "ccm fir", "nack", "nack pli", "transport-cc")
    assert video.msids == [Msid("lab", "video")]
    assert description.ice_options(audio) == ()


def test_webrtcbin_offer_bundles_sections_with_port_0() -> None:
    """S-08: port 0 with bundle-only is no rejection; names of codecs may be in capitals."""
    description = sample("offer-gst")
    audio, video, data = description.media
    assert description.groups() == [Group("BUNDLE", ("audio0", "video1", "application2"))]
    assert audio.codecs[0].matches(Codec(111, "opus", 48000, 2))
    assert (video.port, video.bundle_only, video.rejected) == (0, True, False)
    assert video.frame_rate == 30
    assert video.sources[0].cname == "user2671109230@host-71dbd8af"
    assert data.max_message_size == 65536  # not given
    assert len(data.ice_ufrag or "") == 32


def test_aiortc_offer_has_three_fingerprints_and_all_candidates() -> None:
    """SDP-27."""
    description = sample("offer-aiortc")
    audio = description.media[0]
    assert [print_.algorithm for print_ in audio.fingerprints] == ["sha-256", "sha-384", "sha-512"]
    assert audio.end_of_candidates
    assert [candidate.address[0] for candidate in audio.candidates] == ["192.0.2.2", "fd00::2"]
    assert description.ice_options(audio) == ()


def test_werift_offer() -> None:
    description = sample("offer-werift")
    audio = description.media[0]
    assert audio.codecs[0].name == "OPUS"
    assert [candidate.extensions for candidate in audio.candidates] == [
        (("generation", "0"), ("ufrag", audio.ice_ufrag))
    ] * 2


def test_wrtc_offer_has_tracks_without_a_stream() -> None:
    description = sample("offer-wrtc")
    audio = description.media[0]
    assert audio.msids == [Msid("-", "c6b1eb6c-14ec-45c9-a34c-c2c6649ea47e")]
    assert audio.candidates[0].extensions == (("generation", "0"), ("network-id", "2"))
    assert not description.end_of_candidates(audio)
    assert description.msid_semantics == ["WMS"]


def test_janus_answer() -> None:
    description = sample("answer-janus-to-firefox")
    _, video, data = description.media
    assert description.setup(data) is Setup.ACTIVE
    assert description.fingerprints(data)[0].value.endswith("0A:FB:7D")
    assert data.max_message_size == 65536
    assert video.extmaps[1].direction is Direction.SENDONLY
    assert video.ssrc_groups == [SsrcGroup("FID", (1745807984, 3381736352))]


def test_field_trials_of_chromium() -> None:
    """SDP-03: SNAP, DTLS in STUN and RFC 8888 feedback."""
    description = sample("trials-offer-chromium")
    audio, video, data = description.media
    assert description.ice_options(audio) == ("trickle", "sped", "googspedv1")
    assert "ack ccfb" in video.codecs[-1].feedback
    init = data.sctp_init
    assert init is not None
    assert (init[0], len(init)) == (1, 32)  # an INIT chunk and the length in its header
    assert int.from_bytes(init[2:4], "big") == 32


def test_simulcast_of_chromium() -> None:
    """SDP-35, RFC 8853."""
    video = sample("simulcast-offer-chromium").media[1]
    assert video.rids == [Rid("q", "send"), Rid("h", "send"), Rid("f", "send")]
    assert video.simulcast == Simulcast(send=((Encoding("q"),), (Encoding("h"),), (Encoding("f"),)))
    assert video.sources == []


@pytest.mark.parametrize("name", ["data-only-offer-ndc", "data-only-answer-ndc-to-gst"])
def test_libdatachannel_writes_commas_and_capitals(name: str) -> None:
    """ICE-03, ICETYP-12."""
    description = sample(name)
    (data,) = description.media
    assert description.ice_options(data) == ("ice2", "trickle")
    assert [candidate.protocol for candidate in data.candidates] == ["udp", "udp"]
    assert data.port == data.candidates[0].address[1]
    assert description.direction(data) is Direction.SENDRECV
    assert description.end_of_candidates(data)
    assert data.fingerprints == []
    assert isinstance(description.fingerprints(data)[0], Fingerprint)
