"""SCTP's INIT in descriptions: who tells it when, and what follows. draft-hancke-tsvwg-snap."""

import re
from base64 import b64encode
from collections.abc import Callable
from random import Random

import pytest

from tests.peer.hands import LEFT, Hand, Hands
from tests.sdp_samples import only_data, sample
from webrtc.datachannel import ChannelState
from webrtc.errors import InvalidAccessError, SdpError
from webrtc.peer import PeerConnection, RTCSessionDescription, SettingEngine
from webrtc.peer.demux import Kind
from webrtc.peer.transport import Transport
from webrtc.sctp import Init, read_init
from webrtc.sdp import SessionDescription
from webrtc.vnet import Packet

OTHER = Init(7, 1 << 20, 100, 100, 99)


def told(description: RTCSessionDescription | None) -> Init | None:
    """The INIT in a description."""
    assert description is not None
    (media,) = SessionDescription.parse(description.sdp).media
    return None if media.sctp_init is None else read_init(media.sctp_init)


def altered(description: RTCSessionDescription, value: str | None) -> RTCSessionDescription:
    """The description with another `a=sctp-init`, or without one."""
    line = "" if value is None else f"a=sctp-init:{value}\r\n"
    sdp, count = re.subn(r"a=sctp-init:\S+\r\n", line, description.sdp)
    assert count == 1
    return RTCSessionDescription(description.type, sdp)


def transport(hand: Hand) -> Transport:
    assert hand.core.transports.one is not None
    return hand.core.transports.one


def shaken(hands: Hands) -> bool:
    """Connect; whether that took a handshake of SCTP. Messages go both ways afterwards."""
    left = hands.left.core.create_data_channel("data", hands.left.now)
    if hands.left.core.local_description is None:
        hands.negotiate()
    hands.network.run_until(lambda: hands.right.announced, limit=30.0)
    took = [hand.core.data.remote_init is None for hand in (hands.left, hands.right)]
    assert hands.talk(hands.left, left, "there") == ["there"]
    assert hands.talk(hands.right, hands.right.announced[-1], "back") == ["back"]
    assert took[0] == took[1]
    return took[0]


def test_both_sides_tell_their_init_and_need_no_handshake() -> None:
    """SCTP-01: §5.2 to §5.5."""
    hands = Hands()
    assert not shaken(hands)
    offered, answered = (told(hand.core.local_description) for hand in (hands.left, hands.right))
    assert offered is not None
    assert answered is not None
    assert offered.tag != answered.tag
    assert (offered.outbound_streams, offered.inbound_streams) == (65535, 65535)
    assert offered.receive_window == hands.left.core.settings.sctp.announced_window


OFF = {"snap": False}


@pytest.mark.parametrize("left", [{}, OFF])
@pytest.mark.parametrize("right", [{}, OFF])
def test_either_side_can_do_without(left: dict[str, bool], right: dict[str, bool]) -> None:
    """SCTP-01: §5.4: who does not know the attribute answers without it, who was not told, too."""
    hands = Hands(
        left=SettingEngine(random=Random(1), **left),  # type: ignore[arg-type]  # one type for all
        right=SettingEngine(random=Random(2), **right),  # type: ignore[arg-type]  # as above
    )
    assert shaken(hands) is bool(left or right)
    assert (told(hands.left.core.local_description) is None) is bool(left)
    assert (told(hands.right.core.local_description) is None) is bool(left or right)
    if left or right:
        hands.negotiate()
        assert told(hands.left.core.local_description) is None
        hands.negotiate(hands.right)
        assert told(hands.right.core.local_description) is None


def test_the_same_init_is_told_as_long_as_the_association_lasts() -> None:
    """§5.6: in further offers and answers of both sides, through ICE restarts."""
    hands = Hands()
    assert not shaken(hands)
    before = [told(hand.core.local_description) for hand in (hands.left, hands.right)]
    assert None not in before
    for number in range(4):
        offerer = (hands.left, hands.right)[number % 2]
        hands.negotiate(offerer, ice_restart=number > 1)
        hands.network.run(2.0)
        now = [told(hand.core.local_description) for hand in (hands.left, hands.right)]
        assert now == before
    assert not shaken(hands)


def test_an_offer_that_was_not_answered_tells_the_same_again() -> None:
    core = Hands().left.core
    core.create_data_channel("", 0.0)
    first = told(core.create_offer())
    assert told(core.create_offer()) == first
    assert first is not None


def test_provisional_answer_and_answer_tell_the_same() -> None:
    """RFC 9429 §4.1.10.1."""
    hands = Hands()
    channel = hands.left.core.create_data_channel("", 0.0)
    hands.right.accept(hands.left.offer())
    for kind in ("pranswer", "answer"):
        created = hands.right.core.create_answer()
        description = RTCSessionDescription.from_json({"type": kind, "sdp": created.sdp})
        hands.right.core.set_local_description(description, hands.right.now)
        hands.left.accept(description)
        hands.network.run(1.0)
        assert told(description) == read_init(hands.right.core.data.handshake.init())
        assert channel.state is ChannelState.OPEN


