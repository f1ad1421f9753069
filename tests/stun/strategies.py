"""Hypothesis strategies for messages and the attributes of every class."""

import ipaddress

from hypothesis import strategies as st

from webrtc.stun import Message, MessageClass, Method
from webrtc.stun import attributes as a
from webrtc.stun.codec import Attribute, RawAttribute

ids = st.binary(min_size=12, max_size=12)
bits16 = st.integers(0, 0xFFFF)
bits32 = st.integers(0, 0xFFFF_FFFF)
bits64 = st.integers(0, 0xFFFF_FFFF_FFFF_FFFF)
octet = st.integers(0, 0xFF)
hosts = st.one_of(
    st.integers(0, 2**32 - 1).map(lambda number: str(ipaddress.IPv4Address(number))),
    st.integers(0, 2**128 - 1).map(lambda number: str(ipaddress.IPv6Address(number))),
)
addresses = st.tuples(hosts, st.integers(1, 0xFFFF))
text = st.text(max_size=60)
algorithms = st.builds(a.PasswordAlgorithm, bits16, st.binary(max_size=9))

attributes: st.SearchStrategy[Attribute] = st.one_of(
    *(
        st.builds(address_class, addresses)
        for address_class in (
            *(a.MappedAddress, a.XorMappedAddress, a.XorPeerAddress, a.XorRelayedAddress),
            *(a.AlternateServer, a.ResponseOrigin, a.OtherAddress),
        )
    ),
    *(
        st.builds(text_class, text)
        for text_class in (
            *(a.Username, a.Realm, a.Nonce, a.Software),
            *(a.AlternateDomain, a.ThirdPartyAuthorization),
        )
    ),
    *(
        st.builds(number_class, bits32)
        for number_class in (a.Priority, a.Nomination, a.Lifetime, a.ConnectionId)
    ),
    *(st.builds(tie_class, bits64) for tie_class in (a.IceControlled, a.IceControlling)),
    *(st.builds(port_class, bits16) for port_class in (a.ChannelNumber, a.ResponsePort)),
    *(
        st.builds(byte_class, octet)
        for byte_class in (
            *(a.RequestedAddressFamily, a.AdditionalAddressFamily),
            a.RequestedTransport,
        )
    ),
    *(
        st.builds(opaque_class, st.binary(max_size=100))
        for opaque_class in (a.Data, a.MobilityTicket, a.AccessToken, a.Padding)
    ),
    st.builds(a.UseCandidate),
    st.builds(a.DontFragment),
    st.builds(a.EvenPort, st.booleans()),
    st.builds(a.ReservationToken, st.binary(min_size=8, max_size=8)),
    st.builds(a.AddressErrorCode, octet, st.integers(300, 699), text),
    st.builds(a.ErrorCode, st.integers(300, 699), text),
    st.builds(a.UnknownAttributes, st.lists(bits16, max_size=9).map(tuple)),
    st.builds(a.Icmp, octet, octet, bits32),
    st.builds(a.ChangeRequest, st.booleans(), st.booleans()),
    st.builds(a.TransactionTransmitCounter, octet, octet),
    st.builds(a.Userhash, st.binary(min_size=32, max_size=32)),
    algorithms,
    st.builds(a.PasswordAlgorithms, st.lists(algorithms, max_size=4).map(tuple)),
    st.builds(RawAttribute, st.integers(0xC100, 0xFFFF), st.binary(max_size=30)),
)

messages = st.builds(
    Message,
    st.sampled_from(Method),
    st.sampled_from(MessageClass),
    ids,
    st.lists(attributes, max_size=8).map(tuple),
)
