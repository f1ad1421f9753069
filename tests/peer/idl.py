"""The dictionaries of webrtc-stats, member by member, as the editor's draft of 2025 has them."""

BASE = "timestamp type id"

DICTIONARIES = {
    "peer-connection": "dataChannelsOpened dataChannelsClosed",
    "data-channel": """
        label protocol dataChannelIdentifier state messagesSent bytesSent messagesReceived
        bytesReceived
    """,
    "transport": """
        packetsSent packetsReceived bytesSent bytesReceived iceRole iceLocalUsernameFragment
        dtlsState iceState selectedCandidatePairId localCertificateId remoteCertificateId
        tlsVersion dtlsCipher dtlsRole srtpCipher selectedCandidatePairChanges ccfbMessagesSent
        ccfbMessagesReceived
    """,
    "local-candidate": """
        transportId address port protocol candidateType priority url relayProtocol foundation
        relatedAddress relatedPort usernameFragment tcpType
    """,
    "candidate-pair": """
        transportId localCandidateId remoteCandidateId state nominated packetsSent
        packetsReceived bytesSent bytesReceived lastPacketSentTimestamp
        lastPacketReceivedTimestamp totalRoundTripTime currentRoundTripTime
        availableOutgoingBitrate availableIncomingBitrate requestsReceived requestsSent
        responsesReceived responsesSent consentRequestsSent packetsDiscardedOnSend
        bytesDiscardedOnSend
    """,
    "certificate": "fingerprint fingerprintAlgorithm base64Certificate issuerCertificateId",
}
DICTIONARIES["remote-candidate"] = DICTIONARIES["local-candidate"]

OF_MEDIA = {"srtpCipher", "ccfbMessagesSent", "ccfbMessagesReceived"}
"""What a connection without media has no value for; the bitrates are of media streams, too."""
OF_MEDIA |= {"availableOutgoingBitrate", "availableIncomingBitrate"}
OF_TCP_OR_RELAY = {"relayProtocol", "tcpType"}

MORE = {
    "candidate-pair": {"priority"},
    "sctp-transport": {
        "transportId",
        "smoothedRoundTripTime",
        "congestionWindow",
        "receiverWindow",
        "mtu",
        "unackData",
    },
}
"""Members that are here and not, or not any more, in the specification."""


def members(kind: str) -> set[str]:
    """Names of all members of one kind of statistics."""
    return {*BASE.split(), *DICTIONARIES.get(kind, "").split()}
