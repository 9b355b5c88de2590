"""The frozen records that travel between the parts: trials, runs, results.

A *trial* is a point on the axes, a *run* is one training (trial x resample x fold x replicate), a
*segment* is the stretch of a run between two rungs. Nothing here imports anything heavy, so every
part may import it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from sweep.records.parameters import USE, Shape, is_shared


class State(StrEnum):
    """What became of a trial or a run."""

    WAITING = "waiting"
    RUNNING = "running"
    COMPLETE = "complete"
    PRUNED = "pruned"
    DIVERGED = "diverged"
    FAILED = "failed"

    @property
    def ended(self) -> bool:
        return self not in (State.WAITING, State.RUNNING)


class Phase(StrEnum):
    """Explore searches, select repeats the best settings, of which one is the path's; the path
    gives the boundaries, confirm meets the test split.

    Control trains on what pruning stopped, to see what it would have come to; ablation takes the
    best cocktail apart; a baseline is what the winner is compared with.
    """

    EXPLORE = "explore"
    SELECT = "select"
    PATH = "path"
    CONFIRM = "confirm"
    CONTROL = "control"
    ABLATION = "ablation"
    BASELINE = "baseline"


class Role(StrEnum):
    """What a trial is to the study, beside its phase."""

    SETTING = "setting"
    """Searched or confirmed for its own sake."""
    POINT = "point"
    """Of the path that moves its ``layer``."""
    CONTROL = "control"
    """Its ``parent``, trained to the end."""
    WITHOUT = "without"
    """The cocktail without the ingredient ``layer``."""
    ONLY = "only"
    """Of the cocktail's ingredients, ``layer`` alone."""
    DEFAULT = "default"
    """The baseline of a good default."""
    BOOSTING = "gradient_boosting"
    """The baseline of boosted trees."""


@dataclass(frozen=True, slots=True)
class Draw:
    """Which rows a run trains on and which random numbers it uses.

    Two runs with equal draws have the same rows, initial weights and batch order, whichever their
    hyperparameters: the common random numbers that make strengths comparable.
    """

    resample: int
    fold: int
    replicate: int
    split_seed: int
    """Seed of the split of rows, or of the data itself under the ``fresh`` design."""
    seed: int
    """Seed of the initial weights, the batch order and the model's own noise."""


@dataclass(frozen=True, slots=True)
class Trial:
    """A point on the axes."""

    number: int
    phase: Phase
    round: int
    penalty: str
    strength: float
    """The shared strength; 0 is the unregularized anchor."""
    strengths: Mapping[str, float]
    """Strength of each penalized layer, by layer name; equal to ``strength`` when shared."""
    params: Mapping[str, float | int | str]
    """Every other axis by name (``lr``, ``momentum``, ...) and what shapes the profile."""
    role: Role = Role.SETTING
    layer: str = ""
    """What a point's path moves: ALL_LAYERS, one layer, or one ingredient of the cocktail; in an
    ablation the ingredient; "" for other roles."""
    parent: int | None = None
    """The number of the trial that a control trains to its end, or that a finalist repeats."""

    def strength_of(self, regularizer: str, layer: str) -> float:
        """How strongly a regularizer acts on a layer; 0 for one that the trial does not use."""
        if regularizer == self.penalty:
            return self.strengths[layer] if any(self.strengths.values()) else 0.0
        return float(self.params.get(regularizer, 0.0))

    def strength_in_run(self, regularizer: str, default: float = 0.0) -> float:
        """The strength of a regularizer that acts on no weights."""
        if regularizer == self.penalty:
            return self.strength
        return float(self.params.get(regularizer, default))

    @property
    def ingredients(self) -> tuple[str, ...]:
        """The regularizers that a trial of a cocktail uses."""
        return tuple(name for name, used in USE.values_of(self.params).items() if used)


def shape_of(trial: Trial) -> Shape:
    """The shape of the population that can train this trial's runs."""
    shared = (n for n in sorted(trial.params) if is_shared(n))
    return tuple((name, trial.params[name]) for name in shared)


@dataclass(frozen=True, slots=True)
class Run:
    """One training, named by its trial and its number within it."""

    trial: int
    number: int
    draw: Draw


@dataclass(frozen=True, slots=True)
class Curve:
    """One metric of one run over epochs (epoch 0 is the untrained model)."""

    metric: str
    epochs: tuple[int, ...]
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class LayerReading:
    """The weights of one penalized layer at the end of a run."""

    layer: str
    strength: float
    norm: float
    """Euclidean norm of the layer's weights."""
    zeros: int
    """How many of them are exactly zero."""
    weights: int
    """How many there are."""


@dataclass(frozen=True, slots=True)
class RunResult:
    """What a run came to; ``metrics`` are those of its last epoch."""

    run: Run
    state: State
    epochs: int
    metrics: Mapping[str, float] = field(default_factory=dict)
    curves: tuple[Curve, ...] = ()
    layers: tuple[LayerReading, ...] = ()
    seconds: float = 0.0
    note: str = ""
    """Why it did not complete, in one sentence."""
    own: Mapping[str, float] = field(default_factory=dict)
    """Those of ``metrics`` that are of the metrics that the study names."""
    row_losses: Mapping[str, bytes] = field(default_factory=dict)
    """What each validation row lost, packed (``row_losses``), by the column of the metric; nothing
    where that is not kept."""


@dataclass(frozen=True, slots=True)
class TrialSummary:
    """What an ended trial came to: its state and the means over its runs."""

    number: int
    state: State
    n_runs: int
    values: Mapping[str, float]
    """``val_loss``, ``val_loss_se``, ``gap``, ...: the summary columns of ``trials_frame``."""


@dataclass(frozen=True, slots=True)
class FinishedTrial:
    """What the search knows of an ended trial: its value as the objective counts it."""

    trial: Trial
    state: State
    value: float
    epochs: int


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a study stands.

    Attributes:
        phase: The first phase that has not ended, as ``trials_frame`` names it; runs of later ones
            may train beside it.
        done_runs: Runs that have ended.
    """

    phase: str
    done_runs: int
    total_runs: int
    """The most there can be; pruned trials count as done."""
    share: float
    """Share of the epochs that are trained, saved by pruning, or were stored before."""
    seconds_left: float
    """nan until something has been measured."""
    best: float
    """Best objective of any trial so far; nan before the first."""


Observer = Callable[[Progress], None]
"""Called with where a study stands after every epoch of the population."""
