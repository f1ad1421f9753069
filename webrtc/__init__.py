"""WebRTC for asyncio: the browser's RTCPeerConnection on sans-IO protocol cores.

| layer | package | speaks |
|---|---|---|
| command line | `webrtc.cli` | `webrtc demo`, `webrtc bench` |
| files | `webrtc.transfer` | one file over a data channel, with resume; code phrases |
| signalling | `webrtc.signaling` | offers and answers over HTTP and WebSocket |
| without asyncio | `webrtc.blocking` | the same connections, and calls that wait |
| helpers for tests | `webrtc.testing` | two connected peers on a virtual network |
| simulation | `webrtc.vnet` | a virtual network with loss, delay and NATs, in virtual time |
| shell | `webrtc.aio` | the W3C objects, sockets and one timer: all that is exported here |
| peer | `webrtc.peer` | the composed sans-IO core: negotiation, transports, channels, tracks |
| sessions | `webrtc.jsep`, `webrtc.sdp` | RFC 9429; RFC 8866 |
| media | `webrtc.streams`, `webrtc.interceptor` | RFC 3550, RFC 4585, RFC 4588 |
| packets of it | `webrtc.rtcp`, `webrtc.rtp`, `webrtc.srtp` | RFC 3550; payload formats; RFC 3711 |
| files of it | `webrtc.media` | IVF, Ogg, Annex B, WAV, Matroska |
| data | `webrtc.datachannel`, `webrtc.sctp` | RFC 8831, RFC 8832; RFC 9260, 3758, 6525 |
| security | `webrtc.dtls` | RFC 6347 |
| path | `webrtc.ice`, `webrtc.stun` | RFC 8445, 8838, 7675; RFC 8489 |
| foundation | `webrtc.core`, `webrtc.errors`, `webrtc.util` | five verbs, bytes and floats |
"""

import logging
from importlib import import_module
from typing import TYPE_CHECKING

from webrtc.version import __version__ as __version__

if TYPE_CHECKING:
    from webrtc.api import *  # noqa: F403 - what type checkers and editors see
else:

    def __getattr__(name: str) -> object:
        """Load what is exported when it is first asked for: a package below may do without.

        Its names begin in upper case, those of packages in lower case.
        """
        if name == "__all__" or name[:1].isupper():
            exported = globals()[name] = getattr(import_module("webrtc.api"), name)
            return exported
        raise AttributeError(f"module 'webrtc' has no attribute {name!r}")

    def __dir__() -> list[str]:
        return [*globals(), *import_module("webrtc.api").__all__]


logging.getLogger("webrtc").addHandler(logging.NullHandler())
