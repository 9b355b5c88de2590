"""The networks: mlp, cnn, linear, or any nn.Module that the user's function returns."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.nn.parameter import UninitializedParameter

from sweep.errors import ModelError
from sweep.networks.activations import ACTIVATION_MODULES
from sweep.networks.calling import call_with_leaves, check_shape, give_tensor
from sweep.networks.image_layers import image_layers_for
from sweep.networks.linear_blocks import linear_blocks_of
from sweep.runtime.random_state import DRAWING, isolated
from sweep.runtime.torch_state import plain_defaults, seed_torch
from sweep.runtime.trees import Tree, cloned, described
from sweep.runtime.user_code import call_with, guarded, name_of, needed, resolve_function
from sweep.study.catalogue import network
from sweep.study.settings import ModelSettings


def build_model(
    settings: ModelSettings,
    *,
    n_inputs: int,
    n_outputs: int,
    output_row: tuple[int, ...],
    input_shape: tuple[int, ...],
    rows: Tree[torch.Tensor],
    seed: int,
    folder: Path,
    dtype: torch.dtype,
) -> nn.Module:
    """The study's model with the initial weights of ``seed``; the same seed gives the same weights.

    ``rows`` are two rows of x to try it on; ``input_shape`` is what a convolution takes one for:
    (channels, length) or (channels, height, width). A user's function may draw from torch,
    numpy or ``random``: all start at ``seed``, and these states, the default type and whether
    gradients are kept are left as they were. Raises ModelError.
    """
    with DRAWING, plain_defaults(), torch.random.fork_rng(devices=[]), isolated(seed):
        seed_torch(seed)
        if network(settings.name) is None:
            model = _own(settings, n_inputs, n_outputs, folder)
        else:
            model = _built_in(settings, rows, input_shape, output_row)
        return _checked(model, settings, rows, output_row, dtype)


def _built_in(
    settings: ModelSettings,
    rows: Tree[torch.Tensor],
    input_shape: tuple[int, ...],
    output_row: tuple[int, ...],
) -> nn.Module:
    """The network of this name for rows of one tensor; ModelError for rows of several."""
    if isinstance(rows, tuple | dict):
        raise ModelError(
            f"model.name: {settings.name} takes rows of one tensor, found {described(rows)}; name "
            "a function that returns a network for them"
        )
    row_shape = tuple(rows.shape[1:])
    if settings.name == "mlp":
        return _mlp(settings, math.prod(row_shape), output_row, len(row_shape) > 1)
    if settings.name == "linear":
        return _linear(math.prod(row_shape), output_row, len(row_shape) > 1)
    return _cnn(settings, row_shape, input_shape, output_row)


def _add_output(model: nn.Sequential, n_inputs: int, output_row: tuple[int, ...]) -> None:
    """The last layer, which gives rows of this shape."""
    model.add_module("output", nn.Linear(n_inputs, math.prod(output_row)))
    if len(output_row) > 1:
        model.add_module("shape", nn.Unflatten(1, output_row))


def _linear(n_inputs: int, output_row: tuple[int, ...], flatten: bool) -> nn.Module:
    model = nn.Sequential()
    if flatten:
        model.add_module("flatten", nn.Flatten())
    _add_output(model, n_inputs, output_row)
    return model


def _mlp(
    settings: ModelSettings, n_inputs: int, output_row: tuple[int, ...], flatten: bool
) -> nn.Module:
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    if flatten:
        layers["flatten"] = nn.Flatten()
    width = n_inputs
    for i, hidden in enumerate(settings.hidden, start=1):
        layers[f"hidden{i}"] = nn.Linear(width, hidden)
        if settings.batch_norm:
            layers[f"norm{i}"] = nn.BatchNorm1d(hidden)
        layers[f"{settings.activation}{i}"] = ACTIVATION_MODULES[settings.activation]()
        if settings.dropout:
            layers[f"dropout{i}"] = nn.Dropout(settings.dropout)
        width = hidden
    model = nn.Sequential(layers)
    _add_output(model, width, output_row)
    return model


def _cnn(
    settings: ModelSettings,
    row_shape: tuple[int, ...],
    input_shape: tuple[int, ...],
    output_row: tuple[int, ...],
) -> nn.Module:
    shape = input_shape if len(input_shape) > 1 else (1, *input_shape)
    if len(shape) not in (2, 3):
        raise ModelError(
            f"model.name: cnn takes rows of shape (channels, length) or (channels, height, width), "
            f"found {shape}; use mlp or a function of your own"
        )
    flat = len(shape) == 2
    convolution = nn.Conv1d if flat else nn.Conv2d
    norm = nn.BatchNorm1d if flat else nn.BatchNorm2d
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    if tuple(row_shape) != tuple(shape):
        layers["flatten"] = nn.Flatten()
        layers["unflatten"] = nn.Unflatten(1, shape)
    channels = shape[0]
    for i, wide in enumerate(settings.channels, start=1):
        layers[f"conv{i}"] = convolution(channels, wide, 3, padding=1)
        if settings.batch_norm:
            layers[f"norm{i}"] = norm(wide)
        layers[f"{settings.activation}{i}"] = ACTIVATION_MODULES[settings.activation]()
        if settings.dropout:
            layers[f"dropout{i}"] = nn.Dropout(settings.dropout)
        channels = wide
    layers["pool"] = nn.AdaptiveAvgPool1d(1) if flat else nn.AdaptiveAvgPool2d(1)
    layers["flat"] = nn.Flatten()
    model = nn.Sequential(layers)
    _add_output(model, channels, output_row)
    return model


def _own(settings: ModelSettings, n_inputs: int, n_outputs: int, folder: Path) -> nn.Module:
    function = resolve_function(settings.name, folder, "model.name", ModelError)
    offered = {"n_inputs": n_inputs, "n_outputs": n_outputs}
    _refuse_no_builder(function, settings, offered)
    with guarded("model.name", name_of(settings.name), ModelError):
        model = call_with(function, offered, settings.args)
    if not isinstance(model, nn.Module):
        is_class = isinstance(model, type)
        found = f"the class {model.__name__}" if is_class else type(model).__name__
        what = f"{model.__name__}(...)" if is_class else "the network"
        raise ModelError(
            f"model.name: {name_of(settings.name)} must return an nn.Module, found {found}; "
            f"return {what}"
        )
    return model


def _refuse_no_builder(
    function: Callable[..., Any], settings: ModelSettings, offered: Mapping[str, Any]
) -> None:
    """ModelError for a network in place of what makes one, and for a class or a function that asks
    for what nobody gives it.
    """
    name = name_of(settings.name)
    if isinstance(function, nn.Module):
        kind = type(function).__name__
        raise ModelError(
            f"model.name: a function that makes a network must be named, found a network: {name} "
            f"is a {kind}; every run needs its own, so name a function that returns {kind}(...)"
        )
    lacking = [n for n in needed(function) if n not in offered and n not in settings.args]
    if lacking:
        keys = ", ".join(f"{n} = ..." for n in lacking)
        raise ModelError(
            f"model.name: {name} must take nothing but n_inputs, n_outputs and model.args, found "
            f"that it needs {', '.join(lacking)}; set model.args = {{ {keys} }}, or name a "
            "function that passes them"
        )


def _suit_population(model: nn.Module, name: str) -> None:
    """Embeddings whose gradients are rows of the others', and that change in training alone."""
    for place, module in model.named_modules():
        if isinstance(module, nn.Embedding | nn.EmbeddingBag):
            module.sparse = False  # the same gradient, as a dense tensor
            if module.max_norm is not None:
                raise ModelError(
                    f"model.name: {name} must keep its weights while it is evaluated, found an "
                    f"embedding with max_norm ({place}); leave max_norm out, or penalize it with "
                    'search.scope = "all"'
                )