def rolled_back(hands: Hands) -> None:
    """Glare: the offer of the left peer is taken back, that of the right one is answered."""
    hands.left.core.create_data_channel("lost", 0.0)
    hands.right.core.create_data_channel("", 0.0)
    hands.left.offer()
    hands.right.accept(hands.left.answer(hands.right.offer()))
    hands.network.flush()


def test_glare() -> None:
    """PC-20"""
    hands = Hands()
    rolled_back(hands)
    assert not shaken(hands)


@pytest.mark.parametrize("asks", ["left", "right"])
def test_who_takes_the_peers_place_begins_an_association_without_handshake(asks: str) -> None:
    """§5.6: a new DTLS association has an INIT of its own, where that is known in time."""
    hands = Hands()
    hands.connect()
    third = hands.add(SettingEngine(random=Random(77)), ("192.0.2.3", 5000))
    before = told(hands.left.core.local_description)
    hands.left.other, third.other = third, hands.left
    channel = third.core.create_data_channel("taken over", hands.network.now)
    if asks == "left":
        hands.left.accept(third.answer(hands.left.offer(ice_restart=True)))
    else:
        third.accept(hands.left.answer(third.offer()))
        assert told(hands.left.core.local_description) != before
    hands.network.run_until(lambda: channel.state is ChannelState.OPEN, limit=20.0)
    for hand, other in ((hands.left, third), (third, hands.left)):
        assert hand.core.data.remote_init == told(other.core.local_description)
    third.core.send(channel, "hello", third.now)
    hands.network.run(1.0)
    assert hands.left.messages() == ["hello"]


def test_successors_init_is_not_used_before_its_answer_is_set() -> None:
    """A rollback of the successor's offer leaves the association as it was."""
    hands = Hands()
    channels = hands.connect()
    before = told(hands.left.core.local_description)
    third = hands.add(SettingEngine(random=Random(77)), ("192.0.2.3", 5000))
    third.core.create_data_channel("", 0.0)
    hands.left.accept(third.offer())
    assert told(hands.left.core.create_answer()) not in (before, None)
    hands.left.accept(RTCSessionDescription("rollback"))
    hands.negotiate()
    assert told(hands.left.core.local_description) == before
    assert hands.talk(hands.left, channels[0], "still here") == ["still here"]


def forged(init: Init) -> str:
    return b64encode(init.encode()).decode()


MALFORMED = [
    ("*", SdpError, "sctp-init is not Base64"),
    ("", InvalidAccessError, "sctp-init: INIT chunk of 0 bytes"),
    (forged(Init(0, 1 << 20, 1, 1, 1)), InvalidAccessError, "sctp-init: initiate tag 0"),
    (forged(Init(1, 100, 1, 1, 1)), InvalidAccessError, "sctp-init: receive window"),
    (b64encode(OTHER.encode(2)).decode(), InvalidAccessError, "sctp-init: chunk 2"),
    (b64encode(OTHER.encode()[:-2]).decode(), InvalidAccessError, "sctp-init: INIT of length"),
]


@pytest.mark.parametrize(("value", "error", "what"), MALFORMED)
@pytest.mark.parametrize("kind", ["offer", "answer"])
def test_what_is_no_init_is_refused(
    kind: str, value: str, error: type[Exception], what: str
) -> None:
    """S-09: §5.3, §5.5: an error that names it, and nothing has changed."""
    hands = Hands()
    hands.left.core.create_data_channel("", 0.0)
    description, target = hands.left.offer(), hands.right
    if kind == "answer":
        description, target = hands.right.answer(description), hands.left
    state = target.core.signaling_state
    with pytest.raises(error, match=what):
        target.accept(altered(description, value))
    assert target.core.signaling_state == state
    target.accept(description)


def test_who_does_not_speak_it_does_not_look_into_it() -> None:
    hands = Hands(right=SettingEngine(random=Random(2), snap=False))
    hands.left.core.create_data_channel("", 0.0)
    offer = hands.left.offer()
    hands.right.accept(altered(offer, forged(Init(0, 1 << 20, 1, 1, 1))))
    assert told(hands.right.core.create_answer()) is None


@pytest.mark.parametrize("kind", ["offer", "answer"])
def test_another_init_for_the_same_association_is_refused(kind: str) -> None:
    """§5.6: InvalidAccessError, and the connection goes on."""
    hands = Hands()
    channels = hands.connect()
    description, target = hands.left.offer(), hands.right
    if kind == "answer":
        description, target = hands.right.answer(description), hands.left
    with pytest.raises(InvalidAccessError, match="another sctp-init"):
        target.accept(altered(description, forged(OTHER)))
    assert hands.talk(hands.left, channels[0], "there") == ["there"]


def without(description: RTCSessionDescription) -> RTCSessionDescription:
    return altered(description, None)


def added(description: RTCSessionDescription) -> RTCSessionDescription:
    sdp = description.sdp.replace("a=setup", f"a=sctp-init:{forged(OTHER)}\r\na=setup")
    return RTCSessionDescription(description.type, sdp)


