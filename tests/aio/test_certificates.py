import math

import pytest

from webrtc import InvalidAccessError, NotSupportedError, RTCCertificate, RTCPeerConnection


async def test_generated_certificates() -> None:
    """CFG-06: ECDSA by default, RSA on request, good for several connections."""
    certificate = await RTCPeerConnection.generate_certificate()
    for _ in range(2):
        async with RTCPeerConnection(certificates=[certificate]) as pc:
            pc.create_data_channel("")
            assert str(certificate.fingerprint()) in (await pc.create_offer()).sdp
    short = await RTCPeerConnection.generate_certificate(lifetime=0)
    with pytest.raises(InvalidAccessError, match="expired"):
        RTCPeerConnection(certificates=[short])
    for lifetime in (-1.0, math.inf, math.nan, 2**53, "1", True):
        with pytest.raises(TypeError, match="lifetime"):
            await RTCPeerConnection.generate_certificate(lifetime=lifetime)  # type: ignore[arg-type] # some of it
    long = await RTCPeerConnection.generate_certificate(lifetime=1e12)
    assert 364 * 86400 < long.expires - short.expires < 366 * 86400
    rsa = await RTCPeerConnection.generate_certificate("RSA")  # type: ignore[arg-type] # its value
    assert isinstance(rsa, RTCCertificate)
    with pytest.raises(NotSupportedError):
        await RTCPeerConnection.generate_certificate("invalid-algo")  # type: ignore[arg-type] # what is tested
