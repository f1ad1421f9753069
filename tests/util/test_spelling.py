"""What somebody may have meant."""

import pytest

from webrtc.util.spelling import Hinting, meant, members, missing

KNOWN = ("local_description", "ondatachannel", "send", "closed", "id")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("localDescription", "local_description"),
        ("onDataChannel", "ondatachannel"),
        ("on_data_channel", "ondatachannel"),
        ("localdescription", "local_description"),
        ("local_descripton", "local_description"),  # one is missing
        ("local_descriptiion", "local_description"),  # one too many
        ("local_discription", "local_description"),  # one is wrong
        ("local_descirption", "local_description"),  # two are swapped
        ("sedn", "send"),
        ("sent", "send"),
        ("clsoed", "closed"),
        ("ID", "id"),
    ],
)
def test_browsers_names_and_one_typing_error(name: str, expected: str) -> None:
    assert meant(name, KNOWN) == expected


@pytest.mark.parametrize("name", ["send", "nickname", "sender", "idx", "ip", "locldescripton"])
def test_other_names_are_the_users(name: str) -> None:
    assert meant(name, KNOWN) is None


class Thing(Hinting):
    def open_door(self) -> None: ...

    def _hidden(self) -> None: ...


def test_members_are_those_for_everyone() -> None:
    assert members(Thing) == {"open_door"}


def test_an_unknown_attribute_is_told_with_a_hint() -> None:
    with pytest.raises(AttributeError, match="no attribute 'openDoor'; did you mean 'open_door'"):
        _ = getattr(Thing(), "openDoor")  # noqa: B009 - what is tested
    assert str(missing(Thing(), "window")) == "'Thing' object has no attribute 'window'"
    assert not hasattr(Thing(), "window")