@pytest.mark.parametrize(("snap", "alter"), [(True, without), (False, added)])
def test_later_descriptions_may_leave_it_out_or_add_it(
    *, snap: bool, alter: Callable[[RTCSessionDescription], RTCSessionDescription]
) -> None:
    """The association goes on as it began; an addition is not answered."""
    hands = Hands(left=SettingEngine(random=Random(1), snap=snap))
    channels = hands.connect()
    answer = hands.right.answer(alter(hands.left.offer()))
    assert told(answer) is None
    hands.left.accept(answer)
    assert hands.talk(hands.left, channels[0], "there") == ["there"]


def test_signalling_that_loses_the_answers_init() -> None:
    """C-09: one side is established and the other shakes hands: RFC 9260 §5.2.1, §5.2.2."""
    hands = Hands()
    channel = hands.left.core.create_data_channel("", 0.0)
    hands.left.accept(altered(hands.right.answer(hands.left.offer()), None))
    hands.network.run_until(lambda: channel.state is ChannelState.OPEN, limit=5.0)
    assert hands.left.core.data.remote_init is None
    assert hands.right.core.data.remote_init is not None
    assert hands.talk(hands.left, channel, "there") == ["there"]
    assert hands.talk(hands.right, hands.right.announced[0], "back") == ["back"]


@pytest.mark.parametrize("kind", ["answer", "offer"])
def test_an_init_that_is_our_own_is_none(kind: str) -> None:
    """libdatachannel answers with every line that it does not know: then there is a handshake."""
    hands = Hands(right=SettingEngine(random=Random(2), snap=False))
    channel = hands.left.core.create_data_channel("", 0.0)
    offer = hands.left.offer()
    answer = hands.right.answer(offer)
    [line] = re.findall(r"a=sctp-init:\S+\r\n", offer.sdp)
    hands.left.accept(RTCSessionDescription("answer", answer.sdp + line))
    hands.network.run_until(lambda: channel.state is ChannelState.OPEN, limit=5.0)
    assert hands.left.core.data.remote_init is None
    if kind == "offer":
        again = hands.right.offer()
        hands.right.accept(hands.left.answer(RTCSessionDescription("offer", again.sdp + line)))
    assert hands.talk(hands.left, channel, "there") == ["there"]


@pytest.mark.parametrize(
    "line",
    [
        "a=tls-id:" + "x" * 20,
        "a=extmap-allow-mixed",
        "a=ice-options:trickle ice2 renomination",
        "a=max-message-size:262144",
        "a=setup:active",
    ],
)
def test_a_line_that_is_copied_switches_nothing_on(line: str) -> None:
    """Whatever our offer says, an answer may say, too."""
    hands = Hands()
    channel = hands.left.core.create_data_channel("", 0.0)
    offer = hands.left.offer()
    answer = hands.right.answer(RTCSessionDescription("offer", f"{offer.sdp}{line}\r\n"))
    hands.left.accept(RTCSessionDescription("answer", f"{answer.sdp}{line}\r\n"))
    hands.network.run_until(lambda: channel.state is ChannelState.OPEN, limit=5.0)
    assert hands.talk(hands.left, channel, "there") == ["there"]


def test_data_that_overtakes_the_end_of_the_dtls_handshake_is_not_lost() -> None:
    """D-07: it is read when the server's Finished has come after all, and not sent again."""
    hands = Hands()
    lost: list[float] = []

    def is_finished(packet: Packet) -> bool:
        if packet.source == LEFT and packet.data[0] == 20 and not lost:
            lost.append(hands.network.now)
            return True
        return False

    hands.network.filter(is_finished)
    hands.left.core.create_data_channel("", 0.0)
    hands.negotiate()
    hands.network.run_until(lambda: hands.right.announced, limit=5.0)
    assert lost
    hands.network.run(1.0)
    association = hands.left.core.data.sctp
    assert association is not None
    assert association.counters.chunks_retransmitted == 0
    assert transport(hands.right).dropped[Kind.DTLS] == 0


def test_chromium_with_its_field_trial_is_answered_in_kind() -> None:
    """SDP-03: a recorded offer; our INIT says what Chromium needs to know of us."""
    peer = PeerConnection()
    offer = RTCSessionDescription("offer", only_data(sample("trials-offer-chromium")))
    peer.set_remote_description(offer, 0.0)
    init = told(peer.create_answer())
    assert init is not None
    assert (init.outbound_streams, init.inbound_streams) == (65535, 65535)
    assert {0xC000, 0x8008} <= {parameter.type for parameter in init.parameters}
    peer.set_local_description(None, 0.0)
    remote = peer.data.remote_init
    assert remote is not None
    assert (remote.tag, remote.receive_window) == (0xC229CA47, 5 << 20)


def test_chromiums_answer_with_its_field_trial_decodes() -> None:
    """SDP-03"""
    text = sample("trials-answer-chromium-to-chromium")
    init = SessionDescription.parse(text).media[-1].sctp_init
    assert init is not None
    assert read_init(init).tag == 0xEC4442E0