def _refuse_kinds(model: nn.Module, name: str) -> None:
    """Raises ModelError for networks that would be trained otherwise than they ask to be."""
    given = getattr(model, "_orig_mod", model)  # what torch.compile wraps
    if any(kind.__name__ == "LightningModule" for kind in type(given).__mro__):
        raise ModelError(
            f"model.name: {name} must give a network alone, found a LightningModule, whose "
            "training_step and configure_optimizers would be ignored; return the module inside it"
        )
    for where, module in model.named_modules():
        if isinstance(module, torch.jit.ScriptModule):
            raise ModelError(
                f"model.name: {name} must give a module of Python, found a scripted one"
                f"{f' at {where}' if where else ''}; return the module that was scripted"
            )
    for parameter, tensor in model.named_parameters():
        if tensor.is_complex():
            raise ModelError(
                f"model.name: {name} must have real weights, found {tensor.dtype} in {parameter}; "
                "keep real and imaginary parts as two parameters, and join them by torch.complex"
            )


def _advice(rows: Tree[torch.Tensor]) -> str:
    """What to try when a network fails on ``rows``: what it was called with.

    A row of several dimensions says how ``n_inputs`` came about, which is easily taken for the
    last of them.
    """
    if isinstance(rows, tuple | dict):
        return f"try it on its own, with {described(rows)}"
    shape = tuple(rows.shape)
    advice = f"try it on its own, with x of shape {shape}"
    n_inputs = math.prod(shape[1:])
    if len(shape) > 2:
        advice += f"; n_inputs, {n_inputs}, counts all values of a row"
    return advice


def _checked(
    model: nn.Module,
    settings: ModelSettings,
    rows: Tree[torch.Tensor],
    output_row: tuple[int, ...],
    dtype: torch.dtype,
) -> nn.Module:
    """The model in ``dtype``, its lazy parameters made, its output shape tried on two ``rows``."""
    name = name_of(settings.name)
    _refuse_kinds(model, name)
    model = model.to(dtype)
    call_with_leaves(model, rows)
    known = linear_blocks_of(model) or image_layers_for(model, rows)
    own = network(settings.name) is None and not known
    if own or settings.output is not None:
        give_tensor(model, settings.output, name)
    model.eval()
    with torch.no_grad(), guarded("model.name", name, ModelError, _advice(rows)):
        output = model(cloned(rows))
    model.train()
    for parameter_name, parameter in model.named_parameters():
        if isinstance(parameter, UninitializedParameter):
            raise ModelError(
                f"model.name: {name} must make all its lazy parameters in a forward in eval mode, "
                f"found {parameter_name} without a shape; give its layer a size or remove it"
            )
    _suit_population(model, name)
    outputs = f"{output_row[-1]} outputs" if len(output_row) == 1 else "the targets"
    check_shape(
        output,
        2,
        output_row,
        name,
        when=f"for {outputs}",
        rows="2 rows",
        advice="change its last layer",
    )
    if not any(parameter.requires_grad for parameter in model.parameters()):
        raise ModelError(f"model.name: {name} must have parameters to train, found none")
    return model
