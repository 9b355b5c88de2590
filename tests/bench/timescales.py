"""Which moves least when runs get longer and data more: the best strength of decay, or its tau?

``python -m tests.bench.timescales --out FILE.md`` runs a study of MNIST-1D for every number of
epochs and of rows, under AdamW with a cosine at a fixed learning rate, and compares how far the
best strength, tau as a share of the run and tau in epochs spread over these cells, in decades. A
study that is in the database is not run again, so an interrupted launch goes on where it was.
"""

from __future__ import annotations

import argparse
import itertools
import math
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import sweep

EPOCHS, ROWS = (20, 40, 80, 160), (1000, 2000, 4000, 8000)
LR, BATCH = 2e-3, 64
LOW, HIGH = 3e-3, 30.0
"""The range of strengths, the same for all cells."""
VALIDATION_ROWS = 1500
POINTS, RESAMPLES = 8, 5
HIDDEN = (100, 100)
N_DRAWS, SEED = 4000, 0
NAMES = ("strength", "tau as a share of the run", "tau in epochs")


@dataclass(frozen=True)
class Cell:
    """The best decay of one study, with its 95 % interval."""

    epochs: int
    rows: int
    best: float
    low: float
    high: float
    summed: float
    """Learning rates, summed over a run."""

    @property
    def logs(self) -> np.ndarray:
        """The decimal logarithms of the strength, and of its tau in runs and in epochs (3,)."""
        share = -math.log10(self.best * self.summed)
        return np.array([math.log10(self.best), share, share + math.log10(self.epochs)])

    @property
    def known(self) -> bool:
        """Whether its best lies inside the range, with an interval."""
        return bool(np.isfinite([self.best, self.low, self.high]).all()) and self.low < self.high

    def shifts(self, normal: np.ndarray) -> np.ndarray:
        """How far draws of log10 of the best lie from it, by standard normal numbers: the two
        sides of the interval are two half normals.
        """
        down = math.log10(self.best / self.low) / 1.96
        up = math.log10(self.high / self.best) / 1.96
        return np.where(normal < 0, normal * down, normal * up)


def study_of(
    epochs: int, rows: int, points: int, resamples: int, hidden: Sequence[int]
) -> sweep.Study:
    """The study of one cell, with about so many training rows."""
    n_validation = min(VALIDATION_ROWS, 2 * rows)
    return sweep.Study(
        study={"name": f"{rows} rows, {epochs} epochs", "seed": SEED},
        data={
            "name": "mnist1d",
            "design": "fresh",
            "args": {"num_samples": rows + n_validation},
            "validation_fraction": n_validation / (rows + n_validation),
        },
        model={"hidden": list(hidden)},
        training={
            "optimizer": "adamw",
            "schedule": "cosine",
            "warmup": 0.05,
            "lr": LR,
            "batch_size": BATCH,
            "epochs": epochs,
        },
        search={
            "penalties": ["decay"],
            "strength": {"low": LOW, "high": HIGH},
            "trials": 1,
            "pruner": "none",
        },
        path={"points": points, "resamples": resamples},
    )


def cell_of(store: sweep.Store, study: sweep.Study) -> Cell:
    """What a study found, which is run unless it has finished; a line says how long it took."""
    name, start = study.study.name, time.monotonic()
    if not _finished(store, name):
        sweep.run_study(study, store)
    facts = sweep.read_study(store, name)
    frame = sweep.boundaries_frame(store, name)
    found = frame[frame["metric"] == "val_loss"].iloc[0]
    ends = (float(found[column]) for column in ("best", "best_low", "best_high"))
    cell = Cell(facts["epochs"], facts["n_train"], *ends, LR * facts["factors"])
    seconds = time.monotonic() - start
    print(f"{name}: best {cell.best:.3g} [{cell.low:.3g}, {cell.high:.3g}], {seconds:.0f} s")
    sys.stdout.flush()
    return cell


def _finished(store: sweep.Store, name: str) -> bool:
    try:
        return sweep.read_study(store, name)["finished_at"] is not None
    except sweep.StoreError:  # no database yet, or not this study
        return False


def spreads(cells: Sequence[Cell]) -> tuple[np.ndarray, ...]:
    """Standard deviations over the cells in decades, beyond the noise of each (3,), and their draws
    (D, 3): each cell's best is drawn from its interval, and tau moves with it.

    An estimate has the noise in it once and a draw twice, so as much is taken off their variances.
    """
    logs = np.array([cell.logs for cell in cells])
    rng = np.random.default_rng(SEED)
    shifts = np.stack([cell.shifts(rng.normal(size=N_DRAWS)) for cell in cells], axis=1)
    signs = np.array([1.0, -1.0, -1.0])
    drawn = logs[None] + shifts[:, :, None] * signs
    noise = shifts.var(axis=0).mean()
    found = logs.var(axis=0, ddof=1) - noise, drawn.var(axis=1, ddof=1) - 2 * noise
    return tuple(np.sqrt(np.maximum(variance, 0)) for variance in found)


