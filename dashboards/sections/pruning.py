"""What pruning saved and whether it cost anything: stopped and kept trials, and a control.

A stopped trial's end is known where the study has a control (``search.control``), which trains what
was stopped to its end: then rung values can be compared with last values without a bias, since
nobody is left out. Without one, only the epochs that were saved are known.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from dashboards.figures.style import INK, MUTED, TOO_STRONG, UNREGULARIZED, colour_of, new_figure
from dashboards.gather.metric_format import axis_title
from dashboards.gather.numbers import digits, interval, percent, plain
from dashboards.gather.tables import Estimate, Frames, Study, paired_difference, units_of
from sweep.metrics.metric import ACCURACY, Metric, objective_of

PRUNERS = {
    "halving": "successive halving",
    "median": "the median rule",
    "wilcoxon": "Wilcoxon's signed-rank test",
}
MOST_CURVES = 40
"""Of each kind in one figure: the best of them."""
FEWEST_RANKED = 4


@dataclass(frozen=True)
class Pruning:
    """The explore trials of a study, and of its control, as the pruner saw them."""

    frames: Frames

    @property
    def study(self) -> Study:
        return self.frames.study

    @property
    def objective(self) -> str:
        return str(self.study["objective"])

    @property
    def metric(self) -> Metric:
        return objective_of(self.study)

    @property
    def sign(self) -> float:
        """What makes lower better."""
        return self.metric.sign

    @cached_property
    def explored(self) -> pd.DataFrame:
        """The ended trials of the explore phase, by their number."""
        trials = self.frames.trials
        mine = trials[(trials["phase"] == "explore") & trials["state"].isin(["complete", "pruned"])]
        return mine.set_index("trial", drop=False).rename_axis(index=None)

    @cached_property
    def control(self) -> dict[int, int]:
        """The complete control trial of a stopped one, by number."""
        trials = self.frames.trials
        mine = trials[(trials["phase"] == "control") & (trials["state"] == "complete")]
        stopped = mine["path"].str.removeprefix("trial ").astype(int)
        return dict(zip(stopped.tolist(), mine["trial"].tolist(), strict=True))

    @cached_property
    def rungs(self) -> list[int]:
        stopped = self.explored.loc[self.explored["state"] == "pruned", "epochs"]
        known = self.study.get("rungs")
        return [int(e) for e in (known if known is not None else sorted(stopped.unique()))]

    @cached_property
    def curves(self) -> pd.DataFrame:
        """The objective over epochs (rows) of every trial (columns), mean over its runs."""
        trials = [*self.explored.index, *self.control.values()]
        curves = self.frames.curves
        mine = curves[(curves["metric"] == self.objective) & curves["trial"].isin(trials)]
        return mine.pivot_table("value", "epoch", "trial", "mean")

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row per explore trial: its values at the rungs and at the end.

        Columns ``trial``, ``penalty``, ``strength``, ``lr``, ``state``, ``epochs``, ``epoch <n>``
        for each rung and ``end``; what was never trained is nan.
        """
        table = self.explored[["trial", "penalty", "strength", "lr", "state", "epochs"]].copy()
        whole = [self.control.get(trial, trial) for trial in table.index]
        values = self.curves.reindex(columns=whole)
        for rung in self.rungs:
            table[f"epoch {rung}"] = values.reindex([rung]).to_numpy().ravel()
        ends = self.frames.trials.set_index("trial")[self.objective].reindex(whole).to_numpy()
        known = [n in self.control or s == "complete" for n, s in table["state"].items()]
        table["end"] = np.where(known, ends, math.nan)
        return table

    def best(self, penalty: str) -> int | None:
        """The trial of a penalty that the path goes through: its best complete one."""
        kept = self.table[(self.table["penalty"] == penalty) & (self.table["state"] == "complete")]
        ends = (self.sign * kept["end"]).dropna()
        return None if ends.empty else int(ends.sort_values(kind="stable").index[0])

    @cached_property
    def missed(self) -> list[int]:
        """Stopped trials that would have been better than the best of their penalty, best first."""
        found = []
        for penalty in self.penalties:
            best = self.best(penalty)
            limit = math.inf if best is None else self.sign * float(self.table["end"][best])
            own = self.table[self.table["penalty"] == penalty]
            ends = (self.sign * own.loc[own["state"] == "pruned", "end"]).dropna().sort_values()
            found += [int(trial) for trial in ends.index[ends < limit]]
        return found

    @property
    def penalties(self) -> list[str]:
        present = set(self.explored["penalty"])
        ordered = [p for p in self.study.get("penalties", ()) if p in present]
        return ordered + sorted(present - set(ordered))

    @property
    def n_stopped(self) -> int:
        return int((self.explored["state"] == "pruned").sum())

    def saved(self, penalty: str = "") -> tuple[float, float]:
        """Epochs not trained by stopped runs, and those of all runs without stops; summed."""
        trials, runs = self.frames.trials, self.frames.runs
        mine = trials[trials["phase"] == "explore"]
        if penalty:
            mine = mine[mine["penalty"] == penalty]
        own = runs[runs["trial"].isin(mine["trial"])]
        full = int(self.study["epochs"])
        saved = (full - own.loc[own["state"] == "pruned", "epochs"]).sum()
        return float(saved), float(full * len(own))

    def correlation(self, rung: int, penalty: str) -> float:
        """Spearman's rank correlation of rung values and last values; nan unless all are known."""
        own = self.table[self.table["penalty"] == penalty]
        pairs = own[[f"epoch {rung}", "end"]]
        if len(pairs) < FEWEST_RANKED or pairs.isna().any().any():
            return math.nan
        ranks = pairs.rank()
        if (ranks.nunique() < 2).any():
            return math.nan
        return float(np.corrcoef(ranks.to_numpy().T)[0, 1])


