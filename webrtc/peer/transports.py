"""The transports of a connection: made when a description needs them, ended when none does."""

from collections.abc import Iterable, Sequence
from random import Random

from webrtc.core import Observer
from webrtc.dtls import Certificate
from webrtc.errors import InvalidAccessError
from webrtc.ice.credentials import Credentials
from webrtc.jsep.local import LocalGeneration
from webrtc.jsep.trickle import Trickled
from webrtc.peer.agreement import Agreement
from webrtc.peer.transport import Transport
from webrtc.settings import SettingEngine

_LONG_LIFETIME = 2.0**32  # until 2106; WebRTC does not look at the validity: RFC 8827 §6.5


class Transports:
    """Makes transports with the certificate of the connection, and says which restart ICE.

    All sections are bundled, so there is at most `one`; who sends and receives goes by that.
    """

    def __init__(
        self,
        certificates: Sequence[Certificate],
        settings: SettingEngine,
        random: Random,
        unix_time: float | None,
    ) -> None:
        """`unix_time` dates a certificate. Raises InvalidAccessError for one that has expired."""
        for each in certificates:
            if unix_time is not None and each.expires <= unix_time:
                raise InvalidAccessError(f"certificate {each.fingerprint()} has expired")
        self.one: Transport | None = None
        self._agreement: Agreement | None = None
        self._certificate = next(iter(certificates), None)
        self._settings = settings
        self._random = random
        self._unix_time = unix_time
        self._to_replace: frozenset[Credentials] = frozenset()
        self._observer: Observer | None = None

    def observe(self, observer: Observer | None) -> None:
        """Tell `observer` what happens in the transports from here on; None tells nobody."""
        self._observer = observer
        if self.one is not None:
            self.one.observe(observer)

    def agreement(self) -> Agreement:
        """What is agreed of the transport. It is made when there is none."""
        if self._agreement is None:
            if self._certificate is None:
                self._certificate = self._generate_certificate()
            self.one = Transport(self._certificate, self._settings, self._random)
            self.one.observe(self._observer)
            self._agreement = Agreement(self.one, self._settings, self._random)
        return self._agreement

    @property
    def restart_wanted(self) -> bool:
        """Whether credentials wait for an ICE restart: W3C [[LocalIceCredentialsToReplace]]."""
        return bool(self._to_replace)

    def restart(self, told: Iterable[LocalGeneration]) -> None:
        """Replace the credentials of these generations in the offers to come."""
        self._to_replace = frozenset(each.credentials for each in told)

    def restarts(self, told: LocalGeneration | None) -> bool:
        """Whether the next description replaces the credentials of this generation."""
        return told is not None and told.credentials in self._to_replace

    def handle_negotiated(self, told: Iterable[LocalGeneration]) -> None:
        """An answer was set; `told` are our generations in effect."""
        if not any(each.credentials in self._to_replace for each in told):
            self._to_replace = frozenset()

    def add_candidate(self, trickled: Trickled, now: float) -> None:
        """Take a candidate of the peer to the transport that it is for."""
        if self._agreement is not None:
            self._agreement.add_candidate(trickled, now)

    def roll_back(self, now: float) -> None:
        """Our offer was taken back. What only it had brought about is gone.

        Of a restart the credentials are forgotten; the generation before goes on.
        """
        if self._agreement is not None and self._agreement.remote is None:
            self.end(now)

    def end(self, now: float) -> Transport | None:
        """No section is left. Gives the transport that has ended, if the peer had its end of it."""
        transport, agreement = self.one, self._agreement
        self.one = self._agreement = None
        if transport is not None:
            transport.stop(now)
        return transport if agreement is not None and agreement.remote is not None else None

    def _generate_certificate(self) -> Certificate:
        if self._unix_time is None:
            return Certificate.generate(self._random, 0.0, lifetime=_LONG_LIFETIME)
        return Certificate.generate(self._random, self._unix_time)
