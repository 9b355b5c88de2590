"""A population that reads its batches from the cache trains to the bits of rows in memory."""

from __future__ import annotations

from collections import deque
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from torch.utils.data import Dataset

from sweep.data.stored_tensor import StoredTensor
from sweep.launchers.context import TrainingContext
from sweep.records.trial import Phase, Run, Trial
from sweep.study.study import Study
from sweep.training.jobs import Segment

X = (np.random.default_rng(0).normal(size=(200, 6)) * 30 + 5).astype(np.float32)


class Pairs(Dataset[Any]):
    def __len__(self) -> int:
        return len(X)

    def __getitem__(self, i: int) -> Any:
        return X[i], int(X[i, 0] > 5)


def context_of(cache: Path | None, standardize: bool) -> TrainingContext:
    data = {"rows": Pairs(), "name": "arrays", "standardize": standardize}
    return TrainingContext(
        Study(
            study={"name": "rows"},
            data=data | ({} if cache is None else {"cache": str(cache)}),
            model={"hidden": [4]},
            training={"epochs": 2, "batch_size": 32},
            search={"penalties": ["l2"], "resamples": 2},
        )
    )


def trained(context: TrainingContext) -> list[Any]:
    """The metrics and curves of two runs whose splits differ, with test rows."""
    trial = Trial(0, Phase.EXPLORE, 0, "l2", 0.01, dict.fromkeys(context.layers, 0.01), {})
    draws = context.draws[Phase.EXPLORE]
    runs = [Segment(Run(0, i, draw), trial, 2, with_test=True) for i, draw in enumerate(draws)]
    found = [done for some in context.population(2).train(deque(runs)) for done in some]
    found.sort(key=lambda done: done.segment.run.number)
    return [(dict(done.result.metrics), done.result.curves) for done in found]


@pytest.mark.parametrize("standardize", [True, False])
def test_training_from_files_gives_the_bits_of_memory(
    standardize: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(StoredTensor, "whole", None)  # what reads all rows at once would call it
    stored, held = context_of(tmp_path, standardize), context_of(None, standardize)
    assert isinstance(stored.first_split.x_train, StoredTensor)
    assert not isinstance(held.first_split.x_train, StoredTensor)
    assert stored.study.fingerprint == held.study.fingerprint
    assert trained(stored) == trained(held)
    assert stored.layer_report.describe() == held.layer_report.describe()
