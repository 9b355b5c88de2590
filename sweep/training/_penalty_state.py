"""The penalties of a population: which act on whom, how strongly, and what they remember.

Every penalty that was ever in use has a strength for each slot and layer; slots that do not use it
have strength 0. What it remembers of a run travels with the run when it changes slots or stops.
Legend: R slots, L penalized layers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from sweep.networks.stacked import StackedModule
from sweep.records.parameters import number_of
from sweep.regularizers.penalty import Layer, Memory, Penalty
from sweep.training._optimizer import BLOCK_ELEMENTS, StackedOptimizer
from sweep.training.jobs import Segment, TrainingPlan

Memories = Mapping[str, Mapping[str, Memory]]
"""What penalties remember of one run, by penalty and layer."""
HOOKS = ("add_gradient", "shrink", "follow", "prox", "project")
"""Where in a step a penalty may act."""
Acting = dict[str, list["PenaltyAction"]]
"""What penalties do in a step, by hook."""
Optimize = Callable[[Tensor, Tensor], None]
"""The optimizer's update of weights (R, P) by gradients (R, P), or one that does more."""


@dataclass(frozen=True)
class PenaltyAction:
    """One penalty on one layer of the slots from ``start`` to ``stop``."""

    penalty: Penalty
    start: int
    stop: int
    columns: slice
    layer: Layer
    grad: Tensor
    """(rows, *shape): a view of the gradients, as the layer's weights are one of ``theta``."""

    def lr_of(self, optimizer: StackedOptimizer) -> Tensor:
        """The learning rates (rows,) of the layer, which has one in every run."""
        first = slice(self.columns.start, self.columns.start + 1)
        return optimizer.lr_of(self.start, self.stop, first)[:, 0]

    def step_of(self, optimizer: StackedOptimizer) -> Tensor:
        """The optimizer's step sizes, shaped to broadcast over the weights."""
        step = optimizer.step_sizes(self.start, self.stop, self.columns)
        if step.shape[1] == 1:
            return self.layer.per_run(step)
        return step.view_as(self.layer.weight)


