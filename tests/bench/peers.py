"""The peers that train one run after the other: a lean loop, and Optuna's own way.

They import nothing of the engine. Rows, batch size, epochs, optimizer and validation after every
epoch are those of the population; what the population measures beyond that (accuracy, the loss of
all training rows, norms) is left out here, to the peers' advantage.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import optuna
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from tests.bench.networks import BUILDERS
from tests.bench.sides import Trainer, Turn
from tests.bench.workloads import BATCH, EPOCHS, LR, STRENGTHS, WORKLOADS, Workload

Rows = tuple[Tensor, Tensor, Tensor, Tensor]
"""Features and classes to train on, and to validate on."""


def read_rows(workload: Workload, folder: Path) -> Rows:
    with np.load(folder / f"{workload.key}-rows.npz") as file:
        x, y, xv, yv = (torch.from_numpy(file[name]) for name in file.files)
    if workload.channels:
        x, xv = x.reshape(-1, *workload.image), xv.reshape(-1, *workload.image)
    return x, y, xv, yv


def make_model(workload: Workload, rows: Rows, seed: int) -> nn.Module:
    """The workload's network as a person writes it."""
    torch.manual_seed(seed)
    x, y = rows[0], rows[1]
    n_outputs = int(y.max()) + 1
    if workload.network:
        return BUILDERS[workload.network](x.shape[1], n_outputs)
    layers: list[nn.Module] = []
    if workload.channels:
        wide = workload.image[0]
        for channels in workload.channels:
            layers += [nn.Conv2d(wide, channels, 3, padding=1), nn.BatchNorm2d(channels), nn.ReLU()]
            wide = channels
        layers += [nn.AdaptiveAvgPool2d(1), nn.Flatten()]
    else:
        wide = x.shape[1]
        for hidden in workload.hidden:
            layers += [nn.Linear(wide, hidden), nn.ReLU()]
            wide = hidden
    return nn.Sequential(*layers, nn.Linear(wide, n_outputs))


