"""What all runs of a study share, with any network: device, data, splits and draws."""

from __future__ import annotations

import torch

from sweep.data.datasets import Data, load_data
from sweep.data.resampling import plan_draws
from sweep.data.splits import Splits
from sweep.errors import StudyError
from sweep.metrics.custom import own_metric
from sweep.metrics.metric import metrics_of
from sweep.records.trial import Phase
from sweep.runtime.device import resolve_device, resolve_dtypes
from sweep.study.study import Study


class StudyData:
    """What all runs of a study share, with any network: device, data, splits, draws."""

    def __init__(self, study: Study, device: str | None = None):
        self.n_cores = torch.get_num_threads()
        """As many as torch may use."""
        self.device = resolve_device(device or study.hardware.device)
        self.dtype, self.low = resolve_dtypes(study.hardware.precision, self.device)
        self.data: Data = load_data(study.data, study.folder)
        self.metrics = metrics_of(self.data.task, study.study.metric)
        if study.study.metric not in self.metrics:
            raise StudyError(
                "study.objective: accuracy needs classes, found a regression; use val_loss"
            )
        question = study.study
        self.own = own_metric(question.objective, question.metric, study.folder, self.dtype)
        self.splits = Splits(self.data, study.data, study.study.seed, self.dtype, self.own)
        n_draws = {
            Phase.EXPLORE: study.search.resamples,
            Phase.PATH: study.path.resamples,
            Phase.CONFIRM: study.path.resamples,
            Phase.CONTROL: study.search.resamples,
            Phase.ABLATION: study.path.resamples,
            Phase.BASELINE: study.path.resamples,
        }
        self.draws = {
            phase: plan_draws(
                study.data.design, phase, n, study_seed=study.study.seed, n_folds=study.data.n_folds
            )
            for phase, n in n_draws.items()
        }
        self.splits.check_draws(self.draws.values())
        self.overlap = self.splits.overlap(self.draws[Phase.PATH])
        """What the overlap of the path's training rows adds to 1/R; None where the design says."""
        self.first_split = self.splits.get(self.draws[Phase.EXPLORE][0])

    def part_sizes(self) -> set[int]:
        """Rows of every training, validation and test part that a run of the study may have."""
        draws = {(d.split_seed, d.fold): d for own in self.draws.values() for d in own}
        if self.data.pool is None:  # every draw has as many, and so has the test set as a whole
            train, validation = len(self.first_split.x_train), len(self.first_split.x_validation)
            return {train, validation, train + validation}
        sizes = {len(part) for draw in draws.values() for part in self.splits.rows(draw)}
        return sizes | {len(self.splits.test_rows)}

    def take_floats(self) -> None:
        """Whole numbers reach the network as floats from now on."""
        self.splits.take_floats()
        self.first_split = self.splits.get(self.draws[Phase.EXPLORE][0])