class StackedPenalties:
    """What the penalties do in every step, to the rows of ``theta`` (R, P)."""

    def __init__(
        self,
        plan: TrainingPlan,
        penalties: Mapping[str, Penalty],
        stack: StackedModule,
        theta: Tensor,
        layers: Mapping[str, str],
        heads: Mapping[str, int],
        optimizer: StackedOptimizer,
    ):
        """``layers`` are the penalized parameters by the names of their layers; ``heads`` the
        number of heads of those parameters that belong to an attention; ``optimizer`` knows what
        schedules multiply.
        """
        self.plan, self.penalties, self.stack, self.theta = plan, penalties, stack, theta
        self.layers, self.heads, self.optimizer = layers, heads, optimizer
        self.strengths: dict[str, Tensor] = {}
        """(R, L) of every penalty that was ever in use, by its name, as they are in this step."""
        self._whole: dict[str, Tensor] = {}
        """(R, L): as they are where penalties act."""
        self._memory: dict[str, dict[str, Memory]] = {}
        """(R, ...) by penalty and layer."""
        self.numbers: dict[str, dict[str, Tensor]] = {}
        """(R,) by penalty and number."""
        self._users: dict[str, list[bool]] = {}
        """By penalty which slots use it, where Python can read it without waiting for a device."""

    # ---- slots ---------------------------------------------------------------------------------

    def admit(self, i: int, segment: Segment, state: Memories | None) -> None:
        """Takes the run of slot ``i`` in, its weights being there; ``state`` as it stopped."""
        trial = segment.trial
        for name in self.strengths:
            self._set_strengths(name, i, [0.0] * len(self.layers))
        for name, penalty in self.penalties.items():
            row = list(self.plan.strengths_of(name, trial, self.layers).values())
            if not any(row):
                continue
            if name not in self.strengths:
                self._make_room(name)
            self._set_strengths(name, i, row)
            for number, default in penalty.numbers.items():
                own = trial.params.get(number_of(name, number), default)
                self.numbers[name][number][i] = float(own)
            for layer, parameter in self._layers_of(name):
                weight = self._weight(parameter, i, i + 1)[0]
                memory = state[name][layer] if state else penalty.begin(weight)
                for key, tensor in memory.items():
                    self._memory[name][layer][key][i] = tensor

    def _set_strengths(self, name: str, i: int, row: Sequence[float]) -> None:
        for strengths in (self.strengths[name], self._whole[name]):
            strengths[i] = torch.tensor(row, dtype=self.theta.dtype)
        self._users[name][i] = any(row)

    def let_act(self, acting: Tensor) -> None:
        """Gives the first slots their strengths where ``acting`` (n,) is 1, and 0 where it is 0."""
        n = len(acting)
        for name, strengths in self.strengths.items():
            torch.mul(self._whole[name][:n], acting[:, None], out=strengths[:n])

    def move(self, source: int, target: int) -> None:
        """The run of one slot now sits in another."""
        for name, strengths in self.strengths.items():
            memories = (t for memory in self._memory[name].values() for t in memory.values())
            for tensor in (strengths, self._whole[name], *self.numbers[name].values(), *memories):
                tensor[target] = tensor[source]
            self._users[name][target] = self._users[name][source]

    def checkpoint(self, i: int) -> Memories | None:
        """A copy of what is remembered of the run in slot ``i``, if any penalty acts on it."""
        memories = {
            name: {
                layer: {key: tensor[i].clone() for key, tensor in memory.items()}
                for layer, memory in self._memory[name].items()
            }
            for name, users in self._users.items()
            if users[i]
        }
        return memories or None

    def _make_room(self, name: str) -> None:
        penalty, width = self.penalties[name], len(self.theta)

        def room(*shape: int) -> Tensor:
            return self.theta.new_zeros((width, *shape))

        self.strengths[name] = room(len(self.layers))
        self._whole[name] = room(len(self.layers))
        self._users[name] = [False] * width
        self.numbers[name] = {number: room() for number in penalty.numbers}
        self._memory[name] = {
            layer: {
                key: room(*tensor.shape)
                for key, tensor in penalty.begin(self._weight(parameter, 0, 1)[0]).items()
            }
            for layer, parameter in self._layers_of(name)
        }

    def _layers_of(self, penalty: str) -> list[tuple[str, str]]:
        """The layers that a penalty acts on, each with its parameter."""
        one = self.penalties[penalty]
        shapes = self.stack.shapes
        return [(n, p) for n, p in self.layers.items() if one.acts_on(len(shapes[p]))]

    # ---- steps ---------------------------------------------------------------------------------

    def in_use(self, n: int) -> tuple[str, ...]:
        """The penalties that the first ``n`` slots use."""
        return tuple(name for name, users in self._users.items() if any(users[:n]))

    def acting(self, n: int, grad: Tensor) -> Acting:
        """By hook, every penalty in use that has it, on every layer, over the stretch of the first
        ``n`` slots that the penalty acts on; ``grad`` (R, P) is where gradients will be.

        A stretch is cut into blocks of rows that fit the processor's cache; on other devices it is
        all ``n`` slots, so that it stays as it is when runs come and go.
        """
        found = []
        cached = self.theta.device.type == "cpu"
        for name in self.in_use(n):
            rows = [i for i, used in enumerate(self._users[name][:n]) if used]
            first, last = (rows[0], rows[-1] + 1) if cached else (0, n)
            for own, parameter in self._layers_of(name):
                where = self.stack.slices[parameter]
                each = max(1, BLOCK_ELEMENTS // (where.stop - where.start)) if cached else n
                for a in range(first, last, each):
                    b = min(a + each, last)
                    layer = self._layer(name, own, a, b)
                    slope = grad[a:b, where].view_as(layer.weight)
                    found.append(PenaltyAction(self.penalties[name], a, b, where, layer, slope))
        return {hook: [on for on in found if on.penalty.acts_in(hook)] for hook in HOOKS}

    def values(self, n: int) -> Tensor:
        """What the penalties add to the objective of the first ``n`` slots (n,)."""
        total = self.theta.new_zeros(n)
        for name in self.in_use(n):
            for own, _ in self._layers_of(name):
                total += self.penalties[name].value(self._layer(name, own, 0, n))
        return total

    def _layer(self, penalty: str, name: str, start: int, stop: int) -> Layer:
        """One layer of the slots from ``start`` to ``stop``, as a penalty sees it."""
        place, parameter = list(self.layers).index(name), self.layers[name]
        column = self.stack.slices[parameter].start
        first = slice(column, column + 1)  # a parameter has one factor
        return Layer(
            self._weight(parameter, start, stop),
            self.strengths[penalty][start:stop, place],
            {key: t[start:stop] for key, t in self._memory[penalty][name].items()},
            {key: t[start:stop] for key, t in self.numbers[penalty].items()},
            self.heads.get(parameter, 0),
            self.optimizer.base_lr_of(start, stop, first)[:, 0],
            parameter in self.plan.scale_invariant,
        )

    def _weight(self, parameter: str, start: int, stop: int) -> Tensor:
        """The place of a parameter (rows, *shape) within ``theta``; a number is a vector of one."""
        rows = self.theta[start:stop, self.stack.slices[parameter]]
        return rows.view(stop - start, *(self.stack.shapes[parameter] or (1,)))


def update(
    step: Optimize,
    optimizer: StackedOptimizer,
    theta: Tensor,
    grad: Tensor,
    acting: Mapping[str, Sequence[PenaltyAction]],
) -> None:
    """Penalty gradients, shrinking, clipping and the optimizer, what follows it, proximal steps,
    projections: in this order.

    ``step`` is the optimizer's own update, or one that does some of the penalties' work as well.
    Under an optimizer without a metric, subgradients take the place of proximal steps.
    """
    for on in acting["add_gradient"]:
        on.penalty.add_gradient(on.layer, on.grad)
    sides = []
    if not optimizer.has_metric:
        sides = [on.penalty.add_subgradient(on.layer, on.grad) for on in acting["prox"]]
    for on in acting["shrink"]:
        on.penalty.shrink(on.layer, on.lr_of(optimizer))
    before = [on.layer.weight.clone() for on in acting["follow"]]
    step(theta, grad)
    for on, weight in zip(acting["follow"], before, strict=True):
        on.penalty.follow(on.layer, weight, on.lr_of(optimizer))
    if optimizer.has_metric:
        for on in acting["prox"]:
            on.penalty.prox(on.layer, on.step_of(optimizer))
    else:
        for on, side in zip(acting["prox"], sides, strict=True):
            on.penalty.keep_side(on.layer, side)
    for on in acting["project"]:
        on.penalty.project(on.layer)
