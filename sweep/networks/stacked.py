"""Many copies of one module as one batched function over flat rows of parameters.

The trainable parameters of a run lie side by side in one row of ``theta`` ``(R, P)``; each
parameter is a view ``(R, *shape)`` of it. ``torch.func.vmap`` turns the module's own forward into a
batched one. A module that vmap cannot batch runs through the same interface one run at a time.
Legend: R runs, B rows of a batch, P parameters of one run.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Protocol

import torch
from torch import Tensor, nn
from torch.func import functional_call, vmap

from sweep.errors import ModelError
from sweep.metrics.loss import Loss
from sweep.networks._batchable import BatchableFunctions
from sweep.networks.compiled_parts import CompiledPart
from sweep.networks.counter_rng import CounterRNG, Keys, Noise
from sweep.networks.forward import copied, entering
from sweep.networks.selection import NORM_LAYERS
from sweep.runtime.device import to_device
from sweep.runtime.torch_state import plain_attention, seen_as_traced
from sweep.runtime.trees import Tree, cloned, first_leaf, mapped
from sweep.runtime.user_code import LONGEST_REASON

ROW_MULTIPLE = 64
"""Rows are this long or a multiple of it, so that no processor's vectors end inside of one: the
numbers at a vector's ragged end are rounded otherwise, and would depend on how many rows there are.
"""
Evaluate = Callable[[Tree[Tensor], Keys | None, Tensor | None], Tensor]
"""What computes the outputs (R, B, ...) of rows, without gradients."""


class Step(Protocol):
    """Computes the losses (R,) of a batch, and leaves their gradients where it was asked to."""

    def __call__(
        self, x: Tree[Tensor], y: Tensor, keys: Keys | None = None, weight: Tensor | None = None
    ) -> Tensor:
        """Of inputs x (R, B, ...), targets y (R, B, ...), keys of noise and weights (R, B)."""


class StackedModule:
    """The flat layout of one module, and its forward for many runs at once."""

    batched = True
    """Whether all runs go through one step together."""
    written_out = False
    """Whether forward and backward are plain products of matrices, without vmap and autograd."""
    fixed_width = False
    """Whether a step is for the whole population, its free slots included."""

    def __init__(
        self,
        model: nn.Module,
        device: torch.device,
        low: torch.dtype | None = None,
        noise: Noise = Noise.NONE,
        traced: bool = False,
        idle: Collection[str] = (),
    ):
        """A layout for copies of ``model``.

        Args:
            model: The module; it is copied.
            device: Where to compute.
            low: The type to compute in, where that is not the type of the weights.
            noise: What the module draws.
            traced: Whether the module's code is to see itself traced, so that it takes no short
                cuts that depend on values.
            idle: Parameters that were frozen because a first batch gave them no gradient.
        """
        self.low, self.noise, self.traced = low, noise, traced
        self.idle = sorted(idle)
        self.lowered = _outside_norms(model) if low else frozenset()
        self.template = copied(model).to(device)
        if low:
            _keep_norms_wide(self.template, low)
        self.slices: dict[str, slice] = {}
        self.shapes: dict[str, torch.Size] = {}
        start = 0
        for name, parameter in model.named_parameters():
            if parameter.requires_grad:
                self.slices[name] = slice(start, start + parameter.numel())
                self.shapes[name] = parameter.shape
                start += parameter.numel()
        self.keys = _state_keys(model)
        """The keys of the module's state_dict, and the name under which each tensor is kept."""
        self.row_length = -(-start // ROW_MULTIPLE) * ROW_MULTIPLE

    def row_of(self, model: nn.Module) -> Tensor:
        """The trainable parameters of ``model`` as one row (P,), with zeros up to its length."""
        parameters = dict(model.named_parameters())
        parts = [parameters[name].detach().reshape(-1) for name in self.slices]
        filled = sum(len(part) for part in parts)
        return torch.cat([*parts, parts[0].new_zeros(self.row_length - filled)])

    def constants_of(self, model: nn.Module) -> dict[str, Tensor]:
        """Buffers and frozen parameters of ``model``: what is per run but not trained."""
        frozen = {n: p.detach() for n, p in model.named_parameters() if not p.requires_grad}
        return frozen | dict(model.named_buffers())

    def slots(self, rows: Tensor) -> list[Tensor]:
        """The place of every parameter (R, *shape) within ``rows`` (R, P)."""
        return [
            rows[:, where].view(len(rows), *self.shapes[name])
            for name, where in self.slices.items()
        ]

    def views(self, theta: Tensor) -> dict[str, Tensor]:
        """Every parameter (R, *shape) as a leaf that shares memory with ``theta`` (R, P)."""
        slots = zip(self.slices, self.slots(theta), strict=True)
        return {name: slot.detach().requires_grad_() for name, slot in slots}

    def outputs(
        self,
        theta: Tensor,
        constants: Mapping[str, Tensor],
        x: Tree[Tensor],
        keys: Keys | None = None,
    ) -> Tensor:
        """Outputs (R, B, ...) for inputs (R, B, ...), without gradients."""
        parameters = dict(zip(self.slices, self.slots(theta), strict=True))
        return self.forward(parameters, constants, x, keys)

    def step(
        self, theta: Tensor, grad: Tensor, constants: Mapping[str, Tensor], loss: Loss
    ) -> Step:
        """What gives the losses (R,) of a batch.

        It reads the weights from ``theta`` (R, P), as they are when it is called, and writes the
        gradient of each run's loss into ``grad`` (R, P).
        """
        parameters, slots = self.views(theta), self.slots(grad)
        leaves = list(parameters.values())

        def run(
            x: Tree[Tensor], y: Tensor, keys: Keys | None = None, weight: Tensor | None = None
        ) -> Tensor:
            idle = {name: constants[name].detach().requires_grad_() for name in self.idle}
            output = self.forward(parameters, {**constants, **idle}, x, keys)
            losses, slope = loss.loss_and_gradient(output.detach(), y, weight)
            tried = [*leaves, *idle.values()]
            pieces = torch.autograd.grad(output, tried, slope, allow_unused=True)
            check_gradients(dict(zip([*self.slices, *idle], pieces, strict=True)), self.idle)
            for slot, piece in zip(slots, pieces[: len(slots)], strict=True):
                slot.copy_(piece)
            return losses

        return run

    def forward(
        self,
        parameters: Mapping[str, Tensor],
        constants: Mapping[str, Tensor],
        x: Tree[Tensor],
        keys: Keys | None = None,
    ) -> Tensor:
        """Outputs (R, B, ...) for inputs (R, B, ...)."""
        randomness = "error" if self.noise is Noise.NONE else "different"
        as_traced = seen_as_traced() if self.traced else nullcontext()
        with as_traced, BatchableFunctions(), self._noise(keys, stacked=True):
            return vmap(self._single, randomness=randomness)(dict(parameters), dict(constants), x)

    def evaluator(
        self, chosen: Sequence[int], theta: Tensor, constants: Mapping[str, Tensor]
    ) -> Evaluate:
        """What gives the outputs (R, B, ...) of the chosen slots, without gradients.

        It takes inputs (R, B, ...), keys, and which rows are there (R, B), or None for all; what it
        gives for other rows means nothing.
        """
        pick = _pick(chosen, theta.device)
        rows = theta[pick]
        own = {name: tensor[pick] for name, tensor in constants.items()}

        def outputs(x: Tree[Tensor], keys: Keys | None, _there: Tensor | None) -> Tensor:
            return self.outputs(rows, own, x, keys)

        return outputs

    def compiled_inputs(self, theta: Tensor) -> int:
        """Numbers of an input, where the library in C takes it through all layers at once for
        weights like ``theta`` (R, P); else 0.
        """
        return 0

    def compiled_parts(
        self, theta: Tensor, grad: Tensor, constants: Mapping[str, Tensor], n_rows: int
    ) -> list[CompiledPart] | None:
        """All layers, where the library in C computes them from the inputs to the outputs, with
        room for one batch of B rows; else None.
        """
        return None

    def hold(
        self, i: int, model: nn.Module, theta: Tensor, constants: Mapping[str, Tensor]
    ) -> None:
        """Takes note of the module of slot ``i``: all are computed through one template here."""

    def moved(
        self, source: int, target: int, theta: Tensor, constants: Mapping[str, Tensor]
    ) -> None:
        """Takes note that the run of one slot sits in another."""

    def _noise(self, keys: Keys | None, stacked: bool) -> AbstractContextManager[object]:
        if keys is None or self.noise is not Noise.HASHED:
            return nullcontext()
        return CounterRNG(keys, stacked)

    def _single(
        self, parameters: dict[str, Tensor], constants: dict[str, Tensor], x: Tree[Tensor]
    ) -> Tensor:
        if self.low is None:
            output: Tensor = functional_call(self.template, parameters | constants, (x,))
            return output.to(next(iter(parameters.values())).dtype)  # it may use autocast
        tensors = {
            name: tensor.to(self.low) if name in self.lowered else tensor
            for name, tensor in (parameters | constants).items()
        }
        x = mapped(lambda leaf: leaf.to(self.low) if leaf.is_floating_point() else leaf, x)
        output = functional_call(self.template, tensors, (x,))
        return output.float()

    def train(self, mode: bool) -> None:
        self.template.train(mode)


def check_gradients(gradients: Mapping[str, Tensor | None], idle: Collection[str]) -> None:
    """Raises ModelError where a weight has no gradient, or one of the ``idle`` has: an optimizer of
    torch leaves a weight alone in the steps that give it none.
    """
    for name, gradient in gradients.items():
        if (gradient is None) != (name in idle):
            found = f"one for {name} that the first batch gave none"
            raise ModelError(
                "model.name: a weight must get a gradient in every step or in none, found "
                f"{found if name in idle else f'none for {name} in one'}; use it in every "
                "forward, or freeze it"
            )


StackedModuleMaker = Callable[[nn.Module, torch.device], StackedModule]
"""Makes what computes many copies of a module on a device."""


def _pick(chosen: Sequence[int], device: torch.device) -> slice | Tensor:
    """The chosen rows of a tensor (R, ...): a view where they are the first ones."""
    if list(chosen) == list(range(len(chosen))):
        return slice(0, len(chosen))
    return to_device(torch.tensor(chosen), device)


def _state_keys(model: nn.Module) -> dict[str, str]:
    """Tied tensors have several keys and one name; buffers that are not persistent have no key."""
    named = [*model.named_parameters(), *model.named_buffers()]
    names = {id(tensor): name for name, tensor in reversed(named)}
    state = model.state_dict(keep_vars=True)
    return {key: names[id(tensor)] for key, tensor in state.items() if id(tensor) in names}


def _outside_norms(model: nn.Module) -> frozenset[str]:
    """Parameters that low precision suits: not those of norm layers, nor any statistics."""
    return frozenset(
        f"{module_name}.{name}" if module_name else name
        for module_name, module in model.named_modules()
        if not isinstance(module, NORM_LAYERS)
        for name, _ in module.named_parameters(recurse=False)
    )


def _keep_norms_wide(model: nn.Module, low: torch.dtype) -> None:
    """Norm layers take their inputs in float32 and give them on in ``low``, as autocast does."""
    for module in model.modules():
        if isinstance(module, NORM_LAYERS):
            module.register_forward_pre_hook(lambda _, inputs: tuple(x.float() for x in inputs))
            module.register_forward_hook(lambda _, inputs, output: output.to(low))


def why_not_batched(
    model: nn.Module,
    x: Tree[Tensor],
    low: torch.dtype | None = None,
    noise: Noise = Noise.NONE,
    traced: bool = False,
) -> str:
    """The reason why vmap cannot batch this module, found by trying; "" when it can.

    ``x`` (B, ...) is a batch of real rows; the others are arguments of ``StackedModule``.
    """
    device = first_leaf(x).device
    stack = StackedModule(model, device, low=low, noise=noise, traced=traced)
    theta = stack.row_of(stack.template).repeat(2, 1)
    constants = {n: t.repeat(2, *[1] * t.ndim) for n, t in stack.constants_of(model).items()}
    constants = {n: t.to(device) for n, t in constants.items()}
    keys = Keys(torch.arange(2, dtype=torch.int32, device=device))
    entered: list[str] = []
    pair = mapped(lambda leaf: torch.stack([leaf, leaf]), x)
    try:
        with plain_attention(), entering(stack.template) as entered:
            stack.train(True)
            views = stack.views(theta)
            out = stack.forward(views, constants, pair, keys)
            torch.autograd.grad(out.sum(), list(views.values()), allow_unused=True)
            stack.train(False)
            with torch.no_grad():
                stack.forward(views, constants, pair, keys)
    except (RuntimeError, NotImplementedError, ValueError, TypeError) as error:
        return _in_words(error) + (f" (module `{entered[-1]}`)" if entered else "")
    return ""


def _in_words(error: Exception) -> str:
    """What vmap found, in fewer words than its own."""
    lines = [" ".join(line.split()) for line in str(error).splitlines() if line.strip()]
    said = lines[0] if lines else type(error).__name__
    operation = re.search(r"aten::(\w+)", said)
    if operation and "atching rule not implemented" in said:
        return f"{operation[1]} has no batching rule"
    if "data-dependent control flow" in said:
        return "data-dependent control flow cannot be batched"
    if ".item()" in said:
        return "a value read by .item() cannot be batched"
    if "dynamic shape" in said:
        of = operation[1] if operation else "indexing with a boolean mask"
        return f"the shape that {of} gives depends on values"
    return said if len(said) <= LONGEST_REASON else said[: LONGEST_REASON - 3] + "..."


def saved_bytes(model: nn.Module, x: Tree[Tensor]) -> int:
    """Bytes that one forward of ``x`` (B, ...) keeps for the backward.

    Of networks with ``torch.func`` inside, which forbids to look, twice those of all modules'
    outputs.
    """
    kept: dict[int, int] = {}

    def note(tensor: Tensor) -> Tensor:
        kept[tensor.untyped_storage().data_ptr()] = tensor.untyped_storage().nbytes()
        return tensor

    model.train()
    saved = torch.autograd.graph.saved_tensors_hooks(note, lambda tensor: tensor)
    try:
        with torch.random.fork_rng(devices=[]), saved:
            model(cloned(x))
    except RuntimeError as error:
        if "saved tensor hooks" not in str(error):
            raise
        return 2 * _output_bytes(model, x)
    return sum(kept.values())


def _output_bytes(model: nn.Module, x: Tree[Tensor]) -> int:
    sizes: list[int] = []

    def note(_module: nn.Module, _inputs: object, output: object) -> None:
        if isinstance(output, Tensor):
            sizes.append(output.nbytes)

    hooks = [module.register_forward_hook(note) for module in model.modules()]
    try:
        with torch.random.fork_rng(devices=[]):
            model(cloned(x))
    finally:
        for hook in hooks:
            hook.remove()
    return sum(sizes)
