"""What the winner is compared with on the test split: a good default, and gradient boosting.

The default is what one gets without any search: AdamW's decay of 0.01, or 5e-4 as SGD's
``weight_decay``, at the study's own learning rate. Boosted trees are scikit-learn's histogram
gradient boosting with its own defaults (after Ke et al. 2017), on the same rows.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np
from torch import Tensor

from sweep.data.splits import Split
from sweep.metrics.columns import Part, column_of
from sweep.records.trial import Curve, Phase, Role, Run, RunResult, State, Trial
from sweep.regularizers.catalogue import BOOSTING
from sweep.runtime.trees import Tree, leaves
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


def boost(run: Run, split: Split, task: str) -> RunResult:
    """Boosted trees trained on the rows of a run, and judged as a network is."""
    start = time.perf_counter()
    x_train, y_train = _table(split.x_train), split.y_train.cpu().numpy()
    parts = {Part.TRAINING: (x_train, y_train)}
    parts[Part.VALIDATION] = _table(split.x_validation), split.y_validation.cpu().numpy()
    if split.x_test is not None and split.y_test is not None:
        parts[Part.TEST] = _table(split.x_test), split.y_test.cpu().numpy()
    row_losses = _classify if task == "classification" else _regress
    metrics = row_losses(x_train, y_train, parts, run.draw.seed % 2**31)
    metrics |= {column_of(Part.NULL, name): value for name, value in split.null.items()}
    curves = (Curve("val_loss", (0,), (metrics["val_loss"],)),)
    seconds = time.perf_counter() - start
    return RunResult(run, State.COMPLETE, 0, metrics, curves, (), seconds)


def _table(rows: Tree[Tensor]) -> np.ndarray:
    """All numbers of a row beside each other, whichever tensor they are of."""
    parts = [leaf.reshape(len(leaf), -1).double().cpu().numpy() for leaf in leaves(rows)]
    return np.asarray(parts[0] if len(parts) == 1 else np.hstack(parts))


Parts = dict[Part, tuple[np.ndarray, np.ndarray]]


def _classify(x: np.ndarray, y: np.ndarray, parts: Parts, seed: int) -> dict[str, float]:
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.metrics import accuracy_score, log_loss

    model = HistGradientBoostingClassifier(random_state=seed).fit(x, y)
    metrics = {}
    for part, (rows, labels) in parts.items():
        shares = model.predict_proba(rows)
        metrics[column_of(part, "loss")] = float(log_loss(labels, shares, labels=model.classes_))
        metrics[column_of(part, "accuracy")] = float(accuracy_score(labels, model.predict(rows)))
    return metrics


def _regress(x: np.ndarray, y: np.ndarray, parts: Parts, seed: int) -> dict[str, float]:
    from sklearn.ensemble import HistGradientBoostingRegressor
    from sklearn.metrics import mean_squared_error
    from sklearn.multioutput import MultiOutputRegressor

    model = MultiOutputRegressor(HistGradientBoostingRegressor(random_state=seed)).fit(x, y)
    return {
        f"{part}_loss": float(mean_squared_error(targets.ravel(), model.predict(rows).ravel()))
        for part, (rows, targets) in parts.items()
    }