# ---- words -------------------------------------------------------------------------------------


def pruning_words(pruning: Pruning) -> str:
    """What was stopped and saved, whether it cost anything, and what the unpruned study found."""
    trials, stopped = len(pruning.explored), pruning.n_stopped
    how = PRUNERS.get(str(pruning.study.get("pruner")), "the pruner").capitalize()
    if not stopped:
        words = f"{how} stopped none of the {trials} trials of the search."
    else:
        saved, planned = pruning.saved()
        words = (
            f"{how} stopped {stopped} of {trials} trials of the search and saved "
            f"{percent(saved / planned)} of its epochs ({saved:.0f} of {planned:.0f}, summed over "
            f"runs). {_cost_words(pruning)}"
        )
    return " ".join(part for part in (words, _unpruned_words(pruning.frames)) if part)


def _cost_words(pruning: Pruning) -> str:
    known, stopped = len(pruning.control), pruning.n_stopped
    if not known:
        return (
            "Whether one of them would have become the best of its penalty is not known: "
            "search.control = true trains them to their end, also after the study has finished."
        )
    if known < stopped:
        shown = f"the {known} of {stopped} stopped trials that were trained on to their end"
    else:
        shown = "the stopped trials, all trained on to their end,"
    if not pruning.missed:
        return f"None of {shown} would have beaten the best of its penalty."
    listed = "; ".join(_missed_words(pruning, trial) for trial in pruning.missed)
    verb = "one would" if len(pruning.missed) == 1 else f"{len(pruning.missed)} would"
    return f"Of {shown} {verb} have beaten the best of its penalty: {listed}."


def _missed_words(pruning: Pruning, trial: int) -> str:
    row: Any = pruning.table.loc[trial]
    best = pruning.best(str(row["penalty"]))
    where = f"{row['penalty']} at {digits(row['strength'])} (trial {trial}, stopped at epoch "
    where += f"{row['epochs']:.0f})"
    if best is None:
        return f"{where}, where none was complete"
    trials, runs = pruning.frames.trials, pruning.frames.runs
    again = trials[trials["trial"] == pruning.control[trial]]
    first = units_of(again, runs, pruning.study)
    second = units_of(trials[trials["trial"] == best], runs, pruning.study)
    gain = paired_difference(first, second, pruning.objective, pruning.study)
    amount = _estimate_words(gain, -pruning.sign)
    return f"{where}, by {amount} of validation {pruning.metric.name}"


def _estimate_words(estimate: Estimate, sign: float) -> str:
    """``sign`` times the estimate, with its interval where there is one."""
    ends = sorted((sign * estimate.low, sign * estimate.high))
    mean = digits(sign * estimate.mean)
    return f"{mean} {interval(*ends)}" if math.isfinite(estimate.low) else mean


