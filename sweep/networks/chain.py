"""The layers of a network in the order in which it calls them, whoever wrote its class.

Of an ``nn.Sequential`` they are its modules. A forward of one's own is gone through once in train
mode and once in eval mode by ``torch.fx`` (Reed et al., 2022), with a symbol in place of rows and
stand-ins in place of layers, and must have called one layer after the other, the same in both.
Nothing of the network itself is called or changed.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import fx, nn
from torch.nn.modules.module import _has_any_global_hook

from sweep.networks._plain_code import all_modules, is_altered, is_layer, is_plain
from sweep.networks.backward import backward_hook

Leaf = tuple[str, nn.Module]
"""A layer and its name, "" for a function."""
ERRORS = (
    *(TypeError, ValueError, RuntimeError, AttributeError, LookupError, AssertionError),
    *(ArithmeticError, NameError),
)
"""What a forward may raise that is given a symbol."""
CALL = "call_module"
"""What ``torch.fx`` calls the call of a layer."""
MOST_MODULES = 200
"""Of a network whose forward is gone through: of more, that takes longer than it may save."""
NORMS = (nn.BatchNorm1d, nn.BatchNorm2d)
WITH_WEIGHTS = (nn.Linear, nn.Conv1d, nn.Conv2d, nn.LayerNorm, *NORMS)
TRAINED = {"weight", "bias"}
COUNTED = {"running_mean", "running_var", "num_batches_tracked"}
ELEMENTWISE = (nn.ReLU, nn.Tanh, nn.Sigmoid, nn.Dropout, nn.Identity)
"""What may stand between a change of shape and the layer that says the new shape's size."""


def chain_of(model: nn.Module) -> list[Leaf] | None:
    """The layers that a network calls, one after the other, with nothing between them.

    Args:
        model: The network. A module that it calls at several places comes at each.

    Returns:
        Layers with their names; an equal module without a name stands for a function as ``relu``.
        None for a network whose forward is no such chain, or is not known to be one.
    """
    if has_hooks(model) or not all(map(_has_its_tensors, all_modules(model))):
        return None
    if type(model) is nn.Sequential and _is_nested(model):
        return list(_leaves_of(model))
    n_modules = sum(1 for _ in all_modules(model))
    if is_layer(model) or n_modules > MOST_MODULES or not is_plain(model):
        return None
    layers = {name: module for name, module in model.named_modules() if is_layer(module)}
    try:
        calls, evaluating = (list(_calls(model, layers, training)) for training in (True, False))
    except ERRORS:
        return None
    if calls != evaluating:
        return None
    called = {call.target for call in calls if call.op == CALL}
    if any(name not in called and _has_tensors(module) for name, module in layers.items()):
        return None
    return _modules_of(calls, layers)


def has_hooks(model: nn.Module) -> bool:
    """Whether something is called beside the forwards, or one is a module's alone."""
    kinds = ("_forward_hooks", "_forward_pre_hooks")
    forward = any(getattr(module, kind) for module in all_modules(model) for kind in kinds)
    forward = forward or any("forward" in vars(m) or is_altered(m) for m in all_modules(model))
    everywhere = _has_any_global_hook()  # type: ignore[no-untyped-call]
    return everywhere or forward or bool(backward_hook(model))


def _is_nested(model: nn.Module) -> bool:
    return all(is_layer(m) or type(m) is nn.Sequential for m in all_modules(model))


def _leaves_of(model: nn.Sequential) -> Iterator[Leaf]:
    for name, module in model.named_modules(remove_duplicate=False):
        if type(module) is not nn.Sequential:
            yield name, module


def _has_its_tensors(module: nn.Module) -> bool:
    """Whether a layer's weights are parameters, and what a norm counts are buffers, as its class
    makes them: a weight may have been put there as a buffer, or as a plain tensor.
    """
    kind = type(module)
    if kind in NORMS and module._buffers.keys() != COUNTED:
        return False
    return kind not in WITH_WEIGHTS or module._parameters.keys() == TRAINED


