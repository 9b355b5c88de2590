"""What a step does to the weights, compiled: penalties and optimizer, row by row, on a processor.

Between the penalties that are computed by torch and the optimizer lies the memory: each operation
reads and writes all rows once more. The compiled step does to a piece of a row all that happens to
it while it is in the nearest cache. Adam, SGD and what is defined weight by weight come out as by
torch, to the bit; sums over units and layers to rounding.
Legend: R slots, P parameters of a run.
"""

from __future__ import annotations

import ctypes
import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TypeVar

import numpy as np
import torch
from torch import Tensor

from sweep.regularizers.penalties import builtin_name
from sweep.runtime.c_library import address, address_of_rows
from sweep.training._adam import StackedAdam
from sweep.training._momentum import StackedSGD
from sweep.training._optimizer import StackedOptimizer
from sweep.training._penalty_state import Acting, Optimize, PenaltyAction, StackedPenalties
from sweep.training._step_kernel import (
    KINDS,
    OPTIMIZERS,
    Action,
    Program,
    Step,
    Stretch,
    steps,
)
from sweep.training.jobs import TrainingPlan

Part = TypeVar("Part", Action, Stretch)
BEFORE = ("add_gradient", "shrink")
AFTER = ("follow", "prox", "project")
OF_UNITS = ("group_lasso", "max_norm")
"""Penalties that know heads of attention, which the compiled step does not."""
LANES = 16
"""Numbers that are added side by side at most: what is multiplied is brought to whole lanes."""
LARGEST_PRODUCT = 1 << 16
"""Weights of the largest matrix that is multiplied here: larger ones are torch's to multiply."""
SECOND_MEMORY = {"cpr": ("start", "multiplier")}


def why_by_torch(plan: TrainingPlan, threads: int = 1) -> str:
    """Why torch's operations update the weights, and no compiled step.

    Args:
        plan: What all runs share.
        threads: Torch's own threads of an operation.

    Returns:
        What is true of the compiled step then; "" where it does it.
    """
    own, (compiled, missing) = plan.optimizer, steps()
    if plan.device.type != "cpu":
        return "is for processors"
    if missing:
        return missing
    if plan.dtype not in compiled:
        return f"does not compute in {str(plan.dtype).removeprefix('torch.')}"
    if own.make is not None or own.name not in ("adam", "adamw", "sgd"):
        return "knows adam, adamw and sgd"
    if plan.lr_of:
        return "knows one learning rate for a run"
    if own.name == "sgd" and own.uses("dampening"):
        return "does not know dampening"
    return "has one thread for a population" if threads > 1 else ""