def _unpruned_words(frames: Frames) -> str:
    """The winner of the same study without pruning, where the database holds one."""
    other = frames.unpruned
    if other is None:
        return ""
    mine, theirs = _winner(frames), _winner(other)
    if mine.empty or theirs.empty:
        return ""
    start = f"The same study without pruning, {other.study['name']},"
    settings = [column for column in _settings(frames.trials) if column in other.trials]
    if all(_equal(mine.iloc[0][column], theirs.iloc[0][column]) for column in settings):
        return f"{start} found the same winner: {_setting_words(mine)}."
    first, second = (units_of(_winner(f), f.runs, f.study) for f in (frames, other))
    change = paired_difference(first, second, "test_loss", {})
    words = (
        f"{start} found another winner: {_setting_words(theirs)}, where this one found "
        f"{_setting_words(mine)}."
    )
    if not change.n:
        return words
    return (
        f"{words} On the test split this one's loss minus the other's is "
        f"{_estimate_words(change, 1.0)}, over the same {change.n} seeds."
    )


def _winner(frames: Frames) -> pd.DataFrame:
    """The row of a study's winner; none before the study has finished."""
    return frames.trials[frames.trials["trial"] == frames.study.get("winner")]


def _settings(trials: pd.DataFrame) -> list[str]:
    """The columns that say what a trial is."""
    columns = list(trials.columns)
    return columns[columns.index("penalty") : columns.index("state")]


def _equal(one: Any, other: Any) -> bool:
    if isinstance(one, str) or isinstance(other, str):
        return bool(one == other)
    return bool(np.isclose(one, other, rtol=1e-9, atol=0, equal_nan=True))


def _setting_words(row: pd.DataFrame) -> str:
    trial = row.iloc[0]
    return (
        f"{trial['penalty']} at {digits(trial['strength'])} (learning rate {digits(trial['lr'])})"
    )


# ---- the table ---------------------------------------------------------------------------------


def pruning_rows(pruning: Pruning) -> list[dict[str, str]]:
    """One row of text per penalty: who was stopped where, what it saved, and what it missed."""
    rows = []
    for penalty in pruning.penalties:
        own = pruning.table[pruning.table["penalty"] == penalty]
        stopped = own[own["state"] == "pruned"]
        row = {"penalty": penalty, "trials": str(len(own))}
        for rung in pruning.rungs:
            row[f"stopped at epoch {rung}"] = str(int((stopped["epochs"] == rung).sum()))
        saved, planned = pruning.saved(penalty)
        row["epochs saved"] = percent(saved / planned) if planned else "–"
        if pruning.control:
            for rung in pruning.rungs:
                correlation = pruning.correlation(rung, penalty)
                row[f"rank correlation, epoch {rung} and end"] = digits(correlation, 2)
            missed = sum(trial in own.index for trial in pruning.missed)
            row["would have been better"] = str(missed)
        rows.append(row)
    return rows


# ---- the figure --------------------------------------------------------------------------------


def pruning_figure(pruning: Pruning, penalty: str) -> go.Figure:
    """The objective over epochs of a penalty's trials: the best, the kept, the stopped."""
    figure, groups = new_figure(400), _groups(pruning, penalty)
    colour = colour_of(penalty, pruning.penalties)
    _lines(figure, pruning, groups["stopped"], "stopped", UNREGULARIZED, 1.0, 0.75)
    _continued(figure, pruning, groups["stopped"], "trained to its end by the control", 0.5)
    _lines(figure, pruning, groups["kept"], "went on to the end", colour, 1.2, 0.45)
    if groups["missed"]:
        _lines(figure, pruning, groups["missed"], "", TOO_STRONG, 2.0, 1.0)
        name = "stopped, but would have been better"
        _continued(figure, pruning, groups["missed"], name, 1.0, TOO_STRONG, 2.0)
    _lines(figure, pruning, groups["best"], "best of the penalty", colour, 3.0, 1.0)
    for rung in pruning.rungs:
        figure.add_vline(x=rung, line={"color": MUTED, "width": 1, "dash": "dot"}, layer="below")
    stops = groups["stopped"] + groups["missed"]
    _stops(figure, pruning, stops)
    title = axis_title(pruning.metric, pruning.study, "validation")
    title = "validation accuracy" if pruning.metric == ACCURACY else title
    figure.update_layout(
        xaxis={"title": {"text": "epoch"}, "range": [0, 1.01 * int(pruning.study["epochs"])]},
        yaxis={"title": {"text": title.capitalize()}, "range": _frame(pruning, penalty)},
    )
    return figure