def _has_tensors(module: nn.Module) -> bool:
    return any(True for _ in (*module.parameters(), *module.buffers()))


# ---- what is called --------------------------------------------------------------------------


class _Call(NamedTuple):
    """One step of a forward: a layer by its name, a method by its, or a function."""

    op: str
    target: Any
    arguments: tuple[Any, ...]
    named: dict[str, Any]


class _StandIn(nn.Module):
    """Notes that a layer is called."""

    _note: Callable[[fx.Proxy], fx.Proxy]

    def __init__(self, tracer: fx.Tracer, name: str):
        super().__init__()
        self._note = lambda x: tracer.create_proxy(CALL, name, (x,), {})

    def forward(self, x: fx.Proxy) -> fx.Proxy:
        if type(x) is not fx.Proxy:
            raise TypeError("a layer is called with something else than rows")
        return self._note(x)


def _calls(model: nn.Module, layers: dict[str, nn.Module], training: bool) -> Iterator[_Call]:
    """What a forward calls; raises one of ``ERRORS`` where it does not call one after the other."""
    tracer = fx.Tracer()
    tracer.graph, tracer.root = fx.Graph(), nn.Module()
    known: dict[int, nn.Module] = {
        id(layer): _StandIn(tracer, name) for name, layer in layers.items()
    }
    shell = _shell(model, known)
    for module in known.values():
        module.training = training
    before = [list(module._modules.items()) for module in known.values()]
    x = tracer.create_proxy("placeholder", "x", (), {})
    output = shell(x)
    if before != [list(module._modules.items()) for module in known.values()]:
        raise ValueError("modules have been added")
    if not isinstance(output, fx.Proxy):
        raise TypeError("no symbol is given back")
    last, sizes = x.node, dict[fx.Node, object]()
    for node in tracer.graph.nodes:
        if node is x.node or _reads_size(node, sizes):
            continue
        if not node.args or node.args[0] is not last:
            raise ValueError("something is not used by what comes next")
        named = dict(node.kwargs)
        if node.target is F.dropout and named.pop("training") is not training:
            raise ValueError("dropout follows another mode")
        rest = tuple(_plain(argument, sizes) for argument in node.args[1:])
        yield _Call(
            node.op, node.target, rest, {name: _plain(value, {}) for name, value in named.items()}
        )
        last = node
    if output.node is not last:
        raise ValueError("another value is given back")


def _shell(module: nn.Module, known: dict[int, nn.Module]) -> nn.Module:
    """A module without its tensors: it calls what the module would call, or its stand-ins."""
    if id(module) not in known:
        shell = known[id(module)] = type(module).__new__(type(module))
        own = {name: None if m is None else _shell(m, known) for name, m in module._modules.items()}
        shell.__dict__.update(vars(module), _modules=own)
    return known[id(module)]


_SHAPE, _N_ROWS, _OTHER = "shape", "number of rows", "another size"


def _reads_size(node: fx.Node, sizes: dict[fx.Node, object]) -> bool:
    """Whether a node reads the shape of rows, or a number of it; notes which."""
    what, args = (node.op, node.target), node.args
    if what == ("call_method", "size") and not node.kwargs and len(args) < 3:
        sizes[node] = _SHAPE if len(args) == 1 else _number(args[1])
    elif node.target is getattr and len(args) == 2 and args[1] == "shape":
        sizes[node] = _SHAPE
    elif node.target is operator.getitem and sizes.get(_node(args[0])) is _SHAPE:
        sizes[node] = _number(args[1])
    return node in sizes


def _node(argument: Any) -> fx.Node:
    if not isinstance(argument, fx.Node):
        raise TypeError("no symbol is used")
    return argument


def _number(place: object) -> str:
    return _N_ROWS if type(place) is int and place == 0 else _OTHER


