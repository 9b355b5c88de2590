"""Whether the code of a network's forwards can do no more than call its layers one after another.

What a forward does beside its tensors, a symbolic trace does not show: counts, globals, contexts, a
branch on what only a real tensor is. So a forward is traced only where its code has no way to it:
all names in it are the network's own layers, numbers and methods, or a few functions of torch, and
all instructions are of a few kinds, which write local variables alone.
"""

from __future__ import annotations

import builtins
import dis
import functools
from collections.abc import Iterable, Iterator
from types import CodeType, FunctionType, ModuleType
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn

FUNCTIONS = (
    *(F.relu, F.tanh, F.sigmoid, F.dropout, F.max_pool1d, F.max_pool2d, F.avg_pool1d),
    *(F.avg_pool2d, F.adaptive_avg_pool1d, F.adaptive_avg_pool2d),
    *(torch.relu, torch.tanh, torch.sigmoid, torch.flatten),
)
"""What a forward may call beside layers."""
BUILTINS = (range, enumerate, zip, len, reversed)
NAMES = frozenset(
    {"torch", "nn", "functional", "view", "reshape", "size", "shape", "training", "values"}
    | {"relu", "tanh", "sigmoid", "dropout", "flatten"}
    | {"max_pool1d", "max_pool2d", "avg_pool1d", "avg_pool2d"}
    | {"adaptive_avg_pool1d", "adaptive_avg_pool2d"}
)
"""Of those functions, of methods of tensors, and of the modules where they lie."""
GLOBALS = (torch, nn, F, *FUNCTIONS, *BUILTINS)
"""What a global name may stand for."""
CONTAINERS = (nn.Sequential, nn.ModuleList, nn.ModuleDict)
"""Torch's own modules that call others, or only hold them."""
OWN = frozenset(
    {"__init__", "forward", "extra_repr", "__repr__", "__doc__", "__annotations__", "__module__"}
    | {"__dict__", "__weakref__", "__firstlineno__", "__static_attributes__"}
    | {"__annotate_func__", "__annotations_cache__"}
)
"""What a class may have otherwise than ``nn.Module`` has it."""
USUAL = frozenset(dir(nn.Module)) - OWN
"""What it may not."""
OF_CONSTANTS = frozenset(name for kind in (int, float, str, tuple, slice) for name in dir(kind))
"""What a constant has by a name, so that an attribute of the network does not speak for it."""
INSTRUCTIONS = frozenset(
    {"RESUME", "NOP", "EXTENDED_ARG", "CACHE", "COPY", "SWAP", "POP_TOP", "PUSH_NULL", "NOT_TAKEN"}
    | {"COPY_FREE_VARS", "DELETE_FAST", "LOAD_CONST", "LOAD_SMALL_INT", "LOAD_GLOBAL", "LOAD_DEREF"}
    | {"LOAD_ATTR", "LOAD_METHOD", "PRECALL", "KW_NAMES", "CALL", "CALL_KW", "CALL_FUNCTION_EX"}
    | {"BINARY_OP", "BINARY_SUBSCR", "BINARY_SLICE", "COMPARE_OP", "CONTAINS_OP", "TO_BOOL"}
    | {"UNARY_NOT", "UNARY_NEGATIVE", "BUILD_TUPLE", "BUILD_LIST", "BUILD_SLICE"}
    | {"LIST_EXTEND", "UNPACK_SEQUENCE", "GET_ITER", "FOR_ITER", "END_FOR", "POP_ITER"}
    | {"RETURN_VALUE", "RETURN_CONST", "LOAD_ASSERTION_ERROR", "RAISE_VARARGS"}
)
"""That take numbers and symbols alike, or raise, and write local variables alone. Not those that
look at what an object is (``is``, ``match``), make text of it or look it up in a dict, or enter a
context."""
PREFIXES = ("LOAD_FAST", "STORE_FAST", "JUMP_", "POP_JUMP_")
"""Of others."""
SILENT = ("CACHE", "EXTENDED_ARG", "PRECALL", "PUSH_NULL", "NOP", "RESUME")
"""Instructions that may stand between a name and its attribute."""


def is_layer(module: nn.Module) -> bool:
    """Whether it is a module of torch itself, other than a container."""
    kind = type(module)
    return kind.__module__.startswith("torch.nn.modules.") and kind not in CONTAINERS


def is_plain(model: nn.Module) -> bool:
    """Whether every module of a network is a layer of torch, a container of torch, or has a forward
    whose code can only call others.
    """
    modules = list(all_modules(model))
    own = [m for m in modules if not is_layer(m) and type(m) not in CONTAINERS]
    if not all(map(_is_usual, own)) or any(map(is_altered, modules)):
        return False
    if any(m._parameters or m._buffers for m in modules if not is_layer(m)):
        return False
    if any(type(key) is not str for m in modules for key in m._modules):
        return False
    done: set[CodeType] = set()
    waiting = [getattr(type(m), "forward", None) for m in own]
    while waiting:
        function = waiting.pop()
        if not isinstance(function, FunctionType) or not _only_calls(function):
            return False
        attributes = _attributes_of(function)
        if attributes is None:
            return False
        if function.__code__ in done:
            continue
        done.add(function.__code__)
        for name in attributes:
            found = list(_found(name, modules))
            if name not in NAMES and _is_told_by_tensors(name):
                return False
            if name.startswith("__") or (name in OF_CONSTANTS and any(map(_is_constant, found))):
                return False
            if not all(map(_is_plain_value, found)) or not (found or name in NAMES):
                return False
            if any(isinstance(value, nn.Module) and value not in modules for value in found):
                return False
            waiting += [value for value in found if _is_method(value)]
    return True


