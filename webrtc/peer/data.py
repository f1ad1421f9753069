"""The m= section for data channels: SCTP over DTLS records, and the channels over that.

RFC 8841, RFC 8261, RFC 8831; draft-hancke-tsvwg-snap for INITs in descriptions.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from random import Random
from typing import NamedTuple

from webrtc import dtls, sctp
from webrtc.core import Observer
from webrtc.datachannel import Channel, DataChannels
from webrtc.errors import InvalidAccessError, ProtocolError
from webrtc.jsep.local import LocalData
from webrtc.jsep.remote import RemoteLine
from webrtc.peer.association_watch import AssociationWatch
from webrtc.peer.events import RTCSctpTransportState, SctpStateChanged
from webrtc.peer.transport import Transport, child
from webrtc.sdp import MediaDescription
from webrtc.settings import SettingEngine


class DataMessage(NamedTuple):
    """A message to send with `PeerConnection.handle_write`."""

    channel: Channel
    data: bytes | str


@lru_cache(maxsize=16)
def _for_port(config: sctp.Config, port: int) -> sctp.Config:
    """Settings of an association with that port of the peer; most have the same.

    `DataChannels` minds the peer's largest message, since a later answer may change it.
    """
    return replace(config, remote_port=port, max_outbound_message_size=0)


class DataSection:
    """The life of the SCTP association: agreed, begun when DTLS is connected, replaced, ended.

    Towards the lines it is a `Section`, towards the transport its `Records`.
    """

    kind = "application"
    takes_lines = True

    def __init__(
        self, channels: DataChannels, settings: SettingEngine, random: Random, name: str = ""
    ) -> None:
        self.channels = channels
        self.wanted = False
        """Whether a channel was created, or the peer has got an answer that accepts them."""
        self.sctp: sctp.Association | None = None
        self.state = RTCSctpTransportState.CONNECTING
        self.transport: Transport | None = None
        """Under the association, once an answer was set."""
        self.remote_init: sctp.Init | None = None
        """The peer's INIT, if descriptions have brought both."""
        self.dont_fragment = False
        """Of what `poll_write` or `poll_burst` gave."""
        self.more = False
        """`poll_burst` has not given everything."""
        self.events: deque[SctpStateChanged] = deque()
        self._settings = settings
        self._name = name
        self._random = random
        self.handshake = self._new_handshake()
        """Of the SCTP association that there is, or will be: descriptions may tell its INIT."""
        self._successor: sctp.Handshake | None = None
        """Told in an answer to who is to take the peer's place."""
        self._remote: RemoteLine | None = None
        self._association: sctp.Association | None = None  # `sctp` while DTLS is connected
        self._connected_at: float | None = None  # by DTLS, while SCTP has not begun
        self._notices: deque[sctp.Event] = deque()
        self._rest: deque[bytes] = deque()  # what the association said at its end
        self._watch: AssociationWatch | None = None

    @property
    def negotiated(self) -> bool:
        """Whether an answer has begun an SCTP association."""
        return self._remote is not None

    def observe(self, observer: Observer | None) -> None:
        """Tell `observer` what happens in the association from here on; None tells nobody."""
        self._watch = AssociationWatch(observer) if observer is not None else None

    # As a section

    def describe(self, offered: RemoteLine | None) -> LocalData:
        """What an offer says, or the answer to what is offered."""
        handshake = self._to_offer() if offered is None else self._to_answer(offered)
        return LocalData(
            sctp_port=self._settings.sctp.local_port,
            max_message_size=self._settings.sctp.max_message_size,
            sctp_init=handshake.init() if handshake is not None else None,
        )

    def check(self, remote: RemoteLine, *, answer: bool) -> None:  # noqa: ARG002
        """Raise InvalidAccessError for an INIT that is none, or another than before."""
        init = self._init_of(remote)
        if None in (init, self.remote_init) or not self._goes_on_with(remote):
            return
        if init != self.remote_init:
            raise InvalidAccessError("another sctp-init for the same SCTP association")

    def agree(
        self,
        told: MediaDescription,
        remote: RemoteLine,
        transport: Transport,
        now: float,
    ) -> None:
        """An answer was set: the association begins, begins anew, or goes on."""
        self.wanted = True
        init = told.sctp_init if self._settings.snap else None
        if self._remote is not None and not self._goes_on_with(remote):
            self.handshake = self._told_in(init) or self._new_handshake()
            self._successor = None
        self._remote = remote
        self.channels.max_message_size = self._largest_message(remote.data.max_message_size)
        if self.sctp is None:
            self.remote_init = self._init_of(remote) if init is not None else None
            self.sctp = sctp.Association(
                _for_port(self._settings.sctp, remote.data.sctp_port),
                child(self._random),
                self.handshake,
                self._name or transport.ice.local_ufrag,
            )
            self.channels.attach(self.sctp, client=transport.role is dtls.Role.CLIENT)
        self.transport = transport
        transport.attach(self, now)

    def remember(self) -> None:
        """There is nothing that an offer changes before its answer."""

    def handle_local(self, told: MediaDescription, *, answer: bool, final: bool) -> None:
        """What is agreed on follows."""

    def handle_remote(self, remote: RemoteLine, *, answer: bool, default_stream: str) -> None:
        """What is agreed on follows."""

    def outdated(self, *_: object) -> bool:
        """A line for data channels never says another thing."""
        return False

    def roll_back(self, *, placed: bool) -> None:
        """Our offer was taken back: whoever got the first one knows of another association."""
        if placed:
            self.handshake = self._new_handshake()

    def end(self, reason: ProtocolError, now: float) -> None:  # noqa: ARG002
        """There is no section for data any more: so is there no channel."""
        if self.negotiated:
            self._set_state(RTCSctpTransportState.CLOSED)
        self._finish(reason)
        if self.transport is not None:
            self.transport.attach(None, 0.0)
        self.transport = self._remote = None
        self.wanted = False
        self.handshake, self._successor = self._new_handshake(), None
        self.state = RTCSctpTransportState.CONNECTING  # of the next, which nothing is told of

    # As the user of DTLS records

    def handle_connected(self, now: float) -> None:
        """DTLS is connected; without the peer's INIT a handshake comes first."""
        self._association = self.sctp
        if self.sctp is not None and self.remote_init is not None:
            self.sctp.establish(self.remote_init, now)
            self._settle(self.sctp, now)
        else:
            self._connected_at = now

    def handle_read(self, record: bytes, now: float) -> None:
        """Take a record to SCTP, and its messages to the channels."""
        association = self._association
        if association is not None:
            association.handle_read(record, now)
            self._settle(association, now)

    def handle_reads(self, records: Sequence[bytes], now: float) -> None:
        """As `handle_read`, for several that came together."""
        association = self._association
        if association is not None:
            association.handle_reads(records, now)
            self._settle(association, now)

    def handle_timeout(self, now: float) -> None:
        """Act on every timer that is due."""
        if self._association is not None:
            self._association.handle_timeout(now)
            self._settle(self._association, now)

    def handle_path_change(self) -> None:
        """Packets take another path."""
        if self.sctp is not None:
            self.sctp.handle_path_change()

    def handle_too_large(self, size: int, now: float) -> None:
        """An interface refused a packet of `size` bytes that must not be fragmented."""
        if self._association is not None:
            self._association.handle_too_large(size, now)

    def handle_replaced(self, reason: ProtocolError) -> None:
        """Another takes the peer's place: what follows is between us and that one."""
        self._finish(reason)
        self._set_state(RTCSctpTransportState.CLOSED, reason)
        self._set_state(RTCSctpTransportState.CONNECTING)

    def handle_closed(self, reason: ProtocolError | None) -> None:
        """DTLS has ended."""
        self._association = None
        self._set_state(RTCSctpTransportState.CLOSED, reason)
        self.channels.handle_closed(reason)

    def poll_write(self) -> bytes | None:
        """Next packet, or None."""
        association = self._association
        if association is None:
            return self._rest.popleft() if self._rest else None
        if self._connected_at is not None:
            # Not before the burst is read: the server's INIT comes with its Finished.
            self._begin(association, self._connected_at)
        packet = association.poll_write()
        self.dont_fragment = association.dont_fragment
        if association.events:
            self._notice_sent(association)
        return packet

    def poll_burst(self) -> Sequence[bytes]:
        """Packets that leave together, perhaps none."""
        association = self._association
        if association is None or self._connected_at is not None:
            return ()
        packets = association.poll_burst()
        self.dont_fragment, self.more = association.dont_fragment, association.more
        if association.events:
            self._notice_sent(association)
        return packets

    def poll_timeout(self) -> float | None:
        """When to call `handle_timeout` next, or None."""
        return self._association.poll_timeout() if self._association is not None else None

    def close(self, now: float) -> None:
        """Abort; `poll_write` still gives what tells the peer."""
        association = self._association
        if association is not None:
            association.abort(now)
            self._keep_rest(association)

    def _to_offer(self) -> sctp.Handshake | None:
        tells = self._remote is None or self.remote_init is not None
        return self.handshake if tells and self._settings.snap else None

    def _to_answer(self, offered: RemoteLine) -> sctp.Handshake | None:
        """The handshake whose INIT goes into the answer. draft-hancke-tsvwg-snap §5.4, §5.6."""
        if self._init_of(offered) is None:
            return None
        if self._remote is None:
            return self.handshake
        if self._goes_on_with(offered):
            return self.handshake if self.remote_init is not None else None
        if self._successor is None:
            self._successor = self._new_handshake()
        return self._successor

    def _init_of(self, remote: RemoteLine) -> sctp.Init | None:
        """The peer's INIT. One that is our own is none: libdatachannel copies unknown lines."""
        known = (self.handshake, self._successor)
        told = remote.data.media.sctp_init
        if not self._settings.snap or any(one and one.init() == told for one in known):
            return None
        return remote.data.sctp_init

    def _goes_on_with(self, remote: RemoteLine) -> bool:
        before = self._remote
        return before is not None and before.transport.same_identity(remote.transport)

    def _told_in(self, init: bytes | None) -> sctp.Handshake | None:
        """The handshake whose INIT we have told."""
        known = (self._successor, self.handshake)
        return next((one for one in known if one is not None and one.init() == init), None)

    def _new_handshake(self) -> sctp.Handshake:
        return sctp.Handshake(self._settings.sctp, child(self._random))

    def _largest_message(self, told: int | None) -> int:
        own = self._settings.sctp.max_send_buffer
        return own if told is None else min(told, own)

    def _begin(self, association: sctp.Association, now: float) -> None:
        association.connect(now)
        self._connected_at = None
        if self._watch is not None:
            self._watch.look(association)

    def _settle(self, association: sctp.Association, now: float) -> None:
        """Take what the association has: messages before the event that follows them."""
        channels = self.channels
        for message in association.take_data():
            channels.handle_message(message, now)
        while self._notices:
            self._handle(self._notices.popleft(), association, now)
        while association.events and (event := association.poll_event()) is not None:
            self._handle(event, association, now)
            if isinstance(event, sctp.Restarted):  # what came behind it was held back
                for message in association.take_data():
                    channels.handle_message(message, now)
        if self._watch is not None:
            self._watch.look(association)

    def _notice_sent(self, association: sctp.Association) -> None:
        """Sending empties buffers; whatever else has happened waits until the time is told."""
        while (event := association.poll_event()) is not None:
            if isinstance(event, sctp.BufferedAmountLow):
                self.channels.handle_buffered_amount_low(event.stream_id)
            else:
                self._notices.append(event)

    def _handle(self, event: sctp.Event, association: sctp.Association, now: float) -> None:
        match event:
            case sctp.Connected(inbound, outbound):
                self._set_state(RTCSctpTransportState.CONNECTED)
                self.channels.handle_connected(min(inbound, outbound), now)
            case sctp.StreamsReset(ids):
                self.channels.handle_streams_reset(ids, now)
            case sctp.StreamResetDone(ids) | sctp.StreamResetFailed(ids):
                self.channels.handle_reset_done(ids, now)
            case sctp.StreamResetGivenUp(ids):
                self.channels.handle_reset_given_up(ids)
            case sctp.BufferedAmountLow(stream_id):
                self.channels.handle_buffered_amount_low(stream_id)
            case sctp.Restarted(inbound, outbound):
                self.channels.handle_restarted(min(inbound, outbound))
            case sctp.Closed(reason):
                self._keep_rest(association)
                self._set_state(RTCSctpTransportState.CLOSED, reason)
                self.channels.handle_closed(reason)

    def _keep_rest(self, association: sctp.Association) -> None:
        """What an association says at its end: why it aborts."""
        while (packet := association.poll_write()) is not None:
            self._rest.append(packet)
        self._association = None

    def _finish(self, reason: ProtocolError) -> None:
        self._notices.clear()
        self.sctp = self._association = None
        self.channels.handle_closed(reason)

    def _set_state(self, state: RTCSctpTransportState, error: ProtocolError | None = None) -> None:
        if state is not self.state:
            self.state = state
            self.events.append(SctpStateChanged(state, error))
