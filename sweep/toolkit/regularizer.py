"""A regularizer of ours on a model that somebody else's loop trains.

A step of a study is: gradients of penalties, decay, the optimizer's update, proximal steps,
projections. Here the optimizer is torch's and the loop is anybody's, so a step has two sides:
``loss`` before it gives the gradients and notes what has to be known afterwards, ``step`` after it
does the rest. What a penalty does is its formula in ``regularizers``, called for one run.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Self

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from sweep.errors import ModelError, StudyError
from sweep.networks.selection import Selection, matches
from sweep.networks.wrappers import plain_name
from sweep.regularizers.penalty import Penalty
from sweep.toolkit._acting import Acting, ActingPenalty, LossTerm
from sweep.toolkit._after_step import AfterStep
from sweep.toolkit._groups import GroupDecay
from sweep.toolkit._layers import (
    check_in_place,
    check_number,
    find_sites,
    is_sharded,
    local,
    plain_module,
    values_by_layer,
)
from sweep.toolkit._naming import (
    Source,
    Strength,
    check_arguments,
    numbers_of,
    penalties_of,
    strengths_of,
)
from sweep.toolkit._step_sizes import group_of, has_metric, plain_optimizer
from sweep.toolkit._stored import Made, read_stored, stored_content


class Regularizer:
    """Penalties on the weights of a model, in any training loop.

    It takes hold of the weights as they are when it is made, which some penalties remember.

    Args:
        model: The model, on its device, before its first step; wrapped ones are looked into.
        penalty: A name (``l1``), a ``Penalty``, a function of one layer's weights that gives
            one number, or several of these with their strengths as a dict.
        strength: One number, or one for each layer by pattern of its name.
        layers: What the strength is multiplied by, by pattern (``{"conv*": 0.5, "fc": 2.0}``);
            1 for the others.
        numbers: Numbers of penalties beside their strengths: ``{"elastic_net.l1_share": 0.3}``.
        scale_invariant: Patterns of the layers whose size does not matter to the loss, for
            ``decay_corrected``; ``[]`` for none.
        scope: ``weights``, or ``all`` trainable parameters.
        include: Patterns of parameters or layers that are regularized in any case.
        exclude: Patterns of those that are left alone in any case.
        idle: Names of parameters that the loss does not reach.
        lr_of: What the learning rate of parameters is multiplied by in ``parameter_groups``,
            by pattern; the first that matches counts.

    Raises:
        StudyError: An argument breaks a rule, in one line.
        ModelError: The model has no weight to regularize.
    """

    def __init__(
        self,
        model: nn.Module,
        penalty: Source | Mapping[Any, Strength | None],
        strength: Strength | None = None,
        *,
        layers: Mapping[str, float] | None = None,
        numbers: Mapping[str, float] | None = None,
        scale_invariant: Sequence[str] | None = None,
        scope: str = "weights",
        include: Sequence[str] = (),
        exclude: Sequence[str] = (),
        idle: Sequence[str] = (),
        lr_of: Mapping[str, float] | None = None,
    ):
        wanted = penalties_of(penalty, strength)
        penalties = [one for one, _ in wanted]
        check_arguments(penalties, scope, scale_invariant)
        self._model, self._lr_of = plain_module(model), dict(lr_of or {})
        selection = Selection(scope, tuple(include), tuple(exclude))
        found = (selection, frozenset(idle), scale_invariant or ())
        sites = find_sites(self._model, *found) if wanted else {}
        factors = values_by_layer(sites, layers or {}, "layers")
        own_numbers = numbers_of(penalties, numbers or {})
        acting = [
            ActingPenalty(
                one, sites, strengths_of(one.name, own, sites, factors), own_numbers[one.name]
            )
            for one, own in wanted
        ]
        self._acting = Acting(acting, sites)
        self._made_with: Made = {
            "scope": scope,
            "include": list(include),
            "exclude": list(exclude),
            "idle": sorted(idle),
            "scale_invariant": list(scale_invariant or ()),
            "lr_of": self._lr_of,
        }
        self._groups = GroupDecay(self._acting)
        self._after = AfterStep(self._acting, self._groups)

    @classmethod
    def of(
        cls,
        source: str | os.PathLike[str] | Mapping[str, Any],
        model: nn.Module,
        *,
        penalties: Mapping[str, Penalty | Callable[[Tensor], Tensor]] | None = None,
    ) -> Self:
        """The regularizer of a study's winner.

        Args:
            source: The file that ``sweep best`` wrote, or its content.
            model: A model with the layers of the study's, with the weights that it begins with.
            penalties: Penalties of one's own by the names that the study has for them.

        Returns:
            The regularizer, with the strengths of every layer.

        Raises:
            StudyError: The file cannot be read, or says what cannot be done here.
            ModelError: The model has other layers.
        """
        stored = read_stored(source)
        named, arguments = stored.named(penalties or {}), stored.arguments()
        if named:
            stored.check_layers(find_sites(plain_module(model), *stored.selected()))
        return cls(model, named, **arguments)

    @property
    def layers(self) -> dict[str, dict[str, float]]:
        """By regularized layer the strength of each penalty that acts on it."""
        return {
            layer: {
                one.penalty.name: one.strengths[layer]
                for one in self._acting.penalties
                if layer in one.strengths
            }
            for layer in self._acting.sites
        }

    def content(self) -> dict[str, Any]:
        """What ``of`` makes the same from, on another model with these layers: plain values."""
        return stored_content(self._acting, self._made_with)

    # ---- before the optimizer's step -----------------------------------------------------------

    def parameter_groups(self, lr: float, **options: Any) -> list[dict[str, Any]]:
        """The model's trainable parameters in groups, for any optimizer of torch.

        Decay is their ``weight_decay``, which AdamW and its kin do beside the gradient; all other
        weights have 0. With ``weight_decay=0.0``, ``step`` does it: for optimizers such as SGD,
        which would add it to the gradient.

        Args:
            lr: The learning rate that schedules multiply.
            options: More keys of every group.

        Returns:
            Dicts with ``params``, ``lr``, ``weight_decay``, and the options.
        """
        check_number(lr, "lr")
        groups: dict[tuple[float, float], list[nn.Parameter]] = {}
        layer_of = {site.name: layer for layer, site in self._acting.sites.items()}
        self._groups.begin(options.pop("weight_decay", None))
        for long_name, parameter in self._model.named_parameters():
            name = plain_name(long_name)
            if not parameter.requires_grad:
                continue
            rate = lr * next((f for p, f in self._lr_of.items() if matches(name, [p])), 1.0)
            decay = self._groups.decay_of(layer_of.get(name), rate)
            groups.setdefault((rate, decay), []).append(parameter)
        beside = {"decoupled_weight_decay": True} if self._groups.in_groups else {}
        return [
            {"params": own, "lr": rate, "weight_decay": decay, **beside, **options}
            for (rate, decay), own in groups.items()
        ]

    def loss(self) -> Tensor:
        """What belongs to the loss: 0 for decay and for penalties that act after the step.

        Call it in every step, before ``backward``.

        Raises:
            ModelError: A regularized layer was replaced since this was made.
        """
        if torch.is_grad_enabled():
            self._begin_step()
        sites = self._acting.sloping()
        if not sites:
            some = next(self._model.parameters(), torch.zeros(()))
            return torch.zeros((), dtype=some.dtype, device=some.device)
        if any(is_sharded(site.parameter) for site in sites):
            raise StudyError(
                "Regularizer: loss: whole weights must be there for it, found sharded ones; call "
                "add_gradients() once in every step in its place"
            )
        weights = [site.parameter for site in sites]
        total: Tensor = LossTerm.apply(self._acting, *weights)  # type: ignore[no-untyped-call]
        return total

    @torch.no_grad()
    def add_gradients(self, optimizer: Optimizer | None = None) -> None:
        """Takes the place of ``loss`` where a loop's loss is out of reach: adds to the gradients.

        Call it once in every step, with the gradients unscaled, before they are clipped. Under an
        optimizer whose steps are in no proportion to the gradient (Lion, Muon) give it, after
        ``backward``: penalties that make zeros then act by their least subgradients.

        Args:
            optimizer: The one that is about to make its step.
        """
        self._begin_step()
        for site in self._acting.sloping():
            parameter = site.parameter
            if parameter.grad is None:
                parameter.grad = torch.zeros_like(parameter)
            local(parameter.grad).add_(self._acting.slope(site))
        if optimizer is not None and not has_metric(plain := plain_optimizer(optimizer)):
            self._after.add_subgradients(plain)

    def _begin_step(self) -> None:
        check_in_place(self._model, self._acting.sites.values())
        self._after.note()

    # ---- after the optimizer's step ------------------------------------------------------------

    @torch.no_grad()
    def step(self, optimizer: Optimizer) -> None:
        """Does what comes after the optimizer's step: decay that it has not done, proximal steps in
        its own metric, projections.

        Call it before the schedule's step, which changes the rate.

        Args:
            optimizer: The one that has just made its step.

        Raises:
            StudyError: The optimizer has done, or cannot tell, what is needed.
            ModelError: It has none of the regularized weights.
        """
        plain = plain_optimizer(optimizer)
        groups, sites = group_of(plain), self._acting.sites.values()
        own = [site for site in sites if id(site.parameter) in groups]
        if sites and not own:
            raise ModelError(
                "Regularizer: step: an optimizer of the model's weights must be given, found one "
                "with none of those that are regularized; make it with "
                "reg.parameter_groups(lr=...), after the model has been moved, wrapped or sharded"
            )
        if len(own) < len(sites):
            missing = [site for site in sites if id(site.parameter) not in groups]
            check_in_place(self._model, missing)
        for site in own:
            self._after.act(plain, site, groups[id(site.parameter)])

    # ---- state ---------------------------------------------------------------------------------

    def state_dict(self) -> dict[str, Any]:
        """What is to be kept beside the model's and the optimizer's state to go on later."""
        return {"base_lr": dict(self._groups.base_lrs), "memory": self._acting.memory()}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Takes over what another's ``state_dict`` gave.

        Args:
            state: Of a regularizer with the same penalties on the same layers.

        Raises:
            StudyError: It is of others.
        """
        if not {"memory", "base_lr"} <= set(state):
            raise StudyError(
                "Regularizer: load_state_dict: what state_dict() of a regularizer gave must be "
                f"given, found {', '.join(map(str, state)) or 'nothing'}; check which state it is"
            )
        self._acting.remember(state["memory"])
        self._groups.base_lrs.update(state["base_lr"])