def _plain(argument: Any, sizes: dict[fx.Node, object]) -> Any:
    """An argument without symbols: the number of rows has a word in its place."""
    if isinstance(argument, list | tuple):
        return tuple(_plain(one, sizes) for one in argument)
    if isinstance(argument, fx.Node):
        if sizes.get(argument) is not _N_ROWS:
            raise ValueError("a second value is used")
        return _N_ROWS
    return argument


# ---- modules that do the same ------------------------------------------------------------------


def _flatten(start_dim: int = 0, end_dim: int = -1) -> nn.Module:
    """Its arguments are a function's, which begins with the rows themselves."""
    return nn.Flatten(start_dim, end_dim)


_ACTIVATIONS: dict[object, type[nn.Module]] = {
    **dict.fromkeys((F.relu, torch.relu, "relu"), nn.ReLU),
    **dict.fromkeys((F.tanh, torch.tanh, "tanh"), nn.Tanh),
    **dict.fromkeys((F.sigmoid, torch.sigmoid, "sigmoid"), nn.Sigmoid),
}
_MODULES: dict[object, Callable[..., nn.Module]] = {
    F.max_pool1d: nn.MaxPool1d,
    F.max_pool2d: nn.MaxPool2d,
    F.avg_pool1d: nn.AvgPool1d,
    F.avg_pool2d: nn.AvgPool2d,
    F.adaptive_avg_pool1d: nn.AdaptiveAvgPool1d,
    F.adaptive_avg_pool2d: nn.AdaptiveAvgPool2d,
    F.dropout: nn.Dropout,
    torch.flatten: _flatten,
    "flatten": _flatten,
}
"""By the function or the method, whose arguments the module takes in the same order."""


def _modules_of(calls: list[_Call], layers: dict[str, nn.Module]) -> list[Leaf] | None:
    """A module for each call; None where there is none for one of them."""
    found: list[Leaf] = []
    wanted: dict[int, int] = {}
    for call in calls:
        if call.op == CALL:
            found.append((call.target, layers[call.target]))
            continue
        try:
            module = _module_of(call)
        except ERRORS:  # of arguments that the module does not take
            return None
        if module is None:
            return None
        if call.target in ("view", "reshape") and isinstance(module, nn.Flatten):
            wanted[len(found)] = _sizes_of(call)[1]
        found.append(("", module))
    as_said = all(n == -1 or _next_inputs(found[i + 1 :]) == n for i, n in wanted.items())
    return found if as_said else None


def _module_of(call: _Call) -> nn.Module | None:
    if call.target in ("view", "reshape"):
        return _reshaping(call)
    if call.target in _ACTIVATIONS:
        usual = not call.arguments and call.named.keys() <= {"inplace"}
        return _ACTIVATIONS[call.target]() if usual else None
    if call.target in _MODULES:
        return _MODULES[call.target](*call.arguments, **call.named)
    return None


def _sizes_of(call: _Call) -> tuple[Any, ...]:
    """What a ``view`` was given, by several arguments or by one."""
    one = len(call.arguments) == 1 and isinstance(call.arguments[0], tuple)
    sizes: tuple[Any, ...] = call.arguments[0] if one else call.arguments
    return sizes


def _reshaping(call: _Call) -> nn.Module | None:
    """``view(n, -1)`` or ``view(-1, 28 * 28)``; ``view(n, 1, 28, 28)``."""
    rows, *others = _sizes_of(call)
    if call.named or not all(type(size) is int for size in others):
        return None
    unknown = rows == -1 and type(rows) is int
    if not (rows is _N_ROWS or unknown) or not others or any(size == 0 for size in others):
        return None
    if len(others) == 1:
        return None if unknown and others[0] == -1 else nn.Flatten()
    return nn.Unflatten(1, tuple(others)) if min(others) > 0 else None


def _next_inputs(following: list[Leaf]) -> int:
    """How many numbers of a row the next layer takes, where it is a linear one."""
    for _, module in following:
        if type(module) is nn.Linear:
            return module.in_features
        if type(module) not in ELEMENTWISE:
            break
    return 0
