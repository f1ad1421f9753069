"""Every public member of what `webrtc` exports has a sentence that the reference shows."""

import ast
import dataclasses
import inspect
import sys
from collections.abc import Iterator
from itertools import pairwise

import pyee
import pytest

from webrtc import api

CLASSES = [item for name in api.__all__ if inspect.isclass(item := getattr(api, name))]
INHERITED = {*dir(pyee.EventEmitter), *dir(Exception)}


def public_members(owner: type) -> set[str]:
    """Names of its own, less the `on…` attributes, which are told as the events that they take."""
    names = {name for name in dir(owner) if not name.startswith(("_", "on"))}
    if dataclasses.is_dataclass(owner):
        names |= {field.name for field in dataclasses.fields(owner)}
    return names - INHERITED


def attributes_with_a_sentence(owner: type) -> Iterator[str]:
    """Names of attributes that are followed by a docstring, in the class or in its methods."""
    for base in owner.__mro__:
        if base.__module__.startswith("webrtc."):
            tree = ast.parse(inspect.getsource(sys.modules[base.__module__]))
            for node in ast.walk(tree):
                if isinstance(node, ast.ClassDef) and node.name == base.__name__:
                    methods = [each.body for each in node.body if isinstance(each, ast.FunctionDef)]
                    for body in (node.body, *methods):
                        yield from documented(body)


def documented(body: list[ast.stmt]) -> Iterator[str]:
    for statement, after in pairwise(body):
        text = after.value if isinstance(after, ast.Expr) else None
        if isinstance(text, ast.Constant) and isinstance(text.value, str):
            match statement:
                case ast.AnnAssign(target=ast.Name(name) | ast.Attribute(attr=name)):
                    yield name
                case ast.Assign(targets=[ast.Name(name) | ast.Attribute(attr=name)]):
                    yield name


def has_docstring(owner: type, name: str) -> bool:
    member = inspect.getattr_static(owner, name, None)
    for wrapped in ("fget", "__func__", "func"):
        member = getattr(member, wrapped, member)
    return inspect.isfunction(member) and bool(member.__doc__)


@pytest.mark.parametrize("owner", CLASSES, ids=lambda owner: owner.__name__)
def test_every_public_member_has_a_sentence(owner: type) -> None:
    told = set(attributes_with_a_sentence(owner))
    silent = {name for name in public_members(owner) - told if not has_docstring(owner, name)}
    assert silent == set()
    assert owner.__doc__
