"""Lines to make descriptions of."""

from webrtc.ice import Candidate, CandidateType
from webrtc.ice.credentials import Credentials
from webrtc.jsep.local import LocalData, LocalGeneration, LocalLine, LocalTransport
from webrtc.sdp import Fingerprint, SessionDescription, Setup
from webrtc.sdp.fields import Origin

ORIGIN = Origin(7, 1)


def candidate(kind: str, host: str, priority: int = 1, protocol: str = "udp") -> Candidate:
    return Candidate("1", 1, protocol, priority, (host, 99), CandidateType(kind))  # type: ignore[arg-type] # one of two


def local(
    setup: Setup = Setup.ACTPASS, *candidates: Candidate, lite: bool = False, end: bool = False
) -> LocalLine:
    """A line for data channels."""
    generation = LocalGeneration(Credentials("ufrag", "p" * 24), candidates, end)
    fingerprint = Fingerprint("sha-256", ":".join(["AB"] * 32))
    return LocalLine(LocalTransport(generation, lite, fingerprint, setup), LocalData(5000, 262144))


def reread(description: SessionDescription) -> SessionDescription:
    """What the peer reads."""
    return SessionDescription.parse(str(description))
