"""Drawings of checks that are more than a number: how far searches and runs vary."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from dashboards.figures.check_charts import BestCurve, draw_bars, draw_best_of
from dashboards.figures.style import colour_of
from dashboards.gather.frames import Frames
from dashboards.gather.names import setting_name
from sweep.checks.best_of import BestOf, best_of_penalties
from sweep.checks.judging import Checked


def drawing_of(frames: Frames, one: Checked) -> str:
    """The drawing of a check as SVG; "" for those whose number says all."""
    draw = DRAWINGS.get(one.check.code)
    return draw(frames, one) if draw and math.isfinite(one.result.value) else ""


def _searches(frames: Frames, _: Checked) -> str:
    """The best value by the number of trials, with the deviation from search to search."""
    found = best_of_penalties(frames)
    names = list(dict.fromkeys(frames.trials["penalty"]))
    curves = [_curve(frames, p, curve, colour_of(p, names)) for p, curve in found.items()]
    metric = frames.objective.name
    return draw_best_of(curves, f"Best {metric} by number of trials", "check-best-of")


def _curve(frames: Frames, penalty: str, curve: BestOf, colour: str) -> BestCurve:
    sign = frames.objective.sign
    means = sign * curve.means
    low, high = means - curve.spreads, means + curve.spreads
    sizes = curve.sizes.tolist()
    name = setting_name(penalty)
    return BestCurve(name, colour, sizes, means.tolist(), low.tolist(), high.tolist())


def _spreads(_: Frames, one: Checked) -> str:
    return draw_bars(one.result.numbers, "Deviation of the best value", "check-spreads")


DRAWINGS: Mapping[str, Callable[[Frames, Checked], str]] = {"RS404": _searches, "RS504": _spreads}
