"""A run's numbers do not depend on its neighbours, its slot or the width of its population."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
import torch

from sweep.records.trial import State
from sweep.training.jobs import Segment, SegmentResult, TrainingPlan
from tests.gpu.kit import Check, Place
from tests.gpu.networks import NETWORKS, RECORDED, TOLERANCE, far, one_of, rows, weights_of
from tests.support.training import plan, train

EPOCHS, WATCHED = 3, 1000
FLOAT32_TOLERANCE = 2e-3
"""Of a curve's values in float32, relative: kernels are chosen by the size of the batch."""
WIDTHS = (3, 8, 64)


def outcome_in(
    place: Place, network: str, company: list[Segment], last: bool, dtype: torch.dtype
) -> SegmentResult:
    """The watched run's outcome, in the first or the last slot beside this company."""
    kind = NETWORKS[network]
    watched = one_of(WATCHED, "l2", kind.layers, EPOCHS)
    training: TrainingPlan = plan("adam", epochs=EPOCHS)
    training = replace(training, device=place.device, dtype=dtype)
    runs = [*company, watched] if last else [watched, *company]
    build = partial(kind.build, dtype=dtype)
    found = train(runs, training, width=len(runs), build=build, data=rows(dtype), stack=kind.stack)
    for one in company:
        if one.trial.params["lr"] > 1e3:
            assert found[one.trial.number].result.state is State.DIVERGED
    return found[WATCHED]


def company_of(network: str, n: int, diverging: bool = False) -> list[Segment]:
    """``n`` other runs; one of them leaves all numbers behind if asked to."""
    layers = NETWORKS[network].layers
    runs = [one_of(i, RECORDED[i % len(RECORDED)], layers, EPOCHS) for i in range(n)]
    if diverging:
        runs[n // 2] = one_of(n // 2, "l2", layers, EPOCHS, lr=1e200)
    return runs


def apart(one: SegmentResult, other: SegmentResult) -> float:
    """The largest relative difference of their curves."""
    worst = 0.0
    for mine, theirs in zip(one.result.curves, other.result.curves, strict=True):
        assert (mine.metric, mine.epochs) == (theirs.metric, theirs.epochs)
        if mine.metric.endswith("loss"):
            a, b = np.array(mine.values), np.array(theirs.values)
            worst = max(worst, float(np.max(np.abs(a - b) / np.maximum(np.abs(b), 1e-6))))
    return worst


def in_any_company(network: str, place: Place) -> None:
    """In float64 the same to the tolerance, alone and in every company."""
    alone = outcome_in(place, network, [], False, torch.float64)
    for width in WIDTHS[:2] if place.short else WIDTHS:
        for last in (False, True):
            company = company_of(network, width - 1)
            other = outcome_in(place, network, company, last, torch.float64)
            distance = max(far(weights_of(other), weights_of(alone)), apart(other, alone))
            assert distance <= TOLERANCE, f"width {width}, last {last}: {distance:.1e}"


def beside_a_diverging_one(network: str, place: Place) -> None:
    """In float64 the same beside a run whose numbers are not finite."""
    alone = outcome_in(place, network, [], False, torch.float64)
    for last in (False, True):
        company = company_of(network, 5, diverging=True)
        other = outcome_in(place, network, company, last, torch.float64)
        distance = max(far(weights_of(other), weights_of(alone)), apart(other, alone))
        assert distance <= TOLERANCE, f"last {last}: {distance:.1e}"


def in_float32(network: str, place: Place) -> None:
    """Curves in float32 within the tolerance that is stated."""
    alone = outcome_in(place, network, [], False, torch.float32)
    worst = 0.0
    for width in WIDTHS[:2] if place.short else WIDTHS:
        other = outcome_in(place, network, company_of(network, width - 1), True, torch.float32)
        worst = max(worst, apart(other, alone))
    place.note(f"float32 curves in company, {network}", worst)
    assert worst <= FLOAT32_TOLERANCE, f"{worst:.1e}"


def neighbour_checks(short: bool) -> list[Check]:
    """Three claims for every network; one network of each way to compute in short."""
    networks = ["mlp as a chain", "batch norm"] if short else list(NETWORKS)
    claims = {
        "in any company": in_any_company,
        "beside a diverging run": beside_a_diverging_one,
        "float32 curves": in_float32,
    }
    return [
        Check("neighbours", f"{network} {claim}", partial(do, network))
        for claim, do in claims.items()
        for network in networks
    ]