def slopes(cells: Sequence[Cell]) -> np.ndarray:
    """Exponents of epochs and rows in a power law of each (2, 3), by least squares; nan for what
    all cells share.
    """
    logs = np.array([cell.logs for cell in cells])
    sizes = np.log10([[cell.epochs, cell.rows] for cell in cells])
    design = np.column_stack([np.ones(len(cells)), sizes - sizes.mean(axis=0)])
    found = np.linalg.lstsq(design, logs, rcond=None)[0][1:]
    return np.where(np.ptp(sizes, axis=0)[:, None] > 0, found, math.nan)


def report(cells: Sequence[Cell]) -> str:
    """The answer and its tables, in Markdown."""
    known = [cell for cell in cells if cell.known]
    lines = ["# What moves least: decay's strength, or its timescale?", ""]
    if len(known) < 2:
        lines += ["Fewer than two cells have a best strength with an interval."]
    else:
        lines += [*_answer(known), "", *_summary(known)]
    return "\n".join([*lines, "", *_table(cells), ""])


def _answer(cells: Sequence[Cell]) -> list[str]:
    found, drawn = spreads(cells)
    order = np.argsort(found)
    least, others = order[0], order[1:]
    words = []
    for other in others:
        low, high = np.quantile(drawn[:, other] - drawn[:, least], [0.025, 0.975])
        more = found[other] - found[least]
        settled = "" if low > 0 else ", which settles nothing"
        words.append(f"{NAMES[other]} by {more:.2f} [{low:.2f}, {high:.2f}] more{settled}")
    return [
        f"Over {len(cells)} cells {NAMES[least]} moves least, with a standard deviation of "
        f"{found[least]:.2f} decades beyond the noise of the estimates; {'; '.join(words)} (95 % "
        "intervals, from those of the cells)."
    ]


def _summary(cells: Sequence[Cell]) -> list[str]:
    found, drawn = spreads(cells)
    ends = np.quantile(drawn, [0.025, 0.975], axis=0)
    logs, powers = np.array([cell.logs for cell in cells]), slopes(cells)
    ties = drawn == drawn.min(axis=1, keepdims=True)
    least = (ties / ties.sum(axis=1, keepdims=True)).mean(axis=0)
    rows = [
        "| | spread, decades | 95 % | largest / smallest | moves least in | epochs^ | rows^ |",
        "|---|---|---|---|---|---|---|",
    ]
    for i, name in enumerate(NAMES):
        fold = 10 ** np.ptp(logs[:, i])
        rows.append(
            f"| {name} | {found[i]:.2f} | {ends[0, i]:.2f} to {ends[1, i]:.2f} | {fold:.1f} | "
            f"{100 * least[i]:.0f} % of draws | {powers[0, i]:+.2f} | {powers[1, i]:+.2f} |"
        )
    return rows


def _table(cells: Sequence[Cell]) -> list[str]:
    rows = [
        "| rows | epochs | best strength | 95 % | tau, of the run | tau, epochs |",
        "|---|---|---|---|---|---|",
    ]
    for cell in cells:
        left_out = "" if cell.known else " (left out)"
        taus = 10 ** cell.logs[1:]
        rows.append(
            f"| {cell.rows} | {cell.epochs} | {cell.best:.3g}{left_out} | {cell.low:.3g} to "
            f"{cell.high:.3g} | {taus[0]:.3g} | {taus[1]:.3g} |"
        )
    return rows


def _numbers(text: str) -> list[int]:
    return [int(number) for number in text.split(",")]


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs what is missing, the small studies first, and writes FILE."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.timescales", description=__doc__)
    add = parser.add_argument
    add("--out", metavar="FILE.md", type=Path, required=True)
    add("--database", metavar="URL", help="default: a file beside FILE.md")
    add("--epochs", type=_numbers, default=EPOCHS, metavar="N,...")
    add("--rows", type=_numbers, default=ROWS, metavar="N,...", help="training rows")
    add("--points", type=int, default=POINTS, help=f"strengths of a path; default: {POINTS}")
    add("--resamples", type=int, default=RESAMPLES, help=f"default: {RESAMPLES}")
    add("--hidden", type=_numbers, default=HIDDEN, metavar="N,...", help="hidden units")
    options = parser.parse_args(arguments)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    beside = options.out.with_suffix(".db").resolve()
    store = sweep.open_store(options.database or f"sqlite:///{beside}")
    sizes = sorted(itertools.product(options.epochs, options.rows), key=math.prod)
    own = (options.points, options.resamples, options.hidden)
    cells = [cell_of(store, study_of(epochs, rows, *own)) for epochs, rows in sizes]
    text = report(cells)
    options.out.write_text(text, encoding="utf-8")
    print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
