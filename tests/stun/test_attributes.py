import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.stun.strategies import attributes, ids
from webrtc.errors import DecodeError
from webrtc.stun.attributes import BY_TYPE, CLASSES, Attribute, AttributeCodec


@given(attributes, ids)
def test_round_trip(attribute: Attribute, transaction_id: bytes) -> None:
    """STUN-26, X-06: decode inverts encode for every class."""
    value = attribute.encode(transaction_id)
    attribute_class = BY_TYPE.get(attribute.type)
    if attribute_class is not None:
        assert attribute_class.decode(value, transaction_id) == attribute


@pytest.mark.parametrize("attribute_class", CLASSES, ids=lambda one: one.__name__)
@given(value=st.binary(max_size=64), transaction_id=ids)
def test_garbage_raises_only_decode_error(
    attribute_class: type[AttributeCodec], value: bytes, transaction_id: bytes
) -> None:
    """X-01: and what is accepted can be encoded and decoded again."""
    try:
        attribute = attribute_class.decode(value, transaction_id)
    except DecodeError:
        return
    again = attribute_class.decode(attribute.encode(transaction_id), transaction_id)
    assert again == attribute
    assert "\n" not in repr(attribute)


@pytest.mark.parametrize("attribute_class", CLASSES, ids=lambda one: one.__name__)
def test_attributes_are_small(attribute_class: type[AttributeCodec]) -> None:
    """X-05: frozen, and without a dictionary for each."""
    assert "__slots__" in vars(attribute_class)
    assert not hasattr(attribute_class, "__dict__") or "__dict__" not in vars(attribute_class)
    assert attribute_class.__hash__ is not None