class KernelUpdate:
    """The update of a population's weights by the compiled step."""

    def __init__(self, optimizer: StackedOptimizer, penalties: StackedPenalties, grad: Tensor):
        """``grad`` (R, P) is where gradients will be."""
        self.optimizer, self.penalties, self.grad = optimizer, penalties, grad
        self._step: Step = steps()[0][optimizer.dtype]
        self._scratch = torch.empty(0, dtype=optimizer.dtype)
        self._numbers = np.zeros((optimizer.n_slots, 3))
        self._program = Program()
        self._held: list[object] = []
        """What programs point to."""
        self._alone = False
        """Whether the program is all that happens in a step."""

    # ---- once an epoch -------------------------------------------------------------------------

    def prepare(self, acting: Acting) -> tuple[Optimize, Acting]:
        """Once before the steps of an epoch: the update that does the work of those penalties that
        the compiled step knows, and what is left to be done beside it.

        Where an operation has several threads of torch's, torch computes everything.
        """
        self._alone = False
        if torch.get_num_threads() > 1:
            return self.optimizer.update, acting
        known = self._known(acting)
        self._held = []
        first = dict(known)
        gradients = None
        if self.optimizer.clipping is not None and known["add_gradient"]:
            gradients = self._program_of({"add_gradient": known["add_gradient"]}, "none")
            first["add_gradient"] = []
        kind = "adam" if isinstance(self.optimizer, StackedAdam) else "sgd"
        self._program = self._program_of(first, kind)
        self._add_clipping(gradients)
        done = {id(on) for actions in known.values() for on in actions}
        left = {
            hook: [on for on in actions if id(on) not in done] for hook, actions in acting.items()
        }
        self._alone = not any(left.values())
        return self._update, left

    @property
    def program(self) -> Program | None:
        """All that happens in a step, as last prepared, with the learning rates of the first step
        of an epoch; None where something else happens in it too.
        """
        if not self._alone:
            return None
        self._program.rates = self.optimizer.rates.ctypes.data
        return self._program

    def _known(self, acting: Acting) -> Acting:
        """By hook what the compiled step does.

        What is left to torch in a hook comes first, so all that acts between it and the optimizer
        must be known; where the order within a hook matters, it is all or nothing.
        """
        known = {hook: [on for on in actions if knows(on)] for hook, actions in acting.items()}

        def whole(*hooks: str) -> bool:
            return all(len(known[hook]) == len(acting[hook]) for hook in hooks)

        return {
            "add_gradient": known["add_gradient"] if whole("shrink", "follow") else [],
            "shrink": known["shrink"] if whole("shrink", "follow") else [],
            "follow": known["follow"] if whole("follow") else [],
            "prox": known["prox"] if whole("follow", "prox") else [],
            "project": known["project"] if whole("follow", "prox", "project") else [],
        }

    def _program_of(self, acting: Mapping[str, Sequence[PenaltyAction]], kind: str) -> Program:
        own, theta = self.optimizer, self.penalties.theta
        shape, dtype = (own.n_slots, own.n_parameters), own.dtype
        limits = torch.finfo(dtype)
        self._make_scratch(acting)
        stretches = self._stretches(acting)
        program = Program(
            optimizer=OPTIMIZERS[kind],
            follows=bool(acting.get("follow")),
            n_columns=own.n_parameters,
            theta=address(theta, dtype, shape),
            grad=address(self.grad, dtype, shape),
            lr=address(own.lr, dtype, (own.n_slots, 1)),
            stretches=stretches,
            n_stretches=len(stretches),
            scratch=address(self._scratch, dtype, tuple(self._scratch.shape)),
            tiny=limits.tiny,
            near=2 * math.sqrt(limits.eps),
            largest_number=limits.max,
        )
        if kind != "none":
            self._add_optimizer(program, shape)
        return program

    def _make_scratch(self, acting: Mapping[str, Sequence[PenaltyAction]]) -> None:
        """Room for two units of a group lasso, and for the matrices of ``orthogonal``."""
        most = 2 * (self.optimizer.n_parameters + LANES)
        for on in (on for actions in acting.values() for on in actions):
            if on.penalty.name == "orthogonal":
                rows, size = on.layer.weight.shape[1], on.layer.weight[0].numel()
                most = max(most, min(rows, size // rows) ** 2 + size)
        if most > len(self._scratch):
            self._held.append(self._scratch)
            self._scratch = torch.empty(most, dtype=self.optimizer.dtype)

    def _add_optimizer(self, program: Program, shape: tuple[int, int]) -> None:
        own, dtype, column = self.optimizer, self.optimizer.dtype, (shape[0], 1)
        if isinstance(own, StackedAdam):
            self._numbers = own.numbers_of("beta1", "beta2", "eps")
            program.first = address(own.mean, dtype, shape)
            program.second = address(own.square, dtype, shape)
            if own.plan.amsgrad:
                program.largest = address(own.largest, dtype, shape)
            program.n_steps = address(own.n_steps, torch.float32, column)
            program.numbers = self._numbers.ctypes.data
            return
        assert isinstance(own, StackedSGD)
        program.nesterov = own.plan.nesterov
        program.first = address(own.momentum_buffer, dtype, shape)
        program.momentum = address(own.momentum, dtype, column)

    def _add_clipping(self, gradients: Program | None) -> None:
        """``gradients`` is what comes before it, if anything."""
        clipping, own = self.optimizer.clipping, self._program
        if clipping is None:
            return
        column = (self.optimizer.n_slots, 1)
        for name, bounds in clipping.bounds.items():
            setattr(own, name, address(bounds, self.optimizer.dtype, column))
        if gradients is not None:
            own.gradients = ctypes.addressof(gradients)
            self._held.append(gradients)

    def _stretches(self, acting: Mapping[str, Sequence[PenaltyAction]]) -> ctypes.Array[Stretch]:
        """The columns of a row, cut where layers begin and end on which something acts."""
        by_start: dict[int, tuple[list[Action], list[Action]]] = {}
        edges = {0, self.optimizer.n_parameters}
        for hooks, place in ((BEFORE, 0), (AFTER, 1)):
            for hook in hooks:
                for on in acting.get(hook, ()):
                    edges |= {on.columns.start, on.columns.stop}
                    found = by_start.setdefault(on.columns.start, ([], []))
                    found[place].append(self._action(on))
        stretches = []
        for start, stop in pairwise(sorted(edges)):
            before, after = (_array(Action, part) for part in by_start.get(start, ([], [])))
            stretches.append(Stretch(start, stop, before, len(before), after, len(after)))
            self._held += [before, after]
        array = _array(Stretch, stretches)
        self._held.append(array)
        return array

    def _action(self, on: PenaltyAction) -> Action:
        layer, name, dtype = on.layer, on.penalty.name, self.optimizer.dtype
        n_rows = on.stop - on.start
        action = Action(
            kind=KINDS[name],
            first_row=on.start,
            end_row=on.stop,
            n_units=layer.weight.shape[1],
            unit_size=layer.weight[0, 0].numel(),
            scale_invariant=layer.scale_invariant,
            always=self.penalties.plan.has_window,
        )
        action.strength, action.strength_stride = address_of_rows(layer.strength, dtype, n_rows, 1)
        for number in layer.numbers.values():
            action.number = address(number, dtype, (n_rows,))
        if name in SECOND_MEMORY:
            first, second = (layer.memory[key] for key in SECOND_MEMORY[name])
            action.memory, action.memory_stride = address_of_rows(first, dtype, n_rows, 1)
            action.memory2 = address(second, dtype, (n_rows,))
        else:
            for memory in layer.memory.values():
                size = memory[0].numel()
                found = address_of_rows(memory, dtype, n_rows, size)
                action.memory, action.memory_stride = found
        if layer.base_lr is not None:
            found = address_of_rows(layer.base_lr, dtype, n_rows, 1)
            action.base_lr, action.base_lr_stride = found
        return action

    # ---- steps ---------------------------------------------------------------------------------

    def _update(self, theta: Tensor, grad: Tensor) -> None:
        """One step for the first ``len(theta)`` rows."""
        own, n = self.optimizer, len(theta)
        here = (theta.data_ptr(), grad.data_ptr())
        if here != (self._program.theta, self._program.grad) or n > own.n_slots:
            raise ValueError("the compiled step was prepared for other rows")
        held: list[object] = []
        if isinstance(own, StackedAdam):
            own.count_step(n)
            rates = own.rates_of_step()
            self._program.rates = rates.ctypes.data
            held.append(rates)
        self._step(ctypes.byref(self._program), 0, n)
        del held


def knows(on: PenaltyAction) -> bool:
    """Whether the compiled step computes this penalty on this layer."""
    name = builtin_name(on.penalty)
    if name not in KINDS:
        return False
    if name == "orthogonal":
        return on.layer.weight[0].numel() <= LARGEST_PRODUCT
    return not (on.layer.n_heads and name in OF_UNITS)


def _array(kind: type[Part], parts: Sequence[Part]) -> ctypes.Array[Part]:
    return (kind * len(parts))(*parts)
