"""What the winner is compared with on the test split: a good default, and gradient boosting.

The default is what one gets without any search: AdamW's decay of 0.01, or 5e-4 as SGD's
``weight_decay``, at the study's own learning rate. Boosted trees are scikit-learn's histogram
gradient boosting with its own defaults (after Ke et al. 2017), on the same rows.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from sweep.data.rows import as_table
from sweep.data.splits import Split
from sweep.metrics.columns import Part, column_of
from sweep.metrics.judging import Judge, StackedRows
from sweep.metrics.tasks import CLASSIFICATION
from sweep.records.trial import Curve, Phase, Role, Run, RunResult, State, Trial
from sweep.regularizers.catalogue import BOOSTING
from sweep.runtime.trees import Tree
from sweep.study.catalogue import OPTIMIZERS, USUAL_OPTIMIZER


def baseline_trial(name: str, optimizer: str, layers: Sequence[str], number: int) -> Trial:
    """A baseline as a trial; its role is its name."""
    role = Role(name)
    if role is Role.BOOSTING:
        return Trial(number, Phase.BASELINE, 0, BOOSTING, 0.0, {}, {}, role)
    usual = OPTIMIZERS.get(optimizer, OPTIMIZERS[USUAL_OPTIMIZER])
    penalty, strength = usual.usual_penalty, usual.usual_strength
    strengths = dict.fromkeys(layers, strength)
    return Trial(number, Phase.BASELINE, 0, penalty, strength, strengths, {}, role)


def boost(run: Run, split: Split, task: str, judges: Sequence[Judge] = ()) -> RunResult:
    """Boosted trees trained on the rows of a run, and judged as a network is.

    Their outputs are the logarithms of the classes' shares, or the numbers that they predict.
    """
    start = time.perf_counter()
    parts = {Part.TRAINING: _table(split.x_train, split.y_train, split.w_train)}
    parts[Part.VALIDATION] = _table(split.x_validation, split.y_validation, split.w_validation)
    if split.x_test is not None and split.y_test is not None:
        parts[Part.TEST] = _table(split.x_test, split.y_test, split.w_test)
    train = _classify if task == CLASSIFICATION else _regress
    metrics, outputs = train(parts, run.draw.seed % 2**31)
    named, fault = _judged(judges, {p: table._replace(x=outputs[p]) for p, table in parts.items()})
    null = {column_of(Part.NULL, name): value for name, value in split.null.items()}
    names = (column_of(Part.NULL, name) for judge in judges for name in judge.names)
    curves = (Curve("val_loss", (0,), (metrics["val_loss"],)),)
    return RunResult(
        run,
        State.FAILED if fault else State.COMPLETE,
        epochs=0,
        metrics={**metrics, **named, **null},
        curves=curves,
        seconds=time.perf_counter() - start,
        note=fault,
        own={**named, **{name: null[name] for name in names}},
    )


def _judged(judges: Sequence[Judge], parts: Parts) -> tuple[dict[str, float], str]:
    """What judges make of the outputs and targets of every part, and what was wrong in one."""
    values, faults = dict[str, float](), list[str]()
    for part, (output, target, weight) in parts.items():
        weights = None if weight is None else torch.from_numpy(weight)[None]
        given, wanted = torch.from_numpy(output)[None], torch.from_numpy(target)[None]
        rows = StackedRows(given, wanted, weight=weights)
        for found in (f for judge in judges for f in judge.judge(rows, np.ones(1, bool))):
            values[column_of(part, found.name)] = float(found.values[0])
            faults += found.faults.values()
    return values, next(iter(faults), "")


class _Table(NamedTuple):
    """The rows of a part as scikit-learn takes them."""

    x: np.ndarray
    y: np.ndarray
    weight: np.ndarray | None


Parts = dict[Part, _Table]
Trained = tuple[dict[str, float], dict[Part, np.ndarray]]
"""Metrics by column, and the outputs for every part."""


def _table(x: Tree[Tensor], y: Tensor, weight: Tensor | None) -> _Table:
    return _Table(as_table(x), y.cpu().numpy(), None if weight is None else weight.cpu().numpy())


def _classify(parts: Parts, seed: int) -> Trained:
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.metrics import accuracy_score, log_loss

    model = HistGradientBoostingClassifier(random_state=seed).fit(*parts[Part.TRAINING])
    metrics, outputs = {}, {}
    for part, (rows, labels, weight) in parts.items():
        shares, chosen = model.predict_proba(rows), model.predict(rows)
        loss = log_loss(labels, shares, labels=model.classes_, sample_weight=weight)
        accuracy = accuracy_score(labels, chosen, sample_weight=weight)
        metrics[column_of(part, "loss")] = float(loss)
        metrics[column_of(part, "accuracy")] = float(accuracy)
        outputs[part] = np.log(np.maximum(shares, np.finfo(np.float32).tiny))
    return metrics, outputs


def _regress(parts: Parts, seed: int) -> Trained:
    from sklearn.ensemble import HistGradientBoostingRegressor
    from sklearn.metrics import mean_squared_error
    from sklearn.multioutput import MultiOutputRegressor

    trees = HistGradientBoostingRegressor(random_state=seed)
    model = MultiOutputRegressor(trees).fit(*parts[Part.TRAINING])
    outputs = {part: np.asarray(model.predict(table.x)) for part, table in parts.items()}
    metrics = {
        column_of(part, "loss"): float(
            mean_squared_error(table.y, outputs[part], sample_weight=table.weight)
        )
        for part, table in parts.items()
    }
    return metrics, outputs
