"""The networks and batches that the axes of a study lead to, each tried by one small step.

A network is made anew for every value of an axis that runs of a population share. What is wrong
with one of them would end a study in the middle, when the search first asks for it.
"""

from __future__ import annotations

from collections.abc import Mapping

from sweep.errors import ModelError, StudyError
from sweep.inspection.layer_report import LayerReport
from sweep.launchers._network_builder import NetworkBuilder
from sweep.launchers._network_checks import check_network, with_idle_parameters
from sweep.launchers._training_checks import check_training
from sweep.launchers._training_plan import make_training_plan
from sweep.launchers.study_data import StudyData
from sweep.networks.probe import probe_network
from sweep.records.trial import Phase
from sweep.regularizers.penalty import Penalty
from sweep.runtime.user_code import name_of
from sweep.study.study import Study
from sweep.study.variants import shapes_at_ends, with_shape
from sweep.training.jobs import TrainingPlan

MOST_ROWS = 8
"""Rows of a tried batch, if the study's has so many: enough for batch norm."""


def try_axes(
    study: Study, study_data: StudyData, plan: TrainingPlan, penalties: Mapping[str, Penalty]
) -> None:
    """Raises ModelError or StudyError, naming the values, where an axis cannot be trained at them.

    ``plan`` is the study's, ``penalties`` those that it may use.
    """
    for shape in shapes_at_ends(study):
        values = ", ".join(f"{name} = {value!r}" for name, value in shape)
        try:
            _try(with_shape(study, shape), study_data, plan, penalties)
        except ModelError as error:
            raise ModelError(f"{error} (search.axes at {values})") from error
        except StudyError as error:
            raise StudyError(f"{error} (search.axes at {values})") from error


def _try(
    study: Study, study_data: StudyData, plan: TrainingPlan, penalties: Mapping[str, Penalty]
) -> None:
    """What a context for this study looks at before training, but for parity, on few rows."""
    name, split = name_of(study.model.name), study_data.first_split
    build = NetworkBuilder(study, study_data)
    rows = split.x_train[: min(study.training.batch_size, MOST_ROWS)].to(study_data.device)
    row, low = study_data.criterion.row, study_data.low
    seed, own_plan = study_data.draws[Phase.EXPLORE][0].seed, make_training_plan(study, study_data)
    probe = probe_network(build(0), rows, row, name=name, low=low)
    probe = with_idle_parameters(probe, split, own_plan, seed, name)
    report = LayerReport(study, probe, build, split, plan, seed, penalties)
    check_network(study, probe, report, penalties)
    check_training(study, own_plan, probe.template)
