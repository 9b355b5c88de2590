"""Whether the strengths of a path differ at all: the verdict where no boundary says so."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sweep.statistics.paired_tests import shows_effect
from sweep.statistics.verdicts import Boundary, SideVerdict, Verdict


def judge_effect(
    boundary: Boundary, validation: np.ndarray, correction: float, resolution: float
) -> Boundary:
    """The boundary, or its verdict ``no_effect`` where its losses do not tell strengths apart.

    Args:
        boundary: What was estimated.
        validation: (K, R) losses that it was estimated of; nan where a run did not finish.
        correction: What a variance is multiplied by for that of a mean over the resamples.
        resolution: The smallest step of one loss.
    """
    sides = (boundary.overfitting_verdict, boundary.underfitting_verdict)
    if SideVerdict.FOUND in sides or boundary.verdict in (Verdict.NO_SIGNAL, Verdict.TOO_FEW):
        return boundary
    finished = validation[np.isfinite(validation).all(1)]
    if shows_effect(finished, correction, resolution):
        return boundary
    return replace(boundary, verdict=Verdict.NO_EFFECT)
