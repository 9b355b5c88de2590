"""What all runs of a study share, with any network: device, data, splits and draws."""

from __future__ import annotations

import math
from typing import NamedTuple

import torch

from sweep.data.datasets import Data, load_data
from sweep.data.resampling import plan_draws
from sweep.data.splits import Splits
from sweep.launchers._loss import make_criterion
from sweep.launchers._metric_checks import (
    check_accuracy,
    check_metrics,
    check_outputs,
    check_parts,
    check_weighted,
)
from sweep.metrics.judges import make_judges
from sweep.metrics.metric import Metric, metrics_of
from sweep.records.trial import Draw, Phase
from sweep.runtime.device import resolve_device, resolve_dtypes
from sweep.study.study import Study


class Repetitions(NamedTuple):
    """What phases know of the repetitions of a setting."""

    n_validation: int | None
    """Validation rows of the first; None where a loop of the user's alone knows."""
    validation_ratio: float
    """n_validation / n_training."""
    overlap: float | None
    """What the overlap of training rows adds to 1/R; None where the design says."""
    metrics: tuple[Metric, ...]
    """What they are judged by."""


def draws_of(study: Study) -> dict[Phase, tuple[Draw, ...]]:
    """The draws of every phase: one for each run of a trial."""
    explored, repeated = study.search.resamples, study.path.resamples
    n_draws = dict.fromkeys(Phase, repeated)
    n_draws |= dict.fromkeys((Phase.EXPLORE, Phase.CONTROL), explored)
    n_draws[Phase.PATH] = study.path.most_resamples
    data, seed = study.data, study.study.seed
    return {
        phase: plan_draws(data.design, phase, n, study_seed=seed, n_folds=data.n_folds)
        for phase, n in n_draws.items()
    }


class StudyData:
    """What all runs of a study share, with any network: device, data, splits, draws."""

    def __init__(self, study: Study, device: str | None = None):
        self.n_cores = torch.get_num_threads()
        """As many as torch may use."""
        self.device = resolve_device(device or study.hardware.device)
        self.dtype, self.low = resolve_dtypes(study.hardware.precision, self.device)
        self.data: Data = load_data(
            study.data, study.folder, study.training.loss_name, study.model.outputs
        )
        named = study.study.named_metrics
        check_metrics(self.data, study.study.metric, named)
        self.metrics = metrics_of(self.data.task, (one.metric for one in named))
        self.criterion = make_criterion(study, self.data)
        """The loss, and the shape of a row's output."""
        check_outputs(self.data, self.criterion, named)
        check_accuracy(self.data, *self.criterion, study.study.metric, named)
        self.judges = make_judges(named, study.folder, self.dtype, self.criterion.loss)
        self.splits = Splits(
            self.data, study.data, study.study.seed, self.dtype, self.criterion, self.judges
        )
        self.draws = draws_of(study)
        self.splits.check_draws(self.draws.values())
        check_parts(self.splits, self.draws, named)
        self.overlap = self.splits.overlap(self.draws[Phase.PATH])
        """What the overlap of the path's training rows adds to 1/R; None where the design says."""
        self.first_split = self.splits.get(self.draws[Phase.EXPLORE][0])
        check_weighted(self.first_split, self.judges)

    @property
    def repetitions(self) -> Repetitions:
        """What phases know of the repetitions of a setting."""
        split = self.first_split
        n_validation = len(split.y_validation)
        return Repetitions(n_validation, split.validation_ratio, self.overlap, self.metrics)

    @property
    def n_outputs(self) -> int:
        """What a network is built for: outputs of a row, or of each position."""
        row = self.criterion.row
        return math.prod(row) if self.data.reconstructs else row[-1]

    def part_sizes(self) -> set[int]:
        """Rows of every training, validation and test part that a run of the study may have."""
        draws = {(d.split_seed, d.fold): d for own in self.draws.values() for d in own}
        if self.data.pool is None:  # every draw has as many, and so has the test set as a whole
            train, validation = len(self.first_split.y_train), len(self.first_split.y_validation)
            return {train, validation, train + validation}
        sizes = {len(part) for draw in draws.values() for part in self.splits.rows(draw)}
        return sizes | {len(self.splits.test_rows)}

    def take_floats(self) -> None:
        """Whole numbers reach the network as floats from now on."""
        self.splits.take_floats()
        self.first_split = self.splits.get(self.draws[Phase.EXPLORE][0])
