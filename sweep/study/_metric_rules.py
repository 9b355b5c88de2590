"""The rules about what runs are judged by: names, directions, tasks, and the objective."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sweep.metrics.catalogue import METRICS, NamedMetric
from sweep.metrics.columns import validated_metric
from sweep.metrics.metric import ACCURACY, LOSS, Metric
from sweep.metrics.tasks import CLASSIFICATION, REGRESSION
from sweep.study._messages import Fault, Location
from sweep.study._metrics import (
    direction_of,
    listed_metrics,
    objective_of,
    source_of,
)
from sweep.study._rule_view import View, fault, is_classification, is_regression
from sweep.study.validators import choose, found

ENDINGS = ("low", "high", "change")
"""What tables put behind the name of a metric."""


def _listed(view: View) -> list[NamedMetric]:
    metrics, objective = view("study.metrics"), view("study.objective")
    return list(listed_metrics(metrics, objective, view("study.maximize")))


def _named(view: View) -> list[NamedMetric]:
    """The metrics of the list, and the objective where it is another."""
    listed = _listed(view)
    objective = objective_of(listed, view("study.objective"), view("study.maximize"))
    return listed if objective in listed else [*listed, objective]


def _location(one: NamedMetric) -> Location:
    return ("study", "objective") if one.place is None else ("study", "metrics", one.place)


def _metrics_have_names_of_their_own(view: View) -> Iterator[Fault]:
    seen: dict[str, NamedMetric] = {}
    for one in _named(view):
        name = one.metric.name
        if name in seen:
            yield Fault(
                _location(one),
                f"every metric must have a name of its own, found a second {name}; leave one out, "
                "or rename the function",
            )
        seen[name] = one
    for name, one in seen.items():
        base, _, ending = name.rpartition("_")
        if ending in ENDINGS and base in {LOSS.name, ACCURACY.name, *seen}:
            yield Fault(
                _location(one),
                f"a name must not be another metric's with _{ending} behind it, as columns of "
                f"tables are, found {name} beside {base}; rename the function",
            )


def _known_metrics_have_a_direction(view: View) -> Iterator[Fault]:
    for entry, one in zip(view("study.metrics"), _listed(view), strict=True):
        if one.kind is not None and direction_of(entry) not in (None, one.kind.maximize):
            yield Fault(_location(one), _direction_text(one.metric, direction_of(entry)))


def _objectives_have_a_direction(view: View) -> Iterator[Fault]:
    objective, maximize = view("study.objective"), view("study.maximize")
    if maximize is None:
        return
    one = objective_of(_listed(view), objective, maximize)
    own = [direction_of(e) for e in view("study.metrics") if source_of(e) == one.source]
    fixed = one.metric.built_in or one.kind is not None or own not in ([], [None])
    by_column = validated_metric(objective) is not None
    if (fixed or by_column) and maximize != one.metric.maximize:
        yield fault("study.maximize", _direction_text(one.metric, maximize))


def _direction_text(metric: Metric, given: bool | None) -> str:
    way = "maximized" if metric.maximize else "minimized"
    advice = "remove it, or name a metric of your own"
    if metric.name not in (*METRICS, LOSS.name):
        advice = "say it once, in { metric = ..., maximize = ... } of study.metrics"
    return f"{metric.validation} is {way}, found {found(given)}; {advice}"


def _the_objective_is_known(view: View) -> Iterator[Fault]:
    name, objective = validated_metric(view("study.objective")), view("study.objective")
    listed = [one.metric.name for one in _listed(view)]
    known = {LOSS.name: LOSS, **{n: METRICS[n].metric for n in METRICS}}
    if name is None or name in (*known, *listed):
        return
    columns = [Metric(n).validation for n in dict.fromkeys((*known, *listed))]
    columns = [column for column in columns if column.startswith(str(objective))] or columns
    yield fault(
        "study.objective",
        "val_loss, val_accuracy, val_<name> of one of study.metrics, "
        '"file.py:function" or "package.module:function" must be given, '
        f"found {found(objective)}; {choose(str(objective), columns)}",
    )


def _metrics_fit_the_task(view: View) -> Iterator[Fault]:
    task = REGRESSION if is_regression(view) else CLASSIFICATION if is_classification(view) else ""
    for one in _named(view):
        if task and one.kind is not None and one.kind.task != task:
            shown = found(view("data.name"))
            yield Fault(_location(one), task_text(one, task, f" ({shown})"))


def task_text(one: NamedMetric, task: str, where: str = "") -> str:
    """What is said of a metric that does not fit the task."""
    needs, has = "classes", "a regression"
    if task == CLASSIFICATION:
        needs, has = "numbers to predict", "classes"
    advice = 'set objective = "val_loss"' if one.place is None else "leave it out"
    return f"{one.metric.name} needs {needs}, found {has}{where}; {advice}"


METRIC_RULES: tuple[Callable[[View], Iterator[Fault]], ...] = (
    _the_objective_is_known,
    _metrics_have_names_of_their_own,
    _known_metrics_have_a_direction,
    _objectives_have_a_direction,
    _metrics_fit_the_task,
)
