"""What the tests of this folder share: the sample descriptions, and reading all there is."""

from inspect import getmembers
from pathlib import Path

from webrtc.sdp import MediaDescription, SessionDescription

SAMPLES = sorted((Path(__file__).parent.parent / "vectors" / "sdp").glob("*.sdp"))
CASES = sorted((Path(__file__).parent.parent / "vectors" / "cases").glob("*.sdp"))
"""Shapes met in the field: cameras, gateways, pages that bundle everything."""
HEAD = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n"
AUDIO = "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n"
DATA = "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n"


def sample(name: str) -> SessionDescription:
    path = next(path for path in SAMPLES if path.stem == name)
    return SessionDescription.parse(path.read_text())


def one_media(*lines: str, name: str = AUDIO) -> MediaDescription:
    """The media description in a parsed description with these lines in it."""
    text = HEAD + name + "".join(f"{line}\r\n" for line in lines)
    return SessionDescription.parse(text).media[0]


def read_everything(description: SessionDescription) -> list[object]:
    """Every property of the description and its media, and every value in effect."""
    values: list[object] = []
    for section in (description, *description.media):
        names = [name for name, _ in getmembers(type(section), lambda it: isinstance(it, property))]
        values += [getattr(section, name) for name in names]
    values.append(description.groups("BUNDLE"))
    for media in description.media:
        values += [
            description.direction(media),
            description.ice_ufrag(media),
            description.ice_pwd(media),
            description.ice_options(media),
            description.end_of_candidates(media),
            description.fingerprints(media),
            description.setup(media),
            description.tls_id(media),
            description.extmaps(media),
        ]
        values += [codec.parameters for codec in media.codecs]
        values += [source.msid for source in media.sources]
    return values
