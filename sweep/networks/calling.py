"""How a network is called, and which tensor of what it gives is its output.

Rows of one tensor are its argument; those of several are its arguments by place or by name. The
outputs of a network are a tensor, the first of several, or what is called ``logits``; or the study
says which. All of it is done by two hooks on the network itself, so that whoever calls it, vmap and
a loop of plain PyTorch alike, writes ``model(x)``.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from torch import Tensor, nn

from sweep.errors import ModelError
from sweep.runtime.trees import is_tree

LOGITS = "logits"
"""What outputs are called where a network gives an object or a dict, as by Hugging Face."""


def call_with_leaves(model: nn.Module, x: Any) -> None:
    """Lets ``model(x)`` stand for a call with the leaves of ``x``; for one tensor it does already.

    A forward that takes the tuple or the dict as one argument alone gets it.
    """
    known = any(hook is _with_leaves for hook in model._forward_pre_hooks.values())
    if is_tree(x) and not known and _takes_leaves(model, x):
        model.register_forward_pre_hook(_with_leaves, prepend=True, with_kwargs=True)


def give_tensor(model: nn.Module, output: str | int | None, name: str) -> None:
    """Lets the network give one tensor; ModelError at a call that has none, or not this one.

    Args:
        model: The network.
        output: The name or the place of what is meant; None for the first, or ``logits``.
        name: What messages call the network.
    """
    for key, hook in list(model._forward_hooks.items()):
        if isinstance(hook, _Output):  # of a body that was given before
            del model._forward_hooks[key]
    model.register_forward_hook(_Output(output, name))


def check_shape(
    output: object,
    n_rows: int,
    row: tuple[int, ...],
    name: str,
    *,
    when: str,
    rows: str,
    advice: str,
) -> None:
    """Raises ModelError for outputs that are not (rows, *row).

    Args:
        output: What the network gave.
        n_rows: For how many rows.
        row: The shape that the loss wants for each of them.
        name: What messages call the network.
        when: In which of its modes, or for what.
        rows: The rows in words.
        advice: What to do.
    """
    found = tuple(output.shape) if isinstance(output, Tensor) else type(output).__name__
    if found != (n_rows, *row):
        wanted = f"(rows, {', '.join(map(str, row))})"
        raise ModelError(
            f"model.name: {name} must give {wanted} {when}, found {found} for {rows}; {advice}"
        )


def _takes_leaves(model: nn.Module, x: Any) -> bool:
    """Whether the leaves are arguments of its forward, rather than all together its only one."""
    signature = inspect.signature(model.forward)
    try:
        signature.bind(**x) if isinstance(x, dict) else signature.bind(*x)
    except TypeError:
        try:
            signature.bind(x)
        except TypeError:
            return True  # neither will do: the call with leaves says what is missing
        return False
    return True


def _with_leaves(
    _model: nn.Module, arguments: tuple[Any, ...], named: dict[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    (x,) = arguments
    return ((), {**named, **x}) if isinstance(x, dict) else (x, named)


@dataclass(frozen=True)
class _Output:
    """A hook that gives the tensor which is meant of what a forward gave."""

    wanted: str | int | None
    name: str

    def __call__(self, _model: nn.Module, _arguments: object, output: Any) -> Tensor:
        if self.wanted is not None:
            return _named(output, self.wanted, self.name)
        found = _meant(output)
        if isinstance(found, Tensor):
            return found
        raise ModelError(
            f"model.name: {self.name} must give a tensor, a tuple that begins with one, or "
            f"{LOGITS}, found {_kinds(output)}; say which part is meant by model.output"
        )


def _meant(output: Any) -> Any:
    """What of an output is meant where nobody says so."""
    if isinstance(output, Tensor):
        return output
    if isinstance(output, Mapping) and LOGITS in output:
        return output[LOGITS]
    if hasattr(output, LOGITS):
        return getattr(output, LOGITS)
    return output[0] if isinstance(output, tuple | list) and output else None


def _named(output: Any, wanted: str | int, name: str) -> Tensor:
    """What of an output has this name, or is in this place."""
    found = _part(output, wanted)
    if isinstance(found, Tensor):
        return found
    advice = "leave the key out" if isinstance(output, Tensor) else "name a part that is a tensor"
    raise ModelError(
        f"model.output: {name} must give a tensor as {wanted!r}, found {_kinds(output)}; {advice}"
    )


def _part(output: Any, wanted: str | int) -> Any:
    """The part of an output; None where it has no such part."""
    if isinstance(output, Tensor):  # a row of it is no part
        return None
    if isinstance(wanted, int):
        several = isinstance(output, tuple | list) and wanted < len(output)
        return output[wanted] if several else None
    if isinstance(output, Mapping):
        return output.get(wanted)
    return getattr(output, wanted, None)


def _kinds(output: Any) -> str:
    """What an output is, in words: its type, and the names or the number of its parts."""
    kind = type(output).__name__
    if isinstance(output, Mapping):
        return f"{kind} with {', '.join(map(str, output)) or 'nothing'}"
    return f"{kind} of {len(output)}" if isinstance(output, tuple | list) else kind
