"""Every regularizer by name: its formula, what a larger strength does, where it comes from.

A *penalty* is a function or a rule of the weights, with a strength for every layer; the others
change rows, targets, activations or the length of a run, with one strength for a run. All of them
are swept alike: a strength >= 0, of which 0 is the absence and larger ones regularize more.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import KW_ONLY, dataclass
from types import MappingProxyType

NONE = "none"
"""The name of trials without any regularizer."""
COCKTAIL = "cocktail"
"""The name of trials that combine several regularizers, each used or not."""
BOOSTING = "gradient_boosting"
"""The name of boosted trees, a baseline that no regularizer of ours acts on."""


@dataclass(frozen=True)
class Regularizer:
    """What the documentation and the settings say of one regularizer."""

    name: str
    formula: str
    stronger: str
    """What a larger strength does, in one line."""
    source: str
    _: KW_ONLY
    low: float | None = None
    high: float | None = None
    """The range that is searched where the study gives none; None for the study's shared one."""
    limit: float = math.inf
    """Strengths stay below it."""
    of_weights: bool = True
    """Whether it acts on weights, and so has a strength for every layer."""
    numbers: tuple[str, ...] = ()
    """Its numbers beside the strength, which axes may sweep."""
    setting: str = ""
    """The setting of training that does the same in another unit, so that one of them is swept."""
    has_strength: bool = True
    """Whether it has a strength at all; without one it acts or not."""
    asks_invariance: bool = False
    """Whether it treats weights apart whose size does not matter to the loss."""
    has_timescale: bool = False
    """Whether its strength and the steps of a run alone say for how long all weights remember."""
    follows_lr: bool = True
    """Whether that depends on the learning rate too, beside the schedule."""
    reports_zeros: bool = False
    """Whether its figure counts the weights that are exactly zero."""
    shrinks: bool = False
    """Whether it shrinks weights beside the optimizer, before its step."""
    decay_words: str = ""
    """How it is weight decay, in words; "" for what is none."""
    changes_rows: bool = False
    """Whether it computes with rows, which must be numbers and nothing to look up then."""
    needs_classes: bool = False
    """Whether it acts on labels, which a regression has not."""
    mixes_targets: bool = False
    """Whether it trains on mixtures of targets."""


REGULARIZERS: Mapping[str, Regularizer] = MappingProxyType(
    {
        r.name: r
        for r in (
            Regularizer(
                "l2",
                "loss + s Σ w²",
                "pulls all weights towards zero in proportion to their size; none becomes exactly "
                "zero",
                "Hoerl & Kennard 1970; torch's `weight_decay = 2 s` of SGD and Adam",
                decay_words="decay as a term of the loss",
            ),
            Regularizer(
                "decay",
                "w ← (1 − lr s) w beside the optimizer",
                "forgets old updates sooner: the memory is 1/(lr s) steps long",
                "Loshchilov & Hutter 2019, algorithm 2",
                has_timescale=True,
                shrinks=True,
                decay_words="decay beside the gradient",
            ),
            Regularizer(
                "decay_independent",
                "w ← (1 − f s) w beside the optimizer, f the schedule's factor",
                "forgets old updates sooner, at any learning rate",
                "Loshchilov & Hutter 2019; Wortsman et al. 2024",
                low=1e-6,
                high=1e-1,
                has_timescale=True,
                follows_lr=False,
                shrinks=True,
            ),
            Regularizer(
                "decay_corrected",
                "w ← (1 − (lr²/lr₀) s) w where the weight's size does not matter, lr₀ the rate "
                "that the schedule multiplies; elsewhere as `decay`",
                "forgets old updates sooner, with a steady angle of the steps under a schedule",
                "Defazio 2025",
                asks_invariance=True,
                shrinks=True,
            ),
            Regularizer(
                "decay_cautious",
                "w ← w − lr s w after the step, where the step went towards zero or stood still",
                "shrinks more the weights that the loss lets shrink, and leaves the others alone",
                "Chen et al. 2025, algorithm 1",
            ),
            Regularizer(
                "fixed_norm",
                "|W| held at its start for every matrix",
                "has no strength: what decay does beside setting the angle of the steps",
                "Kosson et al. 2024",
                has_strength=False,
            ),
            Regularizer(
                "l1",
                "loss + s Σ |w|, by its proximal operator",
                "sets more weights to exactly zero and shrinks the others by the same amount",
                "Tibshirani 1996; under Adam's metric Yun, Lozano & Yang 2021, eq. 3",
                reports_zeros=True,
            ),
            Regularizer(
                "elastic_net",
                "loss + s (q Σ |w| + (1 − q) Σ w²), q = `elastic_net.l1_share`, one half if it is "
                "not swept",
                "sets more weights to exactly zero, and keeps correlated inputs together",
                "Zou & Hastie 2005, eq. 3",
                numbers=("l1_share",),
            ),
            Regularizer(
                "group_lasso",
                "loss + s Σ √n |v| over units v of n weights: rows, channels, attention heads",
                "removes more whole units and shrinks the others",
                "Yuan & Lin 2006, eq. 2.1",
            ),
            Regularizer(
                "l2_sp",
                "loss + s Σ (w − w₀)², w₀ the weights a run begins with",
                "keeps the weights closer to where they began",
                "Li, Grandvalet & Davoine 2018",
            ),
            Regularizer(
                "orthogonal",
                "loss + s |W Wᵀ − I|², of the smaller Gram matrix",
                "brings the singular values of every matrix closer to 1; leaves vectors alone",
                "Brock et al. 2017",
            ),
            Regularizer(
                "spectral",
                "loss + s σ², σ the largest singular value",
                "lowers the most that a layer can stretch its inputs; leaves vectors alone",
                "Yoshida & Miyato 2017, algorithm 1",
            ),
            Regularizer(
                "max_norm",
                "each unit projected to |v| ≤ 1/s after a step",
                "lowers the norm that a unit may have: the radius is 1/s",
                "Srebro, Rennie & Jaakkola 2005",
                low=1e-2,
                high=1e2,
            ),
            Regularizer(
                "cpr",
                "|W|² ≤ |W₀|²/s for every layer, by multipliers",
                "lowers the norm that a layer may have: at 1 it may not outgrow its start",
                "Franke et al. 2024, algorithm 1",
                low=1e-2,
                high=1e2,
                numbers=("rate",),
            ),
            Regularizer(
                "dropout",
                "each activation dropped with probability s in training",
                "drops more activations",
                "Srivastava et al. 2014",
                low=1e-2,
                high=0.9,
                limit=1.0,
                of_weights=False,
            ),
            Regularizer(
                "input_noise",
                "x + s ε in training, ε standard normal",
                "adds more noise to the inputs",
                "Bishop 1995",
                low=1e-2,
                high=10.0,
                of_weights=False,
                changes_rows=True,
            ),
            Regularizer(
                "label_smoothing",
                "a share s of every target spread evenly over the classes",
                "makes the targets less certain",
                "Szegedy et al. 2016, section 7",
                low=1e-3,
                high=0.9,
                limit=1.0,
                of_weights=False,
                needs_classes=True,
            ),
            Regularizer(
                "mixup",
                "rows and losses mixed in pairs with shares from Beta(s, s)",
                "mixes pairs of rows more evenly",
                "Zhang et al. 2018, eq. 1",
                low=1e-2,
                high=10.0,
                of_weights=False,
                changes_rows=True,
                mixes_targets=True,
            ),
            Regularizer(
                "early_stopping",
                "a run ends after 1/s epochs without a better validation loss and keeps its best",
                "waits for fewer epochs: the patience is 1/s, rounded",
                "Prechelt 1998",
                low=2e-2,
                high=1.0,
                limit=1.5,
                of_weights=False,
                setting="patience",
            ),
        )
    }
)
"""Those that come with the package; user-defined ones act on weights."""


