"""MediaStreamTrack. mediacapture-main §4.3."""

import uuid
from typing import Final, Literal, NoReturn

from webrtc.aio.loop.emitter import Emitter, EventHandler
from webrtc.aio.loop.tasks import Tasks
from webrtc.errors import MediaError
from webrtc.util.webidl import text

MediaKind = Literal["audio", "video"]
_HINTS: Final = {"audio": ("speech", "music"), "video": ("motion", "detail", "text")}


class MediaStreamTrack(Emitter):
    """One source of audio or video. Events: `mute`, `unmute`, `ended`."""

    onmute = EventHandler("mute")
    onunmute = EventHandler("unmute")
    onended = EventHandler("ended")

    def __init__(self, kind: MediaKind, label: str = "") -> None:
        super().__init__(Tasks())
        if kind not in ("audio", "video"):
            raise TypeError(f"kind of a track: {kind!r:.80}")
        self.kind: MediaKind = kind
        self.id = str(uuid.uuid4())
        self.label = label
        self.enabled = True
        """When False the track is silent or black."""
        self._content_hint = ""
        self._muted = False
        self._ended = False

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.kind} {self.ready_state}>"

    @property
    def muted(self) -> bool:
        """Whether the source gives nothing at the moment."""
        return self._muted

    @property
    def ready_state(self) -> Literal["live", "ended"]:
        """`ended` when nothing comes any more."""
        return "ended" if self._ended else "live"

    @property
    def content_hint(self) -> str:
        """What it shows, for encoders: "speech" or "music", "motion", "detail" or "text"; or "".

        What is no hint for its kind is left out, as in browsers. mst-content-hint §3.
        """
        return self._content_hint

    @content_hint.setter
    def content_hint(self, hint: str) -> None:
        text("content_hint", hint)
        if not hint or hint in _HINTS[self.kind]:
            self._content_hint = hint

    async def recv(self) -> NoReturn:
        """Raise MediaError: sound and pictures need codecs. `encoded_frames` and `rtp` do not."""
        raise MediaError("decoding needs codecs: pip install 'asyncio-webrtc[media]'")

    def set_muted(self, muted: bool) -> None:  # noqa: FBT001 - the state is the argument
        """Called by the source; fires `mute` or `unmute` on a change."""
        if muted is not self._muted and not self._ended:
            self._muted = muted
            self.emit("mute" if muted else "unmute")

    def stop(self) -> None:
        """End the track; the source may be released. Fires nothing, as in browsers."""
        self._ended = True

    def end(self) -> None:
        """Called by the source when it is exhausted; fires `ended`."""
        if not self._ended:
            self._ended = True
            self._emit_soon("ended")
