"""Networks of several inputs, called as their authors would, and rows for them."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from sweep.data.splits import Split
from sweep.runtime.trees import taken

WORDS, LENGTH, FEATURES, CLASSES = 9, 5, 3, 3


class Scored(NamedTuple):
    """What libraries give: the loss, which is none of ours, and the outputs."""

    loss: Tensor
    logits: Tensor


class TwoInputs(nn.Module):
    """Words with their mask and a few numbers; its batch norm sees whole batches."""

    def __init__(self, seed: int = 0) -> None:
        super().__init__()
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.words = nn.Embedding(WORDS, 4, padding_idx=0)
            self.numbers = nn.Linear(FEATURES, 4)
            self.norm = nn.BatchNorm1d(8)
            self.out = nn.Linear(8, CLASSES)

    def forward(self, ids: Tensor, mask: Tensor, numbers: Tensor) -> Scored:
        summed = (self.words(ids) * mask.unsqueeze(-1)).sum(1) / mask.sum(1, keepdim=True)
        both = torch.cat([summed, self.numbers(numbers).tanh()], 1)
        logits = self.out(self.norm(both))
        return Scored(logits.new_zeros(()), logits)


def rows(n: int = 100, seed: int = 0) -> tuple[dict[str, Tensor], Tensor]:
    """Rows of an int64, a bool and a float64 tensor, and classes (n,)."""
    random = np.random.default_rng(seed)
    ids = random.integers(1, WORDS, size=(n, LENGTH))
    mask = np.arange(LENGTH) < random.integers(1, LENGTH + 1, size=(n, 1))
    numbers = random.normal(size=(n, FEATURES))
    y = (numbers + random.normal(size=(n, FEATURES))).argmax(1)
    x = {"ids": ids * mask, "mask": mask, "numbers": numbers}
    return {name: torch.from_numpy(array) for name, array in x.items()}, torch.from_numpy(y)


def split_of(x: Any, y: Tensor, n: int = 70) -> Split:
    """The first ``n`` rows to train on, the others to validate on."""
    return Split(
        x_train=taken(x, slice(n)),
        y_train=y[:n],
        x_validation=taken(x, slice(n, None)),
        y_validation=y[n:],
        x_test=None,
        y_test=None,
        null={"loss": 1.1, "accuracy": 0.4},
        validation_ratio=(len(y) - n) / n,
    )
