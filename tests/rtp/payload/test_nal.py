from webrtc.rtp.payload.nal import pack


def together(units: list[bytes]) -> bytes:
    return b"H" + b"".join([b".%d" % len(unit) + unit for unit in units])


def cut(unit: bytes, size: int) -> list[bytes]:
    return [unit[start : start + size] for start in range(0, len(unit), size)]


def packed(*units: bytes, size: int = 10) -> list[bytes]:
    return pack(units, size, 1, together, cut)


def test_units_that_fit_go_together() -> None:
    assert packed(b"aa", b"bbb") == [b"H.2aa.3bbb"]


def test_one_alone_is_a_payload_as_it_is() -> None:
    assert packed(b"aa") == [b"aa"]
    assert packed(b"a" * 10) == [b"a" * 10]


def test_order_is_kept_around_a_unit_that_is_cut() -> None:
    assert packed(b"a", b"b" * 12, b"c", b"d") == [b"a", b"b" * 10, b"bb", b"H.1c.1d"]


def test_the_next_payload_begins_where_the_limit_is() -> None:
    assert packed(b"aa", b"bbb", b"c") == [b"H.2aa.3bbb", b"c"]
    assert packed(b"aa", b"bbbb", b"c") == [b"aa", b"H.4bbbb.1c"]
