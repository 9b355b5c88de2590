"""The rules about how runs are trained: what belongs to an optimizer, a schedule, or a part."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from sweep.records.parameters import AUGMENT, LR_OF
from sweep.regularizers.catalogue import REGULARIZERS, acts_on_weights, has_one_strength
from sweep.runtime.user_code import label_of
from sweep.study._messages import Fault
from sweep.study._rule_view import View, fault
from sweep.study.catalogue import LOSSES, OPTIMIZERS, SCHEDULES, loss, optimizer, schedule
from sweep.study.training_settings import LOSS_OPTIONS, NUMBERS, SHAPES
from sweep.study.transform_settings import builtin_transforms
from sweep.study.validators import choose, found


def _where(view: View, name: str) -> Iterator[tuple[str, ...]]:
    """Where a setting of the training is given: its key, or its axis."""
    if f"training.{name}" in view.given:
        yield (f"training.{name}",)
    if name in view("search.axes"):
        yield "search.axes", name


def _ends(view: View, name: str) -> tuple[float, float]:
    """The smallest and the largest value of a setting in any trial."""
    axis = view("search.axes").get(name)
    if axis is None:
        value = float(view(f"training.{name}") or 0.0)
        return value, value
    values = (axis.low, axis.high) if axis.choices is None else axis.choices
    return float(min(values)), float(max(values))


def _lowest(view: View, name: str) -> float:
    return _ends(view, name)[0]


def _highest(view: View, name: str) -> float:
    return _ends(view, name)[1]


def numbers_belong_to_the_optimizer(view: View) -> Iterator[Fault]:
    source, axis = view("training.optimizer"), view("search.axes").get("optimizer")
    names = [source] if axis is None else list(axis.choices or ())
    theirs = {name for o in map(optimizer, names) if o is not None for name in o.settings}
    for name in sorted(NUMBERS - theirs):
        having = [o.name for o in OPTIMIZERS.values() if name in o.settings]
        yield from _of_others(view, name, "optimizer", having, "only")


def numbers_belong_to_the_schedule(view: View) -> Iterator[Fault]:
    known = schedule(view("training.schedule"))
    theirs = known.settings if known is not None else frozenset[str]()
    for name in sorted(SHAPES - theirs):
        having = [s.name for s in SCHEDULES.values() if name in s.settings]
        only = f"only the {'schedule' if len(having) == 1 else 'schedules'}"
        yield from _of_others(view, name, "schedule", having, only)


def options_belong_to_the_loss(view: View) -> Iterator[Fault]:
    known = loss(view("training.loss"))
    if known is None and view("training.loss") == "auto":
        return  # the data decide
    theirs = known.options if known is not None else ()
    for name in sorted(LOSS_OPTIONS - set(theirs)):
        having = [one.name for one in LOSSES.values() if name in one.options]
        if view(f"training.{name}") is not None:
            yield from _of_others(view, name, "loss", having, "only")


def the_loss_suits_the_task(view: View) -> Iterator[Fault]:
    known, task = loss(view("training.loss")), view("data.task")
    if known is not None and task != "auto" and task not in known.tasks:
        having = [one.name for one in LOSSES.values() if task in one.tasks]
        yield fault(
            "training.loss",
            f"a loss for data.task = {found(task)} must be given, found {known.name}; take "
            f"{' or '.join(having)}",
        )


def _of_others(
    view: View, name: str, kind: str, having: Sequence[str], only: str
) -> Iterator[Fault]:
    """A fault wherever a setting is given that the optimizer or schedule (``kind``) has not."""
    has = "has" if len(having) == 1 else "have"
    for key, *inside in _where(view, name):
        yield fault(
            key,
            f"{only} {', '.join(having)} {has} {name}, found {kind} = "
            f"{found(view(f'training.{kind}'))}; remove it or set training.{kind} = "
            f'"{having[0]}"',
            *inside,
        )


def an_exponential_ends_above_zero(view: View) -> Iterator[Fault]:
    known = schedule(view("training.schedule"))
    if known is None or not known.ends_above_zero:
        return
    given = view("training.final_lr") is not None or "final_lr" in view("search.axes")
    if given and _lowest(view, "final_lr") == 0:
        for key, *inside in _where(view, "final_lr"):
            yield fault(
                key,
                f"0 < final_lr must hold for {known.name}, which never gets to 0, found 0; raise "
                "it, or take the schedule cosine",
                *inside,
            )


def warmup_and_cooldown_fit_into_a_run(view: View) -> Iterator[Fault]:
    known = schedule(view("training.schedule"))
    usual = known.numbers.get("cooldown", 0.0) if known is not None else 0.0
    warmup, cooldown = _highest(view, "warmup"), _highest(view, "cooldown") or usual
    if warmup < 1 < warmup + cooldown:
        where = next(_where(view, "cooldown"), ("training.cooldown",))
        yield fault(
            where[0],
            f"warmup + cooldown <= 1 must hold, got {warmup:g} + {cooldown:g}; lower one of them",
            *where[1:],
        )


def a_swept_warmup_is_shares_or_steps(view: View) -> Iterator[Fault]:
    axis = view("search.axes").get("warmup")
    if axis is None:
        return
    values = [axis.low, axis.high] if axis.choices is None else axis.choices
    shares, steps = any(0 < v < 1 for v in values), any(v >= 1 for v in values)
    whole = axis.choices is not None or axis.integer
    if (shares and steps) or (steps and not whole):
        yield fault(
            "search.axes",
            f"shares below 1 or whole steps must be searched, found {found(tuple(values))}; choose "
            "one of them, steps with integer = true",
            "warmup",
        )


def nesterov_needs_momentum(view: View) -> Iterator[Fault]:
    if not view("training.nesterov"):
        return
    swept = "momentum" in view("search.axes")
    given = view("training.momentum") is not None
    if (swept or given) and _lowest(view, "momentum") == 0:
        yield fault(
            "training.nesterov",
            "Nesterov's momentum needs 0 < momentum, found 0; raise it or set nesterov = false",
        )
    if _highest(view, "dampening") > 0:
        yield fault(
            "training.nesterov",
            "Nesterov's momentum goes without dampening, found both; remove one of them",
        )


def gradients_are_clipped_one_way(view: View) -> Iterator[Fault]:
    if _highest(view, "clip_norm") > 0 and _highest(view, "clip_value") > 0:
        where = next(_where(view, "clip_value"))
        yield fault(
            where[0],
            "gradients must be clipped by norm or by value, found both; remove one of them",
            *where[1:],
        )


def penalties_begin_before_they_end(view: View) -> Iterator[Fault]:
    start, stop = _highest(view, "penalty_from"), _lowest(view, "penalty_until")
    if start >= stop:
        where = next(_where(view, "penalty_until"), ("training.penalty_from",))
        yield fault(
            where[0],
            f"penalty_from < penalty_until must hold, got {start:g} and {stop:g}; lower "
            "the first, or raise the second",
            *where[1:],
        )


def a_window_is_for_penalties_of_weights(view: View) -> Iterator[Fault]:
    if _highest(view, "penalty_from") == 0 and _lowest(view, "penalty_until") == 1:
        return
    names = [label_of(p) for p in view("search.penalties")]
    others = [n for n in (*names, *view("search.cocktail")) if n in REGULARIZERS]
    others = [name for name in others if not acts_on_weights(name)]
    if others:
        where = next(
            place for name in ("penalty_from", "penalty_until") for place in _where(view, name)
        )
        yield fault(
            where[0],
            f"only penalties of weights act in a part of a run, found {', '.join(others)} in "
            "search.penalties or search.cocktail; leave one of them out",
            *where[1:],
        )


def fixed_penalties_are_not_swept(view: View) -> Iterator[Fault]:
    swept = {*(label_of(p) for p in view("search.penalties")), *view("search.cocktail")}
    known = [n for n in REGULARIZERS if acts_on_weights(n) and has_one_strength(n)]
    for name in view("training.fixed"):
        if name not in known:
            yield fault(
                "training.fixed",
                f"one of {', '.join(known)} must be given, found {found(name)}; "
                f"{choose(name, known)}",
                name,
            )
        elif name in swept:
            yield fault(
                "training.fixed",
                f"{name} must be fixed or swept, found it in search.penalties or search.cocktail "
                "too; leave one of them out",
                name,
            )


def axes_of_lr_factors_have_a_default(view: View) -> Iterator[Fault]:
    patterns = view("training.lr_of")
    for name in view("search.axes"):
        pattern = LR_OF.subject_of(name)
        if pattern is not None and pattern not in patterns:
            yield fault(
                "search.axes",
                f"a pattern of training.lr_of must be named, found {found(pattern)}; write "
                f'training.lr_of = {{ "{pattern}" = 1.0 }} beside it',
                name,
            )


def an_optimizer_of_ones_own_is_the_only_one(view: View) -> Iterator[Fault]:
    if optimizer(view("training.optimizer")) is None and "optimizer" in view("search.axes"):
        yield fault(
            "search.axes",
            "an optimizer of your own is not searched beside others, found the axis and "
            f"training.optimizer = {found(view('training.optimizer'))}; remove one of them",
            "optimizer",
        )


def rows_are_changed_once(view: View) -> Iterator[Fault]:
    for name, transform in builtin_transforms(view("training.augment")).items():
        setting = transform.known.setting
        if setting and _highest(view, setting) > 0:
            where = next(_where(view, setting))
            yield fault(
                where[0],
                f"{name} must be added once, found it in training.augment too; leave one of them "
                "out",
                *where[1:],
            )


def axes_of_transforms_vary_those_of_the_study(view: View) -> Iterator[Fault]:
    transforms = builtin_transforms(view("training.augment"))
    for name, axis in view("search.axes").items():
        subject = AUGMENT.subject_of(name)
        if subject is None:
            continue
        if subject not in transforms:
            yield fault(
                "search.axes",
                f"a transform of training.augment must be named, found {found(subject)}; "
                f"{choose(subject, transforms) if transforms else 'add it there'}",
                name,
            )
            continue
        known = transforms[subject].known
        for value in (axis.low, axis.high) if axis.choices is None else axis.choices:
            if rule := known.bounds.broken_rule(known.key, value):
                yield fault("search.axes", f"{rule}, found {found(value)}; change the axis", name)
        if known.bounds.whole and axis.choices is None and not axis.integer:
            yield fault(
                "search.axes",
                "whole numbers must be searched, found integer = false; set integer = true or "
                "give choices",
                name,
            )


TRAINING_RULES: tuple[Callable[[View], Iterator[Fault]], ...] = (
    numbers_belong_to_the_optimizer,
    numbers_belong_to_the_schedule,
    options_belong_to_the_loss,
    the_loss_suits_the_task,
    an_exponential_ends_above_zero,
    warmup_and_cooldown_fit_into_a_run,
    a_swept_warmup_is_shares_or_steps,
    nesterov_needs_momentum,
    gradients_are_clipped_one_way,
    penalties_begin_before_they_end,
    a_window_is_for_penalties_of_weights,
    fixed_penalties_are_not_swept,
    axes_of_lr_factors_have_a_default,
    an_optimizer_of_ones_own_is_the_only_one,
    rows_are_changed_once,
    axes_of_transforms_vary_those_of_the_study,
)
"""In the order of the faults in a message."""