def _groups(pruning: Pruning, penalty: str) -> dict[str, list[int]]:
    """Trials by what became of them; of each kind the best MOST_CURVES at their last epoch."""
    own = pruning.table[pruning.table["penalty"] == penalty]
    last = (pruning.sign * pruning.curves.ffill().iloc[-1]).sort_values()
    ordered = [int(trial) for trial in last.index if trial in own.index]
    best, missed = pruning.best(penalty), set(pruning.missed)
    stopped = {int(t) for t in own.index[own["state"] == "pruned"]}
    kinds = {
        "best": [t for t in ordered if t == best],
        "kept": [t for t in ordered if t not in stopped and t != best],
        "missed": [t for t in ordered if t in missed],
        "stopped": [t for t in ordered if t in stopped - missed],
    }
    return {kind: trials[:MOST_CURVES] for kind, trials in kinds.items()}


def n_left_out(pruning: Pruning, penalty: str) -> int:
    """Trials of a penalty that its figure does not draw."""
    shown = sum(len(trials) for trials in _groups(pruning, penalty).values())
    return int((pruning.table["penalty"] == penalty).sum()) - shown


def n_outside(pruning: Pruning, penalty: str) -> int:
    """Stops of a penalty that lie outside of its figure's frame."""
    low, high = _frame(pruning, penalty)
    groups = _groups(pruning, penalty)
    stops = pruning.table.loc[groups["stopped"] + groups["missed"], ["trial", "epochs"]]
    values = [float(pruning.curves.loc[int(e), t]) for t, e in stops.itertuples(index=False)]
    return sum(not low <= value <= high for value in values)


def _lines(
    figure: go.Figure, pruning: Pruning, trials: Iterable[int], name: str, colour: str,
    width: float, opacity: float,
) -> None:  # fmt: skip
    _draw(
        figure, [pruning.curves[trial].dropna() for trial in trials],
        {"name": name, "showlegend": bool(name), "opacity": opacity},
        {"color": colour, "width": width},
    )  # fmt: skip


def _continued(
    figure: go.Figure, pruning: Pruning, trials: Iterable[int], name: str, opacity: float,
    colour: str = UNREGULARIZED, width: float = 1.0,
) -> None:  # fmt: skip
    """What the control trained beyond the stop."""
    stretches = []
    for trial in trials:
        if trial in pruning.control:
            again = pruning.curves[pruning.control[trial]].dropna()
            stretches.append(again[again.index >= pruning.table.loc[trial, "epochs"]])
    line = {"color": colour, "width": width, "dash": "dot"}
    _draw(figure, stretches, {"name": name, "opacity": opacity}, line)


def _draw(
    figure: go.Figure, series: list[pd.Series], look: dict[str, Any], line: dict[str, Any]
) -> None:
    """Many curves as one trace, with gaps between them."""
    if not series:
        return
    gap = [None]
    figure.add_scatter(
        x=[x for s in series for x in [*(int(e) for e in s.index), *gap]],
        y=[y for s in series for y in [*(float(v) for v in s), *gap]],
        mode="lines", line=line, hoverinfo="skip", connectgaps=False, **look,
    )  # fmt: skip


def _stops(figure: go.Figure, pruning: Pruning, trials: list[int]) -> None:
    """A cross where a trial was stopped."""
    rows = pruning.table.loc[trials].to_dict("records")
    if not rows:
        return
    figure.add_scatter(
        x=[row["epochs"] for row in rows],
        y=[float(pruning.curves.loc[int(row["epochs"]), row["trial"]]) for row in rows],
        mode="markers", showlegend=False,
        marker={
            "symbol": "x-thin-open", "size": 7, "color": INK, "line": {"width": 1.2, "color": INK},
        },
        hovertext=[
            f"trial {row['trial']}, {plain(row['penalty'])} at {digits(row['strength'])}<br>"
            f"stopped at epoch {row['epochs']:.0f}" for row in rows
        ],
        hoverinfo="text",
    )  # fmt: skip


def _frame(pruning: Pruning, penalty: str) -> list[float]:
    """Bounds of the value axis: nine tenths of the values from shortly before the first rung on."""
    own = pruning.explored.index[pruning.explored["penalty"] == penalty]
    curves = pruning.curves[[t for t in own if t in pruning.curves]]
    first = min(pruning.rungs, default=0) / 2
    late = curves[curves.index >= first].to_numpy()
    late = pruning.sign * late[np.isfinite(late)]
    low, high = float(late.min()), float(np.quantile(late, 0.9))
    margin = 0.06 * (high - low or abs(high) or 1.0)
    ends = [low - margin, high + margin]
    return ends if pruning.sign > 0 else [-end for end in reversed(ends)]
