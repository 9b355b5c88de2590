"""Every optimizer, penalty and kind of network against torch's own, one run at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import torch
from torch import Tensor

from sweep.training.jobs import Segment
from tests.gpu.kit import Check, Place
from tests.gpu.networks import (
    NETWORKS,
    TOLERANCE,
    WAITING,
    far,
    loss_with_noise,
    one_of_each,
    rows,
    rows_on,
    weights_of,
)
from tests.support.training import plain_loop, plan, train

OPTIMIZERS = ("sgd", "adam", "adamw")
EPOCHS = 3
Make = Callable[[list[Tensor], list[Tensor]], torch.optim.Optimizer]


def torch_form(name: str, one: Segment) -> Make | None:
    """The optimizer of torch that does the same, where there is one."""
    penalty, strength, lr = one.trial.penalty, one.trial.strength, float(one.trial.params["lr"])
    if penalty not in ("none", "l2", "decay") or (name == "sgd" and penalty == "decay"):
        return None

    def make(matrices: list[Tensor], others: list[Tensor]) -> torch.optim.Optimizer:
        decay = strength * (2 if penalty == "l2" else 1)
        groups = [{"params": matrices, "weight_decay": decay}]
        groups += [{"params": others, "weight_decay": 0.0}] if others else []
        if name == "sgd":
            return torch.optim.SGD(groups, lr=lr, momentum=0.9)
        kind = torch.optim.AdamW if penalty == "decay" else torch.optim.Adam
        return kind(groups, lr=lr)

    return make


def compare(place: Place, network: str, optimizer: str) -> None:
    """All penalties at once on the device: each against a plain loop there, or alone on the CPU."""
    kind, device = NETWORKS[network], place.device
    on_cpu = plan(optimizer, epochs=EPOCHS)
    there = replace(on_cpu, device=device)
    runs = one_of_each(kind, EPOCHS)
    if place.short:
        first = list(NETWORKS).index(network)
        runs = [runs[0], *runs[1 + first % 3 :: 3]]
    share = partial(train, build=kind.build, data=rows(), stack=kind.stack)
    together = {}
    for waiting in (False, True):  # those that a graph cannot hold, by themselves
        some = [one for one in runs if (one.trial.penalty in WAITING) is waiting]
        together |= share(some, there, width=max(1, len(some)))
    wrong = []
    for one in runs:
        make, seed = torch_form(optimizer, one), one.run.draw.seed
        if make is None:
            expected = weights_of(share([one], on_cpu, width=1)[one.trial.number])
        else:
            noise = loss_with_noise(on_cpu.steps_per_epoch, seed, device) if kind.noisy else None
            expected = plain_loop(
                one,
                there,
                make,
                build=lambda seed: kind.build(seed).to(device),
                data=rows_on(device),
                loss_of=noise,
            )
        distance = far(weights_of(together[one.trial.number]), expected)
        if not distance <= TOLERANCE:
            oracle = "the CPU" if make is None else "torch"
            wrong.append(f"{one.trial.penalty} is {distance:.1e} from {oracle}")
    assert not wrong, "; ".join(wrong)


def parity_checks(short: bool) -> list[Check]:
    """One for every network and optimizer; a few of them in short."""
    pairs = [(network, optimizer) for network in NETWORKS for optimizer in OPTIMIZERS]
    if short:
        pairs = [(network, OPTIMIZERS[i % 3]) for i, network in enumerate(NETWORKS)]
    return [
        Check("parity", f"{network}, {optimizer}", partial(_compare, network, optimizer))
        for network, optimizer in pairs
    ]


def _compare(network: str, optimizer: str, place: Place) -> None:
    compare(place, network, optimizer)
