"""What the descriptions of both sides say of one transport, and what follows for it.

RFC 9429 §5.9 to §5.11, RFC 8839 §4.4 for ICE restarts, RFC 8842 §5 for DTLS.
"""

from random import Random

from webrtc.errors import InvalidAccessError, ProtocolError
from webrtc.ice import Candidate, GatheringState, Role
from webrtc.ice.credentials import Credentials
from webrtc.jsep.local import LocalGeneration, LocalTransport
from webrtc.jsep.remote import RemoteTransport, answers_as_client
from webrtc.jsep.trickle import Trickled
from webrtc.peer.transport import Transport
from webrtc.sdp import Fingerprint, Setup
from webrtc.settings import SettingEngine


class Agreement:
    """Describes, connects and restarts one transport.

    An offer of the peer changes nothing here until its answer is set, and an offer of ours no
    more than what a rollback can undo.
    """

    def __init__(self, transport: Transport, settings: SettingEngine, random: Random) -> None:
        self.transport = transport
        self.remote: RemoteTransport | None = None
        """The peer's end, as the last answer or provisional answer has it."""
        self._settings = settings
        self._random = random
        self._client: bool | None = None

    def describe_offer(self, told: LocalGeneration | None, *, restart: bool) -> LocalTransport:
        """What an offer says; `told` is what our description says now."""
        return self._describe(Setup.ACTPASS, told, restart=restart)

    def describe_answer(
        self, told: LocalGeneration | None, offered: RemoteTransport
    ) -> LocalTransport:
        """What an answer to `offered` says. It restarts ICE when the offer does, and only then."""
        setup = Setup.ACTIVE if self._takes_client_role(offered) else Setup.PASSIVE
        before = self.remote
        restart = before is not None and before.credentials != offered.credentials
        return self._describe(setup, told, restart=restart)

    def check(
        self, remote: RemoteTransport, ours: LocalGeneration | None, current: LocalGeneration | None
    ) -> None:
        """Compare what the peer says with what it said before. Raises InvalidAccessError.

        Other credentials with another identity are another peer's, which takes over. `ours` is
        what our offer says that it answers, if it is an answer; `current` is what our description
        in effect says.
        """
        before = self.remote
        if before is None:
            return
        if before.credentials == remote.credentials:
            if not before.same_identity(remote):
                raise InvalidAccessError("another fingerprint or tls-id without an ICE restart")
        elif ours is not None and before.same_identity(remote):
            restarted = current is not None and ours.credentials != current.credentials
            if not restarted or self.transport.ice.remote_credentials is not None:
                raise InvalidAccessError("the answer changes ICE credentials without a restart")

    def set_offer(self, told: LocalGeneration, current: LocalGeneration | None, now: float) -> None:
        """Our offer was set; `current` is the generation that it is to replace."""
        if self.remote is None:
            lite = self._settings.ice.lite
            self.transport.ice.set_role(Role.CONTROLLED if lite else Role.CONTROLLING)
        self._begin(told, current, now)

    def set_answer(
        self,
        told: LocalGeneration,
        current: LocalGeneration | None,
        offered: RemoteTransport,
        now: float,
    ) -> None:
        """Our answer was set: the transport begins, or begins anew, or goes on."""
        if self.remote is None:
            self.transport.ice.set_role(Role.CONTROLLED)
        self._begin(told, current, now)
        client = self._takes_client_role(offered)
        self._connect(told, offered, "another peer has taken over", client=client, now=now)

    def set_remote_answer(
        self, told: LocalGeneration, answered: RemoteTransport, now: float
    ) -> None:
        """The peer's answer was set; `told` is what our offer says."""
        client = answered.setup is Setup.PASSIVE
        self._connect(told, answered, "another peer has answered", client=client, now=now)

    def add_candidate(self, trickled: Trickled, now: float) -> None:
        """Take a trickled candidate, if it is for this transport and its generation.

        Without effect before there is an answer: it is read from the offer then.
        """
        agent, remote = self.transport.ice, self.remote
        known = agent.remote_credentials
        if remote is None or known is None or not remote.covers(trickled.line):
            return
        if trickled.ufrag != known.ufrag:
            return
        candidate: Candidate | None = trickled.candidate
        if candidate is None:
            agent.end_of_candidates(now)
        elif candidate.component == 1:
            agent.add_remote_candidate(candidate, now)

    def _describe(
        self, setup: Setup, told: LocalGeneration | None, *, restart: bool
    ) -> LocalTransport:
        fingerprint = self.transport.certificate.fingerprint()
        return LocalTransport(
            generation=self._generation(told, restart=restart),
            lite=self._settings.ice.lite,
            fingerprint=Fingerprint.parse(str(fingerprint)),
            setup=setup,
        )

    def _generation(self, told: LocalGeneration | None, *, restart: bool) -> LocalGeneration:
        agent = self.transport.ice
        if restart:
            return LocalGeneration(Credentials.generate(self._random))
        if told is None and self.remote is None:
            return LocalGeneration(
                agent.local_credentials
            )  # what was gathered ahead is told when set
        if told is None or told.credentials == agent.local_credentials:
            complete = agent.gathering_state is GatheringState.COMPLETE
            return LocalGeneration(agent.local_credentials, tuple(agent.local_candidates), complete)
        # A restart was rolled back: the agent is one generation ahead of the descriptions.
        return told

    def _takes_client_role(self, offered: RemoteTransport) -> bool:
        established = self.remote is not None and self.remote.same_identity(offered)
        if self._client is not None and established:
            return self._client
        return answers_as_client(offered.setup, self._settings.dtls_role)

    def _begin(self, told: LocalGeneration, current: LocalGeneration | None, now: float) -> None:
        """Begin the ICE generation that we have told of, unless it has begun."""
        agent, credentials = self.transport.ice, told.credentials
        before = current.credentials if current is not None else None
        if credentials not in (before, agent.local_credentials):
            agent.restart(now, credentials.ufrag, credentials.pwd)

    def _connect(
        self,
        told: LocalGeneration,
        remote: RemoteTransport,
        reason: str,
        *,
        client: bool,
        now: float,
    ) -> None:
        """Go on with the peer; if `remote` is another one, end what there was, for `reason`."""
        before, self.remote = self.remote, remote
        agent = self.transport.ice
        replaced = before is not None and not before.same_identity(remote)
        if before is None or replaced:
            agent.remote_lite = remote.lite
        if told.credentials == agent.local_credentials:
            if replaced and agent.remote_credentials not in (None, remote.credentials):
                agent.replace_peer(now)
            agent.set_remote(
                remote.credentials, remote.candidates, now, ended=remote.end_of_candidates
            )
        if replaced:
            self._client = None
            self.transport.replace(ProtocolError(reason))
        self._client = client if self._client is None else self._client
        self.transport.start(client=self._client, fingerprints=remote.fingerprints, now=now)
