"""The rules about what is swept: axes, regularizers, their ranges and cocktails."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sweep.records.parameters import (
    ALL_DROPOUTS,
    AUGMENT,
    DROPOUT,
    LR_OF,
    MODEL,
    is_dropout,
    number_of,
)
from sweep.regularizers.catalogue import (
    COCKTAIL,
    REGULARIZERS,
    has_strength,
    has_timescale,
    limit_of,
    regularizes,
    settings_of,
)
from sweep.runtime.user_code import label_of
from sweep.study._axis_values import values_are_in_limits
from sweep.study._bounds import AXIS_BOUNDS, AXIS_WORDS
from sweep.study._messages import Fault
from sweep.study._rule_view import View, fault, is_regression
from sweep.study.catalogue import NETWORKS, network
from sweep.study.validators import choose, found

NUMBERS = {number_of(r.name, number): r.name for r in REGULARIZERS.values() for number in r.numbers}
"""Axes that belong to one penalty."""


def axes_are_known_and_in_limits(view: View) -> Iterator[Fault]:
    known = [*AXIS_BOUNDS, *AXIS_WORDS]
    for name, axis in view("search.axes").items():
        if name in AUGMENT:  # which has rules of its own
            continue
        own = name in MODEL and network(view("model.name")) is None
        limits = ALL_DROPOUTS if name in DROPOUT else name
        if limits not in known and name not in LR_OF and not own:
            yield fault(
                "search.axes",
                f"one of {', '.join(known)} must be given, found {found(name)}; "
                f"{choose(name, known)} (strength is set by search.strength)",
                name,
            )
            continue
        yield from values_are_in_limits(name, axis, None if own else limits)


def numbers_belong_to_their_penalty(view: View) -> Iterator[Fault]:
    mixed = {*_names(view), *view("search.cocktail")}
    for name in sorted(view("search.axes")):
        if name in NUMBERS and NUMBERS[name] not in mixed:
            yield fault(
                "search.axes",
                f"{NUMBERS[name]} must be a penalty of the study, found search.penalties = "
                f"{found(_names(view))}; add it or leave the axis out",
                name,
            )


def axes_of_a_model_belong_to_it(view: View) -> Iterator[Fault]:
    name = view("model.name")
    known = network(name)
    for axis in view("search.axes"):
        argument = MODEL.subject_of(axis)
        if argument is None:
            continue
        missing = known is not None and argument not in known.arguments
        if missing and axis in (*AXIS_BOUNDS, *AXIS_WORDS):
            having = [n.name for n in NETWORKS.values() if argument in n.arguments]
            yield fault(
                "search.axes",
                f"a network that has it must be given, found model.name = {found(name)}; "
                f"set it to {', '.join(having)} or leave the axis out",
                axis,
            )
        for key, default in (("layers", "shared"), ("profile", "even")):
            if (value := view(f"search.{key}")) != default:
                yield fault(
                    "search.axes",
                    f"strengths of single layers need one network, found search.{key} = "
                    f"{found(value)}; set it to {default} or leave the axis out",
                    axis,
                )


def dropout_belongs_to_networks_that_have_it(view: View) -> Iterator[Fault]:
    name = view("model.name")
    known = network(name)
    if "model.dropout" in view.given and not (known and known.dropout):
        having = " or ".join(n.name for n in NETWORKS.values() if n.dropout)
        yield fault(
            "model.dropout",
            f"{having} must be the network, found model.name = {found(name)}; leave it out, or "
            "put nn.Dropout into your own function's network",
        )
    for axis in view("search.axes") if known and not known.dropout else ():
        if is_dropout(axis):
            yield fault(
                "search.axes",
                f"a network with dropout must be given, found model.name = {found(name)}; leave it "
                "out",
                axis,
            )


def _keys_of(view: View, name: str) -> Iterator[tuple[str, ...]]:
    """Where a regularizer of the training is turned on: its key and what is inside of it."""
    if name in view("search.axes"):
        yield "search.axes", name
    elif view(f"training.{name}") > 0:
        yield (f"training.{name}",)


def smoothing_needs_classes(view: View) -> Iterator[Fault]:
    if is_regression(view):
        for key, *inside in _keys_of(view, "label_smoothing"):
            yield fault(
                key,
                "labels that can be smoothed are classes, found a regression "
                f"({found(view('data.name'))}); leave it out",
                *inside,
            )


def mixup_needs_other_rows(view: View) -> Iterator[Fault]:
    rows, axis = view("training.batch_size"), view("search.axes").get("batch_size")
    smallest = (rows,) if axis is None else axis.choices or (axis.low,)
    for key, *inside in _keys_of(view, "mixup") if 1 in smallest else ():
        yield fault(
            key,
            "a row is mixed with another of its batch, found batch_size = 1; raise that or leave "
            "mixup out",
            *inside,
        )


def strengths_belong_to_listed_penalties(view: View) -> Iterator[Fault]:
    penalties, strength = _names(view), view("search.strength")
    for penalty in filter(lambda name: not has_strength(name), strength.own):
        yield fault(
            "search.strength",
            f"a regularizer with a strength must be named, found {penalty}, which acts or does "
            "not; remove its range",
            penalty,
        )
    for penalty in filter(has_strength, strength.own):
        if penalty not in (*penalties, *view("search.cocktail")):
            near = choose(penalty, penalties) if penalty not in REGULARIZERS else ""
            yield fault(
                "search.strength",
                f"a penalty of the study must be named, found search.penalties = "
                f"{found(penalties)}; {near or f'add {penalty} there or remove its range'}",
                penalty,
            )


def _names(view: View) -> list[str]:
    return [label_of(penalty) for penalty in view("search.penalties")]


def ranges_stay_below_their_limits(view: View) -> Iterator[Fault]:
    for penalty, own in view("search.strength").own.items():
        limit = limit_of(penalty)
        if own.high >= limit:
            yield fault(
                "search.strength",
                f"high < {limit:g} must hold, got {own.high}; lower it",
                penalty,
            )


def cocktails_are_mixed_of_something(view: View) -> Iterator[Fault]:
    names, cocktail = _names(view), view("search.cocktail")
    if COCKTAIL in names and not cocktail:
        yield fault(
            "search.cocktail",
            "at least one regularizer must be given for the trials of `cocktail`, found none; "
            'write for example cocktail = ["decay", "dropout"]',
        )
    if cocktail and COCKTAIL not in names:
        yield fault(
            "search.cocktail",
            f"cocktail must be one of search.penalties, found {found(names)}; add it there",
        )
    if cocktail and view("search.sampler") == "grid":
        yield fault(
            "search.sampler",
            "a grid of whether and how strongly has too many points for a cocktail, found "
            "sampler = 'grid'; set it to tpe",
        )
    mixed = {*cocktail, *names}
    mixed |= settings_of(mixed)
    for name in sorted(mixed & set(view("search.axes"))):
        yield fault(
            "search.axes",
            f"{name} must be swept once, found it in search.penalties or search.cocktail too; "
            "leave one of them out",
            name,
        )


def layers_need_a_penalty(view: View) -> Iterator[Fault]:
    if any(map(regularizes, _names(view))):
        return
    for key, default in (("layers", "shared"), ("profile", "even")):
        value = view(f"search.{key}")
        if value != default:
            what = value if isinstance(value, str) else "a table of groups"
            yield fault(
                f"search.{key}",
                f"{what} needs a penalty other than none, found search.penalties = ['none']; "
                f'add one, or set {key} = "{default}"',
            )


def a_timescale_is_decays_only_range(view: View) -> Iterator[Fault]:
    if view("search.timescale") is None:
        return
    if not any(map(has_timescale, _names(view))):
        having = " or ".join(filter(has_timescale, REGULARIZERS))
        yield fault(
            "search.timescale",
            f"{having} must be a penalty of the study, found search.penalties = "
            f"{found(_names(view))}; add one there or remove timescale",
        )
    for name in filter(has_timescale, view("search.strength").own):
        yield fault(
            "search.timescale",
            f"{name} must have one range, found search.strength.{name} beside it; remove one of "
            "them",
        )


SEARCH_RULES: tuple[Callable[[View], Iterator[Fault]], ...] = (
    axes_are_known_and_in_limits,
    numbers_belong_to_their_penalty,
    axes_of_a_model_belong_to_it,
    dropout_belongs_to_networks_that_have_it,
    smoothing_needs_classes,
    mixup_needs_other_rows,
    strengths_belong_to_listed_penalties,
    ranges_stay_below_their_limits,
    cocktails_are_mixed_of_something,
    layers_need_a_penalty,
    a_timescale_is_decays_only_range,
)
"""In the order of the faults in a message."""
