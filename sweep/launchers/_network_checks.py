"""What must hold between a study, its network and its data before any run is trained."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

import torch
from torch import Tensor, nn

from sweep.data.resampling import permutation
from sweep.data.splits import Split
from sweep.errors import ModelError, StudyError
from sweep.inspection.layer_report import LayerReport
from sweep.metrics.custom import OwnMetric, try_metric
from sweep.metrics.judging import Judge
from sweep.metrics.loss import Mixing
from sweep.networks.backward import idle_in_batches
from sweep.networks.forward import MOST_BATCHES, copied, hook_on_itself
from sweep.networks.probe import NetworkProbe, is_large
from sweep.networks.shared_memory import shares_memory
from sweep.records.parameters import ALL_DROPOUTS, DROPOUT
from sweep.regularizers.catalogue import REGULARIZERS
from sweep.regularizers.custom import try_penalty
from sweep.regularizers.penalties import PENALTIES
from sweep.regularizers.penalty import Penalty
from sweep.runtime.trees import Tree, cloned, moved, n_rows, taken
from sweep.runtime.user_code import guarded, name_of
from sweep.study.catalogue import optimizer
from sweep.study.study import Study
from sweep.training.augmentation import floating
from sweep.training.jobs import TrainingPlan

logger = logging.getLogger("sweep")

TRIED_ROWS = 256
"""Rows that an untrained network gets at once when a metric is tried on it."""
FEW_BATCHES = 4
"""Of a large network, to see whether its gradients come and go."""


def check_shared_body(model: nn.Module, name: str) -> None:
    """Raises ModelError for a network, one body for all runs, of which no copy trains alike."""
    if weight := hook_on_itself(model):
        raise ModelError(
            f"model.name: {name} must give other tensors at every call, or tensors that can be "
            f"copied, found one body with a hook on {weight} that uses the network itself; load "
            "the body in the function, or register the hook there"
        )


def check_memory(model: nn.Module, name: str) -> None:
    """Raises ModelError for two weights over one memory, which would come apart in training."""
    if found := shares_memory(model):
        first, second = found
        raise ModelError(
            f"model.name: {name} must have memory of its own for every number of a weight, found "
            f"that {first} and {second} share theirs; make them one nn.Parameter under both names, "
            "or give one a copy (.clone())"
        )


def with_idle_parameters(
    probe: NetworkProbe, split: Split, plan: TrainingPlan, seed: int, name: str
) -> NetworkProbe:
    """The probe, with the parameters that get no gradient in the first batches of a run.

    Raises ModelError for one that gets it in some of them. Where runs can be batched, code does not
    hang on values, and all batches are alike.
    """
    if not probe.why_alone:
        return probe
    large = is_large(probe.template, taken(split.x_train, 0))
    n = min(plan.batches_per_epoch, FEW_BATCHES if large else MOST_BATCHES)
    with guarded("model.name", name, ModelError):
        idle = idle_in_batches(probe.template, _batches(split.x_train, plan, seed, n), name)
    return replace(probe, backward=replace(probe.backward, idle=idle))


def _batches(x: Tree[Tensor], plan: TrainingPlan, seed: int, n: int) -> Iterator[Tree[Tensor]]:
    """The rows of the first ``n`` batches of a run."""
    order = torch.from_numpy(permutation(seed, 0, n_rows(x)))
    for rows in torch.split(order, plan.batch_size)[:n]:
        yield moved(taken(x, rows), plan.device)


def check_network(
    study: Study, probe: NetworkProbe, report: LayerReport, penalties: Mapping[str, Penalty]
) -> None:
    """Raises where penalties or swept dropout do not suit the network.

    ``penalties`` are all that the study may use, and more.
    """
    penalized = report.parameters.values()
    check_matrices(report.penalties, probe.template, penalized)
    try_penalties(penalties, probe.template, penalized)
    check_subgradients(study, report.penalties)
    if study.search.sweeps(ALL_DROPOUTS):
        check_dropout(probe, name_of(study.model.name))


def check_dropout(probe: NetworkProbe, name: str) -> None:
    """Raises StudyError where dropout is swept and the network's is not plain dropout alone."""
    if probe.strange or not probe.dropouts:
        found = f"one that draws {probe.strange}" if probe.strange else "none"
        raise StudyError(
            f"search: dropout is swept, so {name} must have dropout, and no other random "
            f"numbers than dropout's, found {found}; put nn.Dropout into it with a rate above "
            "0, or sweep something else"
        )
    alpha = (nn.AlphaDropout, nn.FeatureAlphaDropout)
    if any(issubclass(kind, alpha) for kind in probe.module_types):
        raise StudyError(
            f"search: dropout is swept, so {name} must have plain dropout, found "
            "AlphaDropout; use nn.Dropout or sweep something else"
        )