def make_optimizer(model: nn.Module, decay: float, lr: float) -> torch.optim.Optimizer:
    """AdamW that shrinks weights and leaves biases and norm layers alone."""
    weights = [p for p in model.parameters() if p.ndim > 1]
    others = [p for p in model.parameters() if p.ndim <= 1]
    groups = [{"params": weights, "weight_decay": decay}, {"params": others, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=lr)


def make_muon(model: nn.Module, decay: float, lr: float) -> list[torch.optim.Optimizer]:
    """Muon for weights, which it shrinks, and AdamW for all others."""
    weights = [p for p in model.parameters() if p.ndim > 1]
    others = [p for p in model.parameters() if p.ndim <= 1]
    return [
        torch.optim.Muon(weights, lr=lr, weight_decay=decay),
        torch.optim.AdamW(others, lr=lr, weight_decay=0.0),
    ]


def batches(x: Tensor, y: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
    """One epoch in random order without a DataLoader."""
    order = torch.randperm(len(x))
    for start in range(0, len(x) - BATCH + 1, BATCH):
        rows = order[start : start + BATCH]
        yield x[rows], y[rows]


def train_epochs(
    rows: Rows,
    model: nn.Module,
    decay: float,
    epoch_of: Callable[[], Any],
    lr: float = LR,
    epochs: int = EPOCHS,
) -> Iterator[float]:
    """Validation loss after every epoch; ``epoch_of`` gives the batches of one."""
    optimizer = make_optimizer(model, decay, lr)
    _, _, xv, yv = rows
    for _ in range(epochs):
        model.train()
        for xb, yb in epoch_of():
            optimizer.zero_grad()
            F.cross_entropy(model(xb), yb).backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            loss = F.cross_entropy(model(xv), yv)
        yield float(loss)


def train_lean(workload: Workload, rows: Rows, decay: float, seed: int) -> Iterator[float]:
    """One run as a careful person writes it: tensors, no DataLoader."""
    model = make_model(workload, rows, seed)
    return train_epochs(rows, model, decay, lambda: batches(rows[0], rows[1]))


def make_lean(key: str, folder: Path, threads: int) -> Trainer:
    """The lean loop, whose trials Optuna's TPE asks in memory."""
    _prepare(threads)
    workload = WORKLOADS[key]
    rows = read_rows(workload, folder)

    def objective(trial: optuna.Trial) -> float:
        decay = trial.suggest_float("decay", *STRENGTHS, log=True)
        return list(train_lean(workload, rows, decay, trial.number))[-1]

    return _optimize(optuna.create_study(sampler=optuna.samplers.TPESampler(seed=0)), objective)


def make_lean_steps(key: str, folder: Path, threads: int) -> Trainer:
    """A lean loop with Muon: each turn has the processor time of the quickest epoch."""
    torch.set_num_threads(threads)
    workload = WORKLOADS[key]
    rows = read_rows(workload, folder)
    model = make_model(workload, rows, seed=0)
    optimizers = make_muon(model, STRENGTHS[0], LR)

    def epoch() -> float:
        start = time.process_time()
        for x, y in batches(rows[0], rows[1]):
            for optimizer in optimizers:
                optimizer.zero_grad()
            F.cross_entropy(model(x), y).backward()
            for optimizer in optimizers:
                optimizer.step()
        return time.process_time() - start

    epoch()  # warms up
    n_steps = len(rows[0]) // BATCH
    return lambda n: {"runs": n_steps, "seconds": min(epoch() for _ in range(n + 1))}


def make_loader(key: str, folder: Path, threads: int) -> Trainer:
    """As Optuna's own PyTorch example: SQLite, a DataLoader, a report after every epoch."""
    _prepare(threads)
    workload = WORKLOADS[key]
    rows = read_rows(workload, folder)
    table = torch.utils.data.TensorDataset(rows[0], rows[1])

    def objective(trial: optuna.Trial) -> float:
        decay = trial.suggest_float("decay", *STRENGTHS, log=True)
        model = make_model(workload, rows, trial.number)
        loader = torch.utils.data.DataLoader(table, BATCH, shuffle=True, drop_last=True)
        loss = float("nan")
        for epoch, loss in enumerate(train_epochs(rows, model, decay, lambda: loader)):
            trial.report(loss, epoch)
            if trial.should_prune():
                raise optuna.TrialPruned
        return loss

    study = optuna.create_study(
        storage=f"sqlite:///{folder}/{key}-loader.db",
        sampler=optuna.samplers.TPESampler(seed=0),
        pruner=optuna.pruners.NopPruner(),  # all sides train all epochs
    )
    return _optimize(study, objective)


def make_shared(key: str, folder: Path, lr: float, epochs: int) -> Trainer:
    """The lean loop in one of several processes whose trials are in one SQLite file."""
    _prepare(1)
    workload = WORKLOADS[key]
    rows = read_rows(workload, folder)

    def objective(trial: optuna.Trial) -> float:
        decay = trial.suggest_float("decay", *STRENGTHS, log=True)
        model = make_model(workload, rows, trial.number)
        epoch_of = partial(batches, rows[0], rows[1])
        return list(train_epochs(rows, model, decay, epoch_of, lr, epochs))[-1]

    storage = f"sqlite:///{folder}/{key}-shared.db"
    study = optuna.create_study(
        study_name="shared",
        storage=storage,
        sampler=optuna.samplers.TPESampler(),
        load_if_exists=True,
    )
    return _optimize(study, objective)


def _prepare(threads: int) -> None:
    torch.set_num_threads(threads)
    optuna.logging.set_verbosity(optuna.logging.WARNING)


def _optimize(study: optuna.Study, objective: Callable[[optuna.Trial], float]) -> Trainer:
    study.optimize(objective, n_trials=1)  # warms up

    def train(n: int) -> Turn:
        start = time.perf_counter()
        study.optimize(objective, n_trials=n)
        seconds = time.perf_counter() - start
        last = study.get_trials(deepcopy=False)[-n:]
        losses = [t.value for t in last if t.value is not None]  # others' may be under way
        return {"runs": n, "seconds": seconds, "val_loss": float(np.median(losses))}

    return train