def regularizes(penalty: str) -> bool:
    """Whether trials of this name are regularized at all."""
    return penalty != NONE


def is_mixture(penalty: str) -> bool:
    """Whether trials of this name combine regularizers, each with a strength of its own."""
    return penalty == COCKTAIL


def has_one_strength(penalty: str) -> bool:
    """Whether trials of this name are regularized by one strength."""
    known = REGULARIZERS.get(penalty)
    return regularizes(penalty) and not is_mixture(penalty) and (not known or known.has_strength)


def shows_strength(penalty: str) -> bool:
    """Whether one number says how strongly trials of this name are regularized: 0 for ``none``."""
    return has_strength(penalty) and penalty != BOOSTING


def acts_on_weights(penalty: str) -> bool:
    """Whether a penalty has a strength for every layer; a mixture has none."""
    if penalty in REGULARIZERS:
        return REGULARIZERS[penalty].of_weights
    return not is_mixture(penalty)


def has_timescale(penalty: str) -> bool:
    """Whether a penalty's strength is the inverse of a timescale, and may be searched as one."""
    return penalty in REGULARIZERS and REGULARIZERS[penalty].has_timescale


def has_strength(penalty: str) -> bool:
    """Whether a penalty has a strength at all: a mixture's ingredients have their own, and some
    penalties act or do not.
    """
    return has_one_strength(penalty) or not regularizes(penalty)


def has_path(penalty: str) -> bool:
    """Whether strengths can be moved along a path: a penalty's own, or those of a mixture."""
    return has_one_strength(penalty) or is_mixture(penalty)


def asks_invariance(penalty: str) -> bool:
    """Whether a penalty treats weights apart whose size does not matter to the loss."""
    return penalty in REGULARIZERS and REGULARIZERS[penalty].asks_invariance


def follows_lr(penalty: str) -> bool:
    """Whether a penalty's timescale depends on the learning rate, and not on its schedule alone."""
    return penalty not in REGULARIZERS or REGULARIZERS[penalty].follows_lr


def reports_zeros(penalty: str) -> bool:
    """Whether the figure of a penalty counts the weights that are exactly zero."""
    return penalty in REGULARIZERS and REGULARIZERS[penalty].reports_zeros


def decay_words(penalty: str) -> str:
    """How a penalty is weight decay, in words; "" for what is none."""
    return REGULARIZERS[penalty].decay_words if penalty in REGULARIZERS else ""


def settings_of(names: Iterable[str]) -> set[str]:
    """The settings of training that do the same as one of these regularizers."""
    return {REGULARIZERS[n].setting for n in names if n in REGULARIZERS} - {""}


def limit_of(penalty: str) -> float:
    """The strength that all strengths of a penalty stay below; inf for most."""
    return REGULARIZERS[penalty].limit if penalty in REGULARIZERS else math.inf