def check_layers_of_dropout(axes: Iterable[str], dropouts: Iterable[str]) -> None:
    """Raises StudyError for an axis that names no module of those that drop."""
    names = tuple(dict.fromkeys(dropouts))
    for axis in axes:
        layer = DROPOUT.subject_of(axis)
        if layer is not None and layer not in names:
            raise StudyError(
                f"search.axes.{axis}: a module of the network that drops must be named, "
                f"found {layer!r}; choose from {', '.join(names)}"
            )


def check_augmentations(study: Study, plan: TrainingPlan, split: Split) -> None:
    """Raises StudyError for an augmentation that data or loss rule out.

    Rows to be looked up take no noise, only classes are smoothed, and targets are mixed where the
    loss of a mixture is a mixture of losses.
    """
    for name, regularizer in REGULARIZERS.items():
        needs, has = "", f"the loss {plan.loss.name}"
        if regularizer.changes_rows and not floating(split.x_train):
            needs, has = "rows of any numbers", "whole numbers that the network looks up"
        elif regularizer.needs_classes and not plan.loss.smooths:
            needs = "classes under a plain cross-entropy"
        elif regularizer.mixes_targets and plan.loss.mixing is Mixing.NONE:
            needs = "a loss of mixed targets (plain cross_entropy, bce, mse or poisson)"
        if needs and plan.uses(name):
            table = "search.axes" if name in study.search.axes else "training"
            table = "search" if study.search.regularizes_with(name) else table
            raise StudyError(f"{table}.{name}: {needs} must be given, found {has}; leave it out")


def check_matrices(
    penalties: Mapping[str, Penalty], template: nn.Module, penalized: Iterable[str]
) -> None:
    """Raises StudyError for a penalty of matrices where all penalized parameters are vectors."""
    weights = dict(template.named_parameters())
    dimensions = {weights[key].ndim for key in penalized}
    for name, penalty in penalties.items():
        if dimensions and not any(map(penalty.acts_on, dimensions)):
            raise StudyError(
                f"search.penalties: {name} must have a matrix to act on, found vectors alone; "
                "leave it out, or let search.include name a matrix"
            )


def check_subgradients(study: Study, penalties: Mapping[str, Penalty]) -> None:
    """Raises StudyError for a penalty with proximal steps alone where there is no size for them."""
    known = optimizer(study.training.optimizer)
    if known is not None and known.has_metric:
        return
    for name, penalty in penalties.items():
        if penalty.acts_in("prox") and not penalty.acts_in("add_subgradient"):
            raise StudyError(
                f"search.penalties: {name} must have add_subgradient and keep_side under "
                f"{study.training.optimizer_name}, whose steps are in no proportion to the "
                "gradient, found prox alone; write them, or take sgd or adamw"
            )


def try_penalties(
    penalties: Mapping[str, Penalty], template: nn.Module, penalized: Iterable[str]
) -> None:
    """Tries the penalties that are the user's on the weights of these parameters."""
    weights = dict(template.named_parameters())
    found = [weights[key].detach() for key in penalized]
    tensors = [tensor.reshape(tensor.shape or (1,)) for tensor in found]
    for name, penalty in penalties.items():
        if name not in PENALTIES:
            own = (tensor.clone() for tensor in tensors if penalty.acts_on(tensor.ndim))
            try_penalty(name, penalty, own)


def warn_of_shares(plan: TrainingPlan, template: nn.Module, split: Split, name: str) -> None:
    """A warning where a network ends with a sigmoid or a softmax and its loss has one already."""
    leaves_of = [module for module in template.modules() if not list(module.children())]
    ending = type(leaves_of[-1]).__name__ if leaves_of else ""
    if not plan.loss.takes_logits or ending not in ("Sigmoid", "Softmax"):
        return
    with torch.no_grad(), guarded("model.name", name, ModelError):
        rows = cloned(taken(split.x_validation, slice(TRIED_ROWS)))
        output = copied(template).eval()(rows)
    if ((output >= 0) & (output <= 1)).all():
        logger.warning(
            "model.name: %s takes logits, found outputs from 0 to 1 of a network that ends with "
            "%s; leave it out, or its loss is flat",
            plan.loss.name,
            ending,
        )


def try_metrics_on(judges: Iterable[Judge], template: nn.Module, split: Split, name: str) -> None:
    """Calls the user's metrics with what an untrained network says of all validation rows."""
    own = [judge for judge in judges if isinstance(judge, OwnMetric)]
    if not own:
        return
    with torch.no_grad(), guarded("model.name", name, ModelError):
        model = copied(template).eval()
        rows, n = cloned(split.x_validation), len(split.y_validation)  # a forward may write
        parts = (taken(rows, slice(a, a + TRIED_ROWS)) for a in range(0, n, TRIED_ROWS))
        output = torch.cat(list(map(model, parts)))
    for metric in own:
        try_metric(metric, output, split.y_validation)
