"""Public names say what they take, return and raise: the sections that their signatures need."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from typing import Any

import pytest

import dashboards
import sweep
from sweep.regularizers.penalty import Layer, Penalty


def methods_of(kind: type) -> dict[str, Callable[..., Any]]:
    """The public methods that a class itself defines, by qualified name."""
    own = {name: value for name, value in vars(kind).items() if not name.startswith("_")}
    return {f.__qualname__: f for f in own.values() if inspect.isfunction(f)}


PUBLIC = {
    f"{package.__name__}.{name}": getattr(package, name)
    for package in (sweep, dashboards)
    for name in package.__all__
}
FUNCTIONS = {
    **{name: value for name, value in PUBLIC.items() if inspect.isfunction(value)},
    **methods_of(Penalty),
    **methods_of(Layer),
}
CLASSES = {name: value for name, value in PUBLIC.items() if inspect.isclass(value)}


def sections(documented: object) -> dict[str, str]:
    """The sections of a docstring by their heading; what comes before them is ""."""
    parts = re.split(r"^(Args|Attributes|Returns|Raises):$", doc_of(documented), flags=re.M)
    return {"": parts[0], **dict(zip(parts[1::2], parts[2::2], strict=True))}


def doc_of(documented: object) -> str:
    """Its own docstring, not a base class's."""
    return inspect.cleandoc(documented.__doc__ or "")


def named(section: str) -> list[str]:
    """The names that a section of ``name: meaning`` lines explains, in their order."""
    heads = re.findall(r"^ {4}([*\w, ]+): \S", section, re.MULTILINE)
    return [name.strip(" *") for head in heads for name in head.split(",")]


def parameters(function: Callable[..., Any]) -> list[str]:
    return [name for name in inspect.signature(function).parameters if name != "self"]


def documented_fields(kind: type) -> Iterator[str]:
    """The fields of a dataclass that a docstring follows in its source."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(kind))).body[0]
    assert isinstance(tree, ast.ClassDef)
    for field, after in zip(tree.body, tree.body[1:], strict=False):
        is_text = isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant)
        if is_text and isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
            yield field.target.id


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_a_public_function_documents_its_signature(name: str) -> None:
    function, found = FUNCTIONS[name], sections(FUNCTIONS[name])
    assert re.match(r"[A-Z`].*[.;:]", found[""])
    assert named(found.get("Args", "")) == parameters(function)
    returns = inspect.signature(function).return_annotation
    assert ("Returns" in found) == (returns not in (None, "None"))
    body = ast.walk(ast.parse(textwrap.dedent(inspect.getsource(function))))
    assert "Raises" in found or not any(isinstance(node, ast.Raise) for node in body)
    for error in named(found.get("Raises", "")):
        assert error == "KeyError" or error in sweep.__all__


@pytest.mark.parametrize("name", sorted(CLASSES))
def test_a_public_class_documents_its_parts(name: str) -> None:
    kind, found = CLASSES[name], sections(CLASSES[name])
    assert re.match(r"[A-Z`].*[.;:]", found[""])
    if is_dataclass(kind):
        described = {*named(found.get("Attributes", "")), *documented_fields(kind)}
        assert described == {field.name for field in fields(kind)}
    elif not issubclass(kind, Exception | Penalty):
        assert named(found["Args"]) == parameters(kind)


def test_the_hooks_of_a_penalty_are_checked() -> None:
    hooks = {"begin", "add_gradient", "shrink", "prox", "project", "value", "strength_max"}
    assert {f"Penalty.{hook}" for hook in hooks} <= FUNCTIONS.keys()
