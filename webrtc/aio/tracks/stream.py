"""MediaStream. mediacapture-main §4.2."""

import uuid
from collections.abc import Iterable, Iterator

from webrtc.aio.loop.emitter import Emitter, EventHandler
from webrtc.aio.loop.tasks import Tasks
from webrtc.aio.tracks.track import MediaStreamTrack
from webrtc.util.webidl import instance, sequence, text


class MediaStream(Emitter):
    """Tracks that belong together, to be played in time with each other.

    Events, of streams of the peer only: `addtrack` and `removetrack` (the track).
    """

    onaddtrack = EventHandler("addtrack")
    onremovetrack = EventHandler("removetrack")

    def __init__(self, tracks: Iterable[MediaStreamTrack] = (), *, id: str | None = None) -> None:  # noqa: A002 - its name
        super().__init__(Tasks())
        tracks = list(tracks)
        sequence("tracks", tracks, MediaStreamTrack)
        if id is not None:
            text("id", id)
        self.id = str(uuid.uuid4()) if id is None else id
        self._tracks = {track.id: track for track in tracks}

    def __iter__(self) -> Iterator[MediaStreamTrack]:
        return iter(self.get_tracks())

    @property
    def active(self) -> bool:
        """Whether any of the tracks has not ended."""
        return any(track.ready_state == "live" for track in self._tracks.values())

    def get_tracks(self) -> list[MediaStreamTrack]:
        """All of them, in the order in which they were added."""
        return list(self._tracks.values())

    def get_audio_tracks(self) -> list[MediaStreamTrack]:
        """Those of sound."""
        return [track for track in self._tracks.values() if track.kind == "audio"]

    def get_video_tracks(self) -> list[MediaStreamTrack]:
        """Those of pictures."""
        return [track for track in self._tracks.values() if track.kind == "video"]

    def get_track_by_id(self, track_id: str) -> MediaStreamTrack | None:
        """The track with this id, or None."""
        return self._tracks.get(track_id)

    def add_track(self, track: MediaStreamTrack) -> None:
        """Add a track. Harmless when it is in. Fires nothing, as in browsers."""
        instance("track", track, MediaStreamTrack)
        self._tracks.setdefault(track.id, track)

    def remove_track(self, track: MediaStreamTrack) -> None:
        """Remove a track. Harmless when it is not in. Fires nothing, as in browsers."""
        instance("track", track, MediaStreamTrack)
        self._tracks.pop(track.id, None)
