"""The table of cipher suites."""

from OpenSSL import SSL

from webrtc.dtls.suites import BY_OPENSSL_NAME, SUITES


def test_every_suite_is_forward_secret_and_aead() -> None:
    """D-11, DTLSCS-04, DTLSCS-05, DTLSCS-06, DTLSCS-12."""
    assert len(SUITES) == 6
    for suite in SUITES:
        assert suite.name.startswith("TLS_ECDHE_")
        assert "GCM" in suite.name or "POLY1305" in suite.name
        assert suite.name.endswith(suite.hash.upper())
        assert suite.key_length == (16 if "AES_128" in suite.name else 32)


def test_openssl_knows_each_by_its_name() -> None:
    """DTLSCFG-02: a name that OpenSSL does not have would be left out silently."""
    assert len(BY_OPENSSL_NAME) == len(SUITES)
    for name in BY_OPENSSL_NAME:
        context = SSL.Context(SSL.DTLS_METHOD)
        context.set_cipher_list(name.encode())
        assert name in SSL.Connection(context, None).get_cipher_list()