def all_modules(model: nn.Module) -> Iterator[nn.Module]:
    """A network and all modules in it, once each, whatever it says of itself by ``modules``."""
    waiting, known = [model], {model}
    while waiting:
        module = waiting.pop()
        yield module
        within = [m for m in module._modules.values() if m is not None and m not in known]
        waiting += dict.fromkeys(within)
        known.update(within)


def _is_told_by_tensors(name: str) -> bool:
    """Whether tensors have a value by a name, which a symbol in their place has not."""
    return hasattr(torch.Tensor, name) and not callable(getattr(torch.Tensor, name))


def _is_usual(module: nn.Module) -> bool:
    """Whether nothing but its forward differs from ``nn.Module``."""
    kind = type(module)
    if type(kind) is not type or any(
        base.__module__.partition(".")[0] == "torch" and base is not nn.Module
        for base in kind.__mro__
    ):
        return False
    same = all(_static(kind, name) is _static(nn.Module, name) for name in USUAL)
    named = {name for base in kind.__mro__[: kind.__mro__.index(nn.Module)] for name in vars(base)}
    return same and not any(name.startswith("__") for name in named - OWN - USUAL)


def is_altered(module: nn.Module) -> bool:
    """Whether an instance has something in place of what its class has."""
    own = vars(module)
    foreign = type(module) in CONTAINERS or is_layer(module)
    return bool(USUAL & own.keys()) or (foreign and any(map(_is_code, own.values())))


def _is_code(value: object) -> bool:
    """Whether it may be called, and is no class, layer or function of torch's own."""
    return callable(value) and not isinstance(value, type | nn.Module)


def _static(kind: type, name: str) -> object:
    """What a class has by a name, as it is: looking it up would call what stands there."""
    return next((vars(base)[name] for base in kind.__mro__ if name in vars(base)), None)


def _only_calls(function: FunctionType) -> bool:
    """Whether code reads what it may, and writes local variables alone."""
    code = function.__code__
    defaults = (*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values())
    if vars(function) or code.co_exceptiontable or not all(map(_is_constant, defaults)):
        return False
    if getattr(function, "__builtins__", None) is not vars(builtins):
        return False
    instructions = _instructions(code)
    used = (code.co_consts[one.arg or 0] for one in instructions if one.opcode in dis.hasconst)
    if not all(map(_is_constant, used)):
        return False
    for name in {instruction.opname for instruction in instructions}:
        if name not in INSTRUCTIONS and not name.startswith(PREFIXES):
            return False
    return all(any(value is known for known in GLOBALS) for value in _globals_of(function))


def _globals_of(function: FunctionType) -> Iterator[object]:
    """What the global and free names of a function stand for; None for one that is unknown."""
    own = function.__globals__
    for instruction in _instructions(function.__code__):
        if instruction.opname == "LOAD_GLOBAL":
            name = instruction.argval
            yield own[name] if name in own else getattr(builtins, name, None)
    for cell in function.__closure__ or ():
        try:
            yield cell.cell_contents
        except ValueError:  # nothing is in it yet
            yield None


@functools.lru_cache(maxsize=64)
def _instructions(code: CodeType) -> tuple[dis.Instruction, ...]:
    return tuple(dis.get_instructions(code))


def _attributes_of(function: FunctionType) -> set[str] | None:
    """All names in a function that are neither local nor global: of attributes and methods.

    None where it reads of torch's files anything but the known functions, or passes a file on.
    """
    names = function.__code__.co_freevars
    cells = {n: c.cell_contents for n, c in zip(names, function.__closure__ or (), strict=True)}
    found, within = set[str](), object()
    for instruction in _instructions(function.__code__):
        if instruction.opname in SILENT:
            continue
        if instruction.opcode in dis.hasname and instruction.opname != "LOAD_GLOBAL":
            found.add(instruction.argval)
        if isinstance(within, ModuleType):
            if instruction.opname not in ("LOAD_ATTR", "LOAD_METHOD"):
                return None
            within = getattr(within, instruction.argval, None)
            if not isinstance(within, ModuleType) and not _is_function(within):
                return None
        elif instruction.opname == "LOAD_GLOBAL":
            within = function.__globals__.get(instruction.argval)
        else:
            within = cells.get(instruction.argval) if instruction.opname == "LOAD_DEREF" else None
    return None if isinstance(within, ModuleType) else found


def _found(name: str, modules: Iterable[nn.Module]) -> Iterator[object]:
    """All that a name may mean as an attribute of these modules, but for what the classes of
    torch's own have.
    """
    for module in modules:
        for place in (vars(module), module._modules):
            if name in place:
                yield place[name]
        foreign = is_layer(module) or type(module) in CONTAINERS
        value = None if foreign else _static(type(module), name)
        if value is not None:
            yield value


def _is_method(value: object) -> bool:
    return isinstance(value, FunctionType) and not _is_function(value)


def _is_function(value: object) -> bool:
    return any(value is function for function in FUNCTIONS)


def _is_plain_value(value: Any) -> bool:
    """Whether it is a module, a constant, one of the functions, or a method, to be looked at."""
    kinds = isinstance(value, nn.Module) or _is_function(value) or _is_method(value)
    return kinds or _is_constant(value)


def _is_constant(value: object) -> bool:
    """Whether it is a number or a text that formats nothing, or a tuple of such."""
    if type(value) is tuple:
        return all(map(_is_constant, value))
    if type(value) is str:
        return "%" not in value and "{" not in value
    if type(value) is slice:
        return all(map(_is_constant, (value.start, value.stop, value.step)))
    return value is None or type(value) in (int, float, bool)
