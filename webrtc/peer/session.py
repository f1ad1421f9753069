"""What the descriptions of both sides make of the transport for data channels.

RFC 9429 §5.9 to §5.11, RFC 8839 §4.4 for ICE restarts, RFC 8842 §5 for DTLS, RFC 8841 §10 for SCTP.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from random import Random

from webrtc.core import Observer
from webrtc.datachannel import DataChannels
from webrtc.dtls import Certificate
from webrtc.errors import InvalidAccessError, ProtocolError
from webrtc.ice import Agent, Candidate, GatheringState, Role
from webrtc.ice.credentials import Credentials
from webrtc.peer.configuration import SettingEngine
from webrtc.peer.remote import RemoteData, answers_as_client
from webrtc.peer.sections import LocalData
from webrtc.peer.transport import Transport, child
from webrtc.sctp import Handshake
from webrtc.sdp import Fingerprint, MediaDescription, Setup

_LONG_LIFETIME = 2.0**32  # until 2106; WebRTC does not look at the validity: RFC 8827 §6.5


@dataclass(frozen=True, slots=True)
class _Generation:
    """What is told of one ICE generation of ours."""

    credentials: Credentials
    candidates: tuple[Candidate, ...] = ()
    complete: bool = False


class Session:
    """Creates, describes, connects, restarts, replaces and ends the transport.

    An offer of the peer changes nothing here until its answer is set, and an offer of ours no
    more than what `roll_back` can undo.
    """

    def __init__(
        self,
        certificate: Certificate | None,
        settings: SettingEngine,
        channels: DataChannels,
        random: Random,
        unix_time: float | None,
    ) -> None:
        self.transport: Transport | None = None
        self.remote: RemoteData | None = None
        """The peer's end, as the last answer or provisional answer has it."""
        self._certificate = certificate
        self._settings = settings
        self._channels = channels
        self._random = random
        self._unix_time = unix_time
        self._client: bool | None = None
        self._successor: Handshake | None = None
        """Told in an answer to who is to take the peer's place."""
        self._to_replace: frozenset[Credentials] = frozenset()
        self._observer: Observer | None = None

    def observe(self, observer: Observer | None) -> None:
        """Tell `observer` what happens in the transports from here on; None tells nobody."""
        self._observer = observer
        if self.transport is not None:
            self.transport.observe(observer)

    @property
    def restart_wanted(self) -> bool:
        """Whether credentials wait for an ICE restart: W3C [[LocalIceCredentialsToReplace]]."""
        return bool(self._to_replace)

    def restart(self, sections: Iterable[MediaDescription]) -> None:
        """Replace the credentials of these local sections in the offers to come."""
        found = (_credentials(section) for section in sections)
        self._to_replace = frozenset(each for each in found if each is not None)

    def handle_negotiated(self, section: MediaDescription | None) -> None:
        """An answer was set; `section` is ours of the local description that is in effect."""
        if self._to_replace and (section is None or _credentials(section) not in self._to_replace):
            self._to_replace = frozenset()

    def describe_offer(self, previous: MediaDescription | None, *, restart: bool) -> LocalData:
        """What an offer says; `previous` is our section of the local description."""
        transport = self._ensure_transport()
        tells = self.remote is None or transport.remote_init is not None
        return self._describe(
            Setup.ACTPASS,
            previous,
            transport.handshake if tells else None,
            restart=restart and previous is not None,
        )

    def describe_answer(self, offered: RemoteData, previous: MediaDescription | None) -> LocalData:
        """What an answer to `offered` says."""
        client = self._takes_client_role(offered)
        setup = Setup.ACTIVE if client else Setup.PASSIVE
        before = self.remote
        restart = before is not None and before.credentials != offered.credentials
        return self._describe(setup, previous, self._to_tell(offered), restart=restart)

    def check(
        self, remote: RemoteData, ours: MediaDescription | None, current: MediaDescription | None
    ) -> None:
        """Compare what the peer says with what it said before. Raises InvalidAccessError.

        `ours` is the section of our offer that it answers, if it is an answer; `current` is that
        of the local description in effect.
        """
        init = remote.sctp_init if self._settings.snap else None
        before, transport = self.remote, self.transport
        if before is None or transport is None:
            return
        agreed = transport.remote_init
        if before.same_identity(remote) and None not in (agreed, init) and agreed != init:
            raise InvalidAccessError("another sctp-init for the same SCTP association")
        if before.credentials == remote.credentials:
            if not before.same_identity(remote):
                raise InvalidAccessError("another fingerprint or tls-id without an ICE restart")
        elif ours is not None:
            restarted = current is not None and _credentials(ours) != _credentials(current)
            if not restarted or transport.ice.remote_credentials is not None:
                raise InvalidAccessError("the answer changes ICE credentials without a restart")

    def set_offer(
        self, section: MediaDescription, current: MediaDescription | None, now: float
    ) -> None:
        """Our offer was set; `current` is the section that it is to replace."""
        agent = self._ensure_transport().ice
        if self.remote is None:
            agent.set_role(Role.CONTROLLED if self._settings.ice.lite else Role.CONTROLLING)
        _take_credentials(agent, section, current, now)

    def set_answer(
        self,
        section: MediaDescription,
        current: MediaDescription | None,
        offered: RemoteData,
        now: float,
    ) -> None:
        """Our answer was set: the session begins, or begins anew, or goes on."""
        agent = self._ensure_transport().ice
        if self.remote is None:
            agent.set_role(Role.CONTROLLED)
        _take_credentials(agent, section, current, now)
        self._connect(section, offered, client=self._takes_client_role(offered), now=now)

    def set_remote_answer(
        self, section: MediaDescription, answered: RemoteData, now: float
    ) -> None:
        """The peer's answer was set; `section` is ours of the offer."""
        self._connect(section, answered, client=answered.setup is Setup.PASSIVE, now=now)

    def add_candidate(self, candidate: Candidate | None, ufrag: str | None, now: float) -> None:
        """Take a trickled candidate of the generation `ufrag`; None says that there are no more.

        Without effect before there is an answer: it is read from the offer then.
        """
        agent = self.transport.ice if self.transport is not None else None
        if agent is None or agent.remote_credentials is None:
            return
        if ufrag != agent.remote_credentials.ufrag:
            return
        if candidate is None:
            agent.end_of_candidates(now)
        elif candidate.component == 1:
            agent.add_remote_candidate(candidate, now)

    def roll_back(self, now: float) -> None:
        """Our offer was taken back. What only it had brought about is gone.

        Of a restart the credentials are forgotten; the generation before goes on.
        """
        if self.remote is None:
            self._stop(now)

    def end(self, reason: ProtocolError, now: float) -> None:
        """There is no section for data any more: so is there no channel."""
        self._channels.handle_closed(reason)
        self._stop(now)

    def _stop(self, now: float) -> None:
        transport, self.transport = self.transport, None
        if transport is not None:
            transport.stop(now)
        self.remote = self._client = None

    def _describe(
        self,
        setup: Setup,
        previous: MediaDescription | None,
        handshake: Handshake | None,
        *,
        restart: bool,
    ) -> LocalData:
        transport = self._ensure_transport()
        generation = self._generation(transport.ice, previous, restart=restart)
        fingerprint = transport.certificate.fingerprint()
        return LocalData(
            ufrag=generation.credentials.ufrag,
            pwd=generation.credentials.pwd,
            lite=self._settings.ice.lite,
            fingerprint=Fingerprint.parse(str(fingerprint)),
            setup=setup,
            sctp_port=self._settings.sctp.local_port,
            max_message_size=self._settings.sctp.max_message_size,
            sctp_init=handshake.init() if handshake and self._settings.snap else None,
            candidates=generation.candidates,
            end_of_candidates=generation.complete,
        )

    def _to_tell(self, offered: RemoteData) -> Handshake | None:
        """The handshake whose INIT goes into the answer. draft-hancke-tsvwg-snap §5.4, §5.6."""
        if not self._settings.snap or offered.sctp_init is None:
            return None
        transport, before = self._ensure_transport(), self.remote
        if before is None:
            return transport.handshake
        if before.same_identity(offered):
            return transport.handshake if transport.remote_init is not None else None
        if self._successor is None:
            self._successor = self._new_handshake()
        return self._successor

    def _told_in(self, section: MediaDescription) -> Handshake | None:
        """The handshake whose INIT `section` tells."""
        known = (self._successor, self._ensure_transport().handshake)
        told = section.sctp_init
        return next((one for one in known if one is not None and one.init() == told), None)

    def _new_handshake(self) -> Handshake:
        return Handshake(self._settings.sctp, child(self._random))

    def _generation(
        self, agent: Agent, previous: MediaDescription | None, *, restart: bool
    ) -> _Generation:
        told = _credentials(previous) if previous is not None else None
        own = agent.local_credentials
        if restart or told in self._to_replace:
            return _Generation(Credentials.generate(self._random))
        if told is None or told == own or previous is None:
            complete = agent.gathering_state is GatheringState.COMPLETE
            return _Generation(own, tuple(agent.local_candidates), complete)
        # A restart was rolled back: the agent is one generation ahead of the descriptions.
        return _Generation(told, tuple(previous.candidates), previous.end_of_candidates)

    def _takes_client_role(self, offered: RemoteData) -> bool:
        established = self.remote is not None and self.remote.same_identity(offered)
        if self._client is not None and established:
            return self._client
        return answers_as_client(offered.setup, self._settings.dtls_role)

    def _connect(
        self, section: MediaDescription, remote: RemoteData, *, client: bool, now: float
    ) -> None:
        transport = self._ensure_transport()
        before, self.remote = self.remote, remote
        agent = transport.ice
        if before is None:
            agent.remote_lite = remote.lite
        self._channels.max_message_size = self._largest_message(remote)
        if _credentials(section) == agent.local_credentials:
            agent.set_remote(
                remote.credentials, remote.candidates, now, ended=remote.end_of_candidates
            )
        if before is not None and not before.same_identity(remote):
            self._client = None
            transport.replace(self._told_in(section) or self._new_handshake())
            self._successor = None
        self._client = client if self._client is None else self._client
        told = section.sctp_init is not None and self._settings.snap
        transport.start(
            client=self._client,
            remote=remote,
            remote_init=remote.sctp_init if told else None,
            now=now,
        )

    def _largest_message(self, remote: RemoteData) -> int:
        own = self._settings.sctp.max_send_buffer
        return own if remote.max_message_size is None else min(remote.max_message_size, own)

    def _ensure_transport(self) -> Transport:
        if self.transport is None:
            if self._certificate is None:
                self._certificate = self._generate_certificate()
            self.transport = Transport(
                self._certificate, self._settings, self._channels, self._random
            )
            self.transport.observe(self._observer)
        return self.transport

    def _generate_certificate(self) -> Certificate:
        if self._unix_time is None:
            return Certificate.generate(self._random, 0.0, lifetime=_LONG_LIFETIME)
        return Certificate.generate(self._random, self._unix_time)


def _credentials(section: MediaDescription) -> Credentials | None:
    ufrag, pwd = section.ice_ufrag, section.ice_pwd
    return None if ufrag is None or pwd is None else Credentials(ufrag, pwd)


def _take_credentials(
    agent: Agent, section: MediaDescription, current: MediaDescription | None, now: float
) -> None:
    """Begin the generation that `section` tells of, unless it has begun."""
    told = _credentials(section)
    before = _credentials(current) if current is not None else None
    if told is not None and told not in (before, agent.local_credentials):
        agent.restart(now, told.ufrag, told.pwd)
